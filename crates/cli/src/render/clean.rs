//! Text from elsewhere, made fit to print: one line, no control characters, no credentials inside addresses.

use serde_json::Value;

/// One line without control characters (a log line may hold terminal commands) and without `user:password@`.
#[must_use]
pub fn clean(text: &str) -> String {
    let one_line: String = without_escapes(text)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    without_credentials(one_line.trim_end())
}

/// Every string of a document cleaned of credentials; JSON escapes control characters by itself.
#[must_use]
pub fn clean_value(value: &Value) -> Value {
    backstay_domain::definition::map_strings(value, &without_credentials)
}

/// A command as far as it says what is done: its program and the sub-commands that are plain words. Whatever follows may hold a
/// value, and is one `…`.
#[must_use]
pub fn command(words: &[String]) -> String {
    let Some((program, rest)) = words.split_first() else {
        return String::new();
    };
    let plain = rest.iter().take_while(|word| is_plain(word)).count();
    let mut shown = vec![clean(program)];
    shown.extend(rest[..plain].iter().cloned());
    if plain < rest.len() {
        shown.push("…".to_owned());
    }
    shown.join(" ")
}

/// A word that names something to do: letters, as people write sub-commands and files. A placeholder is one, too.
fn is_plain(word: &str) -> bool {
    let letters = |text: &str| {
        !text.is_empty()
            && text.len() <= 24
            && !text.starts_with('-')
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_' | '-' | ':'))
    };
    word.starts_with("{{") && word.ends_with("}}") || letters(word)
}

/// Drops ANSI escape sequences whole, or their letters would stay behind.
fn without_escapes(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// `scheme://user:password@host` becomes `scheme://***@host`.
fn without_credentials(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        out.push_str(head);
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#'))
            .unwrap_or(tail.len());
        rest = match tail[..end].rfind('@') {
            Some(at) => {
                out.push_str("***");
                &tail[at..]
            }
            None => tail,
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{clean, command};

    #[test]
    fn of_a_command_only_what_it_does_is_shown() {
        let rows = [
            ("alembic upgrade head", "alembic upgrade head"),
            ("python manage.py migrate", "python manage.py migrate"),
            ("bundle exec rake db:migrate", "bundle exec rake db:migrate"),
            (
                "alembic downgrade {{ revision }}",
                "alembic downgrade {{ revision }}",
            ),
            (
                "alembic -x url=postgres://u:p@db/x upgrade head",
                "alembic …",
            ),
            ("flyway migrate -password=hunter2", "flyway migrate …"),
            ("migrate up --token abc", "migrate up …"),
            ("migrate S3cr3t up", "migrate …"),
            ("/app/bin/migrate", "/app/bin/migrate"),
        ];
        for (text, expected) in rows {
            // A placeholder is one word.
            let words = text.replace("{{ revision }}", "{{revision}}");
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let shown = command(&words).replace("{{revision}}", "{{ revision }}");
            assert_eq!(shown, expected);
        }
        assert_eq!(
            command(&["sh".into(), "-c".into(), "PGPASSWORD=x psql".into()]),
            "sh …"
        );
        assert_eq!(command(&[]), "");
    }

    #[test]
    fn credentials_and_terminal_commands_do_not_pass() {
        let rows = [
            ("plain text", "plain text"),
            (
                "could not connect to postgresql://app:hunter2@db:5432/x, nor to https://a.b/c@d",
                "could not connect to postgresql://***@db:5432/x, nor to https://a.b/c@d",
            ),
            ("a\tb\u{1b}[31mred\u{1b}[0m\r\n", "a bred"),
            ("://", "://"),
        ];
        for (text, expected) in rows {
            assert_eq!(clean(text), expected);
        }
    }
}
