//! The API: which operation is served where.

use serde_json::Value;

use super::kind::{ROWS, Row};
use super::{CloudFront, collections, distributions, functions, invalidations, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, CloudFront>,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    here.own.advance(here.now_ms);
    match operation {
        "CreateDistribution" => distributions::create(here, input),
        "CreateDistributionWithTags" => distributions::create_with_tags(here, input),
        "ListDistributions" => distributions::list(here, input),
        "GetDistribution" => distributions::get(here, input),
        "GetDistributionConfig" => distributions::get_config(here, input),
        "UpdateDistribution" => distributions::update(here, input),
        "DeleteDistribution" => distributions::delete(here, input),
        "CreateInvalidation" => invalidations::create(here, input),
        "GetInvalidation" => invalidations::get(here, input),
        "ListInvalidations" => invalidations::list(here, input),
        "TagResource" => tags::tag(here, input),
        "UntagResource" => tags::untag(here, input),
        "ListTagsForResource" => tags::list(here, input),
        "CreateFunction" => functions::create(here, input),
        "ListFunctions" => functions::list(here, input),
        "DescribeFunction" => functions::describe(here, input),
        "GetFunction" => functions::get(here, input),
        "UpdateFunction" => functions::update(here, input),
        "PublishFunction" => functions::publish(here, input),
        "DeleteFunction" => functions::delete(here, input),
        _ => collection(here, operation, input)
            .unwrap_or_else(|| Err(not_implemented(&format!("cloudfront.{operation}")))),
    }
}

/// Serves an operation of a collection: `Get` and `CachePolicy`, with or without `Config`.
fn collection(
    here: &mut Here<'_, CloudFront>,
    operation: &str,
    input: &Value,
) -> Option<Result<Value, ApiError>> {
    type Serve = fn(&mut Here<'_, CloudFront>, &Row, &Value) -> Result<Value, ApiError>;
    let of = |verb: &str, name: fn(&Row) -> String| {
        let rest = operation.strip_prefix(verb)?;
        ROWS.iter().find(|row| name(row) == rest)
    };
    let name = |row: &Row| row.name.to_owned();
    let config = |row: &Row| format!("{}Config", row.name);
    let found: [(Option<&Row>, Serve); 6] = [
        (of("Create", name), collections::create),
        (of("Get", name), collections::get),
        (of("Get", config), collections::get_config),
        (of("Update", name), collections::update),
        (of("Delete", name), collections::delete),
        (of("List", |row| row.plural.to_owned()), collections::list),
    ];
    let mut found = found.into_iter();
    let (row, serve) = found.find_map(|(row, serve)| Some((row?, serve)))?;
    Some(serve(here, row, input))
}
