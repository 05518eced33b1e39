//! Parameters: versions, labels, paths, and tasks that need them.

mod recorded;

use serde_json::{Value, json};

use crate::front::{self, Service};
use crate::{ApiError, Weather, World};

fn world() -> World {
    World::new(
        "123456789012",
        "sa-east-1",
        7,
        Weather::Calm,
        1_767_225_600_000,
    )
}

#[track_caller]
fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    front::ask(world, Service::Ssm, operation, &input)
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[track_caller]
fn refusal(world: &mut World, operation: &str, input: Value) -> ApiError {
    front::ask(world, Service::Ssm, operation, &input).expect_err("refused")
}

fn put(world: &mut World, name: &str, value: &str) {
    let input = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
    ask(world, "PutParameter", input);
}

#[test]
fn a_parameter_is_overwritten_only_when_asked_and_keeps_its_versions() {
    let mut world = world();
    put(&mut world, "/app/url", "one");
    let again = refusal(
        &mut world,
        "PutParameter",
        json!({ "Name": "/app/url", "Value": "two" }),
    );
    assert_eq!(again.code, "ParameterAlreadyExists");
    let second = json!({ "Name": "/app/url", "Value": "two", "Overwrite": true });
    assert_eq!(ask(&mut world, "PutParameter", second)["Version"], 2);
    let other =
        json!({ "Name": "/app/url", "Value": "x", "Overwrite": true, "Type": "SecureString" });
    assert_eq!(
        refusal(&mut world, "PutParameter", other).code,
        "HierarchyTypeMismatchException"
    );
    let label =
        json!({ "Name": "/app/url", "ParameterVersion": 1, "Labels": ["live", "1st", "aws-x"] });
    let labelled = ask(&mut world, "LabelParameterVersion", label);
    assert_eq!(labelled["InvalidLabels"], json!(["1st", "aws-x"]));
    for (name, value) in [
        ("/app/url", Some("two")),
        ("/app/url:1", Some("one")),
        ("/app/url:live", Some("one")),
        (
            "arn:aws:ssm:sa-east-1:123456789012:parameter/app/url",
            Some("two"),
        ),
        ("/app/url:3", None),
        ("/app/urls", None),
    ] {
        let got = front::ask(
            &mut world,
            Service::Ssm,
            "GetParameter",
            &json!({ "Name": name }),
        );
        let found = got.ok().map(|got| got["Parameter"]["Value"].clone());
        assert_eq!(found, value.map(|value| json!(value)), "{name}");
    }
    // A label moves.
    ask(
        &mut world,
        "LabelParameterVersion",
        json!({ "Name": "/app/url", "Labels": ["live"] }),
    );
    let moved = ask(
        &mut world,
        "GetParameter",
        json!({ "Name": "/app/url:live" }),
    );
    assert_eq!(moved["Parameter"]["Version"], 2);
}

#[test]
fn a_secure_string_is_opaque_without_decryption() {
    let mut world = world();
    let input = json!({ "Name": "key", "Value": "hunter2", "Type": "SecureString" });
    ask(&mut world, "PutParameter", input);
    let closed = ask(&mut world, "GetParameter", json!({ "Name": "key" }));
    assert_ne!(closed["Parameter"]["Value"], "hunter2");
    let open = ask(
        &mut world,
        "GetParameter",
        json!({ "Name": "key", "WithDecryption": true }),
    );
    assert_eq!(open["Parameter"]["Value"], "hunter2");
    assert!(!format!("{world:?}").contains("hunter2"));
}

#[test]
fn paths_and_filters() {
    let mut world = world();
    for name in ["/a/one", "/a/b/two", "/c/three", "four"] {
        put(&mut world, name, "x");
    }
    let tags = json!({ "ResourceType": "Parameter", "ResourceId": "four", "Tags": [{ "Key": "team", "Value": "cats" }] });
    ask(&mut world, "AddTagsToResource", tags);
    let filter = |key: &str, option: Option<&str>, value: &str| {
        let mut filter = json!({ "Key": key, "Values": [value] });
        if let Some(option) = option {
            filter["Option"] = json!(option);
        }
        json!({ "ParameterFilters": [filter] })
    };
    for (operation, input, expected) in [
        (
            "GetParametersByPath",
            json!({ "Path": "/a" }),
            &["/a/one"][..],
        ),
        (
            "GetParametersByPath",
            json!({ "Path": "/a/", "Recursive": true }),
            &["/a/b/two", "/a/one"],
        ),
        (
            "DescribeParameters",
            filter("Name", None, "/c/three"),
            &["/c/three"],
        ),
        (
            "DescribeParameters",
            filter("Name", Some("BeginsWith"), "/a"),
            &["/a/b/two", "/a/one"],
        ),
        (
            "DescribeParameters",
            filter("Name", Some("Contains"), "o"),
            &["/a/b/two", "/a/one", "four"],
        ),
        (
            "DescribeParameters",
            filter("Path", None, "/a"),
            &["/a/one"],
        ),
        (
            "DescribeParameters",
            filter("tag:team", None, "cats"),
            &["four"],
        ),
        (
            "DescribeParameters",
            filter("Type", None, "SecureString"),
            &[],
        ),
    ] {
        let listed = ask(&mut world, operation, input.clone());
        let names: Vec<&str> = listed["Parameters"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["Name"].as_str())
            .collect();
        assert_eq!(names, expected, "{operation} {input}");
    }
    let wrong = refusal(
        &mut world,
        "DescribeParameters",
        filter("Colour", None, "x"),
    );
    assert_eq!(wrong.code, "ValidationException");
}

#[test]
fn impossible_parameters_are_refused() {
    let long = "x".repeat(4_097);
    for (input, code) in [
        (
            json!({ "Name": "/aws/x", "Value": "x", "Type": "String" }),
            "AccessDeniedException",
        ),
        (
            json!({ "Name": "ssmx", "Value": "x", "Type": "String" }),
            "ValidationException",
        ),
        (
            json!({ "Name": "a/b", "Value": "x", "Type": "String" }),
            "ValidationException",
        ),
        (
            json!({ "Name": "a b", "Value": "x", "Type": "String" }),
            "ValidationException",
        ),
        (json!({ "Name": "a", "Value": "x" }), "ValidationException"),
        (
            json!({ "Name": "a", "Value": long, "Type": "String" }),
            "ValidationException",
        ),
        (
            json!({ "Name": "/a".repeat(16), "Value": "x", "Type": "String" }),
            "HierarchyLevelLimitExceededException",
        ),
        (
            json!({ "Name": "a", "Value": "x", "Type": "String", "Overwrite": true, "Tags": [{ "Key": "a", "Value": "b" }] }),
            "ValidationException",
        ),
    ] {
        let error = refusal(&mut world(), "PutParameter", input.clone());
        assert_eq!(error.code, code, "{input}");
    }
    let tiered =
        json!({ "Name": "a", "Value": long, "Type": "String", "Tier": "Intelligent-Tiering" });
    assert_eq!(
        ask(&mut world(), "PutParameter", tiered)["Tier"],
        "Advanced"
    );
}

#[test]
fn a_hundred_versions_are_kept_unless_the_oldest_has_a_label() {
    let mut world = world();
    for number in 0..101 {
        put(&mut world, "a", &number.to_string());
    }
    let first = refusal(&mut world, "GetParameter", json!({ "Name": "a:1" }));
    assert_eq!(first.code, "ParameterVersionNotFound");
    let label = json!({ "Name": "a", "ParameterVersion": 2, "Labels": ["live"] });
    ask(&mut world, "LabelParameterVersion", label);
    let full = refusal(
        &mut world,
        "PutParameter",
        json!({ "Name": "a", "Value": "x", "Overwrite": true }),
    );
    assert_eq!(full.code, "ParameterMaxVersionLimitExceeded");
}

#[test]
fn a_task_has_the_parameters_that_can_be_read() {
    let mut world = world();
    put(&mut world, "/app/url", "x");
    put(&mut world, "gone", "x");
    let deleted = ask(
        &mut world,
        "DeleteParameters",
        json!({ "Names": ["gone", "never"] }),
    );
    assert_eq!(deleted["InvalidParameters"], json!(["never"]));
    let arn = "arn:aws:ssm:sa-east-1:123456789012:parameter";
    for (value_from, fails, fails_unlisted) in [
        ("/app/url".to_owned(), false, false),
        (format!("{arn}/app/url"), false, false),
        (format!("{arn}/app/url:1"), false, false),
        (format!("{arn}/app/url:2"), true, true),
        (format!("{arn}/gone"), true, true),
        ("never".to_owned(), true, false),
        (
            "arn:aws:ssm:us-east-1:123456789012:parameter/x".to_owned(),
            false,
            false,
        ),
    ] {
        for (unlisted, expected) in [(false, fails), (true, fails_unlisted)] {
            world.secrets_unlisted = unlisted;
            let problem = world.parameter_problem(&value_from);
            assert_eq!(problem.is_some(), expected, "{value_from} {problem:?}");
        }
    }
}

/// Which are refused: ParameterStringFilter [DOC]; the words moto's `ssm` [CODE].
#[test]
fn filters_and_data_types_that_are_none_are_refused() {
    let mut world = world();
    put(&mut world, "/app/url", "one");
    for (filters, code, words) in [
        (
            json!([{ "Key": "Label" }]),
            "InvalidFilterKey",
            "The following filter key is not valid: Label.",
        ),
        (
            json!([{ "Key": "Name" }]),
            "InvalidFilterValue",
            "The following filter values are missing : null for filter key Name",
        ),
        (
            json!([{ "Key": "Name", "Values": ["a"] }, { "Key": "Name", "Values": ["b"] }]),
            "InvalidFilterKey",
            "The following filter is duplicated in the request: Name.",
        ),
        (
            json!([{ "Key": "Path", "Values": ["/aws"] }]),
            "ValidationException",
            "Filters for common parameters can't be prefixed",
        ),
        (
            json!([{ "Key": "Path", "Values": ["app"] }]),
            "ValidationException",
            "The parameter doesn't meet the parameter name",
        ),
        (
            json!([{ "Key": "Tier", "Values": ["test"] }]),
            "InvalidFilterValue",
            "The following filter value is not valid: test.",
        ),
        (
            json!([{ "Key": "Type", "Values": ["test"] }]),
            "InvalidFilterValue",
            "The following filter value is not valid: test.",
        ),
    ] {
        let refused = refusal(
            &mut world,
            "DescribeParameters",
            json!({ "ParameterFilters": filters }),
        );
        assert!(
            refused.code == code && refused.message.starts_with(words),
            "{filters}: {refused}"
        );
    }
    let both = json!({ "Filters": [{ "Key": "Name", "Values": ["a"] }], "ParameterFilters": [{ "Key": "Name", "Values": ["a"] }] });
    assert_eq!(
        refusal(&mut world, "DescribeParameters", both).code,
        "ValidationException"
    );
    let typed = json!({ "Name": "x", "Value": "y", "Type": "String", "DataType": "not_text" });
    assert_eq!(
        refusal(&mut world, "PutParameter", typed).code,
        "ValidationException"
    );
    let slashed = json!({ "ParameterFilters": [{ "Key": "Name", "Values": ["app/url"] }] });
    let found = ask(&mut world, "DescribeParameters", slashed);
    assert_eq!(found["Parameters"][0]["Name"], "/app/url");
}
