//! The environment's own variables: said, or looked up. They may use one another, in no circle.

use std::collections::BTreeMap;

use backstay_domain::lookup::{
    LookedUp, Place, TerraformState, Trouble, is_named_like_a_secret, looks_like_a_secret,
};
use serde_json::Value;

use super::Notes;
use crate::configured::CloudKind;
use crate::files::{Files, Purpose};
use crate::section::{At, OneOrMore};
use crate::template::{BUILT_IN, Scope, names};
use crate::written::{Asked, Document, Environment, Lookup, Variable};

/// What is asked, unless it is said, may take so long.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Where a secret belongs.
const ELSEWHERE: &str = "what is looked up is shown in plans and recorded: let the task read it, by `secrets` in its task definition";

/// The scope with the environment's variables, and what of them was looked up.
pub(super) fn with_variables(
    document: &Document,
    chosen: &Environment,
    scope: Scope,
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> (Scope, Vec<LookedUp>) {
    let mut written: BTreeMap<&str, &Option<Variable>> = BTreeMap::new();
    for (name, variable) in &document.variables {
        if is_a_name(name, notes) {
            is_no_secret(name, variable.as_ref(), notes);
            written.insert(&name.value, variable);
        }
    }
    let mut resolving = Resolving {
        written: &written,
        scope: elsewhere(document, chosen, scope),
        files,
        stands_in: stands_in(chosen, files),
        found: Vec::new(),
        path: Vec::new(),
    };
    for name in written.keys() {
        resolving.visit(name, notes);
    }
    let mut found = resolving.found;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    (resolving.scope, found)
}

fn is_a_name(name: &At<String>, notes: &mut Notes<'_>) -> bool {
    let text = name.value.as_str();
    if BUILT_IN.contains(&text) {
        let message = format!("`{text}` is built in and cannot be a variable");
        notes.note(message, &name.span, "built in", "give it another name");
        return false;
    }
    let odd = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
    if text.is_empty() || text.contains(odd) {
        let message = format!("`{text}` is not a valid variable name");
        let rule = "letters, digits, `_` and `-`";
        notes.note(message, &name.span, "not a valid name", rule);
    }
    true
}

/// What is looked up is shown under its name.
fn is_no_secret(name: &At<String>, variable: Option<&Variable>, notes: &mut Notes<'_>) {
    let looked_up = matches!(variable, Some(Variable::Lookup(_)));
    if looked_up && is_named_like_a_secret(&name.value) {
        let message = format!("`{}` is looked up, and called like a secret", name.value);
        notes.note(message, &name.span, "would be shown", ELSEWHERE);
    }
}

/// Variables of other environments are remembered: using one of those here has its own help.
fn elsewhere(document: &Document, chosen: &Environment, scope: Scope) -> Scope {
    let here = format!("[environments.{}.variables]", chosen.name.value);
    let others = document.environments.iter().flat_map(|other| {
        let names = other.variables.iter();
        names.map(move |(name, _)| (&name.value, &other.name.value))
    });
    others.fold(scope, |scope, (name, environment)| {
        let help = format!("`{name}` is a variable of `{environment}`: add it to {here}");
        scope.elsewhere(name, help)
    })
}

/// Whether nobody is asked who is not there: on a simulated cloud of this process, and in a rehearsal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StandIn {
    /// What `rehearsal` says, where it says something.
    Taken,
    /// It is for rehearsals.
    Ignored,
}

fn stands_in(chosen: &Environment, files: &dyn Files) -> StandIn {
    let embedded = chosen.cloud == Some(CloudKind::Simulated) && chosen.simulator.is_none();
    match files.purpose() {
        Purpose::Rehearsal => StandIn::Taken,
        Purpose::Deployment if embedded => StandIn::Taken,
        Purpose::Deployment => StandIn::Ignored,
    }
}

/// What a variable stands for.
enum Found {
    /// A text.
    One(String),
    /// Several: for a list.
    Several(Vec<String>),
}

struct Resolving<'r, 'd> {
    written: &'r BTreeMap<&'d str, &'d Option<Variable>>,
    /// What has a value, or never gets one.
    scope: Scope,
    files: &'r dyn Files,
    stands_in: StandIn,
    found: Vec<LookedUp>,
    /// The variables that wait for this one.
    path: Vec<&'d str>,
}

impl<'d> Resolving<'_, 'd> {
    fn visit(&mut self, name: &'d str, notes: &mut Notes<'_>) {
        if self.scope.knows(name) {
            return;
        }
        let written = self.written;
        let variable = written.get(name).copied().and_then(Option::as_ref);
        self.path.push(name);
        for text in variable.into_iter().flat_map(Variable::texts) {
            for used in names(&text.value) {
                let Some((used, _)) = written.get_key_value(used) else {
                    continue;
                };
                match self.path.iter().position(|waiting| waiting == used) {
                    Some(start) => {
                        let circle = [&self.path[start..], &[*used]].concat().join(" → ");
                        let message = format!("variables use each other in a circle: {circle}");
                        notes.note(message, &text.span, "closes the circle", "");
                        // It has none, and nobody says so once more.
                        self.scope = self.scope.clone().with(used, None);
                    }
                    None => self.visit(used, notes),
                }
            }
        }
        self.path.pop();
        let found = match variable {
            Some(Variable::Text(text)) => notes.fill(text, &self.every()).map(Found::One),
            Some(Variable::Lookup(lookup)) => self.looked_up(name, lookup, notes),
            None => None,
        };
        let scope = self.scope.clone();
        self.scope = match found {
            Some(Found::One(value)) => scope.with(name, Some(value)),
            Some(Found::Several(items)) => scope.with_list(name, items),
            None => scope.with(name, None),
        };
    }

    /// Every variable there is: those that have no value yet are not used here, and known all the same.
    fn every(&self) -> Scope {
        let unknown = self.written.keys().filter(|name| !self.scope.knows(name));
        unknown.fold(self.scope.clone(), |scope, name| scope.with(name, None))
    }

    /// Whether it can be had here without asking anybody.
    fn is_out_of_reach(&self, place: &Place) -> bool {
        // What a command asks, nobody knows.
        let runs = matches!(place, Place::Command { .. });
        place.is_of_a_cloud() || (runs && self.files.purpose() == Purpose::Rehearsal)
    }

    fn looked_up(&mut self, name: &str, lookup: &Lookup, notes: &mut Notes<'_>) -> Option<Found> {
        let scope = self.every();
        let place = place(lookup.asked.as_ref()?, &scope, notes);
        let stand_in = lookup.rehearsal.as_ref();
        let stand_in = stand_in.map(|said| match said {
            OneOrMore::One(text) => notes.fill(text, &scope).map(Found::One),
            OneOrMore::More(list) => notes.fill_all(&list.value, &scope).map(Found::Several),
        });
        let place = place?;
        let (source, found) = match stand_in {
            Some(value) if self.stands_in == StandIn::Taken => {
                (format!("{place}, in a rehearsal"), Ok(value?))
            }
            Some(_) | None => {
                if self.stands_in == StandIn::Taken && self.is_out_of_reach(&place) {
                    let message = format!(
                        "`{name}` is not looked up: a rehearsal asks no cloud and runs no command"
                    );
                    let help = "say what it is there: rehearsal = \"…\"";
                    notes.note(message, &lookup.span, "no `rehearsal`", help);
                    return None;
                }
                let Some(found) = self.files.look_up(&place) else {
                    notes.wanted.push((place, lookup.span.clone()));
                    return None;
                };
                let secret = secret_name(&place, lookup);
                let found = found.and_then(|value| said(value, lookup, secret));
                (place.to_string(), found)
            }
        };
        match found {
            Ok(value) => {
                self.found.push(LookedUp {
                    name: name.to_owned(),
                    source,
                    value: match &value {
                        Found::One(text) => text.clone(),
                        Found::Several(items) => items.join(", "),
                    },
                });
                Some(value)
            }
            Err(trouble) => {
                let message = format!("`{name}` cannot be looked up ({place}): {trouble}");
                let label = label(&trouble);
                notes.note(message, &lookup.span, label, help(&trouble));
                None
            }
        }
    }
}

fn label(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Missing(_) => "not found",
        Trouble::Secret(_) => "would be shown",
        Trouble::Late(_) => "too slow",
        Trouble::Failed(_) => "cannot be asked",
    }
}

fn help(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Secret(_) => ELSEWHERE,
        Trouble::Late(_) => "give it another `timeout`",
        Trouble::Missing(_) | Trouble::Failed(_) => "",
    }
}

/// What is called like a secret is one.
fn secret_name(place: &Place, lookup: &Lookup) -> Option<&'static str> {
    let picked = lookup.json.as_ref();
    if picked.is_some_and(|pointer| is_named_like_a_secret(&pointer.value)) {
        return Some("called like a secret");
    }
    let name = match place {
        Place::Variable(name)
        | Place::Parameter(name)
        | Place::Output { name, .. }
        | Place::Stack { output: name, .. } => name,
        Place::Resource { .. } | Place::Command { .. } => return None,
    };
    is_named_like_a_secret(name).then_some("called like a secret")
}

/// What was found: text, or a list of it; nothing of it a secret.
fn said(value: Value, lookup: &Lookup, secret: Option<&'static str>) -> Result<Found, Trouble> {
    let value = match &lookup.json {
        None => value,
        Some(pointer) => inside(value, &pointer.value)?,
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let items = items.into_iter().map(|item| text(item, secret));
            items.collect::<Result<_, _>>().map(Found::Several)
        }
        one => text(one, secret).map(Found::One),
    }
}

fn text(value: Value, secret: Option<&'static str>) -> Result<String, Trouble> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => return Err(Trouble::Missing("value: it is null".to_owned())),
        Value::Array(_) | Value::Object(_) => {
            let message = "it is no text and no list of texts: say which value of it is meant, like json = \"/id\"";
            return Err(Trouble::Failed(message.to_owned()));
        }
    };
    match secret.or_else(|| looks_like_a_secret(&text)) {
        Some(secret) => Err(Trouble::Secret(secret)),
        None => Ok(text),
    }
}

fn inside(value: Value, pointer: &str) -> Result<Value, Trouble> {
    let value = match value {
        Value::String(text) => {
            serde_json::from_str(&text).map_err(|_| Trouble::Failed("it is no JSON".to_owned()))?
        }
        other => other,
    };
    let found = value.pointer(pointer).cloned();
    found.ok_or_else(|| Trouble::Missing(format!("`{pointer}` in it")))
}

fn place(asked: &Asked, scope: &Scope, notes: &mut Notes<'_>) -> Option<Place> {
    Some(match asked {
        Asked::Environment(name) => Place::Variable(filled(name, scope, notes)?),
        Asked::Parameter(name) => Place::Parameter(filled(name, scope, notes)?),
        Asked::Output(name, at) => {
            let (name, state) = (filled(name, scope, notes), state(at, scope, notes));
            Place::Output {
                name: name?,
                state: state?,
            }
        }
        Asked::Resource(address, at) => {
            let (address, state) = (filled(address, scope, notes), state(at, scope, notes));
            Place::Resource {
                address: address?,
                state: state?,
            }
        }
        Asked::Stack(stack, output) => {
            let (stack, output) = (filled(stack, scope, notes), filled(output, scope, notes));
            Place::Stack {
                stack: stack?,
                output: output?,
            }
        }
        Asked::Command(words, within) => Place::Command {
            words: notes
                .fill_all(&words.value, scope)
                .filter(|words| !words.is_empty())?,
            within: within.as_ref().map_or(PATIENCE, |within| within.value),
        },
    })
}

fn filled(text: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let filled = notes.fill(text, scope)?;
    if filled.trim().is_empty() {
        notes.note("a look-up for nothing", &text.span, "empty", "");
        return None;
    }
    Some(filled)
}

fn state(text: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<TerraformState> {
    let filled = filled(text, scope, notes)?;
    let wrong = match filled.split_once("://") {
        None => return Some(TerraformState::File(filled)),
        Some(("s3", rest)) => match rest.split_once('/') {
            Some((bucket, key)) if super::environment::is_bucket(bucket) && !key.is_empty() => {
                return Some(TerraformState::Object {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                });
            }
            Some(_) | None => format!("`{filled}` names no object of a bucket"),
        },
        Some((scheme, _)) => format!("a state of Terraform at `{scheme}://` cannot be read"),
    };
    let help = "a file, or \"s3://BUCKET/KEY\"; of another backend: command = [\"terraform\", \"output\", \"-json\"]";
    notes.note(wrong, &text.span, "not a place", help);
    None
}
