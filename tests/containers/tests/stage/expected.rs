//! What a scenario's block `expect` means where everything is real.

use backstay_cli::scenario::Scenario;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::said::Said;

const API: &str = "https://api-staging.gamificator.click/api/v1";

/// Everything that differs, one line each.
pub(crate) fn differences(scenario: &Scenario, cloud: &Cloud, said: &Said) -> Vec<String> {
    let expect = &scenario.expect;
    let mut found = Vec::new();
    let mut differs = |what: &str, expected: &str, seen: &str| {
        if expected != seen {
            found.push(format!("{what}: expected {expected}, found {seen}"));
        }
    };
    let end = said.last_object();
    differs("outcome", &expect.outcome, &outcome(&end));
    if let Some(because) = &expect.because {
        let is_said = said.stdout.contains(because.as_str());
        differs(
            "because",
            because,
            if is_said { because } else { "something else" },
        );
    }
    if let Some(live) = &expect.live {
        for service in ["auth", "catalog", "installation", "proxy"] {
            let answer = cloud.page(&format!("{API}/{service}/health"));
            let version = match answer.status {
                200 => answer.json()["version"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                status => status.to_string(),
            };
            differs(&format!("version of {service}"), live, &version);
        }
    }
    let revision = cloud.revision();
    if let Some(schema) = &expect.schema {
        differs("schema in the database", schema, &revision);
    }
    // Of a database that nobody has touched the record says nothing.
    let status = cloud.run(["status", "staging", "--output", "json"]);
    if let Some(journal) = status.last_object()["schema"]["revision"].as_str() {
        differs("schema in the journal", &revision, journal);
    }
    let violations = cloud.control("GET", "violations", "").json();
    differs("violations", "[]", &violations["violations"].to_string());
    found
}

fn outcome(end: &Value) -> String {
    end["outcome"]
        .as_str()
        .unwrap_or_default()
        .replace('-', " ")
}
