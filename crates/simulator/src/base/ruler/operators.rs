//! The comparisons of a pattern: `{"prefix": "a"}` and its like.

use super::address::Network;
use super::compile::{Dialect, Reader, TOO_COMPLEX};
use super::flaw::Flaw;
use super::matcher::{Bound, Case, Matcher, Wild};
use super::tokens::Token;

const ONE_KEY: &str = "Only one key allowed in match expression";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// What is in the braces that were opened, and their end.
pub(super) fn operator(reader: &mut Reader) -> Result<Matcher, Flaw> {
    let Token::Name(name) = reader.next()? else {
        return Err(reader.flaw("Match expression name not found"));
    };
    let is_bus = reader.dialect == Dialect::Bus;
    match name.as_str() {
        "exactly" => {
            let text = text(reader, "exact match pattern must be a string")?;
            closed(reader, Matcher::Text(text))
        }
        "prefix" => edge(reader, "prefix", Matcher::Prefix),
        "suffix" => edge(reader, "suffix", Matcher::Suffix),
        "numeric" => {
            if reader.next()? != Token::StartArray {
                return Err(reader.flaw("Value of numeric must be an array."));
            }
            let range = numeric(reader)?;
            match reader.next()? {
                Token::EndObject => Ok(range),
                _ => Err(reader.flaw(TOO_MANY)),
            }
        }
        "anything-but" => anything_but(reader),
        "exists" => {
            let matcher = match reader.next()? {
                Token::True => Matcher::Exists,
                Token::False => Matcher::Absent,
                _ => {
                    return Err(reader.flaw("exists match pattern must be either true or false."));
                }
            };
            closed(reader, matcher)
        }
        "cidr" => {
            let text = text(reader, "prefix match pattern must be a string")?;
            let network = Network::read(&text)?;
            closed(reader, Matcher::Within(network))
        }
        "equals-ignore-case" => {
            let words = "equals-ignore-case match pattern must be a string";
            let text = text(reader, words)?;
            closed(reader, Matcher::AnyCase(text))
        }
        "wildcard" if is_bus => {
            let text = text(reader, "wildcard match pattern must be a string")?;
            let matcher = wildcard(reader, &text)?;
            closed(reader, matcher)
        }
        _ => Err(reader.flaw(format!("Unrecognized match type {name}"))),
    }
}

fn text(reader: &mut Reader, otherwise: &str) -> Result<String, Flaw> {
    match reader.next()? {
        Token::Text(text) => {
            reader.look();
            Ok(text)
        }
        _ => Err(reader.flaw(otherwise)),
    }
}

fn closed(reader: &mut Reader, matcher: Matcher) -> Result<Matcher, Flaw> {
    match reader.next()? {
        Token::EndObject => Ok(matcher),
        _ => Err(reader.flaw(ONE_KEY)),
    }
}

/// Of a text, or in any case of one.
fn edge(
    reader: &mut Reader,
    name: &str,
    made: fn(String, Case) -> Matcher,
) -> Result<Matcher, Flaw> {
    let words = format!("{name} match pattern must be a string");
    match reader.next()? {
        Token::Text(text) => closed(reader, made(text, Case::Counts)),
        Token::StartObject if reader.dialect == Dialect::Bus => match reader.next()? {
            Token::Name(inner) if inner == "equals-ignore-case" => {
                let text = text(reader, "equals-ignore-case match pattern must be a string")?;
                let matcher = closed(reader, made(text, Case::Ignored))?;
                closed(reader, matcher)
            }
            other => Err(reader.flaw(format!("Unsupported {name} pattern: {}", other.text()))),
        },
        _ => Err(reader.flaw(words)),
    }
}

/// So many stars before the same character are too many for AWS's machine: `*:*:*:*:*:event-bus/*` is, `arn:aws:events:us-east-1:*:event-bus/*`
/// is not (LocalStack's `content_wildcard_complex_EXC`, recorded on AWS [OBS]); the limit between them is ours [INF].
const STARS_BEFORE_ONE: usize = 5;

fn wildcard(reader: &Reader, text: &str) -> Result<Matcher, Flaw> {
    let mut parts = Vec::new();
    let (mut characters, mut at) = (text.chars().peekable(), 1);
    while let Some(one) = characters.next() {
        match (one, characters.peek()) {
            ('*', Some('*')) => {
                let reason = format!("Consecutive wildcard characters at pos {at}");
                return Err(reader.flaw(reason));
            }
            ('*', _) => parts.push(Wild::Any),
            ('\\', Some('*' | '\\')) => {
                parts.extend(characters.next().map(Wild::One));
                at += 1;
            }
            ('\\', _) => {
                return Err(reader.flaw(format!("Invalid escape character at pos {at}")));
            }
            (one, _) => parts.push(Wild::One(one)),
        }
        at += one.len_utf8();
    }
    let pairs = || parts.iter().zip(parts.iter().skip(1));
    let behind = pairs().filter(|(one, _)| **one == Wild::Any);
    let is_complex = behind.clone().any(|(_, next)| {
        behind.clone().filter(|(_, other)| *other == next).count() >= STARS_BEFORE_ONE
    });
    match is_complex {
        true => Err(Flaw::nowhere(TOO_COMPLEX)),
        false => Ok(Matcher::Wildcard(parts)),
    }
}

/// What is refused within a list is said with its place twice.
fn twice(mut flaw: Flaw) -> Flaw {
    flaw.places.extend(flaw.places.clone());
    flaw
}

fn anything_but(reader: &mut Reader) -> Result<Matcher, Flaw> {
    let token = reader.next()?;
    if token == Token::StartObject {
        return anything_but_like(reader);
    }
    let others = match token {
        Token::StartArray => literals(reader)?,
        Token::Text(text) => vec![Matcher::Text(text)],
        Token::Number(number, _) => vec![Matcher::Number(number)],
        _ => return Err(reader.flaw(VALUE_OF_ANYTHING_BUT)),
    };
    match reader.next()? {
        Token::EndObject => Ok(Matcher::AnythingBut(others)),
        _ => Err(reader.flaw(TOO_MANY)),
    }
}

const VALUE_OF_ANYTHING_BUT: &str =
    "Value of anything-but must be an array or single string/number value.";

fn literals(reader: &mut Reader) -> Result<Vec<Matcher>, Flaw> {
    let mut all = Vec::new();
    let (mut numbers, mut texts) = (0, 0);
    loop {
        match reader.next()? {
            Token::EndArray => break,
            Token::Text(text) => {
                texts += 1;
                all.push(Matcher::Text(text));
            }
            Token::Number(number, _) => {
                numbers += 1;
                all.push(Matcher::Number(number));
            }
            _ => {
                let words = "Inside anything but list, start|null|boolean is not supported.";
                return Err(twice(reader.flaw(words)));
            }
        }
    }
    match (numbers > 0) == (texts > 0) {
        true => Err(reader.flaw(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        )),
        false => Ok(all),
    }
}

/// `{"anything-but": {"prefix": ...}}` and its like, of one text or several.
fn anything_but_like(reader: &mut Reader) -> Result<Matcher, Flaw> {
    let Token::Name(name) = reader.next()? else {
        return Err(reader.flaw("Anything-But expression name not found"));
    };
    let is_bus = reader.dialect == Dialect::Bus;
    let words = match name.as_str() {
        "prefix" if !is_bus => "prefix match pattern must be a string",
        "prefix" | "suffix" if is_bus => "prefix/suffix match pattern must be a string",
        "wildcard" if is_bus => "wildcard match pattern must be a string",
        "equals-ignore-case" if is_bus => {
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        }
        _ => return Err(reader.flaw(format!("Unsupported anything-but pattern: {name}"))),
    };
    let mut others = Vec::new();
    match reader.next()? {
        Token::Text(text) => {
            reader.look();
            others.push(like(reader, &name, text)?);
        }
        Token::StartArray if is_bus => loop {
            match reader.next()? {
                Token::EndArray => break,
                Token::Text(text) => {
                    reader.look();
                    others.push(like(reader, &name, text).map_err(twice)?);
                }
                _ => return Err(twice(reader.flaw(words))),
            }
        },
        number if number.is_number() || !is_bus => return Err(reader.flaw(words)),
        _ => return Err(reader.flaw(VALUE_OF_ANYTHING_BUT)),
    }
    let matcher = closed(reader, Matcher::AnythingBut(others))?;
    closed(reader, matcher)
}

fn like(reader: &Reader, name: &str, text: String) -> Result<Matcher, Flaw> {
    match name {
        "prefix" | "suffix" if text.is_empty() => {
            Err(reader.flaw("Null prefix/suffix not allowed"))
        }
        "prefix" => Ok(Matcher::Prefix(text, Case::Counts)),
        "suffix" => Ok(Matcher::Suffix(text, Case::Counts)),
        "wildcard" => wildcard(reader, &text),
        _ => Ok(Matcher::AnyCase(text)),
    }
}

/// `">", 0, "<=", 5]`.
fn numeric(reader: &mut Reader) -> Result<Matcher, Flaw> {
    let name = match reader.next()? {
        Token::Text(name) => name,
        other => {
            return Err(reader.flaw(format!("Invalid member in numeric match: {}", other.text())));
        }
    };
    let limit = reader.next()?;
    let bound = match name.as_str() {
        "=" => Bound::Equal,
        ">=" => Bound::GreaterOrEqual,
        ">" => Bound::Greater,
        "<=" => Bound::LessOrEqual,
        "<" => Bound::Less,
        _ => return Err(reader.flaw(format!("Unrecognized numeric range operator: {name}"))),
    };
    let shown = if name == "=" { "equals" } else { &name };
    let Token::Number(limit, _) = limit else {
        return Err(reader.flaw(format!("Value of {shown} must be numeric")));
    };
    let next = reader.next()?;
    if next == Token::EndArray {
        return Ok(Matcher::Numeric(vec![(bound, limit)]));
    }
    if !matches!(bound, Bound::Greater | Bound::GreaterOrEqual) {
        return Err(reader.flaw(TOO_MANY));
    }
    let Token::Text(name) = &next else {
        return Err(reader.flaw(format!("Bad value in numeric range: {}", next.text())));
    };
    reader.look();
    let upper = match name.as_str() {
        "<" => Bound::Less,
        "<=" => Bound::LessOrEqual,
        _ => return Err(reader.flaw(format!("Bad numeric range operator: {name}"))),
    };
    let Token::Number(top, _) = reader.next()? else {
        return Err(reader.flaw(format!("Value of {name} must be numeric")));
    };
    if reader.next()? != Token::EndArray {
        return Err(reader.flaw("Too many terms in numeric range expression"));
    }
    if limit >= top {
        return Err(reader.flaw("Bottom must be less than top"));
    }
    Ok(Matcher::Numeric(vec![(bound, limit), (upper, top)]))
}
