//! What LocalStack's answers, recorded on AWS (`localstack-core` 4.0.0, `tests/aws/services/secretsmanager`), say of Secrets Manager.

use serde_json::json;

use super::{ask, refusal, world};

#[test]
fn what_there_is_none_of_is_not_told_unless_it_was_taken_away() {
    let mut world = world();
    ask(
        &mut world,
        "CreateSecret",
        json!({ "Name": "bare", "Description": "" }),
    );
    let bare = ask(&mut world, "DescribeSecret", json!({ "SecretId": "bare" }));
    for absent in ["VersionIdsToStages", "Description", "Tags"] {
        assert!(bare.get(absent).is_none(), "{absent}: {bare}");
    }
    let tags = json!([{ "Key": "a", "Value": "b" }]);
    ask(
        &mut world,
        "TagResource",
        json!({ "SecretId": "bare", "Tags": tags }),
    );
    ask(
        &mut world,
        "UntagResource",
        json!({ "SecretId": "bare", "TagKeys": ["a"] }),
    );
    let untagged = ask(&mut world, "DescribeSecret", json!({ "SecretId": "bare" }));
    assert_eq!(untagged["Tags"], json!([]));
}

#[test]
fn what_no_secret_is_called_is_not_deleted_either() {
    let mut world = world();
    let input = json!({ "SecretId": "Inv Name", "ForceDeleteWithoutRecovery": true });
    assert_eq!(
        refusal(&mut world, "DeleteSecret", input).code,
        "ValidationException"
    );
}
