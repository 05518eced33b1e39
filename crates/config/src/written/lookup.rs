//! The variables of `[variables]`: said here, or looked up elsewhere.

use std::ops::Range;
use std::time::Duration;

use crate::section::{At, OneOrMore, Section};

/// What a variable stands for.
pub(crate) enum Variable {
    /// This text.
    Text(At<String>),
    /// What is found there.
    Lookup(Box<Lookup>),
}

/// Where a value is found. Which keys belong together is said by the one that says what is asked.
pub(crate) struct Lookup {
    pub(crate) span: Range<usize>,
    pub(crate) asked: Option<Asked>,
    pub(crate) json: Option<At<String>>,
    pub(crate) rehearsal: Option<OneOrMore>,
}

/// What is asked for it.
pub(crate) enum Asked {
    /// This process's environment.
    Environment(At<String>),
    /// The parameter store.
    Parameter(At<String>),
    /// A state of Terraform, for an output.
    Output(At<String>, At<String>),
    /// A state of Terraform, for a resource.
    Resource(At<String>, At<String>),
    /// A stack of CloudFormation, for an output.
    Stack(At<String>, At<String>),
    /// A command.
    Command(At<Vec<At<String>>>, Option<At<Duration>>),
}

/// Keys of which one says what is asked.
const WHO: &str = "`env`, `ssm`, `terraform`, `resource`, `cloudformation` or `command`";

impl Variable {
    pub(crate) fn read(section: &mut Section<'_>) -> Option<Self> {
        let lookup = Lookup::read(section)?;
        Some(Self::Lookup(Box::new(lookup)))
    }

    /// What its value, or where it is found, is made of.
    pub(crate) fn texts(&self) -> Vec<&At<String>> {
        match self {
            Self::Text(text) => vec![text],
            Self::Lookup(lookup) => lookup.texts(),
        }
    }
}

impl Lookup {
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let env = section.text("env");
        let ssm = section.text("ssm");
        let terraform = section.text("terraform");
        let resource = section.text("resource");
        let state = section.text("state");
        let stack = section.text("cloudformation");
        let output = section.text("output");
        let command = section.texts("command");
        let timeout = section.duration("timeout");
        let json = section.text("json");
        let rehearsal = section.text_or_texts("rehearsal");
        belongs(section, "state", state.as_ref(), &["terraform", "resource"]);
        belongs(section, "output", output.as_ref(), &["cloudformation"]);
        belongs(section, "timeout", timeout.as_ref(), &["command"]);
        let wrong = json.as_ref().filter(|at| !at.value.starts_with('/'));
        if let Some(pointer) = wrong {
            let message = format!("`{}` is not a JSON pointer", pointer.value);
            let help = format!("write \"/{}\"", pointer.value.replace('.', "/"));
            section.problem(message, pointer.span.clone(), "starts with `/`", &help);
        }
        let is_wrong = wrong.is_some();
        if let Some(empty) = command.as_ref().filter(|words| words.value.is_empty()) {
            let message = "`command` is empty";
            section.problem(
                message,
                empty.span.clone(),
                "empty list",
                "name what is run",
            );
        }
        let mut asked = Vec::new();
        asked.extend(env.map(|at| (at.span.clone(), Some(Asked::Environment(at)))));
        asked.extend(ssm.map(|at| (at.span.clone(), Some(Asked::Parameter(at)))));
        let of_terraform = [
            (
                terraform,
                Asked::Output as fn(At<String>, At<String>) -> Asked,
            ),
            (
                resource,
                Asked::Resource as fn(At<String>, At<String>) -> Asked,
            ),
        ];
        for (found, made) in of_terraform {
            let Some(at) = found else { continue };
            let state = section.required("state", state.clone());
            asked.push((at.span.clone(), state.map(|state| made(at, state))));
        }
        if let Some(at) = stack {
            let output = section.required("output", output);
            asked.push((
                at.span.clone(),
                output.map(|output| Asked::Stack(at, output)),
            ));
        }
        asked.extend(command.map(|at| (at.span.clone(), Some(Asked::Command(at, timeout)))));
        let keys = [
            "env",
            "ssm",
            "terraform",
            "resource",
            "cloudformation",
            "command",
        ];
        if !keys.iter().any(|key| section.has(key)) {
            let message = "a look-up does not say where";
            let help = format!("one of {WHO}");
            section.problem(message, section.span(), "nothing is asked", &help);
        }
        if let Some((second, _)) = asked.get(1) {
            let message = "a look-up asks in two places";
            let help = format!("one of {WHO}");
            section.problem(message, second.clone(), "asked elsewhere, too", &help);
        }
        Some(Self {
            span: section.span(),
            // What cannot be picked out is not looked up.
            asked: asked
                .into_iter()
                .next()
                .and_then(|(_, asked)| asked)
                .filter(|_| !is_wrong),
            json,
            rehearsal,
        })
    }

    fn texts(&self) -> Vec<&At<String>> {
        let mut texts: Vec<&At<String>> = match &self.rehearsal {
            Some(OneOrMore::One(text)) => vec![text],
            Some(OneOrMore::More(list)) => list.value.iter().collect(),
            None => Vec::new(),
        };
        match &self.asked {
            Some(Asked::Environment(one) | Asked::Parameter(one)) => texts.push(one),
            Some(Asked::Output(one, two) | Asked::Resource(one, two) | Asked::Stack(one, two)) => {
                texts.extend([one, two]);
            }
            Some(Asked::Command(words, _)) => texts.extend(&words.value),
            None => {}
        }
        texts
    }
}

/// Notes a key that says nothing without another one.
fn belongs<T>(section: &mut Section<'_>, key: &str, found: Option<&At<T>>, to: &[&str]) {
    let Some(at) = found.filter(|_| !to.iter().any(|other| section.has(other))) else {
        return;
    };
    let others: Vec<String> = to.iter().map(|other| format!("`{other}`")).collect();
    let message = format!("`{key}` says nothing without {}", others.join(" or "));
    section.problem(message, at.span.clone(), "never looked at", "");
}
