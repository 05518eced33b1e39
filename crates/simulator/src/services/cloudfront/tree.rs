//! XML as it was sent: a tree that is kept whole. What may be in it is `shape`'s matter.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::wire::Xml;

/// An element: text or children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Element {
    pub(super) name: String,
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn with_text(name: &str, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::new(name)
        }
    }

    /// The root of a document.
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            let message = "This operation requires a body.";
            return Err(ApiError::client("MissingBody", message));
        }
        let text = std::str::from_utf8(body).map_err(|error| malformed(&error.to_string()))?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event();
            match event.map_err(|error| malformed(&error.to_string()))? {
                Event::Start(start) => open.push(Self::new(&local(&start))),
                Event::Empty(start) => close(&mut open, Self::new(&local(&start))),
                Event::End(_) => {
                    let done = open.pop().unwrap_or_default();
                    close(&mut open, done);
                }
                Event::Text(text) => {
                    let text = text
                        .decode()
                        .map_err(|error| malformed(&error.to_string()))?;
                    add(&mut open, &text);
                }
                Event::CData(text) => add(&mut open, &String::from_utf8_lossy(&text)),
                Event::GeneralRef(entity) => {
                    let name = String::from_utf8_lossy(&entity).into_owned();
                    let text = quick_xml::escape::unescape(&format!("&{name};"))
                        .map_err(|error| malformed(&error.to_string()))?
                        .into_owned();
                    add(&mut open, &text);
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let top = open.pop().filter(|_| open.is_empty());
        let root = top.and_then(|top| top.children.into_iter().next());
        root.ok_or_else(|| malformed("there is no whole element"))
    }

    /// A child by its name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// The text of a child; empty where there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }

    /// The entries of CloudFront's list in a child: `<NAME><Quantity/><Items>...`.
    pub(super) fn items(&self, name: &str) -> &[Self] {
        let items = self.child(name).and_then(|child| child.child("Items"));
        items.map_or(&[], |items| &items.children)
    }

    /// Whether it, or anything in it, is such an element.
    pub(super) fn any(&self, is_such: &dyn Fn(&Self) -> bool) -> bool {
        is_such(self) || self.children.iter().any(|child| child.any(is_such))
    }

    /// What is inside of it, as XML.
    pub(super) fn inner(&self) -> Xml {
        let mut xml = Xml::new();
        for child in &self.children {
            xml = if child.children.is_empty() {
                xml.text(&child.name, &child.text)
            } else {
                xml.nested(&child.name, &child.inner())
            };
        }
        xml
    }
}

pub(super) fn malformed(message: &str) -> ApiError {
    ApiError::client("MalformedXML", message)
}

fn local(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.local_name().as_ref()).into_owned()
}

/// White space between elements is not text.
fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(open: &mut [Element], mut done: Element) {
    if !done.children.is_empty() {
        done.text.clear();
    }
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_and_written() {
        let text = "<?xml version=\"1.0\"?><A xmlns=\"x\">\n <B>1 &lt; 2</B> <C/><D><E>\u{e4}&#38;</E></D>\n</A>";
        let tree = Element::parse(text.as_bytes()).unwrap();
        assert_eq!(tree.text_of("B"), "1 < 2");
        let written = tree.inner().bare("A");
        assert!(written.ends_with("<A><B>1 &lt; 2</B><C></C><D><E>\u{e4}&amp;</E></D></A>"));
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for text in ["", "x", "<A>", "<A></B>", "</A>", "<A>&nonsense;</A>"] {
            let code = Element::parse(text.as_bytes()).unwrap_err().code;
            assert!(["MalformedXML", "MissingBody"].contains(&code), "{text}");
        }
    }
}
