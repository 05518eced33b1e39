//! What ECS would refuse of a task definition file, and what it would ignore: each at its character.

use backstay_aws_model::task_definition::{
    self as ecs, Oddity, Pointer, Refused, Strangeness, oddities,
};
use backstay_domain::Repository;
use backstay_domain::definition::{map_strings, substitute};
use serde_json::{Value, json};

use super::registry;
use crate::configured::CloudKind;
use crate::json::Places;
use crate::problem::{Problem, Source};
use crate::suggest;
use crate::template::Scope;
use crate::written::Size;

/// Members that ECS answers and nobody registers: they are left out of what is sent.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "registeredBy",
    "deleteRequestedAt",
];

/// A problem, and the rule it is of.
pub(super) struct Refusal {
    rule: &'static str,
    at: Pointer,
    problem: Problem,
}

impl Refusal {
    /// Where the configuration says a task's size, the file is not to blame.
    pub(super) fn of_size(self, size: &Size, configuration: &Source) -> Self {
        let member = self.at.as_str().strip_prefix('/');
        let said = |member: Option<&str>| size.members().find(|(name, _)| Some(*name) == member);
        // Which memory there is depends on the CPU.
        let said = match member {
            Some("memory") => said(member).or_else(|| said(Some("cpu"))),
            _ => said(member),
        };
        let (Some((_, number)), Some(label)) = (said, &self.problem.label) else {
            return self;
        };
        let problem = Problem {
            source: configuration.clone(),
            ..self.problem.clone()
        };
        Self {
            problem: problem.at(number.span.clone(), label.text.clone()),
            ..self
        }
    }

    /// Whether nothing can be deployed with it. On the simulated cloud a release can be rehearsed all the same.
    pub(super) fn is_certain_in(&self, cloud: Option<CloudKind>) -> bool {
        self.rule != ecs::ECR_NEEDS_EXECUTION_ROLE || cloud != Some(CloudKind::Simulated)
    }
}

/// The problems alone.
pub(super) fn texts(refusals: Vec<Refusal>) -> Vec<Problem> {
    refusals
        .into_iter()
        .map(|refusal| refusal.problem)
        .collect()
}

/// Everything that ECS would say against a definition, whose variables are filled in except those of a release.
pub(super) fn problems(
    source: &Source,
    places: &Places,
    document: &Value,
    image: Option<&Repository>,
    scope: &Scope,
) -> Vec<Refusal> {
    let strings = &places.strings;
    if !strings.iter().all(|string| scope.has_all(&string.value)) {
        // Something is wrong with a variable's value, which was noted already.
        return Vec::new();
    }
    let sent = as_sent(document, image);
    let odd: Vec<Oddity> = oddities(&sent)
        .into_iter()
        .filter(|oddity| !is_known_already(&oddity.at))
        .collect();
    let readable = odd
        .iter()
        .all(|oddity| matches!(oddity.what, Strangeness::Unknown { .. }));
    let mut found: Vec<Refusal> = odd
        .into_iter()
        .map(|oddity| Refusal {
            rule: "",
            at: oddity.at.clone(),
            problem: of_oddity(source, places, oddity),
        })
        .collect();
    // A rule that reads a member of another type would only say so once more.
    if readable {
        found.extend(of_registries(source, places, &sent));
        found.extend(ecs::problems(&sent).into_iter().map(|problem| Refusal {
            rule: problem.rule,
            at: problem.at.clone(),
            problem: of_rule(source, places, problem),
        }));
    }
    found
}

/// What a rehearsal cannot say of a definition: its simulated ECS has Fargate, and no instances.
pub(super) fn remark(file: &str, document: &Value, image: Option<&Repository>) -> Option<String> {
    let mut sent = as_sent(document, image);
    if let Some(members) = sent.as_object_mut() {
        // A rehearsal lends one.
        let lent = json!("arn:aws:iam::123456789012:role/lent");
        members.entry("executionRoleArn").or_insert(lent);
    }
    let needs = ecs::compatibilities(&sent);
    (!needs.contains(&"FARGATE")).then(|| {
        format!("{file}: it does not run on Fargate ({}), and a rehearsal has no instances: it cannot be rehearsed", needs.join(", "))
    })
}

/// An environment variable's value has words of its own.
fn is_known_already(at: &Pointer) -> bool {
    let mut parts = at.as_str().rsplit('/');
    parts.next() == Some("value") && parts.nth(1) == Some("environment")
}

/// What RegisterTaskDefinition would get, with stand-ins for what only a release knows.
fn as_sent(document: &Value, image: Option<&Repository>) -> Value {
    let digest = "0".repeat(64);
    let image = match image.map(Repository::as_str) {
        Some(name) if has_host(name) => format!("{name}@sha256:{digest}"),
        Some(name) => {
            // Which account and Region it is does not matter: it is ECR.
            format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}@sha256:{digest}")
        }
        None => format!("image@sha256:{digest}"),
    };
    let mut sent = map_strings(document, &|text| {
        substitute(text, &|name| match name {
            "image" => Some(image.clone()),
            "version" => Some("0000000".to_owned()),
            _ => None,
        })
    });
    if let Value::Object(members) = &mut sent {
        for name in READ_ONLY {
            members.remove(name);
        }
        if members
            .get("tags")
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
        {
            members.remove("tags");
        }
        for size in ["cpu", "memory"] {
            // A task's size may be written as a number: it is sent as a string.
            if let Some(Value::Number(number)) = members.get(size) {
                let text = number.to_string();
                members.insert(size.to_owned(), Value::String(text));
            }
        }
    }
    sent
}

/// Images whose registry has no name that can be one.
fn of_registries(source: &Source, places: &Places, sent: &Value) -> Vec<Refusal> {
    let containers = sent.get("containerDefinitions").and_then(Value::as_array);
    let containers = containers.into_iter().flatten().enumerate();
    let wrong = containers.filter_map(|(index, container)| {
        let image = container.get("image").and_then(Value::as_str)?;
        let (message, help) = registry::trouble(image)?;
        let at = Pointer::whole().member("containerDefinitions");
        let at = at.item(index).member("image");
        let problem = Problem::of(source, message).at(places.of(&at), "cannot be found");
        Some(Refusal {
            rule: "",
            at,
            problem: problem.help(help),
        })
    });
    wrong.collect()
}

/// Docker's rule: the first segment is a host when it could not be a repository's.
fn has_host(repository: &str) -> bool {
    repository
        .split_once('/')
        .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost")
}

fn of_rule(source: &Source, places: &Places, problem: ecs::Problem) -> Problem {
    let (message, label) = match problem.refused {
        Refused::AtRegistration => (
            format!("ECS refuses this: {}", problem.text),
            "refused by RegisterTaskDefinition",
        ),
        Refused::Later => (problem.text, "ECS takes it, and it does not work"),
    };
    Problem::of(source, message)
        .at(places.of(&problem.at), label)
        .help(problem.hint)
}

fn of_oddity(source: &Source, places: &Places, oddity: Oddity) -> Problem {
    let at = &oddity.at;
    let name = at.as_str().rsplit('/').next().unwrap_or_default();
    match oddity.what {
        Strangeness::Unknown { name, known } => {
            let message = format!("task definitions have no `{name}` here: ECS would ignore it");
            let problem = Problem::of(source, message).at(places.of_name(at), "unknown member");
            match suggest::nearest(&name, &known) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                // Nobody reads a list of forty.
                None if known.len() > 12 => problem,
                None => problem.help(suggest::instead_of(&name, known)),
            }
        }
        Strangeness::Type { expected, .. } => {
            let message = format!("`{name}` has to be {expected}");
            Problem::of(source, message).at(places.of(at), format!("not {expected}"))
        }
        Strangeness::NotAllowed { found, allowed } => {
            let message = format!("`{found}` is not among the values of `{name}`");
            let problem = Problem::of(source, message).at(places.of(at), "not allowed");
            problem.help(suggest::instead_of(&found, allowed.iter().copied()))
        }
        Strangeness::Missing { name } => Problem::of(source, format!("`{name}` is missing"))
            .at(places.of(at), format!("has no `{name}`")),
    }
}
