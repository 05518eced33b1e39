//! Where in a document: a JSON pointer (RFC 6901), made step by step.

use std::fmt;

/// A place in a document; the empty pointer is the whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn whole() -> Self {
        Self::default()
    }

    /// A member of the object here.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + name.len());
        text.push_str(&self.0);
        text.push('/');
        if name.contains(['~', '/']) {
            text.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            text.push_str(name);
        }
        Self(text)
    }

    /// An item of the list here.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        let mut text = String::with_capacity(self.0.len() + 3);
        text.push_str(&self.0);
        text.push('/');
        match u32::try_from(index)
            .ok()
            .and_then(|it| char::from_digit(it, 10))
        {
            Some(digit) => text.push(digit),
            None => text.push_str(&index.to_string()),
        }
        Self(text)
    }

    /// The object or list that holds this place.
    #[must_use]
    pub fn holder(&self) -> Option<Self> {
        let (holder, _) = self.0.rsplit_once('/')?;
        Some(Self(holder.to_owned()))
    }

    /// As RFC 6901 writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
