//! What an XML element says, by its shape: texts become numbers, flags and lists. What the shape does not know is dropped.

use backstay_aws_model::model::{Kind, Layout, List, Location, MapOf, Member, Structure};
use backstay_aws_model::{Model, ShapeId};
use serde_json::{Map, Number, Value};

use super::markup::Element;

/// A text that is no value of its shape's type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} is not a valid {what}")]
pub(crate) struct Unfit {
    text: String,
    what: &'static str,
}

/// How an element is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As AWS reads: what the shape does not know is dropped.
    Request,
    /// As it is: what the shape does not know is a member, too, for whoever holds it against the shape.
    Reply,
}

/// What an element says.
pub(crate) fn unshaped(
    model: &Model,
    shape: ShapeId,
    element: &Element,
    manner: Manner,
) -> Result<Value, Unfit> {
    let reader = Reader { model, manner };
    reader.value(shape, element)
}

/// A text of a path, a query, a header or an element, as its shape has it.
pub(crate) fn scalar(model: &Model, shape: ShapeId, text: &str) -> Result<Value, Unfit> {
    let unfit = |what: &'static str| Unfit {
        text: text.to_owned(),
        what,
    };
    Ok(match &model.shape(shape).kind {
        Kind::Whole(size, _) => {
            let whole = text.trim().parse().ok().filter(|whole| size.holds(*whole));
            Value::from(whole.ok_or_else(|| unfit("integer"))?)
        }
        Kind::Real(_) => {
            let real = text.trim().parse().ok().and_then(Number::from_f64);
            Value::Number(real.ok_or_else(|| unfit("double"))?)
        }
        Kind::Boolean => match text.trim() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(unfit("boolean")),
        },
        Kind::Text(_) | Kind::Blob(_) | Kind::Instant | Kind::Document => Value::from(text),
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => return Err(unfit("structure")),
    })
}

struct Reader<'a> {
    model: &'a Model,
    manner: Manner,
}

impl Reader<'_> {
    fn value(&self, shape: ShapeId, element: &Element) -> Result<Value, Unfit> {
        match &self.model.shape(shape).kind {
            Kind::Structure(structure) => self.structure(structure, element),
            Kind::List(list) => {
                let items = element.children.iter();
                let items = items.filter(|item| item.name == list.item_name);
                Ok(Value::Array(self.items(list, items)?))
            }
            Kind::Map(map) => self.map(map, element.children.iter()),
            _ if !element.children.is_empty() => Err(Unfit {
                text: element.name.clone(),
                what: "text",
            }),
            _ => scalar(self.model, shape, &element.text),
        }
    }

    fn structure(&self, structure: &Structure, element: &Element) -> Result<Value, Unfit> {
        let mut members = Map::new();
        let is_here =
            |member: &&Member| matches!(member.location, Location::Body | Location::Attribute);
        for member in structure.in_order().filter(is_here) {
            if let Some(value) = self.member(member, element)? {
                members.insert(member.name.clone(), value);
            }
        }
        if self.manner == Manner::Reply {
            let unknown = element.children.iter();
            let unknown = unknown.filter(|child| !self.is_known(structure, &child.name));
            members.extend(unknown.map(|child| (child.name.clone(), Value::from(&*child.text))));
        }
        Ok(Value::Object(members))
    }

    fn is_known(&self, structure: &Structure, name: &str) -> bool {
        structure.members().iter().any(|member| {
            let of_items = match &self.model.shape(member.shape).kind {
                Kind::List(list) if member.layout == Layout::Flattened => Some(&list.item_name),
                _ => None,
            };
            member.wire_name() == name || of_items.is_some_and(|its| its == name)
        })
    }

    /// What an element says of a member; nothing where it has none.
    fn member(&self, member: &Member, element: &Element) -> Result<Option<Value>, Unfit> {
        let name = member.wire_name();
        if member.location == Location::Attribute {
            let found = element.attributes.iter().find(|(its, _)| its == name);
            let value = found.map(|(_, text)| scalar(self.model, member.shape, text));
            return value.transpose();
        }
        if member.layout == Layout::Wrapped {
            let found = element.child(name);
            return found
                .map(|child| self.value(member.shape, child))
                .transpose();
        }
        let named = |name: &str| {
            let children = element.children.iter();
            let found: Vec<&Element> = children.filter(|child| child.name == name).collect();
            Some(found).filter(|found| !found.is_empty())
        };
        match &self.model.shape(member.shape).kind {
            Kind::List(list) => {
                let found = named(name).or_else(|| named(&list.item_name));
                let items = found.map(|items| self.items(list, items.into_iter()));
                Ok(items.transpose()?.map(Value::Array))
            }
            Kind::Map(map) => {
                let found = named(name);
                found
                    .map(|entries| self.map(map, entries.into_iter()))
                    .transpose()
            }
            _ => Ok(None),
        }
    }

    fn items<'e>(
        &self,
        list: &List,
        items: impl Iterator<Item = &'e Element>,
    ) -> Result<Vec<Value>, Unfit> {
        items.map(|item| self.value(list.item, item)).collect()
    }

    fn map<'e>(
        &self,
        map: &MapOf,
        entries: impl Iterator<Item = &'e Element>,
    ) -> Result<Value, Unfit> {
        let mut found = Map::new();
        for entry in entries {
            if let (Some(key), Some(value)) =
                (entry.child(&map.key_name), entry.child(&map.value_name))
            {
                found.insert(key.text.clone(), self.value(map.value, value)?);
            }
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::model;
    use serde_json::json;

    use super::*;

    fn said(service: &str, shape: &str, text: &str) -> Result<Value, String> {
        let model = model(service).expect("a model");
        let shape = model.shape_id(shape).expect("a shape");
        let element = Element::parse(text.as_bytes()).expect("a document");
        unshaped(model, shape, &element, Manner::Request).map_err(|unfit| unfit.to_string())
    }

    #[test]
    fn an_element_is_read_by_its_shape() {
        let batch = "<InvalidationBatch xmlns=\"x\"><Extra/><Paths><Items><Path>/a</Path><Path>/b</Path></Items><Quantity>2</Quantity>\
                     </Paths><CallerReference></CallerReference></InvalidationBatch>";
        assert_eq!(
            said("cloudfront", "InvalidationBatch", batch),
            Ok(json!({ "Paths": { "Quantity": 2, "Items": ["/a", "/b"] }, "CallerReference": "" }))
        );
        let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
        assert_eq!(
            said("s3", "GetObjectTaggingOutput", tags),
            Ok(json!({ "TagSet": [{ "Key": "a", "Value": "b" }] }))
        );
        let listed = "<ListBucketResult><Contents><Key>a</Key><Size>3</Size></Contents><KeyCount>1</KeyCount>\
                      <Contents><Key>b</Key></Contents></ListBucketResult>";
        assert_eq!(
            said("s3", "ListObjectsV2Output", listed),
            Ok(json!({ "Contents": [{ "Key": "a", "Size": 3 }, { "Key": "b" }], "KeyCount": 1 }))
        );
        let grantee = "<Grantee xmlns:xsi=\"x\" xsi:type=\"CanonicalUser\"><ID>me</ID></Grantee>";
        assert_eq!(
            said("s3", "Grantee", grantee),
            Ok(json!({ "ID": "me", "Type": "CanonicalUser" }))
        );
    }

    #[test]
    fn what_a_reply_has_beyond_its_shape_is_seen() {
        let model = model("s3").expect("a model");
        let shape = model
            .shape_id("GetBucketVersioningOutput")
            .expect("a shape");
        let text = "<VersioningConfiguration><Status>On</Status><Colour>red</Colour></VersioningConfiguration>";
        let element = Element::parse(text.as_bytes()).expect("a document");
        let found = unshaped(model, shape, &element, Manner::Reply);
        assert_eq!(found, Ok(json!({ "Status": "On", "Colour": "red" })));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (text, expected) in [
            (
                "<P><Quantity>two</Quantity></P>",
                "two is not a valid integer",
            ),
            (
                "<P><Quantity><A/></Quantity></P>",
                "Quantity is not a valid text",
            ),
        ] {
            assert_eq!(
                said("cloudfront", "Paths", text),
                Err(expected.to_owned()),
                "{text}"
            );
        }
    }
}
