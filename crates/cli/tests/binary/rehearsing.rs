//! `rehearse` with everything that can go wrong: each fault ends proven on the old release, at once and with its cause.

use std::time::Duration;

use crate::app::{App, Said};

/// A rehearsal is for waiting in front of.
const MOST_CPU_TIME: Duration = Duration::from_millis(1500);

fn rehearse(fault: &str, more: &[&str]) -> Said {
    let arguments = [
        "rehearse",
        "staging",
        "--version",
        "2f9c1e7",
        "--fault",
        fault,
    ];
    App::new().run(arguments.into_iter().chain(more.iter().copied()))
}

/// Every kind of fault, and what the output says about it.
const FAULTS: [(&str, &str); 11] = [
    ("catalog-service=image-missing", "its image is missing"),
    ("catalog-service=wrong-architecture", "another architecture"),
    (
        "catalog-service=secret-denied",
        "a secret or the registry is denied",
    ),
    ("catalog-service=crash", "exit code 1"),
    (
        "catalog-service=unhealthy",
        "load balancer health checks failed",
    ),
    (
        "catalog-service=slow-start",
        "load balancer health checks failed",
    ),
    ("catalog-service=errors-5xx", "status 500 instead of 200"),
    ("catalog-service=out-of-memory", "out of memory"),
    ("catalog-service=no-capacity", "no capacity"),
    ("migration=exit:1", "migration: exit code 1"),
    ("frontend=put-denied", "AccessDenied"),
];

fn is_rolled_back_at_once(kind: &str) {
    let (fault, cause) = FAULTS
        .iter()
        .find(|(fault, _)| fault.ends_with(&format!("={kind}")))
        .expect("the kind is listed");
    let before = cpu_time_of_children();
    let said = rehearse(fault, &[]).ends_with(4);
    let took = cpu_time_of_children().saturating_sub(before);
    assert!(said.stdout.contains(cause), "{}", said.stdout);
    assert!(
        said.stdout
            .trim_end()
            .ends_with("rolled back to a1b2c3d: proven 5/5"),
        "{}",
        said.stdout
    );
    assert!(took < MOST_CPU_TIME, "{fault} took {took:?}");
}

macro_rules! faults {
    ($($name:ident: $kind:literal,)*) => {$(
        #[test]
        fn $name() {
            is_rolled_back_at_once($kind);
        }
    )*};
}

faults! {
    image_missing_is_rolled_back: "image-missing",
    wrong_architecture_is_rolled_back: "wrong-architecture",
    secret_denied_is_rolled_back: "secret-denied",
    crash_is_rolled_back: "crash",
    unhealthy_is_rolled_back: "unhealthy",
    slow_start_is_rolled_back: "slow-start",
    errors_5xx_is_rolled_back: "errors-5xx",
    out_of_memory_is_rolled_back: "out-of-memory",
    no_capacity_is_rolled_back: "no-capacity",
    a_failed_migration_is_rolled_back: "exit:1",
    a_denied_upload_is_rolled_back: "put-denied",
}

#[test]
fn the_cause_is_shown_with_its_task_and_everything_is_proven_on_the_old_release() {
    let said = rehearse("catalog-service=unhealthy", &[]).ends_with(4);
    let cause = said
        .stdout
        .lines()
        .find(|line| line.trim_start().starts_with("task "))
        .unwrap_or_default();
    for word in ["ELB health checks", "catalog-service", "503"] {
        assert!(cause.contains(word), "no `{word}`:\n{}", said.stdout);
    }
    for component in [
        "auth-service",
        "catalog-service",
        "installation-service",
        "proxy-service",
        "frontend",
    ] {
        let line = said
            .stdout
            .lines()
            .find(|line| line.starts_with(component))
            .unwrap_or_default();
        assert!(line.contains("proven"), "{component}:\n{}", said.stdout);
    }
    assert!(
        said.stderr
            .contains("no moment with fewer healthy tasks than the minimum"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_missing_image_is_noticed_before_the_circuit_breaker_does() {
    let said = rehearse("auth-service=image-missing", &["--output", "json"]).ends_with(4);
    let end = said.last_object();
    assert_eq!(end["type"], "end");
    let seconds = end["seconds"].as_f64().unwrap();
    // A minute and a half of it pass before the rollout begins.
    assert!(seconds < 240.0, "{seconds} s of virtual time");
}

/// Time that processes started by this test have used: unlike time that passed, it does not depend on what else the machine
/// does. Nextest runs each test in a process of its own.
fn cpu_time_of_children() -> Duration {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        return Duration::ZERO; // not on Linux; CI is
    };
    // After the command's name in parentheses: cutime and cstime are fields 16 and 17, in hundredths of a second.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |field: usize| fields[field - 2].parse::<u64>().unwrap();
    Duration::from_millis((ticks(16) + ticks(17)) * 10)
}

/// The commands are Flyway's, as the app's configuration has them.
#[test]
fn a_migration_by_another_tool_goes_up_and_down() {
    let app = App::depot();
    let rehearse = ["rehearse", "test", "--version", "2f9c1e7"];
    let up = app.run(rehearse).ends_with(0);
    let read = "read the schema's revision again: 12";
    assert!(up.stderr.contains(read), "{}", up.stderr);
    app.edit(
        "backstay.toml",
        "compatibility = \"compatible\"",
        "compatibility = \"breaking\"",
    );
    let crash = [&rehearse[..], &["--fault", "web=crash"]].concat();
    let down = app.run(crash).ends_with(4);
    let undone = "migrate the database down: exit code 0";
    assert!(down.stderr.contains(undone), "{}", down.stderr);
}
