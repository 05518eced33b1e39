//! What a room may not say: the domain no word of the cloud, the simulator no word of ours.

use crate::source::{code, words};
use crate::tree::{at, read, root, rust_files, verdict};

/// Words that must not occur in the domain's code. Comments and messages may name ECS: people know it by that name.
const BANNED_IN_DOMAIN: [(&str, &str); 12] = [
    (
        "arn",
        "say which handle it is: `DefinitionRef`, `TaskId`, `RolloutHandle`",
    ),
    (
        "aws",
        "the domain has no cloud's name in it; adapters translate",
    ),
    ("ecs", "say `services` or `rollout`; adapters translate"),
    (
        "tokio",
        "the domain has no runtime; waiting goes through `Clock`",
    ),
    ("fs", "the domain does no I/O; put it behind a port"),
    ("net", "the domain does no I/O; put it behind a port"),
    ("env", "the domain reads no environment; take a value"),
    ("process", "the domain does no I/O; put it behind a port"),
    (
        "thread",
        "the domain has no threads; return what can be done concurrently",
    ),
    ("instant", "time is an argument; take a `Timestamp`"),
    ("systemtime", "time is an argument; take a `Timestamp`"),
    ("random", "chance is an argument"),
];

#[test]
fn the_domain_says_no_word_of_the_cloud() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("crates/domain/src")) {
        let text = read(&file);
        for (number, line) in text.lines().enumerate() {
            if line.contains("arn:") {
                wrong.push(at(
                    &file,
                    number,
                    "holds an ARN: handles are opaque in the domain",
                ));
            }
        }
        for (number, line) in code(&text).lines().enumerate() {
            for word in words(line) {
                let found = BANNED_IN_DOMAIN.iter().find(|(banned, _)| *banned == word);
                if let Some((banned, instead)) = found {
                    wrong.push(at(&file, number, &format!("says `{banned}`: {instead}")));
                }
            }
        }
    }
    verdict(&wrong);
}

#[test]
fn the_simulator_and_the_domain_do_not_know_each_other() {
    let mut wrong = Vec::new();
    for (room, banned) in [
        ("crates/simulator", "backstay_domain"),
        ("crates/simulator", "backstay_adapters"),
        ("crates/simulator", "backstay_config"),
        ("crates/domain", "backstay_simulator"),
    ] {
        for file in rust_files(&root().join(room)) {
            for (number, line) in code(&read(&file)).lines().enumerate() {
                if line.contains(banned) {
                    wrong.push(at(
                        &file,
                        number,
                        &format!("names {banned}: both would share one misunderstanding"),
                    ));
                }
            }
        }
    }
    verdict(&wrong);
}

#[test]
fn nothing_but_the_shell_prints() {
    let shell = root().join("crates/cli/src/shell.rs");
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("crates")) {
        // Programs and tests of their own: they have no shell.
        let own = ["tests", "examples", "fuzz"];
        if file == shell || file.iter().any(|part| own.iter().any(|name| part == *name)) {
            continue;
        }
        for (number, line) in code(&read(&file)).lines().enumerate() {
            let prints = [
                "print!(",
                "println!(",
                "eprint!(",
                "eprintln!(",
                "io::stdout",
                "io::stderr",
            ];
            if let Some(found) = prints.iter().find(|words| line.contains(*words)) {
                wrong.push(at(
                    &file,
                    number,
                    &format!("says `{found}`: return text, and let `Shell` write it"),
                ));
            }
        }
    }
    verdict(&wrong);
}
