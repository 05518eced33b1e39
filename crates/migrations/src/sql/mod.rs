//! Scripts of SQL, as PostgreSQL reads them. A statement that the parser does not know is unknown, by place; nothing is guessed.

mod column;
mod lacking;
mod names;
mod statement;
mod table;

pub(crate) use column::{value as default_value, worse};

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::change::What;
use crate::written::Operation;

/// What a script does, and what is said beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    pub(crate) operations: Vec<Operation>,
    /// Comments by their lines.
    pub(crate) comments: Vec<(usize, String)>,
}

/// Reads a script.
pub(crate) fn read(text: &str) -> Sql {
    let dialect = PostgreSqlDialect {};
    let mut tokens = Vec::new();
    let end = Tokenizer::new(&dialect, text).tokenize_with_location_into_buf(&mut tokens);
    let mut sql = Sql {
        operations: Vec::new(),
        comments: tokens.iter().filter_map(comment).collect(),
    };
    for statement in tokens.split(|token| token.token == Token::SemiColon) {
        let Some(first) = statement.iter().find(|token| !is_space(token)) else {
            continue;
        };
        let line = line(first);
        let operations = changes(statement)
            .into_iter()
            .map(|what| Operation::new(line, what));
        sql.operations.extend(operations);
    }
    if let Err(error) = end {
        let line = usize::try_from(error.location.line).unwrap_or(1).max(1);
        let what = format!("SQL that cannot be read: {}", error.message);
        sql.operations.push(Operation::unknown(line, what));
    }
    sql
}

fn changes(tokens: &[TokenWithSpan]) -> Vec<What> {
    if let Some(changes) = lacking::changes(tokens) {
        return changes;
    }
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens.to_vec());
    let unread = |why: &str| {
        let what = format!("`{}`: {why}", beginning(tokens));
        let table = lacking::table(tokens);
        vec![What::Unknown { what, table }]
    };
    match parser.parse_statement() {
        Err(_) => unread("SQL that the parser does not know"),
        Ok(_) if parser.peek_token().token != Token::EOF => {
            unread("SQL that the parser knows the beginning of")
        }
        Ok(statement) => statement::changes(&statement)
            .unwrap_or_else(|| unread("what it does to the schema is not known")),
    }
}

/// The first words, for people. What is written out as a value may be a secret.
fn beginning(tokens: &[TokenWithSpan]) -> String {
    let mut words: Vec<String> = Vec::new();
    for token in tokens.iter().filter(|token| !is_space(token)).take(5) {
        words.push(shown(&token.token));
        if let Token::Word(word) = &token.token
            && ["PASSWORD", "CONNECTION"]
                .iter()
                .any(|end| word.value.eq_ignore_ascii_case(end))
        {
            words.push("…".to_owned());
            break;
        }
    }
    let text = words.join(" ");
    match text.char_indices().nth(48) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// A word or a sign; in the place of a value `…`.
fn shown(token: &Token) -> String {
    match token {
        Token::Word(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::Eq
        | Token::Mul
        | Token::Colon
        | Token::DoubleColon => token.to_string(),
        _ => "…".to_owned(),
    }
}

fn is_space(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

fn line(token: &TokenWithSpan) -> usize {
    usize::try_from(token.span.start.line).unwrap_or(1).max(1)
}

fn comment(token: &TokenWithSpan) -> Option<(usize, String)> {
    let text = match &token.token {
        Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) => comment,
        Token::Whitespace(Whitespace::MultiLineComment(comment)) => comment,
        _ => return None,
    };
    Some((line(token), text.trim().to_owned()))
}
