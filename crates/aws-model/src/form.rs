//! An input of the query protocol as its shape has it: texts become numbers, flags and lists because the shape says so.

use serde_json::{Map, Number, Value};

use crate::fit::Mistyped;
use crate::model::{Kind, List, MapOf, Model, ShapeId};

/// What an empty text is where a text, a number or a flag is meant. Of a list it is always how clients write an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// As it is written.
    Text,
    /// Nothing: the member is not there. A tag's `Value` may be empty all the same.
    Nothing,
}

/// Makes an input of the pairs of a form (`Tags.member.1.Key`, `k`). What AWS does not know is dropped.
///
/// # Errors
///
/// When a text is no number, or no flag, where there has to be one.
pub fn form<'a>(
    model: &Model,
    shape: ShapeId,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    empty: Empty,
) -> Result<Value, Mistyped> {
    let mut root = Node::default();
    for (name, text) in pairs {
        // No input of AWS is deeper; what is deeper becomes one odd name that no input knows.
        root.plant(name.splitn(32, '.'), text);
    }
    Reader { model, empty }.value(shape, &root)
}

/// What stands at a name, and below it.
#[derive(Debug, Default)]
struct Node<'a> {
    text: Option<&'a str>,
    below: Vec<(&'a str, Node<'a>)>,
}

impl<'a> Node<'a> {
    fn plant(&mut self, mut path: impl Iterator<Item = &'a str>, text: &'a str) {
        let Some(step) = path.next() else {
            self.text.get_or_insert(text);
            return;
        };
        let place = match self.below.iter().position(|(name, _)| *name == step) {
            Some(place) => place,
            None => {
                self.below.push((step, Node::default()));
                self.below.len() - 1
            }
        };
        if let Some((_, node)) = self.below.get_mut(place) {
            node.plant(path, text);
        }
    }

    fn at(&self, name: &str) -> Option<&Self> {
        let found = self.below.iter().find(|(its, _)| *its == name);
        found.map(|(_, node)| node)
    }

    /// The items of a list or a map, in the order of their numbers: `X.member.1`, whatever `member` is called, or `X.1`.
    fn numbered(&self) -> Vec<&Self> {
        let number = |(name, _): &(&str, Self)| name.parse::<u32>().ok();
        let items = match self.below.as_slice() {
            [one] if number(one).is_none() => &one.1.below,
            all => all,
        };
        let mut items: Vec<_> = items
            .iter()
            .filter_map(|item| Some((number(item)?, &item.1)))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        items.into_iter().map(|(_, node)| node).collect()
    }
}

struct Reader<'a> {
    model: &'a Model,
    empty: Empty,
}

impl Reader<'_> {
    fn value(&self, id: ShapeId, node: &Node<'_>) -> Result<Value, Mistyped> {
        let text = node.text.unwrap_or_default();
        let malformed = |what: &str| Mistyped(format!("{text} is not a valid {what}"));
        Ok(match &self.model.shape(id).kind {
            Kind::Structure(structure) => {
                let mut members = Map::new();
                for (name, inner) in &node.below {
                    let member = structure.member(name);
                    if let Some(member) = member.filter(|it| self.says(it.shape, name, inner)) {
                        members.insert(member.name.clone(), self.value(member.shape, inner)?);
                    }
                }
                Value::Object(members)
            }
            Kind::List(list) => self.list(list, node)?,
            Kind::Map(map) => self.map(map, node)?,
            Kind::Whole(size, _) => {
                let whole = text.parse().ok().filter(|whole| size.holds(*whole));
                Value::from(whole.ok_or_else(|| malformed("integer"))?)
            }
            Kind::Real(_) => {
                let real = text.parse().ok().and_then(Number::from_f64);
                Value::Number(real.ok_or_else(|| malformed("double"))?)
            }
            Kind::Boolean if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            Kind::Boolean if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            Kind::Boolean => return Err(malformed("boolean")),
            Kind::Text(_) | Kind::Blob(_) | Kind::Instant | Kind::Document => Value::from(text),
        })
    }

    /// Whether a member is there at all.
    fn says(&self, id: ShapeId, name: &str, node: &Node<'_>) -> bool {
        let kind = &self.model.shape(id).kind;
        let of_many = matches!(kind, Kind::Structure(_) | Kind::List(_) | Kind::Map(_));
        let is_empty = node.text == Some("") && node.below.is_empty();
        self.empty == Empty::Text || of_many || !is_empty || name == "Value"
    }

    fn list(&self, list: &List, node: &Node<'_>) -> Result<Value, Mistyped> {
        let items = node.numbered();
        let items = items.into_iter().map(|item| self.value(list.item, item));
        Ok(Value::Array(items.collect::<Result<_, _>>()?))
    }

    fn map(&self, map: &MapOf, node: &Node<'_>) -> Result<Value, Mistyped> {
        let mut entries = Map::new();
        for entry in node.numbered() {
            let key = entry.at(&map.key_name).and_then(|key| key.text);
            if let (Some(key), Some(value)) = (key, entry.at(&map.value_name)) {
                entries.insert(key.to_owned(), self.value(map.value, value)?);
            }
        }
        Ok(Value::Object(entries))
    }
}
