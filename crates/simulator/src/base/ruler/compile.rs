//! From a text to a pattern, token by token as event-ruler does it, so that what is wrong is found where AWS finds it.

use std::collections::BTreeMap;

use super::event::{Alternative, Field, Pattern, joined};
use super::flaw::Flaw;
use super::matcher::Matcher;
use super::operators::operator;
use super::tokens::{Spot, Token, tokens};

/// Who reads: both use the same library, SNS an older one with fewer matchers [INF].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// EventBridge's rules.
    Bus,
    /// Filter policies of SNS.
    Topic,
}

/// A pattern of more alternatives is refused.
const MOST_ALTERNATIVES: usize = 1_000;
/// What is too much for AWS's machine.
pub(super) const TOO_COMPLEX: &str = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences \
     after a wildcard character";
/// Names that mean something inside of `$or`.
const RESERVED: [&str; 9] = [
    "exactly",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "numeric",
    "cidr",
    "equals-ignore-case",
    "wildcard",
];

pub(super) fn compile(text: &str, dialect: Dialect) -> Result<Pattern, Flaw> {
    let (spots, end) = tokens(text);
    let mut reader = Reader {
        spots: spots.into_iter(),
        end,
        place: 0,
        read: 0,
        dialect,
    };
    let mut rules = Vec::new();
    if reader.first()? != Some(Token::StartObject) {
        return Err(reader.flaw("Filter is not an object"));
    }
    object(&mut rules, &Path::default(), &mut reader, Inside::Rule)?;
    Ok(Pattern {
        alternatives: rules,
    })
}

/// Goes over the tokens, and knows how far it has come.
pub(super) struct Reader {
    spots: std::vec::IntoIter<Spot>,
    end: Option<Flaw>,
    place: usize,
    read: usize,
    pub(super) dialect: Dialect,
}

impl Reader {
    /// Of nothing at all there is none.
    fn first(&mut self) -> Result<Option<Token>, Flaw> {
        match self.spots.len() {
            0 => match self
                .end
                .take()
                .filter(|flaw| flaw.reason.starts_with("Unrec"))
            {
                Some(flaw) => Err(flaw),
                None => Ok(None),
            },
            _ => self.next().map(Some),
        }
    }

    pub(super) fn next(&mut self) -> Result<Token, Flaw> {
        match self.spots.next() {
            Some(spot) => {
                (self.place, self.read) = (spot.at, spot.read);
                Ok(spot.token)
            }
            None => Err(self.ended()),
        }
    }

    fn ended(&mut self) -> Flaw {
        let mut flaw = self
            .end
            .take()
            .unwrap_or_else(|| Flaw::at(self.place, "Unexpected end-of-input"));
        // The older library has already read the character that it did not expect (LocalStack's `test_validate_set_sub_attributes` [OBS]).
        if self.dialect == Dialect::Topic && flaw.reason.starts_with("Unexpected character") {
            for place in &mut flaw.places {
                *place += 1;
            }
        }
        flaw
    }

    /// Somebody looks at the text that the token is: it is read to its end then.
    pub(super) fn look(&mut self) {
        self.place = self.read;
    }

    pub(super) fn flaw(&self, reason: impl Into<String>) -> Flaw {
        Flaw::at(self.place, reason)
    }
}

/// Where a field is.
#[derive(Clone, Debug, Default)]
struct Path {
    text: String,
    depth: usize,
    top: String,
}

impl Path {
    fn with(&self, name: &str) -> Self {
        Self {
            text: joined(&self.text, name),
            depth: self.depth + 1,
            top: match self.depth {
                0 => name.to_owned(),
                _ => self.top.clone(),
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Rule,
    Or,
}

fn object(
    rules: &mut Vec<Alternative>,
    path: &Path,
    reader: &mut Reader,
    inside: Inside,
) -> Result<(), Flaw> {
    let mut is_empty = true;
    while let Token::Name(name) = reader.next()? {
        is_empty = false;
        if name == "$or" {
            either(rules, path, reader)?;
            continue;
        }
        if inside == Inside::Or && RESERVED.contains(&name.as_str()) {
            return Err(reader.flaw(format!(
                "{name} is Ruler reserved fieldName which cannot be used inside $or."
            )));
        }
        match reader.next()? {
            Token::StartObject => object(rules, &path.with(&name), reader, inside)?,
            Token::StartArray => values(rules, &path.with(&name), reader)?,
            _ => {
                return Err(reader.flaw(format!("\"{name}\" must be an object or an array")));
            }
        }
    }
    match is_empty {
        true => Err(reader.flaw("Empty objects are not allowed")),
        false => Ok(()),
    }
}

/// Every object of the list is an alternative for what was said before.
fn either(rules: &mut Vec<Alternative>, path: &Path, reader: &mut Reader) -> Result<(), Flaw> {
    let before = std::mem::take(rules);
    if reader.next()? != Token::StartArray {
        return Err(reader.flaw("It must be an Array followed with $or."));
    }
    let mut several = 0;
    loop {
        match reader.next()? {
            Token::EndArray => break,
            Token::StartObject => {
                let mut one = before.clone();
                if one.is_empty() {
                    one.push(BTreeMap::new());
                }
                object(&mut one, path, reader, Inside::Or)?;
                rules.extend(one);
            }
            _ => {
                return Err(
                    reader.flaw("Only JSON object is allowed in array of $or relationship.")
                );
            }
        }
        several += 1;
        if rules.len() > MOST_ALTERNATIVES {
            return Err(Flaw::nowhere(TOO_COMPLEX));
        }
    }
    match several {
        0 | 1 => Err(reader.flaw("There must have at least 2 Objects in $or relationship.")),
        _ => Ok(()),
    }
}

fn values(rules: &mut Vec<Alternative>, path: &Path, reader: &mut Reader) -> Result<(), Flaw> {
    let mut matchers = Vec::new();
    loop {
        matchers.push(match reader.next()? {
            Token::EndArray => break,
            Token::StartObject => operator(reader)?,
            Token::Text(text) => Matcher::Text(text),
            Token::Number(number, _) => Matcher::Number(number),
            Token::True => Matcher::True,
            Token::False => Matcher::False,
            Token::Null => Matcher::Null,
            Token::StartArray | Token::EndObject | Token::Name(_) => {
                return Err(reader.flaw("Match value must be String, number, true, false, or null"));
            }
        });
    }
    if matchers.is_empty() {
        return Err(reader.flaw("Empty arrays are not allowed"));
    }
    if rules.is_empty() {
        rules.push(BTreeMap::new());
    }
    for rule in rules {
        let field = Field {
            matchers: matchers.clone(),
            depth: path.depth,
            top: path.top.clone(),
        };
        rule.insert(path.text.clone(), field);
    }
    Ok(())
}
