//! Parameters that nobody has put: secrets of Secrets Manager by reference, and AWS's own public ones.

use backstay_aws_model::regions::regions;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::base::arn::regional_arn;
use crate::base::here::here;
use crate::services::{secretsmanager, ssm};
use crate::wire::seconds;
use crate::{ApiError, World};

const REFERENCE: &str = "/aws/reference/secretsmanager/";
const PUBLIC: &str = "/aws/service/";
/// Public parameters whose value is the id of a machine image.
const IMAGES: [&str; 2] = [
    "/aws/service/ami-amazon-linux-latest/",
    "/aws/service/ecs/optimized-ami/",
];
const REGIONS: &str = "/aws/service/global-infrastructure/regions/";

/// `WithDecryption`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decryption {
    Asked,
    NotAsked,
}

/// The secret as a parameter tells it: the members' names begin with small letters, but for ARN (LocalStack's `test_get_secret_parameter`,
/// validated on AWS [OBS]; those that it does not look at [INF]).
fn source_result(held: &Value) -> Value {
    let members = held.as_object().into_iter().flatten();
    let small = |name: &String| match name.as_str() {
        "ARN" => name.clone(),
        other => {
            let (first, rest) = other.split_at(1);
            first.to_ascii_lowercase() + rest
        }
    };
    members
        .map(|(name, value)| (small(name), value.clone()))
        .collect()
}

impl World {
    /// An operation of Parameter Store.
    pub(crate) fn parameters(&mut self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        let decryption = match input.get("WithDecryption") {
            Some(Value::Bool(true)) => Decryption::Asked,
            _ => Decryption::NotAsked,
        };
        match operation {
            "GetParameter" => {
                let name = input.get("Name").and_then(Value::as_str);
                if let Some(name) = name.filter(|name| is_nobodys(name)) {
                    let parameter = self.nobodys(name, decryption)?;
                    return Ok(json!({ "Parameter": parameter }));
                }
            }
            "GetParameters" => return self.many(input, decryption),
            _ => {}
        }
        ssm::call(&mut here!(self.ssm), operation, input)
    }

    fn many(&mut self, input: &Value, decryption: Decryption) -> Result<Value, ApiError> {
        let names = input.get("Names").and_then(Value::as_array);
        let (nobodys, put): (Vec<Value>, Vec<Value>) = names
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .partition(|name| name.as_str().is_some_and(is_nobodys));
        let mut asked = input.clone();
        asked["Names"] = json!(put);
        let mut answer = ssm::call(&mut here!(self.ssm), "GetParameters", &asked)?;
        for name in nobodys.iter().filter_map(Value::as_str) {
            let (member, value) = match self.nobodys(name, decryption) {
                Ok(parameter) => ("Parameters", parameter),
                Err(_) => ("InvalidParameters", json!(name)),
            };
            if let Some(list) = answer.get_mut(member).and_then(Value::as_array_mut) {
                list.push(value);
            }
        }
        Ok(answer)
    }

    fn nobodys(&mut self, name: &str, decryption: Decryption) -> Result<Value, ApiError> {
        match name.strip_prefix(REFERENCE) {
            Some(secret) => self.referenced(name, secret, decryption),
            None => self.public(name),
        }
    }

    /// LocalStack `test_get_secret_parameter`, recorded on AWS [OBS]; the refusal without decryption [MEM].
    fn referenced(
        &mut self,
        name: &str,
        secret: &str,
        decryption: Decryption,
    ) -> Result<Value, ApiError> {
        if decryption == Decryption::NotAsked {
            let message =
                "WithDecryption flag must be True for retrieving a Secret Manager secret.";
            return Err(ApiError::client("ValidationException", message));
        }
        // `NAME:ID` and `NAME:STAGE` are a version, unless it is an ARN (Referencing Secrets Manager secrets [DOC]).
        let input = match secret.split_once(':').filter(|(name, _)| *name != "arn") {
            None => json!({ "SecretId": secret }),
            Some((name, version)) if version.len() >= 32 => {
                json!({ "SecretId": name, "VersionId": version })
            }
            Some((name, stage)) => json!({ "SecretId": name, "VersionStage": stage }),
        };
        let here = &mut here!(self.secretsmanager);
        let held = secretsmanager::call(here, "GetSecretValue", &input);
        let held = held.map_err(|_| unreferenced(name))?;
        let resource = format_args!("parameter{name}");
        Ok(json!({
            "Name": name,
            "Type": "SecureString",
            "Value": held["SecretString"],
            "Version": 0,
            "SourceResult": source_result(&held).to_string(),
            "LastModifiedDate": held["CreatedDate"],
            "ARN": regional_arn("ssm", &self.region, &self.account, resource),
            "DataType": "text",
        }))
    }

    /// AWS's own: ids of machine images, made up and always the same, and the names of Regions ([DOC] public parameters).
    fn public(&self, name: &str) -> Result<Value, ApiError> {
        let region = name.strip_prefix(REGIONS);
        let region = region.filter(|asked| regions().any(|known| known == *asked));
        let is_image = IMAGES.iter().any(|family| name.starts_with(family));
        let id = || {
            let digest =
                Sha256::digest(format!("{}{}", self.region, name.replace("/image_id", "")));
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("ami-{}", &hex[..17])
        };
        let value = match region {
            Some(region) => region.to_owned(),
            None if name.ends_with("/recommended") && is_image => {
                json!({ "image_id": id(), "os": "Amazon Linux", "schema_version": 1 }).to_string()
            }
            None if is_image => id(),
            None => return Err(missing(name)),
        };
        let image_type = name.starts_with(IMAGES[0]);
        Ok(json!({
            "Name": name,
            "Type": "String",
            "Value": value,
            "Version": 1,
            "LastModifiedDate": seconds(self.now_ms),
            "ARN": regional_arn("ssm", &self.region, "", format_args!("parameter{name}")),
            "DataType": if image_type { "aws:ec2:image" } else { "text" },
        }))
    }
}

fn is_nobodys(name: &str) -> bool {
    name.starts_with(REFERENCE) || name.starts_with(PUBLIC)
}

/// LocalStack `test_get_inexistent_secret`, validated on AWS [OBS].
fn unreferenced(name: &str) -> ApiError {
    ApiError::client(
        "ParameterNotFound",
        format!(
            "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {name} not found."
        ),
    )
}

fn missing(name: &str) -> ApiError {
    ApiError::client("ParameterNotFound", format!("Parameter {name} not found."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::front::{Service, ask};
    use crate::{Weather, World};

    fn world() -> World {
        World::new(
            "123456789012",
            "sa-east-1",
            1,
            Weather::Calm,
            1_800_000_000_000,
        )
    }

    fn parameter(world: &mut World, name: &str) -> Result<Value, String> {
        let input = json!({ "Name": name, "WithDecryption": true });
        let found = ask(world, Service::Ssm, "GetParameter", &input);
        found
            .map(|answer| answer["Parameter"].clone())
            .map_err(|error| error.code.to_owned())
    }

    #[test]
    fn a_secret_is_a_parameter_by_reference() {
        let mut world = world();
        let secret = json!({ "Name": "team/key", "SecretString": "hunter2" });
        ask(&mut world, Service::SecretsManager, "CreateSecret", &secret).expect("created");
        let name = "/aws/reference/secretsmanager/team/key";
        let found = parameter(&mut world, name).expect("found");
        assert_eq!(
            (&found["Value"], &found["Version"]),
            (&json!("hunter2"), &json!(0))
        );
        assert_eq!(
            (&found["Name"], &found["Type"]),
            (&json!(name), &json!("SecureString"))
        );
        let source: Value =
            serde_json::from_str(found["SourceResult"].as_str().expect("text")).expect("JSON");
        assert_eq!(source["name"], "team/key");
        let plain = ask(
            &mut world,
            Service::Ssm,
            "GetParameter",
            &json!({ "Name": name }),
        );
        assert_eq!(plain.expect_err("refused").code, "ValidationException");
        let newer = json!({ "SecretId": "team/key", "SecretString": "hunter3" });
        ask(
            &mut world,
            Service::SecretsManager,
            "PutSecretValue",
            &newer,
        )
        .expect("put");
        let before = parameter(&mut world, &format!("{name}:AWSPREVIOUS")).expect("found");
        assert_eq!(before["Value"], "hunter2");
        let id = source["versionId"].as_str().unwrap_or_default();
        let first = parameter(&mut world, &format!("{name}:{id}")).expect("found");
        assert_eq!(first["Value"], "hunter2");
        let none = parameter(&mut world, "/aws/reference/secretsmanager/none");
        assert_eq!(none.expect_err("missing"), "ParameterNotFound");
    }

    #[test]
    fn public_parameters_are_there() {
        let mut world = world();
        let linux = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let found = parameter(&mut world, linux).expect("found");
        assert!(
            found["Value"]
                .as_str()
                .is_some_and(|id| id.starts_with("ami-") && id.len() == 21)
        );
        assert_eq!(found["DataType"], "aws:ec2:image");
        assert_eq!(
            found["ARN"],
            format!("arn:aws:ssm:sa-east-1::parameter{linux}")
        );
        let ecs = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended";
        let whole = parameter(&mut world, ecs).expect("found")["Value"].clone();
        let whole: Value = serde_json::from_str(whole.as_str().expect("text")).expect("JSON");
        let id = parameter(&mut world, &format!("{ecs}/image_id")).expect("found");
        assert_eq!(whole["image_id"], id["Value"]);
        let region = "/aws/service/global-infrastructure/regions/eu-west-1";
        assert_eq!(
            parameter(&mut world, region).expect("found")["Value"],
            "eu-west-1"
        );
        assert!(parameter(&mut world, "/aws/service/none").is_err());
    }

    #[test]
    fn of_many_each_is_found_where_it_is() {
        let mut world = world();
        let put = json!({ "Name": "level", "Value": "info", "Type": "String" });
        ask(&mut world, Service::Ssm, "PutParameter", &put).expect("put");
        let region = "/aws/service/global-infrastructure/regions/sa-east-1";
        let names = json!({ "Names": ["level", region, "/aws/service/none", "none"] });
        let answer = ask(&mut world, Service::Ssm, "GetParameters", &names).expect("an answer");
        let found = answer["Parameters"].as_array().expect("parameters").iter();
        let found: Vec<&Value> = found.map(|it| &it["Name"]).collect();
        assert_eq!(found, [&json!("level"), &json!(region)]);
        assert_eq!(
            answer["InvalidParameters"],
            json!(["none", "/aws/service/none"])
        );
    }

    /// LocalStack `test_put_parameters`, recorded on AWS.
    #[test]
    fn a_name_without_levels_is_the_same_with_a_slash() {
        let mut world = world();
        for (put, other) in [("level", "/level"), ("/limit", "limit")] {
            let input = json!({ "Name": put, "Value": "x", "Type": "String" });
            ask(&mut world, Service::Ssm, "PutParameter", &input).expect("put");
            for name in [put, other] {
                assert_eq!(parameter(&mut world, name).expect("found")["Name"], name);
            }
            let again = json!({ "Name": other, "Value": "y", "Type": "String" });
            let refused = ask(&mut world, Service::Ssm, "PutParameter", &again);
            assert_eq!(
                refused.expect_err("it is there").code,
                "ParameterAlreadyExists"
            );
            let gone = ask(
                &mut world,
                Service::Ssm,
                "DeleteParameter",
                &json!({ "Name": other }),
            );
            gone.expect("deleted");
            assert!(parameter(&mut world, put).is_err());
        }
    }
}
