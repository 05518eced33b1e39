//! One deployment in full.

use backstay_domain::app::OnInterrupt;
use backstay_domain::journal::{Event, Finding, Left, Outcome, Record, Stuck};
use backstay_domain::operator::{Operator, Why};
use backstay_domain::ports::Caller;
use backstay_domain::summary::Summary;
use insta::assert_snapshot;

use super::build::{SECRET, name, plan, proofs, records};
use super::story::{found, intended, roll_out, tasks_fail};
use crate::render::json;
use crate::render::show::show_text;

fn ann() -> Operator {
    Operator {
        actor: Some("ann".to_owned()),
        host: Some("laptop".to_owned()),
        ..Operator::default()
    }
}

fn started() -> Event {
    Event::Started {
        plan: Box::new(plan()),
        by: Some(Caller {
            account: "1".to_owned(),
            principal: "arn:aws:sts::1:assumed-role/deploy/ann".to_owned(),
        }),
        operator: ann(),
        why: Why {
            reason: Some("the login page".to_owned()),
            ..Why::default()
        },
    }
}

fn resumed() -> Event {
    Event::Resumed {
        by: None,
        operator: ann(),
        fence: 4,
    }
}

fn text(records: &[Record]) -> String {
    let summary = Summary::of_all(records).expect("a whole journal");
    let text = show_text("cat-house staging", &summary, records);
    assert!(!text.contains(SECRET) && !text.contains("token=abc"));
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn a_good_end_after_an_interruption() {
    let outcome = Outcome::Live {
        proofs: proofs(),
        unproven: vec![],
    };
    let records = records(vec![
        (0, started()),
        (1, intended(roll_out("auth-service"))),
        (
            2,
            Event::Interrupted {
                signal: "SIGTERM".to_owned(),
                then: OnInterrupt::Leave,
            },
        ),
        (60, resumed()),
        (100, Event::Finished { outcome }),
    ]);
    assert_snapshot!(text(&records), @"
    d-7f3a of cat-house staging

    what        deploy a1b2c3d → 2f9c1e7 (r-0123456789ab)
    began       1970-01-01 00:00:00 UTC
    ended       1970-01-01 00:01:40 UTC, after 1m40s
    outcome     live
    by          ann on laptop
    principal   arn:aws:sts::1:assumed-role/deploy/ann
    why         the login page
    note        1970-01-01 00:00:02 UTC: SIGTERM: what is in flight is finished; `backstay resume` goes on from here
    note        1970-01-01 00:01:00 UTC: ann on laptop goes on with it

    Plan
      1. register  the task definitions of migration, auth-service, catalog-service
      2. assets    upload 2 files (481 kB) to cat-house-web: app-1f.js, index.html; visitors notice nothing
      3. migrate   `alembic upgrade head` in migrate (cat-house/migrate sha256:cccccccc); compatible with the old code, lossless way down; at most 10m
      4. services  wave 1 of 2
                   auth-service  roll out, 2 tasks of auth-service:41 → its next revision
                   proxy         unchanged, 2 tasks of proxy:41: prove only
      5. services  wave 2 of 2
                   catalog-service  roll out, 2 tasks of catalog-service:41 → its next revision
      6. checks    login (https://cats.example/login: 200)
      7. frontend  replace index.html, invalidate 2 addresses in E2EXAMPLE, prove https://cats.example
      8. bake      read the schema's revision, then prove every service once more
      9. record    r-0123456789ab as the release to return to
    Way back: whole: every step can be taken back; the schema stays, the old code runs on it

    Story
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +1s      act     roll out auth-service
    +2s      note    SIGTERM: what is in flight is finished; `backstay resume` goes on from here
    +1m00s   note    ann on laptop goes on with it
    +1m40s   end     live: 2f9c1e7 proven 5/5

    Outcome
    migration             proven 1/1  exit code
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    proxy                 proven 4/4  rollout, tasks, targets, probe
    frontend              proven 1/1  edge

    cat-house staging is live on 2f9c1e7 (r-0123456789ab): proven 5/5
    ");
}

fn stuck() -> Vec<Record> {
    let outcome = Outcome::Stuck {
        cause: tasks_fail(),
        because: Stuck::Service {
            service: name("proxy"),
            why: "its previous image has expired".to_owned(),
        },
        left: vec![Left::Words("auth-service runs a1b2c3d, proven".to_owned())],
    };
    let cause = tasks_fail();
    records(vec![
        (0, started()),
        (90, found(Finding::TurnedBack { cause })),
        (100, Event::Finished { outcome }),
        (
            200,
            Event::Unlocked {
                operator: ann(),
                reason: Some("the runner is gone".to_owned()),
            },
        ),
    ])
}

#[test]
fn stuck_with_what_can_be_done() {
    let text = text(&stuck());
    let (_, end) = text.split_once("\nStory\n").expect("a story");
    assert_snapshot!(end, @"
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +1m30s   back    catalog-service: load balancer health checks failed
                     task 0a1b2c3d: Request timed out
                     log: no such table
    +1m40s   end     stuck: proxy cannot return to its previous release: its previous image has expired
                     auth-service runs a1b2c3d, proven
    +3m20s   note    ann on laptop took its lease away: the runner is gone

    Outcome
    Turned back: catalog-service: load balancer health checks failed
      task 0a1b2c3d: Request timed out
      log: no such table

    auth-service runs a1b2c3d, proven

    stuck: proxy cannot return to its previous release: its previous image has expired
      - remove what is in the way, then `backstay resume`
      - roll forward: deploy a fixed version
    ");
    let (head, _) = text.split_once("\nPlan\n").expect("a plan");
    assert_snapshot!(head, @"
    d-7f3a of cat-house staging

    what        deploy a1b2c3d → 2f9c1e7 (r-0123456789ab)
    began       1970-01-01 00:00:00 UTC
    ended       1970-01-01 00:01:40 UTC, after 1m40s
    outcome     stuck
    by          ann on laptop
    principal   arn:aws:sts::1:assumed-role/deploy/ann
    why         the login page
    because     catalog-service: load balancer health checks failed
    note        1970-01-01 00:03:20 UTC: ann on laptop took its lease away: the runner is gone
    ");
}

#[test]
fn one_that_goes_on_has_no_outcome_yet() {
    let mut records = stuck();
    records.pop();
    let mut last = records[2].clone();
    last.event = resumed();
    records.push(last);
    let text = text(&records);
    assert!(text.contains("outcome     unfinished"), "{text}");
    assert!(!text.contains("\nOutcome\n"), "{text}");
}

#[test]
fn one_that_never_began() {
    let operator = ann();
    let records = records(vec![(0, Event::Abandoned { operator })]);
    assert_snapshot!(text(&records), @"
    d-7f3a of cat-house staging

    began       1970-01-01 00:00:00 UTC
    ended       1970-01-01 00:00:00 UTC
    outcome     abandoned
    by          ann on laptop
    note        1970-01-01 00:00:00 UTC: never begun; ann on laptop has its lease now

    Story
    +0s      note    never begun; ann on laptop has its lease now
    ");
}

#[test]
fn as_json() {
    let records = stuck();
    let summary = Summary::of_all(&records).expect("a whole journal");
    let app = backstay_domain::app::App {
        name: plan().release.app,
        environment: plan().release.environment,
        services: Default::default(),
        migration: None,
        frontends: Default::default(),
        jobs: std::collections::BTreeMap::new(),
        checks: vec![],
        policy: Default::default(),
        config_fingerprint: String::new(),
        looked_up: vec![],
    };
    let object = json::shown(&app, &summary, &records);
    assert_eq!(object["type"], "deployment");
    assert_eq!(object["outcome"], "stuck");
    assert_eq!(object["details"]["because"]["because"], "service");
    assert_eq!(object["records"][0]["plan"]["version"], "2f9c1e7");
    assert_eq!(object["records"].as_array().map(Vec::len), Some(4));
    assert!(!object.to_string().contains(SECRET));
}
