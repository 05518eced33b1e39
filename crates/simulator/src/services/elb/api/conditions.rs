//! The conditions of rules, from and to the API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::invalid;
use crate::ApiError;
use crate::base::not_implemented;
use crate::services::elb::{Condition, QueryPair};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ConditionInput {
    field: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    host_header_config: Option<ValuesInput>,
    path_pattern_config: Option<ValuesInput>,
    http_header_config: Option<HeaderInput>,
    query_string_config: Option<QueryInput>,
    http_request_method_config: Option<ValuesInput>,
    source_ip_config: Option<ValuesInput>,
    #[serde(default)]
    regex_values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ValuesInput {
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    regex_values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HeaderInput {
    http_header_name: String,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    regex_values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueryInput {
    #[serde(default)]
    values: Vec<PairInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PairInput {
    key: Option<String>,
    value: Option<String>,
}

/// Values a rule may have in all its conditions [DOC].
const MOST_VALUES: usize = 5;

pub(super) fn conditions(input: &[ConditionInput]) -> Result<Vec<Condition>, ApiError> {
    if input.is_empty() {
        return Err(invalid("A condition must be specified"));
    }
    let conditions = input.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let count: usize = conditions.iter().map(Condition::size).sum();
    if count > MOST_VALUES {
        return Err(invalid(format!(
            "The number of condition values ('{count}') must not exceed the limit of '{MOST_VALUES}'"
        )));
    }
    Ok(conditions)
}

/// Characters of a value, of a header's name and of a method (RuleCondition and its configs [DOC]; the words moto's `elbv2` [CODE]).
const LONGEST_VALUE: usize = 128;
const LONGEST_NAME: usize = 40;

fn short(what: &str, value: &str, most: usize) -> Result<(), ApiError> {
    match value.chars().count() > most {
        true => Err(invalid(format!(
            "The '{what}' value is too long; the limit is '{most}'"
        ))),
        false => Ok(()),
    }
}

/// What the documentation says of the values of each field.
fn fits(condition: &Condition) -> Result<(), ApiError> {
    let all = |what: &str, values: &[String], most: usize| {
        values.iter().try_for_each(|value| short(what, value, most))
    };
    match condition {
        Condition::Path(values) => all("path-pattern", values, LONGEST_VALUE),
        Condition::Host(values) => all("host-header", values, LONGEST_VALUE),
        Condition::Header { name, values } => {
            short("HttpHeaderName", name, LONGEST_NAME)?;
            all("http-header", values, LONGEST_VALUE)
        }
        Condition::Method(values) => {
            all("http-request-method", values, LONGEST_NAME)?;
            let is_allowed = |byte: u8| byte.is_ascii_uppercase() || b"-_".contains(&byte);
            match values.iter().all(|value| value.bytes().all(is_allowed)) {
                true => Ok(()),
                false => Err(invalid(
                    "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
                )),
            }
        }
        Condition::Query(pairs) => pairs.iter().try_for_each(|pair| {
            short(
                "Key",
                pair.key.as_deref().unwrap_or_default(),
                LONGEST_VALUE,
            )?;
            short("Value", &pair.value, LONGEST_VALUE)
        }),
        Condition::SourceIp(_) => Ok(()),
    }
}

fn one(input: &ConditionInput) -> Result<Condition, ApiError> {
    let condition = read(input)?;
    fits(&condition)?;
    Ok(condition)
}

fn read(input: &ConditionInput) -> Result<Condition, ApiError> {
    let field = input.field.as_deref();
    let field = field.ok_or_else(|| invalid("A condition field must be specified"))?;
    let regular = |config: &Option<ValuesInput>| {
        config
            .as_ref()
            .is_some_and(|it| !it.regex_values.is_empty())
    };
    let header_regular = input
        .http_header_config
        .as_ref()
        .is_some_and(|it| !it.regex_values.is_empty());
    let any_regular = regular(&input.host_header_config) || regular(&input.path_pattern_config);
    if header_regular || any_regular || !input.regex_values.is_empty() {
        return Err(not_implemented("elbv2 conditions with regular expressions"));
    }
    let plain = |config: &Option<ValuesInput>| {
        // The older member takes one value only (RuleCondition, Values [DOC]).
        if config.is_none() && input.values.len() > 1 {
            return Err(invalid(format!(
                "The '{field}' field contains too many values; the limit is '1'"
            )));
        }
        let values = config.as_ref().map_or(&input.values, |it| &it.values);
        some(field, values.clone())
    };
    // The words moto's `elbv2` [CODE].
    let absent = match field {
        "source-ip" => input.source_ip_config.is_none(),
        "http-request-method" => input.http_request_method_config.is_none(),
        _ => false,
    };
    if absent && input.values.is_empty() {
        let config = match field {
            "source-ip" => "SourceIpConfig",
            _ => "HttpRequestMethodConfig",
        };
        return Err(invalid(format!(
            "A '{config}' must be specified with '{field}'"
        )));
    }
    match field {
        "path-pattern" => plain(&input.path_pattern_config).map(Condition::Path),
        "host-header" => plain(&input.host_header_config).map(Condition::Host),
        "http-request-method" => plain(&input.http_request_method_config).map(Condition::Method),
        "source-ip" => {
            let ranges = plain(&input.source_ip_config)?;
            let wrong = ranges
                .iter()
                .find(|it| crate::services::elb::parse_range(it).is_none());
            match wrong {
                Some(wrong) => Err(invalid(format!(
                    "The value '{wrong}' must be an IP address range in CIDR format"
                ))),
                None => Ok(Condition::SourceIp(ranges)),
            }
        }
        "http-header" => {
            let config = input.http_header_config.as_ref();
            let config = config.ok_or_else(|| invalid("An HTTP header name must be specified"))?;
            Ok(Condition::Header {
                name: config.http_header_name.clone(),
                values: some(field, config.values.clone())?,
            })
        }
        "query-string" => {
            let pairs = input.query_string_config.iter().flat_map(|it| &it.values);
            if pairs.clone().any(|pair| pair.value.is_none()) {
                return Err(invalid(
                    "A 'Value' must be specified in 'QueryStringKeyValuePair'",
                ));
            }
            let pairs = pairs.map(|pair| QueryPair {
                key: pair.key.clone(),
                value: pair.value.clone().unwrap_or_default(),
            });
            some(field, pairs.collect()).map(Condition::Query)
        }
        other => Err(invalid(format!(
            "Condition field '{other}' must be one of '[path-pattern,host-header,http-header,http-request-method,query-string,source-ip]'"
        ))),
    }
}

fn some<T>(field: &str, values: Vec<T>) -> Result<Vec<T>, ApiError> {
    if values.is_empty() {
        return Err(invalid(match field {
            "path-pattern" | "host-header" => "A condition value must be specified".to_owned(),
            "source-ip" => "A 'source-ip' value must be specified".to_owned(),
            _ => format!("A condition value must be specified for field '{field}'"),
        }));
    }
    Ok(values)
}

/// A condition as the API tells it: paths and hosts also where they were before there were configs [MODEL].
pub(super) fn condition_json(condition: &Condition) -> Value {
    match condition {
        Condition::Path(values) => json!({
            "Field": "path-pattern", "Values": values, "PathPatternConfig": { "Values": values },
        }),
        Condition::Host(values) => json!({
            "Field": "host-header", "Values": values, "HostHeaderConfig": { "Values": values },
        }),
        Condition::Header { name, values } => json!({
            "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": name, "Values": values },
        }),
        Condition::Query(pairs) => {
            let pairs = pairs
                .iter()
                .map(|it| json!({ "Key": it.key, "Value": it.value }));
            json!({ "Field": "query-string", "QueryStringConfig": { "Values": pairs.collect::<Vec<_>>() } })
        }
        Condition::Method(values) => json!({
            "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": values },
        }),
        Condition::SourceIp(values) => json!({
            "Field": "source-ip", "SourceIpConfig": { "Values": values },
        }),
    }
}
