//! ELBv2's API over the query protocol: reads of target groups, health, load balancers, listeners and rules.

mod actions;
mod balancers;
mod groups;
mod listeners;

use crate::wire::{Form, Xml, not_implemented, page};
use crate::{ApiError, World};

/// Serves one ELBv2 operation.
pub(crate) fn call(world: &mut World, operation: &str, form: &Form) -> Result<Xml, ApiError> {
    match operation {
        "DescribeTargetHealth" => groups::target_health(world, form),
        "DescribeTargetGroups" => groups::target_groups(world, form),
        "DescribeTargetGroupAttributes" => groups::attributes(world, form),
        "DescribeLoadBalancers" => balancers::load_balancers(world, form),
        "DescribeListeners" => listeners::listeners(world, form),
        "DescribeRules" => listeners::rules(world, form),
        _ => Err(not_implemented(&format!("elbv2.{operation}"))),
    }
}

/// Those of `all` that the request names; every name must be found.
fn named<'a, T>(
    all: &'a [T],
    names: &[&str],
    name_of: impl Fn(&T) -> &str,
    missing: fn() -> ApiError,
) -> Result<Vec<&'a T>, ApiError> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            all.iter()
                .find(|item| name_of(item) == *name)
                .ok_or_else(missing)
        })
        .collect()
}

/// `<NAME><member/>...</NAME><NextMarker/>` of one page.
fn paged(form: &Form, name: &str, items: &[Xml]) -> Result<Xml, ApiError> {
    let size = match form.text("PageSize") {
        Some(size) => Some(
            size.parse()
                .map_err(|_| ApiError::client("ValidationError", "PageSize is no number"))?,
        ),
        None => None,
    };
    let (items, next) = page(items, size, form.text("Marker"), 400)?;
    Ok(Xml::new().members(name, items).maybe("NextMarker", next))
}

fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, ApiError> {
    form.text(name)
        .ok_or_else(|| ApiError::client("ValidationError", format!("{name} is required")))
}
