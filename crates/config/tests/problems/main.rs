//! Every kind of problem: what is said, and exactly where. Each row damages a small configuration in one place.

use std::fmt::Write as _;

use backstay_config::{FileProblem, Problems, load};

mod building;
mod definitions;
mod every;
mod frontends;
mod here;
mod lookups;
mod meaning;
mod rows;
mod together;

const TOML: &str = r#"app = "shop"

[environments.staging]
cloud = "simulated"
region = "eu-west-1"
cluster = "shop-{{ environment }}"
variables = { host = "shop.test" }
policy = { bake = "15s" }

[environments.production]
cloud = "aws"
region = "eu-west-1"
account = "123456789012"
cluster = "shop-{{ environment }}"
variables = { host = "shop.example", zone = "z1" }

[services.api]
task_definition = "api.json"
image = "shop/api"
depends_on = ["auth"]

[services.auth]
task_definition = "auth.json"
image = "shop/auth"
probe = { url = "https://{{ host }}/auth", json = { pointer = "/version", equals = "{{ version }}" } }

[migration]
task_definition = "migration.json"
image = "shop/api"
container = "migration"
current_command = ["alembic", "current"]
down_command = ["alembic", "downgrade", "{{ revision }}"]
compatibility = "compatible"
way_down = "lossless"
subnets = ["subnet-1"]

[frontend]
directory = "dist"
bucket = "shop-{{ environment }}"
url = "https://{{ host }}/"
mutable = ["index.html"]

[[checks]]
name = "home"
url = "https://{{ host }}/home"

[simulation.services.api]
circuit_breaker = true
path = "/api/*"
"#;

const API: &str = r#"{
  "family": "shop-{{ environment }}-api",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "{{ image }}",
      "environment": [{ "name": "VERSION", "value": "{{ version }}" }, { "name": "ON", "value": "{{ cluster }}" }]
    }
  ],
  "memory": "512"
}
"#;

/// `file:line:column the text pointed at ← the note | the message | the help`
fn picture(problems: &Problems) -> String {
    let mut out = String::new();
    for problem in problems {
        let _ = write!(out, "{}", problem.source.name());
        if let (Some(position), Some(label)) = (problem.position(), &problem.label) {
            let text = &problem.source.inner()[label.span.clone()];
            let _ = write!(
                out,
                ":{}:{} {text} ← {}",
                position.line, position.column, label.text
            );
        }
        let _ = write!(out, " | {}", problem.message);
        let _ = writeln!(
            out,
            "{}",
            problem
                .help
                .as_ref()
                .map(|help| format!(" | {help}"))
                .unwrap_or_default()
        );
    }
    out
}

/// What is said about a configuration and its `api.json`.
fn said(toml: &str, api: &str, environment: &str) -> String {
    let files = |path: &str| match path {
        "api.json" => Ok(api.to_owned()),
        "auth.json" => Ok(API.replace("api", "auth")),
        "migration.json" => Ok(API.replace("\"api\"", "\"migration\"")),
        "secret.json" => Err(FileProblem::Unreadable("permission denied".to_owned())),
        _ => Err(FileProblem::Missing),
    };
    match load("backstay.toml", toml, environment, &files) {
        Ok(_) => "no problem\n".to_owned(),
        Err(problems) => picture(&problems),
    }
}
