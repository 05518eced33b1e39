//! Secrets in virtual time: versions, stages, deletion, and tasks that need them.

mod recorded;

use serde_json::{Value, json};

use crate::front::{self, Service};
use crate::{ApiError, Weather, World};

const START_MS: u64 = 1_767_225_600_000;
const DAY_MS: u64 = 86_400_000;
const VALUE: &str = "hunter2-very-secret";

fn world() -> World {
    World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS)
}

#[track_caller]
fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    front::ask(world, Service::SecretsManager, operation, &input)
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[track_caller]
fn refusal(world: &mut World, operation: &str, input: Value) -> ApiError {
    front::ask(world, Service::SecretsManager, operation, &input).expect_err("refused")
}

fn with_secret(value: &str) -> (World, String) {
    let mut world = world();
    let input = json!({ "Name": "db/url", "SecretString": value, "ClientRequestToken": "first-00000000000000000000000000" });
    let made = ask(&mut world, "CreateSecret", input);
    let arn = made["ARN"].as_str().expect("an ARN").to_owned();
    (world, arn)
}

#[test]
fn a_secret_is_found_by_name_and_by_whole_and_partial_arn() {
    let (mut world, arn) = with_secret(VALUE);
    let partial = &arn[..arn.len() - 7];
    assert!(partial.ends_with(":secret:db/url"), "{arn}");
    for id in ["db/url", &arn, partial] {
        let got = ask(&mut world, "GetSecretValue", json!({ "SecretId": id }));
        assert_eq!(got["SecretString"], VALUE);
    }
    for id in ["db", &arn[..arn.len() - 1]] {
        let error = refusal(&mut world, "GetSecretValue", json!({ "SecretId": id }));
        assert_eq!(error.code, "ResourceNotFoundException");
    }
}

#[test]
fn the_same_token_is_the_same_request() {
    let (mut world, _) = with_secret(VALUE);
    for (operation, name) in [("CreateSecret", "Name"), ("PutSecretValue", "SecretId")] {
        let input = |value: &str| json!({ name: "db/url", "SecretString": value, "ClientRequestToken": "first-00000000000000000000000000" });
        let again = ask(&mut world, operation, input(VALUE));
        assert_eq!(
            again["VersionId"], "first-00000000000000000000000000",
            "{operation}"
        );
        let other = refusal(&mut world, operation, input("another"));
        assert_eq!(other.code, "ResourceExistsException");
        assert!(!other.message.contains("another"), "{other}");
    }
    let versions = ask(
        &mut world,
        "ListSecretVersionIds",
        json!({ "SecretId": "db/url" }),
    );
    assert_eq!(versions["Versions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_previous_version_follows_the_current_one() {
    let (mut world, _) = with_secret("one");
    for (token, value) in [
        ("second-0000000000000000000000000", "two"),
        ("third-00000000000000000000000000", "three"),
    ] {
        let input =
            json!({ "SecretId": "db/url", "SecretString": value, "ClientRequestToken": token });
        ask(&mut world, "PutSecretValue", input);
    }
    let stages = |world: &mut World| {
        ask(world, "DescribeSecret", json!({ "SecretId": "db/url" }))["VersionIdsToStages"].clone()
    };
    assert_eq!(
        stages(&mut world),
        json!({ "second-0000000000000000000000000": ["AWSPREVIOUS"], "third-00000000000000000000000000": ["AWSCURRENT"] })
    );
    let pending = json!({ "SecretId": "db/url", "SecretString": "four", "ClientRequestToken": "fourth-0000000000000000000000000",
        "VersionStages": ["AWSPENDING"] });
    ask(&mut world, "PutSecretValue", pending);
    let unnamed = json!({ "SecretId": "db/url", "VersionStage": "AWSCURRENT", "MoveToVersionId": "fourth-0000000000000000000000000" });
    let refused = refusal(&mut world, "UpdateSecretVersionStage", unnamed);
    assert_eq!(refused.code, "InvalidParameterException");
    let promote = json!({ "SecretId": "db/url", "VersionStage": "AWSCURRENT", "MoveToVersionId": "fourth-0000000000000000000000000",
        "RemoveFromVersionId": "third-00000000000000000000000000" });
    ask(&mut world, "UpdateSecretVersionStage", promote);
    assert_eq!(
        stages(&mut world),
        json!({ "third-00000000000000000000000000": ["AWSPREVIOUS"], "fourth-0000000000000000000000000": ["AWSCURRENT", "AWSPENDING"] })
    );
    let wrong = json!({ "SecretId": "db/url", "VersionId": "third-00000000000000000000000000", "VersionStage": "AWSCURRENT" });
    let error = refusal(&mut world, "GetSecretValue", wrong);
    assert_eq!(error.code, "InvalidRequestException");
}

#[test]
fn a_deleted_secret_can_be_restored_until_its_window_is_over() {
    let id = json!({ "SecretId": "db/url" });
    for restored in [true, false] {
        let (mut world, _) = with_secret(VALUE);
        let delete = json!({ "SecretId": "db/url", "RecoveryWindowInDays": 7 });
        ask(&mut world, "DeleteSecret", delete);
        let marked = refusal(&mut world, "GetSecretValue", id.clone());
        assert_eq!(marked.code, "InvalidRequestException");
        let taken = refusal(&mut world, "CreateSecret", json!({ "Name": "db/url" }));
        assert_eq!(taken.code, "InvalidRequestException");
        world.advance(START_MS + 6 * DAY_MS);
        if restored {
            ask(&mut world, "RestoreSecret", id.clone());
        }
        world.advance(START_MS + 8 * DAY_MS);
        let there = front::ask(&mut world, Service::SecretsManager, "GetSecretValue", &id).is_ok();
        assert_eq!(there, restored);
    }
}

#[test]
fn a_forced_deletion_is_at_once_and_never_fails() {
    let (mut world, _) = with_secret(VALUE);
    let force = json!({ "SecretId": "db/url", "ForceDeleteWithoutRecovery": true });
    ask(&mut world, "DeleteSecret", force.clone());
    ask(&mut world, "DeleteSecret", force);
    ask(&mut world, "CreateSecret", json!({ "Name": "db/url" }));
    for input in [
        json!({ "SecretId": "db/url", "ForceDeleteWithoutRecovery": true, "RecoveryWindowInDays": 7 }),
        json!({ "SecretId": "db/url", "RecoveryWindowInDays": 6 }),
    ] {
        let error = refusal(&mut world, "DeleteSecret", input);
        assert_eq!(error.code, "InvalidParameterException");
    }
}

#[test]
fn lists_are_filtered_and_hide_what_is_deleted() {
    let mut world = world();
    for (name, description) in [
        ("a/one", "Database"),
        ("a/two", "Queue"),
        ("b/one", "database"),
    ] {
        let tags = json!([{ "Key": "team", "Value": name }]);
        let input = json!({ "Name": name, "Description": description, "Tags": tags });
        ask(&mut world, "CreateSecret", input);
    }
    ask(&mut world, "DeleteSecret", json!({ "SecretId": "b/one" }));
    for (input, expected) in [
        (json!({}), &["a/one", "a/two"][..]),
        (
            json!({ "IncludePlannedDeletion": true }),
            &["a/one", "a/two", "b/one"],
        ),
        (
            json!({ "Filters": [{ "Key": "name", "Values": ["a/t"] }] }),
            &["a/two"],
        ),
        (
            json!({ "Filters": [{ "Key": "name", "Values": ["!a/t"] }] }),
            &["a/one"],
        ),
        (
            json!({ "Filters": [{ "Key": "description", "Values": ["data"] }] }),
            &["a/one"],
        ),
        (
            json!({ "Filters": [{ "Key": "tag-value", "Values": ["a/o"] }] }),
            &["a/one"],
        ),
        (
            json!({ "Filters": [{ "Key": "all", "Values": ["queue"] }] }),
            &["a/two"],
        ),
    ] {
        let mut sorted = input.clone();
        sorted["SortBy"] = json!("name");
        sorted["SortOrder"] = json!("asc");
        let listed = ask(&mut world, "ListSecrets", sorted);
        let names: Vec<&str> = listed["SecretList"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|secret| secret["Name"].as_str())
            .collect();
        assert_eq!(names, expected, "{input}");
    }
}

#[test]
fn no_debug_output_of_a_world_has_a_value_and_a_saved_one_does() {
    let (world, _) = with_secret(VALUE);
    assert!(!format!("{world:?}").contains(VALUE));
    let saved = serde_json::to_string(&world).expect("a saved world");
    assert!(saved.contains(VALUE));
    let restored: World = serde_json::from_str(&saved).expect("a world");
    assert_eq!(
        restored
            .secretsmanager
            .find("db/url")
            .map(|secret| secret.versions.len()),
        Some(1)
    );
}

#[test]
fn an_error_about_a_value_does_not_quote_it() {
    let mut world = world();
    let error = refusal(
        &mut world,
        "CreateSecret",
        json!({ "Name": "x", "SecretString": 73_311_337 }),
    );
    assert!(!error.message.contains("73311337"), "{error}");
}

#[test]
fn a_random_password_has_a_character_of_each_kind() {
    let mut world = world();
    let input =
        json!({ "PasswordLength": 8, "ExcludePunctuation": true, "ExcludeCharacters": "abc" });
    let answer = ask(&mut world, "GetRandomPassword", input);
    let password = answer["RandomPassword"].as_str().expect("a password");
    assert_eq!(password.len(), 8);
    assert!(password.contains(|one: char| one.is_ascii_lowercase()));
    assert!(password.contains(|one: char| one.is_ascii_uppercase()));
    assert!(password.contains(|one: char| one.is_ascii_digit()));
    assert!(!password.contains(['a', 'b', 'c']));
}

#[test]
fn a_task_has_the_secrets_that_can_be_read() {
    let (mut world, arn) = with_secret(r#"{"user":"cat"}"#);
    ask(&mut world, "CreateSecret", json!({ "Name": "empty" }));
    ask(
        &mut world,
        "CreateSecret",
        json!({ "Name": "doomed", "SecretString": "x" }),
    );
    ask(&mut world, "DeleteSecret", json!({ "SecretId": "doomed" }));
    ask(
        &mut world,
        "CreateSecret",
        json!({ "Name": "forced", "SecretString": "x" }),
    );
    let force = json!({ "SecretId": "forced", "ForceDeleteWithoutRecovery": true });
    ask(&mut world, "DeleteSecret", force);
    let own = "arn:aws:secretsmanager:sa-east-1:123456789012:secret";
    for (value_from, problem, when_unlisted) in [
        (arn.clone(), None, None),
        (format!("{own}:db/url"), None, None),
        (format!("{arn}:user::"), None, None),
        (format!("{arn}::AWSCURRENT:"), None, None),
        (
            format!("{arn}:password::"),
            Some("did not contain json key password"),
            Some("json key password"),
        ),
        (
            format!("{arn}::AWSPREVIOUS:"),
            Some("staging label: AWSPREVIOUS"),
            Some("AWSPREVIOUS"),
        ),
        (
            format!("{arn}:::gone"),
            Some("VersionId: gone"),
            Some("VersionId: gone"),
        ),
        (
            format!("{own}:empty"),
            Some("staging label: AWSCURRENT"),
            Some("AWSCURRENT"),
        ),
        (
            format!("{own}:doomed"),
            Some("InvalidRequestException"),
            Some("InvalidRequestException"),
        ),
        (
            format!("{own}:forced-AbCdEf"),
            Some("ResourceNotFoundException"),
            Some("ResourceNotFoundException"),
        ),
        // Never there: a blueprint does not list what there is.
        (
            format!("{own}:never"),
            Some("ResourceNotFoundException"),
            None,
        ),
        (
            "arn:aws:secretsmanager:sa-east-1:999999999999:secret:x".to_owned(),
            None,
            None,
        ),
    ] {
        for (unlisted, expected) in [(false, problem), (true, when_unlisted)] {
            world.secrets_unlisted = unlisted;
            let found = world.secret_problem(&value_from);
            match expected {
                None => assert_eq!(found, None, "{value_from}"),
                Some(words) => assert!(
                    found.as_deref().is_some_and(|text| text.contains(words)
                        && text.starts_with("ResourceInitializationError: ")),
                    "{value_from} {found:?}"
                ),
            }
        }
    }
}

#[test]
fn secrets_are_found_by_the_words_of_their_description() {
    let mut world = world();
    for (name, description) in [
        ("foo", "one two"),
        ("bar", "one and two"),
        ("baz", "one"),
        ("none", "unrelated"),
    ] {
        let input = json!({ "Name": name, "SecretString": "x", "Description": description });
        ask(&mut world, "CreateSecret", input);
        world.advance(world.now_ms() + 1_000);
    }
    for (filters, expected) in [
        (
            json!([{ "Key": "description", "Values": ["one two"] }]),
            &["foo", "bar"][..],
        ),
        (
            json!([{ "Key": "description", "Values": ["tw"] }]),
            &["foo", "bar"],
        ),
        (
            json!([{ "Key": "description", "Values": ["one"] }, { "Key": "description", "Values": ["AND"] }]),
            &["bar"],
        ),
    ] {
        let listed = ask(&mut world, "ListSecrets", json!({ "Filters": filters }));
        let listed = listed["SecretList"].as_array().expect("a list");
        let names: Vec<&str> = listed.iter().filter_map(|it| it["Name"].as_str()).collect();
        assert_eq!(names, expected, "{filters}");
    }
}

/// moto's `test_create_different_secret_with_same_token`, aws_verified [OBS].
#[test]
fn a_token_that_is_in_use_is_told() {
    let (mut world, arn) = with_secret(VALUE);
    let token = "first-00000000000000000000000000";
    let again = json!({ "Name": "db/url", "SecretString": "other", "ClientRequestToken": token });
    let refused = refusal(&mut world, "CreateSecret", again);
    assert_eq!(refused.code, "ResourceExistsException");
    assert!(
        refused.message.contains(token) && refused.message.contains(&arn),
        "{refused}"
    );
}

#[test]
fn what_no_secret_can_be_called_is_refused_as_a_name() {
    let mut world = world();
    for (operation, more) in [
        ("GetSecretValue", json!({})),
        ("DescribeSecret", json!({})),
        ("DeleteSecret", json!({})),
        ("PutSecretValue", json!({ "SecretString": "x" })),
        ("UntagResource", json!({ "TagKeys": ["a"] })),
        ("GetResourcePolicy", json!({})),
    ] {
        for (name, code) in [
            ("Inv Name", "ValidationException"),
            ("none", "ResourceNotFoundException"),
        ] {
            let mut input = more.clone();
            input["SecretId"] = json!(name);
            assert_eq!(
                refusal(&mut world, operation, input).code,
                code,
                "{operation} {name}"
            );
        }
    }
}
