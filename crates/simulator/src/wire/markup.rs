//! XML as it was sent: a tree. What may be in it is said by its shape.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::Deserialize;

/// An element: text or children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Element {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) children: Vec<Element>,
    /// Names as they were written, with their prefixes.
    #[serde(default)]
    pub(crate) attributes: Vec<(String, String)>,
}

/// A text that is no XML document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoXml(String);

impl Element {
    /// The root of a document.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, NoXml> {
        let no_xml = |error: &dyn std::fmt::Display| NoXml(error.to_string());
        let text = std::str::from_utf8(body).map_err(|error| no_xml(&error))?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(|error| no_xml(&error))? {
                Event::Start(start) => open.push(Self::begun(&start)),
                Event::Empty(start) => close(&mut open, Self::begun(&start)),
                Event::End(_) => {
                    let done = open.pop().unwrap_or_default();
                    close(&mut open, done);
                }
                Event::Text(text) => {
                    let text = text.decode().map_err(|error| no_xml(&error))?;
                    add(&mut open, &text);
                }
                Event::CData(text) => add(&mut open, &String::from_utf8_lossy(&text)),
                Event::GeneralRef(entity) => {
                    let name = String::from_utf8_lossy(&entity).into_owned();
                    let text = quick_xml::escape::unescape(&format!("&{name};"))
                        .map_err(|error| no_xml(&error))?
                        .into_owned();
                    add(&mut open, &text);
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let top = open.pop().filter(|_| open.is_empty());
        let root = top.and_then(|top| top.children.into_iter().next());
        root.ok_or_else(|| no_xml(&"there is no whole element"))
    }

    fn begun(start: &BytesStart<'_>) -> Self {
        let written = start.attributes().filter_map(Result::ok);
        let attributes = written.filter_map(|attribute| {
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = String::from_utf8_lossy(&attribute.value).into_owned();
            let value = quick_xml::escape::unescape(&value).ok()?.into_owned();
            Some((name, value))
        });
        Self {
            name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// A child by its name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
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
    fn a_tree_is_read() {
        let text = "<?xml version=\"1.0\"?><A xmlns=\"x\">\n <B>1 &lt; 2</B> <C x:t=\"&amp;\"/><D><E>\u{e4}&#38;</E></D>\n</A>";
        let tree = Element::parse(text.as_bytes()).unwrap();
        let said = |name: &str| tree.child(name).unwrap().clone();
        assert_eq!(said("B").text, "1 < 2");
        assert_eq!(said("C").attributes, [("x:t".to_owned(), "&".to_owned())]);
        assert_eq!(said("D").child("E").unwrap().text, "\u{e4}&");
        assert_eq!((tree.text.as_str(), tree.children.len()), ("", 3));
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for text in ["", "x", "<A>", "<A></B>", "</A>", "<A>&nonsense;</A>"] {
            assert!(Element::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
