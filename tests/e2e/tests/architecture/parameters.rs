//! No function takes a boolean: at the call nobody sees what `true` means.

use std::collections::BTreeSet;

use crate::source::code;
use crate::tree::{our_files, read, short, verdict};

/// Functions that still do. The list only shrinks.
const STILL: [&str; 21] = [
    "crates/cli/src/commands/check.rs run",
    "crates/domain/src/engine/mod.rs sleep",
    "crates/simulator/src/services/cloudwatch/manage.rs set_enabled",
    "crates/simulator/src/services/codedeploy/hooks.rs look",
    "crates/simulator/src/services/codedeploy/install.rs look",
    "crates/simulator/src/services/codedeploy/lifecycle.rs events",
    "crates/simulator/src/services/codedeploy/run.rs look_at_event",
    "crates/simulator/src/services/codedeploy/traffic.rs look",
    "crates/simulator/src/services/ecr/lifecycle/policy.rs flaw",
    "crates/simulator/src/services/ecs/api/settings.rs setting",
    "crates/simulator/src/services/ecs/breaker.rs start_failed",
    "crates/simulator/src/services/ecs/native/work.rs lasts",
    "crates/simulator/src/services/ecs/start.rs start_at_rate",
    "crates/simulator/src/services/ecs/task_sets.rs finish_deletion",
    "crates/simulator/src/services/elb/choose.rs may_get_traffic",
    "crates/simulator/src/services/elb/api/group_input.rs matched",
    "crates/simulator/src/services/s3/copy.rs change",
    "crates/simulator/src/services/s3/policy.rs may_be_put",
    "crates/simulator/src/services/s3/read.rs checksums",
    "crates/simulator/src/services/sns/topics.rs is_name",
    "crates/simulator/src/services/ssm/filter.rs is_under",
];

/// Required by somebody else's trait.
const REQUIRED: [&str; 2] = [
    "crates/simulator/src/world/saved/plausible.rs visit_bool",
    "fixtures/service/src/logs.rs record_bool",
];

#[test]
fn no_function_takes_a_boolean() {
    let mut found = BTreeSet::new();
    for file in our_files() {
        let name = short(&file);
        // Cases of tests may be what they like.
        if name.contains("/tests/") || name.ends_with("tests.rs") {
            continue;
        }
        let text = code(&read(&file));
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        found.extend(
            with_booleans(text)
                .into_iter()
                .map(|function| format!("{name} {function}")),
        );
    }
    let known = |function: &&String| {
        STILL.contains(&function.as_str()) || REQUIRED.contains(&function.as_str())
    };
    let mut wrong: Vec<String> = found
        .iter()
        .filter(|function| !known(function))
        .map(|function| format!("{function} takes a boolean: say with an enum what it means"))
        .collect();
    let gone = STILL.iter().filter(|function| !found.contains(**function));
    wrong.extend(
        gone.map(|function| format!("{function} takes none any more: take it out of STILL")),
    );
    verdict(&wrong);
}

/// The names of functions one of whose parameters is a plain `bool`.
fn with_booleans(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("fn ") {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + 3..];
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let Some(open) = rest.find('(').filter(|_| !name.is_empty()) else {
            continue;
        };
        if parameters(&rest[open..])
            .iter()
            .any(|parameter| is_boolean(parameter))
        {
            found.push(name);
        }
    }
    found
}

fn is_boolean(parameter: &str) -> bool {
    let Some((name, kind)) = parameter.split_once(':') else {
        return false;
    };
    let name = name.trim().trim_start_matches("mut ");
    name.chars().all(|c| c.is_alphanumeric() || c == '_') && kind.trim() == "bool"
}

/// What is between a parenthesis and its end, apart at its commas.
fn parameters(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if let Some(part) = parts.last_mut()
            && (depth > 1 || c != '(')
        {
            part.push(c);
        }
    }
    parts
}

#[test]
fn a_boolean_parameter_is_found() {
    let rows: [(&str, &[&str]); 5] = [
        ("fn a(b: bool) {}", &["a"]),
        ("fn a(b: &str, mut c: bool,) -> bool {}", &["a"]),
        ("fn a(b: fn(bool) -> bool, c: Option<bool>) {}", &[]),
        ("fn a<T: Into<bool>>(t: T) -> Vec<bool> {}", &[]),
        ("let x = |b: bool| b; fn c() {}", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(with_booleans(text), expected, "{text}");
    }
}
