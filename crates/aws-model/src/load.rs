//! From a table's bytes to a [`Model`]: names of shapes become places.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::idle;
use crate::model::{
    Between, Kind, Layout, List, Location, MapOf, Member, Model, Operation, Presence, Secrecy,
    Shape, ShapeId, Size, Structure, Text,
};
use crate::pattern::Pattern;
use crate::route::Route;

/// What `cut.py` wrote; `None` if it is not that.
pub(crate) fn model(service: &str, bytes: &[u8]) -> Option<Model> {
    let text = miniz_oxide::inflate::decompress_to_vec_zlib(bytes).ok()?;
    let written: Value = serde_json::from_slice(&text).ok()?;
    let shapes = written.get("shapes")?.as_object()?;
    let places: BTreeMap<&str, ShapeId> = shapes
        .keys()
        .enumerate()
        .map(|(place, name)| (name.as_str(), ShapeId(place)))
        .collect();
    let flattened = shapes
        .iter()
        .filter(|(_, written)| written.get("flattened").is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    let reader = Reader {
        service,
        places,
        flattened,
    };
    let operations = written.get("operations")?.as_object()?;
    Some(Model {
        operations: operations
            .iter()
            .map(|(name, written)| (name.clone(), reader.operation(written)))
            .collect(),
        shapes: shapes
            .iter()
            .map(|(name, written)| reader.shape(name, written))
            .collect::<Option<_>>()?,
        routes: written.get("routes").and_then(routes).unwrap_or_default(),
    })
}

/// `{OPERATION: [METHOD, URI, STATUS]}`; most of them have no status.
fn routes(written: &Value) -> Option<Vec<Route>> {
    let mut routes = Vec::new();
    for (operation, parts) in written.as_object()? {
        let text = |place: usize| parts.get(place).and_then(Value::as_str);
        let status = parts.get(2).and_then(Value::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok());
        routes.push(Route::new(operation, text(0)?, text(1)?, status));
    }
    routes.sort_by_key(|route| std::cmp::Reverse(route.weight()));
    Some(routes)
}

struct Reader<'a> {
    service: &'a str,
    places: BTreeMap<&'a str, ShapeId>,
    /// Lists and maps whose shape has the trait.
    flattened: BTreeSet<&'a str>,
}

impl Reader<'_> {
    fn operation(&self, written: &Value) -> Option<Operation> {
        let written = written.as_object()?;
        let place = |part: &str| self.places.get(written.get(part)?.as_str()?).copied();
        Some(Operation {
            input: place("input"),
            output: place("output"),
        })
    }

    fn shape(&self, name: &str, written: &Value) -> Option<Shape> {
        let kind = match written.get("type")?.as_str()? {
            "structure" if written.get("document").is_some() => Kind::Document,
            "structure" => Kind::Structure(self.structure(name, written)?),
            "list" => Kind::List(self.list(name, written)?),
            "map" => Kind::Map(self.map(name, written)?),
            "string" => Kind::Text(self.text(name, written)),
            "integer" => Kind::Whole(Size::Integer, self.between(name, written, Value::as_i64)),
            "long" => Kind::Whole(Size::Long, self.between(name, written, Value::as_i64)),
            "double" | "float" => Kind::Real(self.between(name, written, Value::as_f64)),
            "boolean" => Kind::Boolean,
            "blob" => Kind::Blob(self.between(name, written, Value::as_i64)),
            "timestamp" => Kind::Instant,
            _ => return None,
        };
        let secrecy = match written.get("sensitive") {
            Some(_) => Secrecy::Sensitive,
            None => Secrecy::Open,
        };
        Some(Shape {
            name: name.to_owned(),
            kind,
            secrecy,
        })
    }

    fn structure(&self, shape: &str, written: &Value) -> Option<Structure> {
        let required: Vec<&str> = texts(written, "required");
        let members = written.get("members")?.as_object()?;
        let mut members = members
            .iter()
            .map(|(name, member)| {
                let asked = required.contains(&name.as_str())
                    && !idle::is_idle(self.service, shape, idle::What::Required(name));
                Some(Member {
                    name: name.clone(),
                    location_name: text(member.as_object()?, "locationName"),
                    location: location(member),
                    layout: self.layout(member),
                    shape: self.named(member)?,
                    presence: if asked {
                        Presence::Required
                    } else {
                        Presence::Optional
                    },
                })
            })
            .collect::<Option<Vec<_>>>()?;
        let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
        members.sort_by(|one, other| one.name.cmp(&other.name));
        let place = |name: &String| members.iter().position(|member| member.name == *name);
        Some(Structure {
            order: names.iter().filter_map(place).collect(),
            payload: text(written.as_object()?, "payload"),
            members,
        })
    }

    /// The trait `flattened` is the member's, or its shape's.
    fn layout(&self, member: &Value) -> Layout {
        let shape = member.get("shape").and_then(Value::as_str);
        let flattened = shape.is_some_and(|shape| self.flattened.contains(shape));
        match member.get("flattened") {
            None if !flattened => Layout::Wrapped,
            Some(_) | None => Layout::Flattened,
        }
    }

    fn list(&self, name: &str, written: &Value) -> Option<List> {
        let item = written.get("member")?;
        Some(List {
            item: self.named(item)?,
            item_name: text(item.as_object()?, "locationName")
                .unwrap_or_else(|| "member".to_owned()),
            length: self.between(name, written, Value::as_i64),
        })
    }

    fn map(&self, name: &str, written: &Value) -> Option<MapOf> {
        let (key, value) = (written.get("key")?, written.get("value")?);
        Some(MapOf {
            key: self.named(key)?,
            key_name: text(key.as_object()?, "locationName").unwrap_or_else(|| "key".to_owned()),
            value: self.named(value)?,
            value_name: text(value.as_object()?, "locationName")
                .unwrap_or_else(|| "value".to_owned()),
            length: self.between(name, written, Value::as_i64),
        })
    }

    fn text(&self, name: &str, written: &Value) -> Text {
        let idle = |what| idle::is_idle(self.service, name, what);
        let pattern = written.get("pattern").and_then(Value::as_str);
        let values = texts(written, "enum");
        Text {
            length: self.between(name, written, Value::as_i64),
            pattern: pattern.map(Pattern::new),
            values: values
                .into_iter()
                .filter(|_| !idle(idle::What::Values))
                .map(str::to_owned)
                .collect(),
        }
    }

    fn between<T>(
        &self,
        name: &str,
        written: &Value,
        number: fn(&Value) -> Option<T>,
    ) -> Between<T> {
        if idle::is_idle(self.service, name, idle::What::Limits) {
            return Between::default();
        }
        Between {
            least: written.get("min").and_then(number),
            most: written.get("max").and_then(number),
        }
    }

    fn named(&self, written: &Value) -> Option<ShapeId> {
        self.places.get(written.get("shape")?.as_str()?).copied()
    }
}

fn location(member: &Value) -> Location {
    match member.get("location").and_then(Value::as_str) {
        Some("uri") => Location::Path,
        Some("querystring") => Location::Query,
        Some("header") => Location::Header,
        Some("headers") => Location::Headers,
        _ if member.get("xmlAttribute").is_some() => Location::Attribute,
        _ => Location::Body,
    }
}

fn text(written: &Map<String, Value>, member: &str) -> Option<String> {
    written.get(member)?.as_str().map(str::to_owned)
}

fn texts<'a>(written: &'a Value, member: &str) -> Vec<&'a str> {
    let found = written.get(member).and_then(Value::as_array);
    found
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
