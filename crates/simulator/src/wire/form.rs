//! The query protocol's request: `application/x-www-form-urlencoded` with `Names.member.1` lists.

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
