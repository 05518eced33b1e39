//! Metric math, the simple kind: numbers, ids, `+ - * /`, parentheses and FILL. Anything else is refused by its name.

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    Name(String),
    /// FILL(expression, number).
    Fill(Box<Expression>, f64),
    Pair(Box<Expression>, Operator, Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Parentheses and signs within each other.
const DEEPEST: usize = 32;
/// Characters [MODEL].
const LONGEST: usize = 2_048;

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("an expression has at most {LONGEST} characters"));
        }
        let mut parser = Parser { rest: text };
        let expression = parser.sum(DEEPEST)?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.refusal()),
        }
    }

    /// The ids it reads.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Name(name) => vec![name.clone()],
            Self::Fill(inner, _) => inner.names(),
            Self::Pair(left, _, right) => {
                let mut names = left.names();
                names.extend(right.names());
                names
            }
        }
    }

    /// A period in which one side has no value, or that divides by zero, has none [DOC].
    pub(super) fn value(&self, of: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(name) => of(name),
            Self::Fill(inner, missing) => Some(inner.value(of).unwrap_or(*missing)),
            Self::Pair(left, operator, right) => {
                let (left, right) = (left.value(of)?, right.value(of)?);
                let value = match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over => left / right,
                };
                value.is_finite().then_some(value)
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        if self.peek() != Some(wanted) {
            return false;
        }
        self.rest = self.rest.get(wanted.len_utf8()..).unwrap_or_default();
        true
    }

    /// As long as characters are of a kind.
    fn word(&mut self, of: fn(char) -> bool) -> &str {
        let end = self.rest.find(|found| !of(found));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn refusal(&self) -> String {
        format!(
            "the simulator knows only numbers, ids, + - * /, parentheses and FILL in expressions: it stops at {:?}",
            self.rest
        )
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.product(depth)?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.rest = self.rest.get(1..).unwrap_or_default();
            let right = self.product(depth)?;
            left = Expression::Pair(Box::new(left), operator, Box::new(right));
        }
    }

    fn product(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.single(depth)?;
        loop {
            let operator = match self.peek() {
                Some('*') => Operator::Times,
                Some('/') => Operator::Over,
                _ => return Ok(left),
            };
            self.rest = self.rest.get(1..).unwrap_or_default();
            let right = self.single(depth)?;
            left = Expression::Pair(Box::new(left), operator, Box::new(right));
        }
    }

    fn single(&mut self, depth: usize) -> Result<Expression, String> {
        let depth = depth.checked_sub(1).ok_or("the expression is too deep")?;
        match self.peek() {
            Some('(') => {
                self.eat('(');
                let inner = self.sum(depth)?;
                self.closed()?;
                Ok(inner)
            }
            Some('-') => {
                self.eat('-');
                let (zero, inner) = (Expression::Number(0.0), self.single(depth)?);
                Ok(Expression::Pair(
                    Box::new(zero),
                    Operator::Minus,
                    Box::new(inner),
                ))
            }
            Some(digit) if digit.is_ascii_digit() => self.number().map(Expression::Number),
            Some(letter) if letter.is_ascii_lowercase() => {
                let name = self.word(|found| found.is_ascii_alphanumeric() || found == '_');
                Ok(Expression::Name(name.to_owned()))
            }
            Some('F') if self.rest.starts_with("FILL") => {
                self.word(|found| found.is_ascii_uppercase());
                if !self.eat('(') {
                    return Err(self.refusal());
                }
                let inner = self.sum(depth)?;
                if !self.eat(',') {
                    return Err(self.refusal());
                }
                self.peek();
                let missing = self.number()?;
                self.closed()?;
                Ok(Expression::Fill(Box::new(inner), missing))
            }
            _ => Err(self.refusal()),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        let digits = self.word(|found| found.is_ascii_digit() || found == '.');
        digits.parse().map_err(|_| self.refusal())
    }

    fn closed(&mut self) -> Result<(), String> {
        if self.eat(')') {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_math() {
        let of = |name: &str| match name {
            "errors" => Some(5.0),
            "requests" => Some(200.0),
            "zero" => Some(0.0),
            _ => None,
        };
        for (text, expected) in [
            ("1+2*3", Some(7.0)),
            ("(1 + 2) * 3", Some(9.0)),
            ("100*errors/requests", Some(2.5)),
            ("-errors - 1", Some(-6.0)),
            ("errors/zero", None),
            ("errors + none", None),
            ("errors + FILL(none, 0)", Some(5.0)),
        ] {
            assert_eq!(
                Expression::parse(text).unwrap().value(&of),
                expected,
                "{text}"
            );
        }
        for text in [
            "SUM(METRICS())",
            "m1 > 3",
            "IF(m1,1,2)",
            "",
            "1+",
            "m1 m2",
            "1.2.3",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"-".repeat(100_000)).is_err());
    }
}
