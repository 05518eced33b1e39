//! What CloudFront accepts in a document and how it gives it back: members in their order, defaults filled in ([MODEL]).

use super::tree::{Element, malformed};
use crate::ApiError;

/// A member of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    name: &'static str,
    kind: Kind,
    need: Need,
}

/// What an element holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    OneOf(&'static [&'static str]),
    Of(&'static [Member]),
    /// The number of its sibling `Items`.
    Quantity,
    /// Elements of this name.
    Items(&'static str, &'static Kind),
}

/// What happens when it is not there.
#[derive(Clone, Copy, Debug)]
enum Need {
    Must,
    May,
    /// It has this text.
    Else(&'static str),
    /// It is made of its own defaults.
    Filled,
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Member {
    let need = Need::Must;
    Member { name, kind, need }
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Member {
    let need = Need::May;
    Member { name, kind, need }
}

pub(super) const fn or(name: &'static str, kind: Kind, text: &'static str) -> Member {
    let need = Need::Else(text);
    Member { name, kind, need }
}

pub(super) const fn filled(name: &'static str, kind: Kind) -> Member {
    let need = Need::Filled;
    Member { name, kind, need }
}

/// `Quantity` and optional `Items` of texts: `counted!("CNAME")`.
macro_rules! counted {
    ($item:expr) => {
        $crate::services::cloudfront::shape::counted!(
            $item,
            $crate::services::cloudfront::shape::Kind::Text
        )
    };
    ($item:expr, $kind:expr) => {
        $crate::services::cloudfront::shape::Kind::Of(&[
            $crate::services::cloudfront::shape::or(
                "Quantity",
                $crate::services::cloudfront::shape::Kind::Quantity,
                "0",
            ),
            $crate::services::cloudfront::shape::may(
                "Items",
                $crate::services::cloudfront::shape::Kind::Items($item, &$kind),
            ),
        ])
    };
}
pub(super) use counted;

/// The element as CloudFront keeps it; an error names what it does not know or misses.
pub(super) fn normal(element: Element, members: &[Member]) -> Result<Element, ApiError> {
    let path = element.name.clone();
    structure(element, members, &path)
}

fn structure(element: Element, members: &[Member], path: &str) -> Result<Element, ApiError> {
    let mut given = element.children;
    if let Some(unknown) = given
        .iter()
        .find(|child| !members.iter().any(|member| member.name == child.name))
    {
        return Err(malformed(&format!("{path} has no member {}", unknown.name)));
    }
    let mut children = Vec::new();
    for member in members {
        let at = given.iter().position(|child| child.name == member.name);
        let there = at.map(|at| given.remove(at));
        if given.iter().any(|child| child.name == member.name) {
            return Err(malformed(&format!("{path} has {} twice", member.name)));
        }
        let path = format!("{path}.{}", member.name);
        let child = match (there, member.need) {
            (Some(child), _) => child,
            (None, Need::May) => continue,
            (None, Need::Else(text)) => Element::with_text(member.name, text),
            (None, Need::Filled) => Element::new(member.name),
            (None, Need::Must) => {
                return Err(malformed(&format!("{path} is required")));
            }
        };
        children.push(value(child, member.kind, &path)?);
    }
    let done = Element {
        name: element.name,
        text: String::new(),
        children,
    };
    consistent(&done, members)?;
    Ok(done)
}

fn value(element: Element, kind: Kind, path: &str) -> Result<Element, ApiError> {
    let leaf = |element: Element, fits: bool| {
        if fits && element.children.is_empty() {
            return Ok(element);
        }
        let text = &element.text;
        Err(malformed(&format!("{path} cannot be {text:?}")))
    };
    match kind {
        Kind::Text => leaf(element, true),
        Kind::Number | Kind::Quantity => {
            let fits = element.text.trim().parse::<f64>().is_ok();
            leaf(element, fits)
        }
        Kind::Flag => {
            let fits = ["true", "false"].contains(&element.text.as_str());
            leaf(element, fits)
        }
        Kind::OneOf(known) => {
            let fits = known.contains(&element.text.as_str());
            leaf(element, fits)
        }
        Kind::Of(members) => structure(element, members, path),
        Kind::Items(name, kind) => {
            let mut items = Vec::new();
            for item in element.children {
                if item.name != name {
                    return Err(malformed(&format!("{path} has no member {}", item.name)));
                }
                items.push(value(item, *kind, path)?);
            }
            Ok(Element {
                name: element.name,
                text: String::new(),
                children: items,
            })
        }
    }
}

/// InconsistentQuantities when Quantity is not the number of Items (ecs-semantics H [DOC]). An empty `Items` is not given back.
fn consistent(element: &Element, members: &[Member]) -> Result<(), ApiError> {
    let counts = |member: &Member| matches!(member.kind, Kind::Quantity);
    if !members.iter().any(counts) {
        return Ok(());
    }
    let items = element
        .child("Items")
        .map_or(0, |items| items.children.len());
    if element.text_of("Quantity").trim().parse() == Ok(items) {
        return Ok(());
    }
    let message = "The value of Quantity and the size of Items don't match.";
    Err(ApiError::client("InconsistentQuantities", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: &[Member] = &[
        must("Name", Kind::Text),
        filled("Aliases", counted!("CNAME")),
        or("Enabled", Kind::Flag, "false"),
        may("Class", Kind::OneOf(&["a", "b"])),
    ];

    fn normalised(inner: &str) -> Result<String, String> {
        let tree = Element::parse(format!("<Config>{inner}</Config>").as_bytes()).unwrap();
        match normal(tree, SHAPE) {
            Ok(tree) => Ok(tree.inner().bare("").replace('\n', "")),
            Err(error) => Err(format!("{}: {}", error.code, error.message)),
        }
    }

    #[test]
    fn order_and_defaults_are_those_of_the_shape() {
        let found = normalised("<Class>a</Class><Name>n</Name>").unwrap();
        assert!(found.contains(
            "<Name>n</Name><Aliases><Quantity>0</Quantity></Aliases><Enabled>false</Enabled><Class>a</Class>"
        ));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (inner, expected) in [
            ("", "MalformedXML: Config.Name is required"),
            (
                "<Name>n</Name><Other/>",
                "MalformedXML: Config has no member Other",
            ),
            (
                "<Name>n</Name><Name>n</Name>",
                "MalformedXML: Config has Name twice",
            ),
            (
                "<Name>n</Name><Enabled>1</Enabled>",
                "MalformedXML: Config.Enabled cannot be \"1\"",
            ),
            (
                "<Name>n</Name><Class>c</Class>",
                "MalformedXML: Config.Class cannot be \"c\"",
            ),
            (
                "<Name>n</Name><Aliases><Quantity>2</Quantity><Items><CNAME>a</CNAME></Items></Aliases>",
                "InconsistentQuantities: The value of Quantity and the size of Items don't match.",
            ),
        ] {
            assert_eq!(normalised(inner).unwrap_err(), expected);
        }
    }
}
