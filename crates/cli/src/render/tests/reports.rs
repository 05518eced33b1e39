//! Reports: calm lines, and the rows of the live view.

use std::collections::BTreeMap;

use backstay_domain::journal::{Act, Event, Finding, Outcome, Side};
use backstay_domain::observation::{
    Observation, PrimaryState, RolloutStatus, RolloutView, Seen, ServiceView, Trouble,
};
use backstay_domain::ports::Report;
use backstay_domain::verdict::Component;
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};

use super::build::{name, ok, plan, proofs, records, service_proof};
use super::story::{found, intended, roll_out, started, tasks_fail};
use crate::render::lines::Lines;
use crate::render::live::Live;
use crate::render::live::board::Board;
use crate::shell::{ColorChoice, Output, Shell};

fn seen(second: i64, running: u32) -> Observation {
    let handle = || ok("arn/auth/new".parse());
    let view = ServiceView {
        desired: 2,
        running: 2,
        pending: 0,
        primary: handle(),
        primary_definition: ok("a/auth-service:42".parse()),
        primary_state: PrimaryState::InProgress,
        primary_running: 0,
        followed: Some(RolloutView {
            handle: handle(),
            status: RolloutStatus::InProgress,
            reason: None,
            failures: (0, None),
            running,
            shift: None,
        }),
        trouble: Trouble::None,
        messages: vec![],
    };
    Observation {
        at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second),
        services: Seen::Known(BTreeMap::from([(name("auth-service"), view)])),
        evidence: BTreeMap::new(),
        tasks: BTreeMap::new(),
        probes: BTreeMap::new(),
        checks: BTreeMap::new(),
        job: None,
        anchor: None,
        migrating: None,
        invalidations: BTreeMap::new(),
        frontends: BTreeMap::new(),
        pointers: BTreeMap::new(),
        schedules: BTreeMap::new(),
    }
}

/// Tells a report the same short story.
fn play(report: &impl Report) {
    let live = Outcome::Live {
        proofs: proofs(),
        unproven: vec![],
    };
    let records = records(vec![
        (0, started()),
        (1, intended(roll_out("auth-service"))),
        (60, Event::Finished { outcome: live }),
    ]);
    report.recorded(&records[0]);
    report.recorded(&records[1]);
    for (second, running) in [(5, 0), (10, 0), (15, 1), (20, 1), (25, 2)] {
        report.observed(&seen(second, running));
    }
    report.recorded(&records[2]);
}

#[test]
fn lines_say_each_change_once() {
    let (shell, captured) = Shell::captured(Output::Text, ColorChoice::Never);
    play(&Lines::new(&shell));
    assert_snapshot!(captured.stderr(), @"
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +1s      act     roll out auth-service
    +4s      see     auth-service 0/2 tasks up
    +14s     see     auth-service 1/2 tasks up
    +24s     see     auth-service 2/2 tasks up
    +1m00s   end     live: 2f9c1e7 proven 5/5
    ");
    let (shell, captured) = Shell::captured(Output::Text, ColorChoice::Always);
    play(&Lines::new(&shell));
    assert!(
        captured
            .stderr()
            .contains("+1s      \u{1b}[36mact     \u{1b}[0mroll out auth-service")
    );
}

#[test]
fn the_live_view_ends_in_one_line() {
    let (shell, captured) = Shell::captured(Output::Text, ColorChoice::Never);
    play(&Live::new(&shell, &plan()));
    play(&Live::resumed(&shell, &records(vec![(0, started())])));
    assert_snapshot!(captured.stderr(), @"
    +1m00s   end     live: 2f9c1e7 proven 5/5
    +1m00s   end     live: 2f9c1e7 proven 5/5
    ");
    assert_eq!(captured.stdout(), "");
}

#[test]
fn the_board_says_where_each_component_stands() {
    let mut board = Board::new(&plan());
    let mut pictures = String::new();
    let proven = |side, of| {
        found(Finding::Proven {
            side,
            proof: service_proof(of),
        })
    };
    let events = records(vec![
        (
            0,
            intended(Act::PublishAssets {
                frontend: Default::default(),
            }),
        ),
        (1, intended(roll_out("auth-service"))),
        (
            2,
            found(Finding::RolloutEnded {
                service: name("auth-service"),
                side: Side::New,
            }),
        ),
        (3, proven(Side::New, "auth-service")),
        (4, intended(roll_out("catalog-service"))),
        (
            5,
            found(Finding::TurnedBack {
                cause: tasks_fail(),
            }),
        ),
        (
            6,
            intended(Act::TurnBack {
                service: name("catalog-service"),
            }),
        ),
        (7, proven(Side::Old, "catalog-service")),
    ]);
    for record in &events {
        board.apply(record);
        board.observe(&seen(0, 1));
        if record.sequence % 2 == 1 {
            pictures.push_str(&format!(
                "{}\n{}\n\n",
                board.lines().join("\n"),
                board.last()
            ));
        }
    }
    assert_snapshot!(pictures, @"
    migration                waiting
    auth-service     wave 1  rolling out 1/2
    proxy            wave 1  unchanged
    catalog-service  wave 2  waiting
    checks                   waiting
    frontend                 uploading
    roll out auth-service

    migration                waiting
    auth-service     wave 1  proven 4/4
    proxy            wave 1  unchanged
    catalog-service  wave 2  waiting
    checks                   waiting
    frontend                 uploading
    auth-service proven 4/4: rollout, tasks, targets, probe

    migration                waiting
    auth-service     wave 1  proven 4/4
    proxy            wave 1  unchanged
    catalog-service  wave 2  failed
    checks                   waiting
    frontend                 uploading
    catalog-service: load balancer health checks failed

    migration                waiting
    auth-service     wave 1  proven 4/4
    proxy            wave 1  unchanged
    catalog-service  wave 2  back, proven 4/4
    checks                   waiting
    frontend                 uploading
    catalog-service proven 4/4 on the old release: rollout, tasks, targets, probe
    ");
    let component = Component::Service(name("auth-service"));
    assert!(
        board
            .painted()
            .iter()
            .any(|row| row.contains(&component.to_string()))
    );
}
