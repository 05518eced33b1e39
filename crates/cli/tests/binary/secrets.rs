//! Values of environment variables and of secrets are in no output; secrets are nowhere at all.

use std::path::Path;

use serde_json::Value;

use crate::app::{App, Said};

const PLAIN: &str = "plain-value-8c1f0d";
const OTHER: &str = "other-value-77ab3e";
const DEFINITION: &str = "services/catalog-service/task-definition.json";

#[test]
fn no_output_holds_the_value_of_a_variable() {
    let app = App::new();
    app.edit(
        DEFINITION,
        "\"value\": \"INFO\"",
        &format!("\"value\": \"{PLAIN}\""),
    );
    let deploy = ["deploy", "staging", "--speed", "max", "--version"];
    let mut said: Vec<Said> = vec![app.run(deploy.into_iter().chain(["2f9c1e7"])).ends_with(0)];
    // From now on the value differs: the plan has to say so without it.
    app.edit(DEFINITION, PLAIN, OTHER);
    for form in ["text", "json"] {
        let mut run = |arguments: &[&str], code| {
            let arguments = arguments.iter().copied().chain(["--output", form]);
            said.push(app.run(arguments).ends_with(code));
        };
        run(&["status", "staging"], 0);
        run(&["plan", "staging", "--version", "3333333"], 0);
        run(&["rehearse", "staging", "--version", "3333333"], 0);
        let fault = "catalog-service=crash";
        run(
            &[
                "rehearse",
                "staging",
                "--version",
                "3333333",
                "--fault",
                fault,
            ],
            4,
        );
    }
    let more = ["3333333", "--output", "json"];
    said.push(app.run(deploy.into_iter().chain(more)).ends_with(0));
    let planned = &said[2].stdout;
    assert!(
        planned.contains("LOG_LEVEL"),
        "the change is named:\n{planned}"
    );
    for Said { stdout, stderr, .. } in &said {
        for value in [PLAIN, OTHER] {
            assert!(!stdout.contains(value), "{stdout}");
            assert!(!stderr.contains(value), "{stderr}");
        }
    }
}

/// In every place of a definition, a command or an address that may hold a value there is one, and other ones in the next release.
#[test]
fn no_output_holds_a_canary() {
    let app = App::new();
    let plant = |of: &str| {
        app.edit(
            DEFINITION,
            "\"essential\": true,",
            &format!(
                r#""essential": true,
      "entryPoint": ["/bin/sh", "-c", "canary-{of}-entry"], "command": ["serve", "--token=canary-{of}-argument"],
      "dockerLabels": {{"team": "canary-{of}-label"}},
      "environmentFiles": [{{"type": "s3", "value": "arn:aws:s3:::canary-{of}-file/x.env"}}],"#
            ),
        );
        app.edit(
            DEFINITION,
            "curl -fsS http",
            &format!("curl -H canary-{of}-check -fsS http"),
        );
        app.edit(
            DEFINITION,
            "\"value\": \"json\"",
            &format!("\"value\": \"canary-{of}-variable\""),
        );
    };
    plant("one");
    let config = "backstay.toml";
    app.edit(
        config,
        "command = [\"alembic\", \"upgrade\", \"head\"]",
        "command = [\"alembic\", \"upgrade\", \"head\", \"-x\", \"canary-one-migration\"]",
    );
    app.edit(
        config,
        "/api/v1/catalog/health\"",
        "/api/v1/catalog/health?key=canary-one-query\"",
    );
    let deploy = ["deploy", "staging", "--speed", "max", "--version"];
    let mut said: Vec<Said> = vec![app.run(deploy.into_iter().chain(["2f9c1e7"])).ends_with(0)];
    let definition = std::fs::read_to_string(app.directory.join(DEFINITION)).unwrap();
    std::fs::write(
        app.directory.join(DEFINITION),
        definition.replace("canary-one", "canary-two"),
    )
    .unwrap();
    app.edit(config, "canary-one-migration", "canary-two-migration");
    for form in ["text", "json"] {
        let mut run = |arguments: &[&str], code| {
            let arguments = arguments.iter().copied().chain(["--output", form]);
            said.push(app.run(arguments).ends_with(code));
        };
        run(&["plan", "staging", "--version", "3333333"], 0);
        let rehearse = ["rehearse", "staging", "--version", "3333333", "--fault"];
        let rehearsals = [("catalog-service=unhealthy", 4), ("migration=exit:1", 4)];
        for (fault, code) in rehearsals {
            run(&[&rehearse[..], &[fault]].concat(), code);
        }
    }
    let more = ["3333333", "--output", "json"];
    said.push(app.run(deploy.into_iter().chain(more)).ends_with(0));
    let id = said.last().unwrap().objects()[0]["deployment"]
        .as_str()
        .unwrap()
        .to_owned();
    for form in ["text", "json"] {
        let mut run = |arguments: &[&str]| {
            let arguments = arguments.iter().copied().chain(["--output", form]);
            said.push(app.run(arguments).ends_with(0));
        };
        run(&["status", "staging"]);
        run(&["history", "staging"]);
        run(&["show", &id]);
        run(&["replay", &id, "--speed", "max"]);
        run(&["diff", "2f9c1e7", "3333333"]);
        run(&["rollback", "staging", "--dry-run"]);
    }
    let all: String = said
        .iter()
        .map(|said| format!("{}{}", said.stdout, said.stderr))
        .collect();
    for named in [
        "command",
        "entryPoint",
        "dockerLabels.team",
        "environment.LOG_FORMAT",
    ] {
        assert!(
            all.contains(&format!("containerDefinitions.catalog-service.{named}")),
            "{named} is named"
        );
    }
    assert!(
        all.contains("alembic upgrade head …"),
        "what the migration does is said"
    );
    for line in all.lines() {
        assert!(!line.contains("canary"), "{line}");
    }
}

/// Task definitions are in the journal and in the ledger as they lie in the repository: with the variables' values, and
/// with the names of secrets instead of what is in them.
#[test]
fn what_is_kept_holds_the_names_of_secrets_only() {
    let app = App::running("2f9c1e7");
    let mut seen = 0;
    for (path, bytes) in app.files() {
        // A lock is an empty file.
        if !path.starts_with(app.directory.join(".backstay")) || bytes.is_empty() {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        // A journal is a line per record, everything else one document.
        let documents: Vec<Value> = serde_json::Deserializer::from_str(&text)
            .into_iter::<Value>()
            .map(|document| document.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            .collect();
        assert!(!documents.is_empty(), "{}", path.display());
        for document in &documents {
            look(document, &path, &mut seen);
        }
    }
    assert!(seen > 0, "the example has secrets");
}

fn look(value: &Value, path: &Path, seen: &mut usize) {
    match value {
        Value::Object(members) => {
            if let Some(from) = members.get("valueFrom") {
                let from = from.as_str().unwrap_or_default();
                assert!(
                    from.starts_with("arn:aws:secretsmanager:"),
                    "{}: {from}",
                    path.display()
                );
                assert_eq!(members.len(), 2, "{}: {value}", path.display());
                *seen += 1;
            }
            members.values().for_each(|member| look(member, path, seen));
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, path, seen)),
        // A document inside a document, as the simulated cloud keeps some.
        Value::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                look(&inner, path, seen);
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}
