//! JSON as tokens, each with the place to which AWS's parser has read when it hands the token out: behind the first character of what
//! follows a name, and behind a text only once somebody has looked at it.

use super::flaw::{About, Flaw};

/// Deeper documents are refused.
const DEEPEST: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name(String),
    Text(String),
    Number(f64, String),
    True,
    False,
    Null,
}

impl Token {
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(..))
    }

    /// As it is written; of a bracket the bracket.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::StartObject => "{",
            Self::EndObject => "}",
            Self::StartArray => "[",
            Self::EndArray => "]",
            Self::Name(text) | Self::Text(text) | Self::Number(_, text) => text,
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) token: Token,
    /// How far the parser has read when it comes to the token, in characters.
    pub(super) at: usize,
    /// How far once the token was looked at.
    pub(super) read: usize,
}

/// The tokens until the end or until what is no JSON, and that.
pub(super) fn tokens(text: &str) -> (Vec<Spot>, Option<Flaw>) {
    let mut lexer = Lexer {
        text: text.chars().collect(),
        at: 0,
        spots: Vec::new(),
    };
    let end = lexer.value(0).err().map(|flaw| Flaw {
        about: About::Json,
        ..flaw
    });
    (lexer.spots, end)
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    spots: Vec<Spot>,
}

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|it| " \t\r\n".contains(it)) {
            self.at += 1;
        }
    }

    fn push(&mut self, token: Token) {
        let at = self.at;
        self.spots.push(Spot {
            token,
            at,
            read: at,
        });
    }

    fn unexpected(&self, expected: &str) -> Flaw {
        match self.peek() {
            Some(found) => {
                let code = u32::from(found);
                let reason =
                    format!("Unexpected character ('{found}' (code {code})): was {expected}");
                Flaw::at(self.at, reason)
            }
            None => self.ended("value"),
        }
    }

    fn ended(&self, what: &str) -> Flaw {
        Flaw::at(
            self.text.len(),
            format!("Unexpected end-of-input within/between {what} entries"),
        )
    }

    fn value(&mut self, depth: usize) -> Result<(), Flaw> {
        if depth > DEEPEST {
            let reason = format!("Document nesting depth exceeds the maximum allowed ({DEEPEST})");
            return Err(Flaw::at(self.at, reason));
        }
        self.blanks();
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => {
                let at = self.at + 1;
                let text = self.string()?;
                let read = self.at;
                let token = Token::Text(text);
                self.spots.push(Spot { token, at, read });
                Ok(())
            }
            _ => {
                let token = self.bare()?;
                self.push(token);
                Ok(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Flaw> {
        self.at += 1;
        self.push(Token::StartObject);
        let mut is_first = true;
        loop {
            self.blanks();
            match self.peek() {
                Some('}') if is_first => break,
                Some('"') => {}
                None => return Err(self.ended("Object")),
                Some(_) => {
                    return Err(self.unexpected("expecting double-quote to start field name"));
                }
            }
            is_first = false;
            let name = self.string()?;
            self.blanks();
            if self.peek() != Some(':') {
                return Err(self.unexpected("expecting a colon to separate field name and value"));
            }
            self.at += 1;
            self.blanks();
            let at = self.head()?;
            let token = Token::Name(name);
            self.spots.push(Spot {
                token,
                at,
                read: at,
            });
            self.value(depth + 1)?;
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => break,
                None => return Err(self.ended("Object")),
                Some(_) => {
                    return Err(self.unexpected("expecting comma to separate Object entries"));
                }
            }
        }
        self.at += 1;
        self.push(Token::EndObject);
        Ok(())
    }

    /// Behind a name the parser has read the beginning of its value, and numbers and words whole.
    fn head(&mut self) -> Result<usize, Flaw> {
        match self.peek() {
            Some('{' | '[' | '"') => Ok(self.at + 1),
            _ => {
                let before = self.at;
                self.bare()?;
                Ok(std::mem::replace(&mut self.at, before))
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Flaw> {
        self.at += 1;
        self.push(Token::StartArray);
        self.blanks();
        if self.peek() != Some(']') {
            loop {
                self.value(depth + 1)?;
                self.blanks();
                match self.peek() {
                    Some(',') => self.at += 1,
                    Some(']') => break,
                    None => return Err(self.ended("Array")),
                    Some(_) => {
                        return Err(self.unexpected("expecting comma to separate Array entries"));
                    }
                }
            }
        }
        self.at += 1;
        self.push(Token::EndArray);
        Ok(())
    }

    /// A number or a word.
    fn bare(&mut self) -> Result<Token, Flaw> {
        let start = self.at;
        let is_part = |it: char| it.is_alphanumeric() || "+-._$".contains(it);
        while self.peek().is_some_and(is_part) {
            self.at += 1;
        }
        let word: String = self.text.iter().take(self.at).skip(start).collect();
        match word.as_str() {
            "true" => return Ok(Token::True),
            "false" => return Ok(Token::False),
            "null" => return Ok(Token::Null),
            "" => return Err(self.unexpected(&format!("expecting {VALUES}"))),
            _ => {}
        }
        let number = serde_json::from_str::<serde_json::Number>(&word).ok();
        match number.and_then(|number| number.as_f64()) {
            Some(number) => Ok(Token::Number(number, word)),
            None => Err(Flaw::at(
                self.at,
                format!("Unrecognized token '{word}': was expecting {VALUES}"),
            )),
        }
    }

    /// From quote to quote.
    fn string(&mut self) -> Result<String, Flaw> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    let reason = "Unexpected end-of-input in a String value";
                    return Err(Flaw::at(self.text.len(), reason));
                }
                Some('"') => break,
                Some('\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let written: String = self.text.iter().take(self.at).skip(start).collect();
        serde_json::from_str(&written)
            .map_err(|_| Flaw::at(self.at, "Unrecognized character escape"))
    }
}
