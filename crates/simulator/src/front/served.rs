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

#[cfg(test)]
mod tests;
