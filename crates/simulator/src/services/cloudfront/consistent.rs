//! What CloudFront asks of a document beyond its model.

use serde_json::Value;

use crate::ApiError;
use crate::base::error::unserved_member;

/// Members that AWS knows and we do not.
const UNSERVED: [&str; 5] = [
    "CacheTagConfig",
    "ConnectionFunctionAssociation",
    "OriginMtlsConfig",
    "TenantConfig",
    "ViewerMtlsConfig",
];

/// InconsistentQuantities when a Quantity is not the number of Items (ecs-semantics H [DOC]).
pub(super) fn consistent(document: &Value) -> Result<(), ApiError> {
    match document {
        Value::Object(members) => {
            if let Some(unserved) = UNSERVED.iter().find(|it| members.contains_key(**it)) {
                return Err(unserved_member(unserved));
            }
            let items = members.get("Items").and_then(Value::as_array);
            let count = items.map_or(0, Vec::len);
            let quantity = members.get("Quantity").and_then(Value::as_u64);
            if members.contains_key("Quantity") && quantity != u64::try_from(count).ok() {
                let message = "The value of Quantity and the size of Items don't match.";
                return Err(ApiError::client("InconsistentQuantities", message));
            }
            members.values().try_for_each(consistent)
        }
        Value::Array(items) => items.iter().try_for_each(consistent),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_counted_is_there() {
        for (document, expected) in [
            (
                json!({ "Aliases": { "Quantity": 1, "Items": ["a"] }, "Tags": { "Items": [] } }),
                None,
            ),
            (json!({ "Aliases": { "Quantity": 0 } }), None),
            (
                json!({ "Aliases": { "Quantity": 2, "Items": ["a"] } }),
                Some("InconsistentQuantities"),
            ),
            (
                json!({ "Items": [{ "Aliases": { "Quantity": -1 } }] }),
                Some("InconsistentQuantities"),
            ),
            (json!({ "TenantConfig": {} }), Some("NotImplementedMember")),
        ] {
            let code = consistent(&document).err().map(|error| error.code);
            assert_eq!(code, expected, "{document}");
        }
    }
}
