//! Errors and colours.

use insta::assert_snapshot;

use crate::shell::{ColorChoice, Output, PeopleError, Shell};

fn error() -> PeopleError {
    PeopleError {
        message: "rollback of `catalog-service` is stuck: its previous image has expired"
            .to_owned(),
        causes: vec![
            "ecs.UpdateService was accepted, but no task of revision 41 can start".to_owned(),
            "CannotPullContainerError: not found".to_owned(),
        ],
        left_behind: vec![
            "auth is back on a1b2c3d".to_owned(),
            "catalog runs 2f9c1e7".to_owned(),
        ],
        hint: Some("push a1b2c3d again".to_owned()),
    }
}

#[test]
fn an_error_says_what_why_what_is_left_and_what_to_do() {
    assert_snapshot!(error().text(), @"
    Error: rollback of `catalog-service` is stuck: its previous image has expired
    Caused by:
      1: ecs.UpdateService was accepted, but no task of revision 41 can start
      2: CannotPullContainerError: not found
    Left behind: auth is back on a1b2c3d; catalog runs 2f9c1e7
    Hint: push a1b2c3d again
    ");
}

#[test]
fn an_errors_sources_are_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("the journal cannot be written")]
    struct Outer(#[source] std::io::Error);
    let outer = Outer(std::io::Error::other("the disk is full"));
    let people = PeopleError::of(&outer).hint("make room");
    assert_eq!(
        (people.causes.len(), people.message.as_str()),
        (1, "the journal cannot be written")
    );
    assert_eq!(people.causes[0], "the disk is full");
}

#[test]
fn colour_is_there_when_asked_for_and_only_then() {
    let say = |color| {
        let (shell, captured) = Shell::captured(Output::Text, color);
        shell.error(&error());
        shell.warn("careful");
        shell.answer("done");
        assert_eq!(captured.stdout(), "done\n");
        captured.stderr()
    };
    assert_eq!(say(ColorChoice::Auto), say(ColorChoice::Never));
    assert_eq!(
        say(ColorChoice::Never),
        format!("{}Warning: careful\n", error().text())
    );
    assert!(say(ColorChoice::Always).starts_with("\u{1b}[1m\u{1b}[31mError:\u{1b}[0m rollback"));
    assert_eq!(
        anstream::adapter::strip_str(&say(ColorChoice::Always)).to_string(),
        say(ColorChoice::Never)
    );
}
