//! AlarmRule of a composite alarm: ALARM(..), OK(..), INSUFFICIENT_DATA(..), TRUE, FALSE, AND, OR, NOT [MODEL].

use super::state::AlarmState;

/// A parsed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Constant(bool),
    /// Whether an alarm, by name, is in a state.
    In(AlarmState, String),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

/// Characters of a rule, and how deep it nests [MODEL] [INF].
const LONGEST: usize = 10_240;
const DEEPEST: usize = 64;

impl Rule {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > LONGEST {
            return Err(format!(
                "AlarmRule must have between 1 and {LONGEST} characters"
            ));
        }
        let mut parser = Parser { rest: text };
        let rule = parser.either(DEEPEST)?;
        parser.rest = parser.rest.trim_start();
        if parser.rest.is_empty() {
            Ok(rule)
        } else {
            Err(parser.refusal())
        }
    }

    /// The alarms it asks for.
    pub(super) fn children(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::In(_, name) => vec![name],
            Self::Not(inner) => inner.children(),
            Self::And(left, right) | Self::Or(left, right) => {
                let mut children = left.children();
                children.extend(right.children());
                children
            }
        }
    }

    pub(super) fn holds(&self, state_of: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::In(state, name) => state_of(name) == Some(*state),
            Self::Not(inner) => !inner.holds(state_of),
            Self::And(left, right) => left.holds(state_of) && right.holds(state_of),
            Self::Or(left, right) => left.holds(state_of) || right.holds(state_of),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn refusal(&self) -> String {
        format!("AlarmRule cannot be read from {:?} on", self.rest)
    }

    /// A keyword that is not the beginning of a longer word.
    fn eat(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix(word) else {
            return false;
        };
        let symbol = !word.starts_with(char::is_alphabetic);
        if !symbol && rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return false;
        }
        self.rest = rest;
        true
    }

    fn either(&mut self, depth: usize) -> Result<Rule, String> {
        let mut left = self.both(depth)?;
        while self.eat("OR") {
            left = Rule::Or(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Rule, String> {
        let mut left = self.single(depth)?;
        while self.eat("AND") {
            left = Rule::And(Box::new(left), Box::new(self.single(depth)?));
        }
        Ok(left)
    }

    fn single(&mut self, depth: usize) -> Result<Rule, String> {
        let depth = depth.checked_sub(1).ok_or("AlarmRule is nested too deep")?;
        if self.eat("NOT") {
            return Ok(Rule::Not(Box::new(self.single(depth)?)));
        }
        if self.eat("(") {
            let inner = self.either(depth)?;
            return if self.eat(")") {
                Ok(inner)
            } else {
                Err(self.refusal())
            };
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.eat(word) {
                return Ok(Rule::Constant(value));
            }
        }
        for state in [
            AlarmState::Alarm,
            AlarmState::Ok,
            AlarmState::InsufficientData,
        ] {
            if self.eat(state.as_str()) {
                return Ok(Rule::In(state, self.name()?));
            }
        }
        Err(self.refusal())
    }

    /// `(name)`, `("name")` or `(ARN)`.
    fn name(&mut self) -> Result<String, String> {
        if !self.eat("(") {
            return Err(self.refusal());
        }
        self.rest = self.rest.trim_start();
        let (name, rest) = match self.rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| self.refusal())?,
            None => self
                .rest
                .split_at(self.rest.find(')').ok_or_else(|| self.refusal())?),
        };
        self.rest = rest;
        let name = name.trim();
        let name = name.split_once(":alarm:").map_or(name, |(_, name)| name);
        if name.is_empty() || !self.eat(")") {
            return Err(self.refusal());
        }
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let state_of = |name: &str| match name {
            "cpu" | "disk (root)" => Some(AlarmState::Alarm),
            "net" => Some(AlarmState::Ok),
            "new" => Some(AlarmState::InsufficientData),
            _ => None,
        };
        for (text, expected) in [
            ("TRUE", true),
            ("FALSE OR TRUE", true),
            ("ALARM(cpu) AND OK(net)", true),
            ("ALARM(\"disk (root)\")", true),
            (
                "ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu)",
                true,
            ),
            ("ALARM(cpu) AND NOT ALARM(cpu)", false),
            ("(ALARM(net) OR ALARM(cpu)) AND OK(net)", true),
            ("ALARM(net) OR ALARM(cpu) AND FALSE", false),
            ("INSUFFICIENT_DATA(new)", true),
            ("OK(gone)", false),
        ] {
            assert_eq!(
                Rule::parse(text).unwrap().holds(&state_of),
                expected,
                "{text}"
            );
        }
        for text in [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(a",
            "TRUE FALSE",
            "TRUEish",
            "alarm(a)",
            "(TRUE",
        ] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
        assert!(Rule::parse(&"(".repeat(10_000)).is_err());
        assert!(Rule::parse(&"NOT ".repeat(2_000)).is_err());
    }
}
