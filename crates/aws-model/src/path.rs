//! Where a value stands in an input or a reply, written only when somebody asks.

use std::fmt::{Display, Formatter, Result};

/// A place, and the one it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    within: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
    Value(&'a str),
}

impl<'a> Path<'a> {
    /// The input or the reply itself.
    pub(crate) const ROOT: Path<'static> = Path {
        within: None,
        step: Step::Root,
    };

    /// A member of a structure.
    pub(crate) fn member(&'a self, name: &'a str) -> Self {
        self.to(Step::Member(name))
    }

    /// An item of a list, the first of which is 0.
    pub(crate) fn item(&'a self, place: usize) -> Self {
        self.to(Step::Item(place))
    }

    /// The value of a map's key.
    pub(crate) fn value(&'a self, key: &'a str) -> Self {
        self.to(Step::Value(key))
    }

    fn to(&'a self, step: Step<'a>) -> Self {
        Path {
            within: Some(self),
            step,
        }
    }
}

/// As AWS writes it: `containerDefinitions.1.member.name`, `tags.key.member`; a name begins with a small letter.
impl Display for Path<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        if let Some(within) = self.within {
            within.fmt(formatter)?;
            if !matches!(within.step, Step::Root) {
                formatter.write_str(".")?;
            }
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Member(name) => {
                let mut letters = name.chars();
                if let Some(first) = letters.next() {
                    write!(formatter, "{}", first.to_ascii_lowercase())?;
                }
                formatter.write_str(letters.as_str())
            }
            Step::Item(place) => write!(formatter, "{}.member", place + 1),
            Step::Value(key) => write!(formatter, "{key}.member"),
        }
    }
}
