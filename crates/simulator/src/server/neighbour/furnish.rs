//! What the first world begins with in services that the upstream keeps is made there, unless it is there already.

use http::Method;
use serde_json::{Map, Value, json};

use super::asked::{Answer, Place, Question, asked};
use super::origin::path_of;
use crate::front::Service;
use crate::server::upstream::Upstream;
use crate::services::s3::{Moved, Stored};
use crate::world::elsewhere::{Furnishing, Need};
use crate::{Millis, World};

/// The value of a secret that nobody here knows.
const PLACEHOLDER: &str = "made-by-backstay-simulator";
/// Every client sends one; it tells attempts at one secret apart, of which there is one.
const TOKEN: &str = "6261636b-7374-4179-8000-000000000001";

/// Why a server cannot begin with a service of the upstream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfurnished {
    /// There is no upstream, or it does not answer.
    #[error("{0}")]
    Silent(String),
    /// It refuses what the environment needs.
    #[error("the upstream cannot make {what}: {status} {reason}")]
    Refused {
        /// For example `bucket cat-house-frontend-staging`.
        what: String,
        /// HTTP status.
        status: u16,
        /// The beginning of what it said.
        reason: String,
    },
}

struct Making<'a> {
    upstream: &'a Upstream,
    place: Place,
    now_ms: Millis,
}

/// Makes what is missing.
pub(in crate::server) async fn furnish(
    upstream: &Upstream,
    world: &World,
) -> Result<(), Unfurnished> {
    let making = Making {
        upstream,
        place: Place {
            account: world.account.clone(),
            region: world.region.clone(),
        },
        now_ms: world.now_ms,
    };
    // Whoever begins without a bucket learns as early that nobody is there.
    let list = Question::of_s3(Method::GET, "/".to_owned());
    making.ask(&making.place, list).await?;
    for furnishing in world.furnishings() {
        match &furnishing {
            Furnishing::Bucket(Moved {
                name,
                region,
                policy,
                objects,
            }) => {
                making
                    .bucket(name, region, policy.as_deref(), objects)
                    .await?;
            }
            Furnishing::LogGroup(name) => making.log_group(name).await?,
            Furnishing::Secret { name, needs } => making.secret(name, needs).await?,
            Furnishing::Parameter { name, need } => making.parameter(name, need).await?,
        }
    }
    Ok(())
}

impl Making<'_> {
    async fn ask(&self, place: &Place, question: Question) -> Result<Answer, Unfurnished> {
        let asked = asked(self.upstream, place, question, self.now_ms).await;
        asked.map_err(Unfurnished::Silent)
    }

    async fn made(&self, place: &Place, what: &str, question: Question) -> Result<(), Unfurnished> {
        let answer = self.ask(place, question).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&answer.body);
        Err(Unfurnished::Refused {
            what: what.to_owned(),
            status: answer.status.as_u16(),
            reason: reason.chars().take(200).collect(),
        })
    }

    /// One that is there stays as it is, with what is in it.
    async fn bucket(
        &self,
        name: &str,
        region: &str,
        policy: Option<&str>,
        objects: &[Stored],
    ) -> Result<(), Unfurnished> {
        let place = Place {
            account: self.place.account.clone(),
            region: region.to_owned(),
        };
        let path = format!("/{name}");
        let head = Question::of_s3(Method::HEAD, path.clone());
        if self.ask(&place, head).await?.status.is_success() {
            return Ok(());
        }
        let what = format!("bucket {name}");
        let body = match region {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{region}\
                 </LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let put = |path: String, headers: Vec<(String, String)>, body: bytes::Bytes| Question {
            headers,
            body,
            ..Question::of_s3(Method::PUT, path)
        };
        self.made(&place, &what, put(path.clone(), Vec::new(), body.into()))
            .await?;
        for object in objects {
            let path = path_of(name, &object.key);
            let put = put(path, object.headers.clone(), object.body.clone());
            let what = format!("object {} of {what}", object.key);
            self.made(&place, &what, put).await?;
        }
        if let Some(policy) = policy {
            let body = bytes::Bytes::from(policy.to_owned());
            let put = put(format!("{path}?policy"), Vec::new(), body);
            let what = format!("the policy of {what}");
            self.made(&place, &what, put).await?;
        }
        Ok(())
    }

    async fn log_group(&self, name: &str) -> Result<(), Unfurnished> {
        let input = json!({ "logGroupName": name });
        let question = Question::json(Service::Logs, "Logs_20140328.CreateLogGroup", &input);
        let answer = self.ask(&self.place, question).await?;
        let kind = answer.json();
        let is_there = kind.get("__type").and_then(Value::as_str);
        match answer.status.is_success()
            || is_there.is_some_and(|it| it.ends_with("AlreadyExistsException"))
        {
            true => Ok(()),
            false => Err(Unfurnished::Refused {
                what: format!("log group {name}"),
                status: answer.status.as_u16(),
                reason: String::from_utf8_lossy(&answer.body).into_owned(),
            }),
        }
    }

    /// With every key that a task definition reads of it.
    async fn secret(
        &self,
        name: &str,
        needs: &[(Need, Option<String>)],
    ) -> Result<(), Unfurnished> {
        let Some((need, _)) = needs.first() else {
            return Ok(());
        };
        let place = place_of(need);
        let get = json!({ "SecretId": need.input["SecretId"] });
        let get = Question::json(Service::SecretsManager, need.target, &get);
        if self.ask(&place, get).await?.status.is_success() {
            return Ok(());
        }
        let keys: Map<String, Value> = needs
            .iter()
            .filter_map(|(_, key)| Some((key.clone()?, json!(PLACEHOLDER))))
            .collect();
        let value = match keys.is_empty() {
            true => PLACEHOLDER.to_owned(),
            false => Value::Object(keys).to_string(),
        };
        let mut input = json!({ "Name": name, "SecretString": value, "ClientRequestToken": TOKEN });
        if let Some((bare, end)) = with_end(name) {
            input["Name"] = json!(bare);
            // How LocalStack is told the end of an ARN.
            input["Tags"] = json!([{ "Key": "_custom_id_", "Value": end }]);
        }
        let target = "secretsmanager.CreateSecret";
        let create = Question::json(Service::SecretsManager, target, &input);
        self.made(&place, &format!("secret {name}"), create).await
    }

    async fn parameter(&self, name: &str, need: &Need) -> Result<(), Unfurnished> {
        let place = place_of(need);
        let get = Question::json(Service::Ssm, need.target, &need.input);
        let found = self.ask(&place, get).await?.json();
        let found = found.get("Parameters").and_then(Value::as_array);
        if found.is_some_and(|found| !found.is_empty()) {
            return Ok(());
        }
        let input = json!({ "Name": name, "Value": PLACEHOLDER, "Type": "SecureString" });
        let put = Question::json(Service::Ssm, "AmazonSSM.PutParameter", &input);
        self.made(&place, &format!("parameter {name}"), put).await
    }
}

fn place_of(need: &Need) -> Place {
    Place {
        account: need.account.clone(),
        region: need.region.clone(),
    }
}

/// A name that ends as ARNs of secrets do, without and with that end: a hyphen and six characters, which chance makes no word.
fn with_end(name: &str) -> Option<(&str, &str)> {
    let (bare, end) = name.rsplit_once('-')?;
    let is_end = end.len() == 6
        && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && end.bytes().any(|byte| !byte.is_ascii_lowercase());
    is_end.then_some((bare, end))
}

#[cfg(test)]
mod tests {
    use super::with_end;

    #[test]
    fn the_end_of_an_arn_is_no_word() {
        assert_eq!(with_end("a/jwt-AbCd12"), Some(("a/jwt", "AbCd12")));
        for name in ["a/jwt-secret", "a/url", "a/jwt-AbCd1", "a/jwt-AbCd12x"] {
            assert_eq!(with_end(name), None, "{name}");
        }
    }
}
