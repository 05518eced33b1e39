//! What LocalStack's tests that ran on AWS (`localstack-core` 4.0.0, `tests/aws/services/ssm`) say of Parameter Store.

use serde_json::json;

use super::{put, refusal, world};

#[test]
fn a_name_with_levels_begins_with_a_slash() {
    let mut world = world();
    put(&mut world, "/a/b/c", "123");
    for name in ["/a//b//c", "a/b/c"] {
        let refused = refusal(&mut world, "GetParameter", json!({ "Name": name }));
        assert_eq!(refused.code, "ValidationException", "{name}");
        assert!(
            refused
                .message
                .contains("sub-paths divided by slash symbol")
        );
    }
}
