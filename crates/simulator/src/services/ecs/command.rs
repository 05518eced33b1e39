//! What a container's command says about its end, where it can be known without the image: `false`, `sh -c "sleep 3; exit 7"`.

use std::time::Duration;

use super::Container;
use crate::Millis;

/// A program that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownEnd {
    /// After its start.
    pub(crate) after_ms: Millis,
    pub(crate) code: i32,
    /// What it writes.
    pub(crate) lines: Vec<String>,
}

/// How a container with this entry point and command ends; `None` where the program is the image's and nobody here knows it.
fn known_end(entry_point: &[String], command: &[String]) -> Option<KnownEnd> {
    let words: Vec<&str> = entry_point
        .iter()
        .chain(command)
        .map(String::as_str)
        .collect();
    match words.as_slice() {
        [shell, option, line] if is_shell(shell) && is_line(option) => of_line(line),
        words => of_line(&quoted(words)),
    }
}

/// How a container ends by itself, where its command says so.
pub(crate) fn end_of_command(container: &Container) -> Option<KnownEnd> {
    known_end(&container.entry_point, &container.command)
}

fn is_shell(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    ["sh", "bash", "ash", "dash"].contains(&name)
}

/// `-c`, also with other letters before it: `-ec`, `-lc`.
fn is_line(option: &str) -> bool {
    let letters = option.strip_prefix('-');
    letters
        .is_some_and(|letters| letters.ends_with('c') && letters.chars().all(char::is_alphabetic))
}

/// Words that no shell reads: what is special to one makes them unknown.
fn quoted(words: &[&str]) -> String {
    match words
        .iter()
        .any(|word| word.contains([';', '&', '|', '\'', '"']))
    {
        true => "?".to_owned(),
        false => words.join(" "),
    }
}

fn of_line(line: &str) -> Option<KnownEnd> {
    let mut end = KnownEnd {
        after_ms: 0,
        code: 0,
        lines: Vec::new(),
    };
    let statements = line.replace("&&", ";&");
    let mut statements = statements.split([';', '\n']).peekable();
    statements.peek().filter(|first| !first.trim().is_empty())?;
    for statement in statements {
        let statement = statement.trim();
        let (follows_success, statement) = match statement.strip_prefix('&') {
            Some(rest) => (true, rest.trim()),
            None => (false, statement),
        };
        if statement.is_empty() || (follows_success && end.code != 0) {
            continue;
        }
        if statement.contains(['|', '&', '>', '<', '$', '`', '(', '{']) {
            return None;
        }
        let (word, rest) = statement.split_once(' ').unwrap_or((statement, ""));
        let rest = rest.trim();
        match word.rsplit('/').next().unwrap_or(word) {
            "true" | ":" | "set" => end.code = 0,
            "false" => end.code = 1,
            "echo" | "printf" => {
                end.code = 0;
                end.lines.push(rest.trim_matches(['"', '\'']).to_owned());
            }
            "sleep" => {
                let seconds: f64 = rest.trim_end_matches('s').parse().ok()?;
                let slept = Duration::try_from_secs_f64(seconds).ok()?;
                end.after_ms += Millis::try_from(slept.as_millis()).ok()?;
                end.code = 0;
            }
            "exit" => {
                end.code = match rest {
                    "" => end.code,
                    // A shell has eight bits of it.
                    code => code.parse::<i32>().ok()?.rem_euclid(256),
                };
                return Some(end);
            }
            _ => return None,
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::{KnownEnd, known_end};

    #[test]
    fn what_a_command_says() {
        let words = |text: &[&str]| text.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for (entry_point, command, expected) in [
            (&[][..], &["false"][..], Some((0, 1, ""))),
            (&[], &["/bin/true"], Some((0, 0, ""))),
            (&[], &["sh", "-c", "exit 7"], Some((0, 7, ""))),
            (&[], &["exit", "1"], Some((0, 1, ""))),
            (
                &["/bin/bash", "-lc"],
                &["echo ciao && sleep 10 && exit 1"],
                Some((10_000, 1, "ciao")),
            ),
            (&["sh", "-c"], &["false && exit 3"], Some((0, 1, ""))),
            (&["sh", "-c"], &["false; exit 3"], Some((0, 3, ""))),
            (
                &["sh", "-c"],
                &["sleep 0.5; echo 'done'"],
                Some((500, 0, "done")),
            ),
            (&["sh", "-c"], &["exit 300"], Some((0, 44, ""))),
            (&[], &["sleep", "infinity"], None),
            (&[], &["./prepare-assets"], None),
            (&[], &["sh", "-c", "exit $CODE"], None),
            (&[], &["sh", "-c", "./run || exit 1"], None),
            (&[], &["sh", "-c", "echo x > /tmp/y; exit 1"], None),
            (&[], &[], None),
        ] {
            let found = known_end(&words(entry_point), &words(command));
            let expected = expected.map(|(after_ms, code, line)| KnownEnd {
                after_ms,
                code,
                lines: words(&[line])
                    .into_iter()
                    .filter(|line| !line.is_empty())
                    .collect(),
            });
            assert_eq!(found, expected, "{entry_point:?} {command:?}");
        }
    }
}
