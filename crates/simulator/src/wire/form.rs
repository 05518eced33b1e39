//! The query protocol's request: `application/x-www-form-urlencoded` with `Names.member.1` lists.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::ApiError;
use crate::wire::Tags;

/// A decoded request of the query protocol.
#[derive(Clone, Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The texts of `NAME.member.1`, `NAME.member.2`, ... in order.
    pub(crate) fn members(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| self.text(&format!("{name}.member.{index}")))
            .collect()
    }

    /// The field of every structure in a list: `NAME.member.1.FIELD`, ...
    pub(crate) fn member_fields(&self, name: &str, field: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| self.text(&format!("{name}.member.{index}.{field}")))
            .collect()
    }

    /// The request as a tree whose leaves are texts, for inputs whose numbers, flags and times are of
    /// [`scalar`](super::scalar). A list may name its items as it likes. An empty text is how clients write an empty list.
    pub(crate) fn tree(&self) -> Value {
        let mut root = Map::new();
        let parameters = self.0.iter().filter(|(key, value)| {
            !["Action", "Version"].contains(&key.as_str()) && !value.is_empty()
        });
        for (key, value) in parameters {
            // No input of AWS is deeper; what is deeper becomes one odd name that no input knows.
            let path: Vec<&str> = key.splitn(32, '.').collect();
            plant(&mut root, &path, value);
        }
        Value::Object(
            root.into_iter()
                .map(|(key, value)| (key, with_lists(value)))
                .collect(),
        )
    }

    /// The pairs of a map: `NAME.entry.1.key` and `NAME.entry.1.value`, ...
    pub(crate) fn entries(&self, name: &str) -> Vec<(&str, &str)> {
        (1..)
            .map_while(|index| {
                let key = self.text(&format!("{name}.entry.{index}.key"))?;
                let value = self.text(&format!("{name}.entry.{index}.value"));
                Some((key, value.unwrap_or_default()))
            })
            .collect()
    }

    /// The tags of `NAME.member.1.Key` and `NAME.member.1.Value`, ...
    pub(crate) fn tags(&self, name: &str) -> Tags {
        (1..)
            .map_while(|index| {
                let key = self.text(&format!("{name}.member.{index}.Key"))?;
                let value = self.text(&format!("{name}.member.{index}.Value"));
                Some((key.to_owned(), value.unwrap_or_default().to_owned()))
            })
            .collect()
    }

    /// Refuses any parameter that is not in `known`: a field that is ignored is a lie.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let top = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
        let unknown = self.0.iter().map(|(key, _)| top(key)).find(|key| {
            !["Action", "Version"].contains(&key.as_str()) && !known.contains(&key.as_str())
        });
        match unknown {
            Some(key) => Err(ApiError::client(
                "ValidationError",
                format!("the simulator does not know parameter {key}"),
            )),
            None => Ok(()),
        }
    }
}

/// Puts a value where its path leads. What a path goes through cannot be a value too: the value is lost, as on AWS.
fn plant(place: &mut Map<String, Value>, path: &[&str], value: &str) {
    match path {
        [] => {}
        [last] => {
            place.insert((*last).to_owned(), Value::from(value));
        }
        [step, rest @ ..] => {
            let inner = place
                .entry(*step)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                plant(inner, rest, value);
            }
        }
    }
}

/// `{"member": {"1": a, "2": b}}` is a list.
fn with_lists(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let number = |key: &String| key.parse::<u32>().ok();
    let single = members.values().next().filter(|_| members.len() == 1);
    let items = single
        .and_then(Value::as_object)
        .filter(|items| items.keys().all(|key| number(key).is_some()));
    if let Some(items) = items {
        let mut items: Vec<_> = items.iter().collect();
        items.sort_by_key(|(key, _)| number(key));
        return Value::Array(
            items
                .into_iter()
                .map(|(_, item)| with_lists(item.clone()))
                .collect(),
        );
    }
    Value::Object(
        members
            .into_iter()
            .map(|(key, value)| (key, with_lists(value)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_a_tree() {
        for (body, expected) in [
            ("Action=A&Version=2010-08-01", json!({})),
            ("AlarmName=a+b&AlarmActions=", json!({ "AlarmName": "a b" })),
            (
                "N.member.2=b&N.member.1=a&N.member.10=c",
                json!({ "N": ["a", "b", "c"] }),
            ),
            (
                "M.member.1.D.member.1.Name=n&M.member.1.D.member.1.Value=v&M.member.1.Value=3.5",
                json!({ "M": [{ "D": [{ "Name": "n", "Value": "v" }], "Value": "3.5" }] }),
            ),
            (
                "Filters.Filter.1.Values.Value.1=x&S.Rule.Days=3",
                json!({ "Filters": [{ "Values": ["x"] }], "S": { "Rule": { "Days": "3" } } }),
            ),
            ("A=1&A.B=2", json!({ "A": "1" })),
        ] {
            assert_eq!(Form::parse(body.as_bytes()).tree(), expected, "{body}");
        }
        let deep = format!("{}=1", "a.".repeat(100_000));
        assert!(Form::parse(deep.as_bytes()).tree().is_object());
    }
}
