//! Statements that the parser lacks or takes apart differently, known by their first words.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is_space;
use crate::change::{Beside, What};

/// A word, folded for comparing, and as it is written.
struct Word {
    folded: String,
    name: String,
}

/// What a statement does, where the parser is not asked.
pub(super) fn changes(tokens: &[TokenWithSpan]) -> Option<Vec<What>> {
    let words = words(tokens);
    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    match folded.as_slice() {
        ["DROP", "INDEX", "CONCURRENTLY", rest @ ..] => {
            let skipped = 3 + usize::from(rest.starts_with(&["IF", "EXISTS"])) * 2;
            Some(names(words.get(skipped..)?, |name| What::DropIndex {
                name,
                way: Beside::Concurrently,
            }))
        }
        ["REINDEX", rest @ ..] => {
            let way = beside(rest);
            let what = words.last()?.name.clone();
            Some(vec![What::Reindex { what, way }])
        }
        // Nobody reads it until it is filled again.
        ["REFRESH", "MATERIALIZED", "VIEW", .., "NO", "DATA"] => Some(vec![What::Interferes {
            kind: "materialized view",
            name: words.get(3)?.name.clone(),
        }]),
        ["REFRESH", "MATERIALIZED", "VIEW", rest @ ..] => {
            let way = beside(rest);
            let at = 3 + usize::from(way == Beside::Concurrently);
            let view = words.get(at)?.name.clone();
            Some(vec![What::Refresh { view, way }])
        }
        ["CLUSTER", "VERBOSE", _, ..] => rewrite(words.get(2), "cluster"),
        ["CLUSTER", _, ..] => rewrite(words.get(1), "cluster"),
        ["VACUUM", rest @ ..] if rest.contains(&"FULL") => rewrite(words.last(), "vacuum full"),
        ["VACUUM" | "ANALYZE", ..] => nothing(&folded),
        // To what is nobody's business: it may be a secret.
        ["SET" | "RESET", ..] => {
            let end = folded
                .iter()
                .position(|word| matches!(*word, "=" | "TO" | "PASSWORD" | "AUTHORIZATION"));
            nothing(folded.get(..end.unwrap_or(1).min(3)).unwrap_or_default())
        }
        ["BEGIN" | "COMMIT" | "START" | "END", ..] => nothing(&folded),
        ["ALTER", "SEQUENCE", ..] => Some(vec![What::Interferes {
            kind: "sequence",
            name: words.get(2)?.name.clone(),
        }]),
        ["ALTER", "TABLE", ..] => alter_table(&words, &folded),
        _ => None,
    }
}

/// The table of an `ALTER TABLE`: whatever it does, it does to that one.
pub(super) fn table(tokens: &[TokenWithSpan]) -> Option<String> {
    let words = words(tokens);
    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    match folded.as_slice() {
        // `ALTER TABLE ALL IN TABLESPACE` is not one.
        ["ALTER", "TABLE", first, ..] if *first != "ALL" => {
            altered(&words, &folded).map(|(table, _)| table)
        }
        _ => None,
    }
}

/// The table that is altered, and where its name stands.
fn altered(words: &[Word], folded: &[&str]) -> Option<(String, usize)> {
    let at = 2 + usize::from(folded.get(2..4) == Some(&["IF", "EXISTS"])) * 2;
    let at = at + usize::from(folded.get(at) == Some(&"ONLY"));
    Some((words.get(at)?.name.clone(), at))
}

/// Settings of a table that the parser does not know.
fn alter_table(words: &[Word], folded: &[&str]) -> Option<Vec<What>> {
    let (table, at) = altered(words, folded)?;
    let rest = folded.get(at + 1..)?;
    let column_is_set = |how: &str| {
        let place = rest.iter().position(|word| *word == "SET");
        rest.first() == Some(&"ALTER")
            && place.is_some_and(|place| rest.get(place + 1) == Some(&how))
    };
    match rest {
        ["SET", "TABLESPACE", _] => Some(vec![What::RewriteTable {
            table,
            how: "move to another tablespace:",
        }]),
        ["SET", "SCHEMA", to] => Some(vec![What::RenameTable {
            to: format!("{}.{table}", to.to_lowercase()),
            table,
        }]),
        ["SET", "WITHOUT", "CLUSTER"] => Some(vec![What::TableSetting {
            table,
            how: "without cluster".to_owned(),
        }]),
        // One action alone: several of them are the parser's.
        _ if column_is_set("STATISTICS") && !folded.contains(&",") => {
            Some(vec![What::TableSetting {
                table,
                how: "set statistics".to_owned(),
            }])
        }
        _ => None,
    }
}

fn rewrite(table: Option<&Word>, how: &'static str) -> Option<Vec<What>> {
    let table = table?.name.clone();
    Some(vec![What::RewriteTable { table, how }])
}

fn nothing(folded: &[&str]) -> Option<Vec<What>> {
    let what = folded.join(" ").to_lowercase();
    Some(vec![What::Nothing { what }])
}

fn beside(words: &[&str]) -> Beside {
    match words.contains(&"CONCURRENTLY") {
        true => Beside::Concurrently,
        false => Beside::Locking,
    }
}

fn names(words: &[Word], make: impl Fn(String) -> What) -> Vec<What> {
    let names = words.iter().filter(|word| word.folded != ",");
    let names = names.filter(|word| !matches!(word.folded.as_str(), "CASCADE" | "RESTRICT"));
    names.map(|word| make(word.name.clone())).collect()
}

/// Words and commas; names of several parts are one.
fn words(tokens: &[TokenWithSpan]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut joins = false;
    for token in tokens.iter().filter(|token| !is_space(token)) {
        let (folded, name) = match &token.token {
            Token::Word(word) => match word.quote_style {
                Some(_) => (format!("\"{}\"", word.value), word.value.clone()),
                None => (word.value.to_uppercase(), word.value.to_lowercase()),
            },
            Token::Period => {
                joins = true;
                continue;
            }
            other => (super::shown(other), super::shown(other)),
        };
        match words.last_mut() {
            Some(last) if joins => {
                last.folded = format!("{}.{folded}", last.folded);
                last.name = match last.name.as_str() {
                    "public" => name,
                    schema => format!("{schema}.{name}"),
                };
            }
            _ => words.push(Word { folded, name }),
        }
        joins = false;
    }
    words
}
