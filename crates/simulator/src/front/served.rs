//! Which operations there are: what counts calls or spoils them must not name one that nobody serves.

use backstay_aws_model::{Known, model};

use super::Service;

/// Whether calls can have this name: `service.Operation`, also by the service's IAM prefix; `*` at its end stands for anything.
#[must_use]
pub fn is_served(name: &str) -> bool {
    if name == "*" {
        return true;
    }
    let Some((service, operation)) = name.split_once('.') else {
        return false;
    };
    let Some(service) = Service::named(service) else {
        return false;
    };
    match operation {
        "*" => true,
        _ => model(service.name())
            .is_some_and(|model| matches!(model.operation(operation), Known::Served(_))),
    }
}

/// Whether a call of this name, `service.Operation` or `Operation`, only reads, as AWS names what does.
#[must_use]
pub fn is_read(name: &str) -> bool {
    let operation = name
        .split_once('.')
        .map_or(name, |(_, operation)| operation);
    ["Describe", "List", "Get", "Head", "BatchGet", "Filter"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests;
