//! What the binary says about itself.

use crate::app::{backstay, said};

const COMMANDS: [&str; 15] = [
    "check",
    "plan",
    "deploy",
    "resume",
    "rollback",
    "unlock",
    "status",
    "history",
    "show",
    "replay",
    "diff",
    "audit",
    "images",
    "rehearse",
    "simulator",
];

#[test]
fn every_help_ends_well_and_names_the_exit_codes() {
    let mut asked: Vec<Vec<&str>> = vec![vec!["--help"], vec!["-h"], vec!["help"]];
    for command in COMMANDS {
        asked.extend([
            vec![command, "--help"],
            vec![command, "-h"],
            vec!["help", command],
        ]);
    }
    for arguments in asked {
        let help = said(backstay().args(&arguments)).ends_with(0);
        for line in ["Exit codes:", "3  refused before any change", "5  stuck"] {
            assert!(help.stdout.contains(line), "{arguments:?}: no `{line}`");
        }
        assert!(!help.stdout.contains('\u{1b}'), "{arguments:?}");
        assert_eq!(help.stderr, "", "{arguments:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = said(backstay().arg("--version")).ends_with(0);
    assert_eq!(
        version.stdout,
        format!("backstay {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_command_line_that_says_nothing_is_a_usage_error() {
    for arguments in [&[][..], &["frobnicate"], &["deploy"], &["deploy", "a", "b"]] {
        let said = said(backstay().args(arguments)).ends_with(2);
        assert!(said.stderr.contains("--help"), "{}", said.stderr);
        assert_eq!(said.stdout, "");
    }
}
