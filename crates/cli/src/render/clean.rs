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
    use super::clean;

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
