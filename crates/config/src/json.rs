//! The places of strings in a JSON text that is known to be valid. Values come from `serde_json`; it has no places.

use std::collections::BTreeSet;
use std::ops::Range;

/// A string value, and the bytes it was written in (with its quotes).
pub(crate) struct StringAt {
    pub(crate) value: String,
    pub(crate) span: Range<usize>,
    /// The member it is the value of, or an item of.
    pub(crate) member: Option<String>,
}

/// What a JSON text holds, in reading order.
#[derive(Default)]
pub(crate) struct Places {
    pub(crate) strings: Vec<StringAt>,
    /// Member names that their object already has.
    pub(crate) duplicates: Vec<(String, Range<usize>)>,
}

#[derive(Default)]
struct Frame {
    names: BTreeSet<String>,
    member: Option<String>,
}

/// Finds the strings of a valid JSON text.
pub(crate) fn places(text: &str) -> Places {
    let mut places = Places::default();
    let mut frames: Vec<Frame> = vec![Frame::default()];
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let end = if *byte == b'"' {
            end_of_string(text, at)
        } else {
            at + 1
        };
        match byte {
            b'{' => frames.push(Frame::default()),
            b'[' => {
                let member = frames.last().and_then(|frame| frame.member.clone());
                frames.push(Frame {
                    member,
                    ..Frame::default()
                });
            }
            b'}' | b']' => drop(frames.pop()),
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
                    }
                    frame => {
                        let member = frame.and_then(|frame| frame.member.clone());
                        places.strings.push(StringAt {
                            value,
                            span: at..end,
                            member,
                        });
                    }
                }
            }
            _ => {}
        }
        at = end;
    }
    places
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
