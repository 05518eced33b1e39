//! Inputs made of AWS's model, for every operation that is served: at, below and above each limit, each enum value and a wrong one,
//! each required member missing, each value of another type, a member that AWS does not know. Each is answered as the model says,
//! and every reply is held against its shape on the way (`modelled`).

mod inputs;

use std::collections::BTreeMap;
use std::path::Path;

use backstay_aws_model::check::ConstraintKind;
use backstay_aws_model::habits::{Asks, habits};
use backstay_aws_model::model;

use self::inputs::{Input, Says, inputs};
use super::Service;
use super::modelled::{ask, serve_of};
use crate::{ApiError, Weather, World};

/// How a refusal by the model goes on behind "failed to satisfy constraint: "; services have other words of their own there.
const BY_MODEL: [&str; 4] = [
    "Member must",
    "Map ",
    "'Member must",
    "'must satisfy regular",
];

#[test]
fn every_input_is_answered_as_the_model_says() {
    let (mut asked, mut wrong) = (0_usize, BTreeMap::<String, Vec<String>>::new());
    let mut per_service = BTreeMap::<&str, usize>::new();
    for service in Service::names().filter_map(Service::named) {
        if serve_of(service).is_none() {
            continue;
        }
        let model = model(service.name()).expect("a model");
        for (operation, known) in model.served() {
            let Some(shape) = known.input else { continue };
            let mut world = World::new("123456789012", "us-east-1", 7, Weather::Calm, 0);
            for input in inputs(model, shape) {
                asked += 1;
                *per_service.entry(service.name()).or_default() += 1;
                let answer = ask(&mut world, service, operation, &input.value);
                if let Some(problem) = problem(service, &input, answer.err()) {
                    let name = format!("{}.{operation}", service.name());
                    let told = format!("{}: {problem}\n    {}", input.what, input.value);
                    wrong.entry(name).or_default().push(told);
                }
            }
        }
    }
    noted(&format!("{asked} {per_service:?}"));
    let found: usize = wrong.values().map(Vec::len).sum();
    let first: Vec<String> = wrong
        .iter()
        .map(|(name, told)| format!("{name} ({}):\n  {}", told.len(), told[0]))
        .collect();
    assert!(
        wrong.is_empty(),
        "{found} of {asked}:\n{}",
        first.join("\n")
    );
    assert!(asked >= 20_000, "{asked}");
}

/// What of an answer is not as the model says.
fn problem(service: Service, input: &Input, error: Option<ApiError>) -> Option<String> {
    let told = error.map_or_else(String::new, |error| {
        format!("{}: {}", error.code, error.message)
    });
    let asks = habits(service.name()).map_or(Asks::Nothing, |habits| habits.asks);
    let constraint = told.split_once("failed to satisfy constraint: ");
    // Names of logs that are too long have words of their own.
    let by_model = told.ends_with(" both must have length less than or equal to 512.")
        || constraint.is_some_and(|(_, rest)| BY_MODEL.iter().any(|words| rest.starts_with(words)));
    let mistyped = told.starts_with("SerializationException: ");
    let holds = match &input.says {
        Says::Mistyped => mistyped,
        // Services that ask for themselves may still miss what they need, in the same words.
        Says::Fine => !mistyped && (!by_model || asks != Asks::All),
        Says::Refused(kind, constraint) => match (asks, kind) {
            (Asks::All, _) | (Asks::EnumsOnly, ConstraintKind::Enum) => {
                by_model && told.replace("\\/", "/").contains(constraint)
            }
            (Asks::EnumsOnly | Asks::Nothing, _) => !mistyped,
        },
    };
    let expected = &input.says;
    (!holds).then(|| format!("expected {expected:?}, got {told:?}"))
}

/// `just test` prints it.
fn noted(asked: &str) {
    let counts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp");
    // Where the target lies elsewhere nobody is told.
    let _ = std::fs::write(counts.join("model-inputs"), format!("{asked}\n"));
}
