//! What a rule is, all rules in the order in which ECS is asked for them, and what follows from them.

use serde_json::Value;

use super::part::Part;
use super::{
    Code, Pointer, Problem, Refused, containers, dependencies, environment, fargate, health, image,
    lifecycle, links, logging, naming, network, ports, proxy, resources, roles, tags, volumes,
};

/// One thing that ECS asks of a task definition.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, for tests and tables.
    pub name: &'static str,
    /// How it and its text are known.
    pub known: &'static str,
    pub(super) find: fn(&Definition<'_>, &mut Found),
}

/// What definitions are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// What `requiresCompatibilities` asks for; without it, what holds everywhere.
    WhatIsAsked,
    /// Fargate, whatever is asked for.
    Fargate,
}

/// A definition as rules read it.
pub(super) struct Definition<'v> {
    pub(super) whole: Part<'v>,
    on: On,
}

impl<'v> Definition<'v> {
    fn of(value: &'v Value, on: On) -> Self {
        Self {
            whole: Part::whole(value),
            on,
        }
    }

    pub(super) fn containers(&self) -> Vec<Part<'v>> {
        self.whole.items("containerDefinitions")
    }

    /// Whether Fargate's rules hold.
    pub(super) fn is_on_fargate(&self) -> bool {
        self.on == On::Fargate || self.asks_for("FARGATE")
    }

    pub(super) fn asks_for(&self, compatibility: &str) -> bool {
        is_for(self.whole.value, compatibility)
    }

    /// `bridge` where none is given [MODEL].
    pub(super) fn network_mode(&self) -> &'v str {
        self.whole.text("networkMode").unwrap_or("bridge")
    }

    pub(super) fn is_windows(&self) -> bool {
        let platform = self.whole.get("runtimePlatform");
        let family = platform.and_then(|platform| platform.text("operatingSystemFamily"));
        family.is_some_and(|family| family.starts_with("WINDOWS"))
    }
}

/// Whether `requiresCompatibilities` of a document names it.
#[must_use]
pub fn is_for(document: &Value, compatibility: &str) -> bool {
    let asked = document
        .get("requiresCompatibilities")
        .and_then(Value::as_array);
    asked.is_some_and(|asked| asked.iter().any(|one| one.as_str() == Some(compatibility)))
}

/// What was found so far.
pub(super) struct Found {
    rule: &'static str,
    problems: Vec<Problem>,
}

impl Found {
    /// Refused by RegisterTaskDefinition.
    pub(super) fn refuse(&mut self, at: Pointer, text: impl Into<String>, hint: impl Into<String>) {
        self.note(
            at,
            Code::Client,
            text.into(),
            hint.into(),
            Refused::AtRegistration,
        );
    }

    /// The same, as an `InvalidParameterException`.
    pub(super) fn refuse_parameter(
        &mut self,
        at: Pointer,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let code = Code::InvalidParameter;
        self.note(at, code, text.into(), hint.into(), Refused::AtRegistration);
    }

    /// Registered, and trouble later.
    pub(super) fn foresee(
        &mut self,
        at: Pointer,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.note(at, Code::Client, text.into(), hint.into(), Refused::Later);
    }

    fn note(&mut self, at: Pointer, code: Code, text: String, hint: String, refused: Refused) {
        self.problems.push(Problem {
            rule: self.rule,
            at,
            code,
            text,
            hint,
            refused,
        });
    }
}

/// The rooms of rules. Names come first: what is said of a container says its name.
const ROOMS: [&[Rule]; 17] = [
    naming::RULES,
    containers::RULES,
    image::RULES,
    network::RULES,
    ports::RULES,
    links::RULES,
    resources::RULES,
    roles::RULES,
    environment::RULES,
    logging::RULES,
    health::RULES,
    dependencies::RULES,
    volumes::RULES,
    lifecycle::RULES,
    proxy::RULES,
    fargate::RULES,
    tags::RULES,
];

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    ROOMS.iter().copied().flatten()
}

/// Everything that is wrong with the input of a RegisterTaskDefinition whose members and types are right.
#[must_use]
pub fn problems(input: &Value) -> Vec<Problem> {
    found(&Definition::of(input, On::WhatIsAsked))
}

/// What RegisterTaskDefinition has against the input. ECS tells the first.
pub fn refusals(input: &Value) -> impl Iterator<Item = Problem> {
    let all = problems(input).into_iter();
    all.filter(|problem| problem.refused == Refused::AtRegistration)
}

/// What can run what breaks none of Fargate's rules.
const ON_FARGATE: [&str; 3] = ["EC2", "FARGATE", "MANAGED_INSTANCES"];

/// What a definition that was registered can run on, as ECS answers it [OBS 2026-04]: EC2 always, Fargate where none of its rules is
/// broken, and what Fargate can run, managed instances can.
#[must_use]
pub fn compatibilities(input: &Value) -> Vec<&'static str> {
    let on_fargate = found(&Definition::of(input, On::Fargate));
    let runs_on_fargate = on_fargate
        .iter()
        .all(|problem| problem.refused != Refused::AtRegistration);
    match runs_on_fargate {
        true => ON_FARGATE.to_vec(),
        false if is_for(input, "EXTERNAL") => vec!["EXTERNAL", "EC2"],
        false => vec!["EC2"],
    }
}

/// The same of a definition that RegisterTaskDefinition has just taken. Where it asks for Fargate, Fargate's rules were among those that
/// it was held against.
#[must_use]
pub fn compatibilities_of_taken(input: &Value) -> Vec<&'static str> {
    if is_for(input, "FARGATE") {
        debug_assert_eq!(compatibilities(input), ON_FARGATE, "its rules were broken");
        return ON_FARGATE.to_vec();
    }
    compatibilities(input)
}

fn found(definition: &Definition<'_>) -> Vec<Problem> {
    let mut found = Found {
        rule: "",
        problems: Vec::new(),
    };
    for rule in rules() {
        found.rule = rule.name;
        (rule.find)(definition, &mut found);
    }
    found.problems
}
