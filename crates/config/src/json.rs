//! Where things stand in a JSON text that is known to be valid. Values come from `serde_json`; it has no places.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use backstay_aws_model::task_definition::Pointer;

/// A string value, and the bytes it was written in (with its quotes).
pub(crate) struct StringAt {
    pub(crate) value: String,
    pub(crate) span: Range<usize>,
    /// The member it is the value of, or an item of.
    pub(crate) member: Option<String>,
    /// Whether it is an item of a list.
    pub(crate) is_item: bool,
}

/// Where a value was written, and the name it has as a member.
#[derive(Clone, Debug)]
struct Node {
    name: Option<Range<usize>>,
    value: Range<usize>,
    extent: Extent,
}

/// How much of a value was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// All: a string, a number, `true`, `false`, `null`.
    Word,
    /// The first bracket of an object or a list.
    Brackets,
}

/// What a JSON text holds, in reading order.
#[derive(Default)]
pub(crate) struct Places {
    pub(crate) strings: Vec<StringAt>,
    /// Member names that their object already has.
    pub(crate) duplicates: Vec<(String, Range<usize>)>,
    nodes: BTreeMap<Pointer, Node>,
}

impl Places {
    /// Where to point for a value: at it, where it is one word; else at its name; else at its first bracket. What is not there is looked
    /// for where it would be.
    pub(crate) fn of(&self, at: &Pointer) -> Range<usize> {
        match self.nodes.get(at) {
            Some(node) => match (node.extent, &node.name) {
                (Extent::Brackets, Some(name)) => name.clone(),
                (Extent::Word | Extent::Brackets, _) => node.value.clone(),
            },
            None => at.holder().map_or(0..0, |holder| self.of(&holder)),
        }
    }

    fn note(
        &mut self,
        at: Pointer,
        name: Option<Range<usize>>,
        value: Range<usize>,
        extent: Extent,
    ) {
        // Of a member that is written twice, the last is meant.
        self.nodes.insert(
            at,
            Node {
                name,
                value,
                extent,
            },
        );
    }

    /// Where the name of a member was written.
    pub(crate) fn of_name(&self, at: &Pointer) -> Range<usize> {
        let name = self.nodes.get(at).and_then(|node| node.name.clone());
        name.unwrap_or_else(|| self.of(at))
    }
}

/// An object or a list that is not closed yet.
#[derive(Default)]
struct Frame {
    at: Pointer,
    /// Items before this one, in a list.
    index: Option<usize>,
    names: BTreeSet<String>,
    /// The member that is read, or that the list is.
    member: Option<String>,
    name: Option<Range<usize>>,
}

impl Frame {
    /// The place of the value that is read next, and its name.
    fn next(&self) -> (Pointer, Option<Range<usize>>) {
        match (self.index, &self.member) {
            (Some(index), _) => (self.at.item(index), None),
            (None, Some(member)) => (self.at.member(member), self.name.clone()),
            (None, None) => (self.at.clone(), None),
        }
    }
}

/// Finds everything in a valid JSON text.
pub(crate) fn places(text: &str) -> Places {
    let mut places = Places::default();
    let mut frames: Vec<Frame> = vec![Frame::default()];
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let end = match byte {
            b'"' => end_of_string(text, at),
            b'{' | b'[' | b'}' | b']' | b',' | b':' => at + 1,
            byte if byte.is_ascii_whitespace() => at + 1,
            _ => end_of_word(text, at),
        };
        let (pointer, name) = frames.last().map(Frame::next).unwrap_or_default();
        match byte {
            b'{' | b'[' => {
                places.note(pointer.clone(), name, at..end, Extent::Brackets);
                let member = frames.last().and_then(|frame| frame.member.clone());
                let is_list = *byte == b'[';
                frames.push(Frame {
                    at: pointer,
                    index: is_list.then_some(0),
                    member: member.filter(|_| is_list),
                    ..Frame::default()
                });
            }
            b'}' | b']' => drop(frames.pop()),
            b',' => {
                if let Some(index) = frames.last_mut().and_then(|frame| frame.index.as_mut()) {
                    *index += 1;
                }
            }
            b'"' => {
                let value: String = text
                    .get(at..end)
                    .and_then(|s| serde_json::from_str(s).ok())
                    .unwrap_or_default();
                let is_name = text
                    .get(end..)
                    .is_some_and(|rest| rest.trim_start().starts_with(':'));
                match frames.last_mut() {
                    Some(frame) if is_name => {
                        if !frame.names.insert(value.clone()) {
                            places.duplicates.push((value.clone(), at..end));
                        }
                        frame.member = Some(value);
                        frame.name = Some(at..end);
                    }
                    frame => {
                        let is_item = frame.as_ref().is_some_and(|frame| frame.index.is_some());
                        let member = frame.and_then(|frame| frame.member.clone());
                        places.note(pointer, name, at..end, Extent::Word);
                        places.strings.push(StringAt {
                            value,
                            span: at..end,
                            member,
                            is_item,
                        });
                    }
                }
            }
            b':' => {}
            byte if byte.is_ascii_whitespace() => {}
            _ => places.note(pointer, name, at..end, Extent::Word),
        }
        at = end;
    }
    places
}

/// The end of a number, `true`, `false` or `null`.
fn end_of_word(text: &str, start: usize) -> usize {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}');
    let rest = text.get(start..).unwrap_or_default();
    match rest.find(ends) {
        Some(0) | None => text.len().min(start + rest.len().max(1)),
        Some(length) => start + length,
    }
}

fn end_of_string(text: &str, start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// The byte that an error of `serde_json` means.
pub(crate) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}
