//! The Regions that AWS's model names.

use crate::model::Kind;
use crate::table::model;

/// The Region that a bucket lies in when nothing is said.
const UNSAID: &str = "us-east-1";
/// The old name of eu-west-1.
const OLD_NAME: &str = "EU";

/// Where a bucket can be asked to lie (`[MODEL]`): every Region but us-east-1, and `EU`.
pub fn bucket_locations() -> impl Iterator<Item = &'static str> {
    let shape = model("s3").and_then(|model| model.shape_named("BucketLocationConstraint"));
    let values = match shape.map(|shape| &shape.kind) {
        Some(Kind::Text(text)) => text.values.as_slice(),
        _ => &[],
    };
    values.iter().map(String::as_str)
}

/// The Regions of the partitions that S3's model knows.
pub fn regions() -> impl Iterator<Item = &'static str> {
    let named = bucket_locations().filter(|name| *name != OLD_NAME);
    named.chain([UNSAID])
}

#[cfg(test)]
mod tests {
    use super::{bucket_locations, regions};

    #[test]
    fn they_are_in_the_table() {
        assert!(bucket_locations().any(|name| name == "EU"));
        assert!(bucket_locations().all(|name| name != "us-east-1"));
        assert!(regions().any(|name| name == "us-east-1"));
        assert!(regions().any(|name| name == "sa-east-1"));
        assert!(regions().all(|name| name != "EU"));
    }
}
