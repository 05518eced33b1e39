//! Documents of worlds that were saved when CloudFront kept them as XML trees.

use backstay_aws_model::model;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use crate::wire::{Element, Manner, unshaped};

/// A document, which may be such a tree: its root has the name of its shape.
pub(super) fn document<'de, D: Deserializer<'de>>(saved: D) -> Result<Value, D::Error> {
    let saved = Value::deserialize(saved)?;
    if saved.get("children").is_none() {
        return Ok(saved);
    }
    let tree = Element::deserialize(saved).map_err(D::Error::custom)?;
    let unknown = || D::Error::custom(format!("CloudFront has no {}", tree.name));
    let model = model("cloudfront").ok_or_else(unknown)?;
    let shape = model.shape_id(&tree.name).ok_or_else(unknown)?;
    unshaped(model, shape, &tree, Manner::Reply).map_err(D::Error::custom)
}

/// The same, where there may be none.
pub(super) fn maybe<'de, D: Deserializer<'de>>(saved: D) -> Result<Option<Value>, D::Error> {
    match Value::deserialize(saved)? {
        Value::Null => Ok(None),
        saved => document(saved).map(Some).map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_is_read_as_the_document_that_it_was() {
        let leaf = |name: &str, text: &str| json!({ "name": name, "text": text, "children": [] });
        let tree = json!({ "name": "CachePolicyConfig", "text": "", "children": [
            leaf("Name", "web"), leaf("MinTTL", "1") ] });
        let read = |saved: Value| maybe(saved).expect("a document");
        let expected = json!({ "Name": "web", "MinTTL": 1 });
        assert_eq!(read(tree), Some(expected.clone()));
        assert_eq!(read(expected.clone()), Some(expected));
        assert_eq!(read(Value::Null), None);
        assert!(maybe(leaf("Nothing", "")).is_err());
    }
}
