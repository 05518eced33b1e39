//! Task definitions as ECS reads them: every rule at its character, members that nobody knows, types, braces, registries, Regions.

use backstay_domain::anchor::AnchorOf;
use rstest::rstest;
use serde_json::Value;

use crate::rows::{check, damaged};
use backstay_config::{FileProblem, load};

use crate::{API, TOML, picture, said};

const ROWS: &str = include_str!("../../../../fixtures/task-definitions/rules.json");

/// What a rule's row is as a file: its first image is the release's.
fn file(definition: &Value) -> String {
    definition
        .to_string()
        .replacen("\"nginx:1\"", "\"{{ image }}\"", 1)
}

/// Every rule, one line each: where `check` points, and what it says.
#[test]
fn each_rule_is_told_where_it_is_broken() {
    // An image that is not in ECR: what needs a role only there has a row of its own.
    let toml = TOML.replace("\"shop/api\"", "\"public.ecr.aws/shop/api\"");
    let rows: Vec<Value> = serde_json::from_str(ROWS).unwrap_or_default();
    assert!(rows.len() > 120);
    let mut pictures = String::new();
    for row in rows {
        let name = row["rule"].as_str().unwrap_or_default();
        // The file has to be this family's; and an empty list of tags is left out of what is sent.
        if name == "tags-are-not-empty" {
            continue;
        }
        let kept = said(&toml, &file(&row["keeps"]), "staging");
        assert_eq!(kept, "no problem\n", "{name}");
        let broken = said(&toml, &file(&row["breaks"]), "staging");
        // The whole file stands on one line: what is pointed at says more than its column.
        let line = broken.trim_end().trim_start_matches("api.json:1:");
        pictures.push_str(&format!("{name}: {line}\n"));
    }
    insta::assert_snapshot!("rules", pictures);
}

/// The same in `api.json`.
fn check_json(from: &str, to: &str, expected: &str) {
    assert_eq!(
        said(TOML, &damaged(API, from, to), "staging"),
        format!("api.json{expected}\n")
    );
}

const VERSION: &str = r#"{ "name": "VERSION", "value": "{{ version }}" }"#;

#[rstest]
#[case::misspelt(
    VERSION,
    r#"{ "name": "VERSION", "values": "{{ version }}" }"#,
    r#":7:44 "values" ← unknown member | task definitions have no `values` here: ECS would ignore it | did you mean `value`?"#
)]
#[case::in_other_letters(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}", "healthCheck": { "command": ["CMD", "true"], "startperiod": 60 }, "stoptimeout": 30, "colour": 1,"#,
    r#":6:76 "startperiod" ← unknown member | task definitions have no `startperiod` here: ECS would ignore it | did you mean `startPeriod`?
api.json:6:97 "stoptimeout" ← unknown member | task definitions have no `stoptimeout` here: ECS would ignore it | did you mean `stopTimeout`?
api.json:6:116 "colour" ← unknown member | task definitions have no `colour` here: ECS would ignore it"#
)]
#[case::a_number_as_a_string(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}", "cpu": "128","#,
    r#":6:38 "128" ← not a whole number | `cpu` has to be a whole number"#
)]
#[case::a_string_as_a_number(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}", "user": 1000,"#,
    r#":6:39 1000 ← not a string | `user` has to be a string"#
)]
#[case::a_word_of_others(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}", "portMappings": [{ "containerPort": 80, "protocol": "http" }],"#,
    r#":6:83 "http" ← not allowed | `http` is not among the values of `protocol` | known: `tcp`, `udp`"#
)]
#[case::something_missing(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}", "secrets": [{ "name": "A" }],"#,
    r#":6:43 { ← has no `valueFrom` | `valueFrom` is missing"#
)]
#[case::a_registry(
    r#""image": "{{ image }}","#,
    r#""image": "{{ image }}" }, { "name": "side", "image": "my_registry.example/side","#,
    r#":6:60 "my_registry.example/side" ← cannot be found | no registry can be called `my_registry.example` | a host's name has parts of letters, digits and hyphens, between dots"#
)]
#[case::words_in_braces(
    "{{ cluster }}",
    "{{ my cluster }}",
    r#":7:101 my cluster ← unknown variable | unknown variable `my cluster` | a variable's name has letters, digits, `_` and `-`; braces that are meant as they are, are written literally as `{{! … }}`"#
)]
#[case::not_literal(
    "{{ cluster }}",
    "{{! image }}",
    r#":7:98 {{! image }} ← not literal | `! image` cannot be written literally: a release fills it in"#
)]
fn as_the_model_has_it(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check_json(from, to, expected);
}

#[rstest]
#[case("eu-wets-1", "did you mean `eu-west-1`?")]
#[case("eu-west-1a", "did you mean `eu-west-1`?")]
fn regions(#[case] region: &str, #[case] help: &str) {
    let written = format!("mutable = [\"index.html\"]\nregion = \"{region}\"");
    check(
        "mutable = [\"index.html\"]",
        &written,
        &format!(":42:10 \"{region}\" ← not a region | `{region}` is not a region | {help}"),
    );
}

#[test]
fn braces_that_are_not_ours() {
    let api = damaged(API, "{{ cluster }}", "{{.Name}} {{! index .Labels 1 }}");
    assert_eq!(said(TOML, &api, "staging"), "no problem\n");
}

/// The name of several values, alone in a list, is all of them.
#[test]
fn several_values_in_a_list() {
    let command = r#""name": "api", "command": ["run", "{{ many }}", "{{ version }}"],"#;
    let api = damaged(API, r#""name": "api","#, command);
    let files =
        |path: &str| Ok(api.replace("\"api\"", &format!("\"{}\"", &path[..path.len() - 5])));
    let toml = format!(
        r#"{TOML}
[variables]
many = {{ ssm = "/many", rehearsal = ["a", "b"] }}

[migration.anchor]
kind = "command"
command = ["./snap", "{{{{ many }}}}"]
restore_command = ["./back", "{{{{ anchor }}}}", "{{{{ many }}}}"]
"#
    );
    let app = match load("backstay.toml", &toml, "staging", &files) {
        Ok(configured) => configured.app,
        Err(problems) => panic!("{}", picture(&problems)),
    };
    let migration = app.migration.expect("it was written");
    let containers = &migration.definition.0["containerDefinitions"];
    let expected = serde_json::json!(["run", "a", "b", "{{ version }}"]);
    assert_eq!(containers[0]["command"], expected);
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let of = AnchorOf::Command {
        command: words(&["./snap", "a", "b"]),
        restore: Some(words(&["./back", "{{ anchor }}", "a", "b"])),
    };
    assert_eq!(migration.anchor.map(|anchor| anchor.of), Some(of));

    // Elsewhere in the file it is none.
    let api = damaged(API, "\"{{ cluster }}\"", "\"{{ many }}\"");
    let told = said(&toml, &api, "staging");
    assert!(told.starts_with("api.json:7:"), "{told}");
    assert!(told.contains("it stands alone in a list"), "{told}");
}

#[test]
fn a_byte_order_mark() {
    let api = format!("\u{feff}{API}");
    assert!(
        said(TOML, &api, "staging").contains("begins with a byte order mark | save it as UTF-8")
    );
}

/// Without an execution role nothing of ECR runs on Fargate. AWS refuses it; a rehearsal goes on, and says so.
#[test]
fn what_a_rehearsal_goes_on_without() {
    let fargate = r#""requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512""#;
    let api = damaged(API, r#""memory": "512""#, fargate);
    let files = |path: &str| match path {
        "api.json" => Ok(api.clone()),
        "auth.json" => Ok(API.replace("api", "auth")),
        "migration.json" => Ok(API.replace("\"api\"", "\"migration\"")),
        _ => Err(FileProblem::Missing),
    };
    let configured = load("backstay.toml", TOML, "staging", &files).expect("it is rehearsed");
    let doubted = configured.doubted().expect("and doubted");
    let expected = "api.json:6:16 \"{{ image }}\" ← refused by RegisterTaskDefinition | ECS refuses this: Fargate requires task \
                    definition to have execution role ARN to support ECR images. | add executionRoleArn: the role that pulls \
                    images, writes logs and reads secrets before the containers start\n";
    assert_eq!(picture(&doubted), expected);
    let on_aws = TOML.replacen("\"simulated\"", "\"aws\"\nstate = \".backstay\"", 1);
    assert_eq!(said(&on_aws, &api, "staging"), expected);
    let notes: Vec<&str> = configured.notes.iter().map(String::as_str).collect();
    let elsewhere = ["migration.json", "auth.json"].map(|file| {
        format!("{file}: it does not run on Fargate (EC2), and a rehearsal has no instances: it cannot be rehearsed")
    });
    assert!(
        !notes.iter().any(|note| note.contains("api.json")),
        "{notes:?}"
    );
    assert!(
        elsewhere.iter().all(|note| notes.contains(&note.as_str())),
        "{notes:?}"
    );
}
