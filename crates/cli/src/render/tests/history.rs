//! Histories.

use std::time::Duration;

use backstay_adapters::state::journal::{JournalError, Problem};
use backstay_domain::DeploymentId;
use backstay_domain::journal::Stuck;
use backstay_domain::lease::{Found, Holder, Lease};
use backstay_domain::ledger::{Arrival, Entry};
use backstay_domain::operator::{Commit, Operator, Run, Why};
use backstay_domain::plan::{Before, Direction};
use backstay_domain::ports::Caller;
use backstay_domain::release::Release;
use backstay_domain::schema::SchemaRecord;
use backstay_domain::summary::{Course, End, Summary};
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};

use super::build::{ok, plan};
use super::schema::record;
use super::story::tasks_fail;
use crate::render::history::{History, history_text};
use crate::render::json;

fn at(minute: i64) -> Timestamp {
    let morning: Timestamp = ok("2026-01-05T09:00:00Z".parse());
    morning + SignedDuration::from_mins(minute)
}

fn release(version: &str, digit: char) -> Release {
    Release {
        id: ok(format!("r-{}", digit.to_string().repeat(12)).parse()),
        version: ok(version.parse()),
        ..plan().release
    }
}

fn entry(release: Release, deployment: Option<&str>, minute: i64) -> Entry {
    Entry {
        deployment: deployment.map(|id| ok(id.parse())),
        at: deployment.map(|_| at(minute)),
        ..Entry::bare(release)
    }
}

fn ann() -> Operator {
    Operator {
        actor: Some("ann".to_owned()),
        host: Some("runner-7".to_owned()),
        pid: Some(71),
        run: Some(Run {
            system: "GitHub Actions".to_owned(),
            url: Some("https://github.com/team/shop/actions/runs/77".to_owned()),
        }),
    }
}

pub(super) fn summary(id: &str, minute: i64, versions: (&str, &str), end: End) -> Summary {
    Summary {
        deployment: ok(id.parse()),
        began: at(minute),
        last: at(minute) + SignedDuration::from_secs(251),
        course: Some(Course {
            direction: Direction::Forward,
            before: Some(Before {
                id: ok("r-aaaaaaaaaaaa".parse()),
                version: ok(versions.0.parse()),
                origin: Default::default(),
            }),
            release: ok("r-bbbbbbbbbbbb".parse()),
            version: ok(versions.1.parse()),
        }),
        by: Some(Caller {
            account: "123456789012".to_owned(),
            principal: "arn:aws:sts::123456789012:assumed-role/deploy/ann".to_owned(),
        }),
        operator: ann(),
        why: Why::default(),
        end,
    }
}

fn told(summary: Summary) -> (DeploymentId, Result<Summary, JournalError>) {
    (summary.deployment.clone(), Ok(summary))
}

fn damaged(id: &str) -> (DeploymentId, Result<Summary, JournalError>) {
    let deployment: DeploymentId = ok(id.parse());
    let problem = Problem::Changed { record: 0 };
    let error = JournalError::Unsound {
        deployment: deployment.clone(),
        problem,
    };
    (deployment, Err(error))
}

fn lease(age_s: u64) -> Found {
    let holder = Holder {
        operator: ann(),
        since: at(60),
        deployment: ok("d-6666ffff".parse()),
        doing: "deploying 7777777".to_owned(),
    };
    let lease = ok(Lease::claim(
        None,
        holder,
        backstay_domain::lease::Manner::Patient,
    ));
    Found {
        lease: lease.working_on(ok("d-6666ffff".parse())),
        age: Duration::from_secs(age_s),
    }
}

pub(super) fn history(age_s: u64) -> History {
    let why = Why {
        reason: Some("the login page".to_owned()),
        commit: Some(Commit {
            deviation: None,
            sha: "2f9c1e7a0b1c2d3e".to_owned(),
            subject: "Fix the login page".to_owned(),
            at: None,
        }),
        pull_request: Some("https://github.com/team/shop/pull/12".to_owned()),
        accepted: vec!["web was not proven: targets: unhealthy".to_owned()],
    };
    let cause = tasks_fail();
    let because = Stuck::Schema;
    let mut back = summary("d-4444dddd", 40, ("3333333", "2f9c1e7"), End::Live);
    back.course = back.course.map(|course| Course {
        direction: Direction::Backward,
        ..course
    });
    let mut abandoned = summary("d-3333cccc", 30, ("x", "x"), End::Abandoned);
    abandoned.course = None;
    let nobody = Summary {
        operator: Operator::default(),
        by: None,
        ..summary("d-2222bbbb", 20, ("2f9c1e7", "3333333"), End::Live)
    };
    History {
        app: ok("cat-house".parse()),
        environment: ok("staging".parse()),
        entries: vec![
            entry(release("a1b2c3d", 'a'), None, 0),
            entry(release("2f9c1e7", 'b'), Some("d-1111aaaa"), 5),
            entry(release("3333333", 'c'), Some("d-2222bbbb"), 25),
            Entry {
                arrival: Arrival::RolledBack,
                ..entry(release("2f9c1e7", 'b'), Some("d-4444dddd"), 45)
            },
        ],
        schema: record(),
        lease: Some(lease(age_s)),
        deployments: vec![
            told(summary(
                "d-6666ffff",
                60,
                ("2f9c1e7", "7777777"),
                End::Unfinished,
            )),
            told(summary(
                "d-5555eeee",
                50,
                ("2f9c1e7", "3333334"),
                End::Stuck {
                    cause: cause.clone(),
                    because,
                },
            )),
            told(back),
            told(abandoned),
            told(nobody),
            told(Summary {
                why,
                ..summary("d-1111aaaa", 0, ("a1b2c3d", "2f9c1e7"), End::Live)
            }),
            told(summary(
                "d-0000abcd",
                -10,
                ("a1b2c3d", "2f9c1e6"),
                End::RolledBack { cause },
            )),
            damaged("d-0000abce"),
        ],
        earlier: 12,
    }
}

fn text(history: &History) -> String {
    anstream::adapter::strip_str(&history_text(history)).to_string()
}

#[test]
fn everything_that_was_deployed() {
    assert_snapshot!(text(&history(4)), @"
    cat-house staging

    live      2f9c1e7  r-bbbbbbbbbbbb  since 2026-01-05 09:45:00 UTC by d-4444dddd
    way back  a1b2c3d  r-aaaaaaaaaaaa  from before Backstay
    schema    its revision is not known; the newest migration is that of 3333334 (breaking)
              migration of 3333334: its end was not seen, it may have run, from 9c1; not read since
    lease     ann (GitHub Actions) is deploying 7777777 (d-6666ffff), since 2026-01-05 10:00:00 UTC

      d-6666ffff  2026-01-05 10:00:00 UTC  deploy    2f9c1e7 → 7777777  running now
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
      d-5555eeee  2026-01-05 09:50:00 UTC  deploy    2f9c1e7 → 3333334  stuck        4m11s
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
                  schema   migration of 3333334: its end was not seen, it may have run, from 9c1; not read since
                  because  catalog-service: load balancer health checks failed
                  stuck    the old code cannot run on the new schema, and the schema has no lossless way down
    * d-4444dddd  2026-01-05 09:40:00 UTC  rollback  3333333 → 2f9c1e7  live         4m11s
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
      d-3333cccc  2026-01-05 09:30:00 UTC                               abandoned
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
      d-2222bbbb  2026-01-05 09:20:00 UTC  deploy    2f9c1e7 → 3333333  live         4m11s
      d-1111aaaa  2026-01-05 09:00:00 UTC  deploy    a1b2c3d → 2f9c1e7  live         4m11s
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
                  why      the login page; 2f9c1e7 Fix the login page; https://github.com/team/shop/pull/12; accepted: web was not proven: targets: unhealthy
                  schema   migration of 2f9c1e7: exit code 0, 8f2 → 9c1
      d-0000abcd  2026-01-05 08:50:00 UTC  deploy    a1b2c3d → 2f9c1e6  rolled back  4m11s
                  by       ann (GitHub Actions) as assumed-role/deploy/ann
                  because  catalog-service: load balancer health checks failed
      d-0000abce  the journal of d-0000abce cannot be believed: record 0 was changed after it was written

    * is live   < a rollback can go to it
    12 earlier: --limit shows more
    ");
}

#[test]
fn a_lease_that_expired_and_one_that_was_given_back() {
    let lines = |history: &History| {
        let text = text(history);
        let of_it = text.lines().filter(|line| {
            line.starts_with("lease") || line.contains("running") || line.contains("unfinished")
        });
        of_it.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(lines(&history(300)), @"
    lease     expired: ann (GitHub Actions) was deploying 7777777 (d-6666ffff), and was last heard of 5m ago
      d-6666ffff  2026-01-05 10:00:00 UTC  deploy    2f9c1e7 → 7777777  unfinished
    ");
    let mut left = history(4);
    left.lease = left.lease.map(|found| Found {
        lease: found
            .lease
            .given_back(backstay_domain::lease::Left::Unfinished),
        ..found
    });
    assert_snapshot!(lines(&left), @"
    lease     free; d-6666ffff is unfinished: `backstay resume` goes on with it
      d-6666ffff  2026-01-05 10:00:00 UTC  deploy    2f9c1e7 → 7777777  unfinished
    ");
}

#[test]
fn nothing_yet() {
    let history = History {
        entries: vec![],
        schema: SchemaRecord::default(),
        lease: None,
        deployments: vec![],
        earlier: 0,
        ..history(0)
    };
    assert_snapshot!(text(&history), @"
    cat-house staging

    live      nothing is recorded
    way back  none: no earlier release is recorded
    lease     free

    Nothing was deployed here by Backstay yet.
    ");
}

#[test]
fn many_ways_back() {
    let digits = "0123456789";
    let entries = digits
        .chars()
        .enumerate()
        .map(|(place, digit)| entry(release(&format!("v{place}"), digit), None, 0));
    let history = History {
        entries: entries.collect(),
        deployments: vec![],
        ..history(0)
    };
    assert_snapshot!(text(&history), @"
    cat-house staging

    live      v9  r-999999999999  from before Backstay
    way back  v8  r-888888888888  from before Backstay
              v7  r-777777777777  from before Backstay
              v6  r-666666666666  from before Backstay
              v5  r-555555555555  from before Backstay
              v4  r-444444444444  from before Backstay
              and 4 more
    schema    its revision is not known; the newest migration is that of 3333334 (breaking)
              migration of 3333334: its end was not seen, it may have run, from 9c1; not read since
    lease     ann (GitHub Actions) is deploying 7777777 (d-6666ffff), since 2026-01-05 10:00:00 UTC

    Nothing was deployed here by Backstay yet.
    ");
}

#[test]
fn as_json() {
    let object = json::history(&history(4));
    assert_eq!(object["live"]["version"], "2f9c1e7");
    assert_eq!(object["way_back"][0]["version"], "a1b2c3d");
    assert_eq!(object["lease"]["held"], true);
    let outcomes: Vec<&str> = object["deployments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["outcome"].as_str().unwrap_or("?"))
        .collect();
    assert_eq!(
        outcomes.join(" "),
        "running-now stuck live abandoned live live rolled-back ?"
    );
    assert_snapshot!(object["deployments"][1], @r#"{"deployment":"d-5555eeee","began":"2026-01-05T09:50:00Z","last":"2026-01-05T09:54:11Z","seconds":251.0,"direction":"deploy","before":{"id":"r-aaaaaaaaaaaa","version":"2f9c1e7"},"release":"r-bbbbbbbbbbbb","version":"3333334","by":{"account":"123456789012","principal":"arn:aws:sts::123456789012:assumed-role/deploy/ann"},"operator":{"actor":"ann","host":"runner-7","pid":71,"run":{"system":"GitHub Actions","url":"https://github.com/team/shop/actions/runs/77"}},"why":{"reason":null,"commit":null,"pull_request":null},"outcome":"stuck","cause":"catalog-service: load balancer health checks failed"}"#);
}
