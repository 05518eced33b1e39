//! Which lines of a log say why a program failed. What the lines mean is not asked.

/// How many lines a person is told.
const LINES: usize = 3;

/// The last lines; where the error that a program ended with stands further up, from there.
///
/// SQLAlchemy prints the whole statement behind its error, and a link behind that: the last lines alone would tell neither.
pub(super) fn telling(log: &[String]) -> Vec<String> {
    let last = log.len().saturating_sub(LINES);
    let error = log.iter().rposition(|line| names_an_error(line));
    let from = error.map_or(last, |error| error.min(last));
    log.iter().skip(from).take(LINES).cloned().collect()
}

/// `sqlalchemy.exc.ProgrammingError: …`, `java.lang.IllegalStateException: …`: as Python and the JVM begin the line of an error that
/// nobody handled.
fn names_an_error(line: &str) -> bool {
    let name = line.split_once(": ").map_or(line, |(name, _)| name);
    let is_a_path = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$'));
    is_a_path && (name.ends_with("Error") || name.ends_with("Exception"))
}

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn the_error_is_told_also_when_more_stands_behind_it() {
        let rows = [
            ("", ""),
            ("a|b", "a|b"),
            ("a|b|c|d", "b|c|d"),
            (
                "Traceback (most recent call last):|  File \"/app/main.py\", line 12, in <module>|RuntimeError: no",
                "Traceback (most recent call last):|  File \"/app/main.py\", line 12, in <module>|RuntimeError: no",
            ),
            // Alembic 1.20.1 with SQLAlchemy 2.1.9 and psycopg 3.3.9.
            (
                "psycopg.errors.UndefinedColumn: column cats.nickname does not exist||The above exception was the direct cause of the \
                 following exception:||Traceback (most recent call last):|    raise ex.with_traceback(None)|\
                 sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column cats.nickname does not exist|\
                 LINE 3:         SELECT cats.nickname,|                       ^|[SQL: |        CREATE VIEW guests AS|\
                 SELECT cats.nickname|FROM cats|    ]|(Background on this error at: https://sqlalche.me/e/21/f405)",
                "sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column cats.nickname does not exist|\
                 LINE 3:         SELECT cats.nickname,|                       ^",
            ),
            (
                "a.B$CException: x|\tat d|\tat e|\tat f",
                "a.B$CException: x|\tat d|\tat e",
            ),
            ("Error: x|a|b|c", "Error: x|a|b"),
            ("no Error: x|a|b|c", "a|b|c"),
        ];
        for (log, expected) in rows {
            let log: Vec<String> = log.split('|').map(str::to_owned).collect();
            assert_eq!(telling(&log).join("|"), expected);
        }
    }
}
