//! Which simulated service knows which other: rooms that own their state see nothing but it and what surrounds it.

use std::collections::BTreeSet;

use crate::source::code;
use crate::tree::{at, our_files, read, short, verdict};

/// Services that other services may not know, and that know nobody: neither another service nor the world that they are in.
const ALONE: [&str; 15] = [
    "autoscaling",
    "cloudfront",
    "cloudwatch",
    "ecr",
    "elb",
    "events",
    "logs",
    "rds",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
];
/// These know each other: a deployment is what they do together. The world is theirs.
const TOGETHER: [&str; 2] = ["codedeploy", "ecs"];
const SERVICES: &str = "crates/simulator/src/services/";

#[test]
fn a_service_that_stands_alone_names_no_other_and_no_world() {
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    for file in our_files() {
        let name = short(&file);
        let Some(inside) = name.strip_prefix(SERVICES) else {
            continue;
        };
        let service = inside
            .split(['/', '.'])
            .next()
            .unwrap_or_default()
            .to_owned();
        found.insert(service.clone());
        // Tests play in whole worlds.
        if !ALONE.contains(&service.as_str()) || inside.contains("/tests") {
            continue;
        }
        let own = format!("crate::services::{service}");
        for (number, line) in code(&read(&file)).lines().enumerate() {
            if line.starts_with("mod tests") {
                break;
            }
            let other = line.contains("crate::services::") && !line.contains(&own);
            let world = line.contains("World") || line.contains("crate::world::");
            if other || world || line.contains("crate::front") {
                wrong.push(at(
                    &file,
                    number,
                    "names another service, the front door or the world: pass a value, or let `world/` carry it",
                ));
            }
        }
    }
    found.remove("mod");
    let known: BTreeSet<String> = ALONE
        .into_iter()
        .chain(TOGETHER)
        .map(str::to_owned)
        .collect();
    if found != known {
        wrong.push(format!(
            "the services are {found:?}: say here which of them stand alone"
        ));
    }
    verdict(&wrong);
}
