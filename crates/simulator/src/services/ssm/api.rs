//! Parameter Store's API: which operation is served where.

use serde_json::Value;

use super::{delete, history, labels, list, put, read, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::ssm::Ssm;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, Ssm>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "PutParameter" => put::put(here, input(body)?),
        "GetParameter" => read::get(here, &input(body)?),
        "GetParameters" => read::get_many(here, &input(body)?),
        "GetParametersByPath" => list::by_path(here, &input(body)?),
        "GetParameterHistory" => history::get(here, &input(body)?),
        "DescribeParameters" => list::describe(here, &input(body)?),
        "LabelParameterVersion" => labels::label(here, &input(body)?),
        "UnlabelParameterVersion" => labels::unlabel(here, &input(body)?),
        "DeleteParameter" => delete::delete(here, &input(body)?),
        "DeleteParameters" => delete::delete_many(here, &input(body)?),
        "AddTagsToResource" => tags::add(here, input(body)?),
        "RemoveTagsFromResource" => tags::remove(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("ssm.{operation}"))),
    }
}
