//! Parameter Store's API: which operation is served where.

use serde_json::Value;

use super::{delete, history, labels, list, put, read, tags};
use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "PutParameter" => put::put(world, input(body)?),
        "GetParameter" => read::get(world, &input(body)?),
        "GetParameters" => read::get_many(world, &input(body)?),
        "GetParametersByPath" => list::by_path(world, &input(body)?),
        "GetParameterHistory" => history::get(world, &input(body)?),
        "DescribeParameters" => list::describe(world, &input(body)?),
        "LabelParameterVersion" => labels::label(world, &input(body)?),
        "UnlabelParameterVersion" => labels::unlabel(world, &input(body)?),
        "DeleteParameter" => delete::delete(world, &input(body)?),
        "DeleteParameters" => delete::delete_many(world, &input(body)?),
        "AddTagsToResource" => tags::add(world, input(body)?),
        "RemoveTagsFromResource" => tags::remove(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("ssm.{operation}"))),
    }
}
