//! `docs/cli.md` and `docs/configuration.md` are made from what the code says. `BACKSTAY_BLESS=1` writes them again.

use std::fs;

use backstay_cli::args::Cli;
use clap::CommandFactory;

use crate::app::repository;

/// As wide as the blocks of the documentation are.
const WIDTH: usize = 100;

#[test]
fn the_reference_of_the_command_line_is_current() {
    let mut cli = Cli::command().term_width(WIDTH);
    cli.build();
    let mut text = format!(
        "<!-- Made by crates/cli/tests/binary/reference.rs: `just bless` writes it again. -->\n\n# The command line\n\n{}",
        block(&mut cli)
    );
    add_commands(&mut text, "backstay", &mut cli);
    is_current("docs/cli.md", &text);
}

fn add_commands(text: &mut String, parent: &str, of: &mut clap::Command) {
    for command in of.get_subcommands_mut() {
        if command.get_name() != "help" {
            let name = format!("{parent} {}", command.get_name());
            text.push_str(&format!("\n## {name}\n\n"));
            text.push_str(&block(command));
            add_commands(text, &name, command);
        }
    }
}

fn block(command: &mut clap::Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```\n", lines.join("\n").trim_end())
}

/// The annotated example cut at its headings: comments below a heading become prose, the rest stays TOML.
#[test]
fn the_reference_of_the_configuration_is_current() {
    let mut text = "<!-- Made from crates/config/reference/backstay.toml: `just bless` writes it again. -->\n\n\
        # backstay.toml\n\n"
        .to_owned();
    let mut parts = backstay_config::reference().split("# ── ");
    text.push_str(&section(parts.next().unwrap_or_default()));
    for part in parts {
        let (heading, body) = part.split_once('\n').unwrap();
        let heading = heading.trim_end_matches('─').trim();
        text.push_str(&format!("\n## {heading}\n\n{}", section(body)));
    }
    is_current("docs/configuration.md", &text);
}

/// What stands above the first key, as prose, and the TOML. A comment directly above a key belongs to the key.
fn section(body: &str) -> String {
    let body = body.trim();
    let mut prose = String::new();
    let mut rest = body;
    while let Some((paragraph, after)) = rest.split_once("\n\n") {
        if !paragraph.lines().all(|line| line.starts_with('#')) {
            break;
        }
        for line in paragraph.lines() {
            prose.push_str(line.trim_start_matches('#').trim());
            prose.push('\n');
        }
        prose.push('\n');
        rest = after.trim_start();
    }
    format!("{prose}```toml\n{}\n```\n", rest.trim())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test is asked to write instead of compare by a variable, like every blessed test"
)]
fn is_current(file: &str, text: &str) {
    let path = repository().join(file);
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == text,
        "{file} is stale: run `just bless` and read the diff. It should be:\n\n{text}"
    );
}
