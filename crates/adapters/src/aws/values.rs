//! Values that a configuration looks up in the environment's account: parameters, outputs of stacks, objects. Reads only.

use aws_config::SdkConfig;
use aws_sdk_ssm::types::ParameterType;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backstay_domain::lookup::Trouble;
use backstay_domain::ports::PortFailure;
use serde_json::Value;

use super::bucket::in_its_region;
use super::connect;
use super::error::{Call, failure};

/// An account and Region, asked for values.
#[derive(Clone, Debug)]
pub struct Values {
    pub(super) ssm: aws_sdk_ssm::Client,
    pub(super) stacks: aws_sdk_cloudformation::Client,
    pub(super) s3: aws_sdk_s3::Client,
}

impl Values {
    /// Over the clients' configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            ssm: client!(aws_sdk_ssm, config),
            stacks: client!(aws_sdk_cloudformation, config),
            s3: aws_sdk_s3::Client::from_conf(connect::s3(config)),
        }
    }

    /// A parameter: a text, or a list of them. One that is encrypted is not decrypted.
    ///
    /// # Errors
    /// Why there is nothing.
    pub async fn parameter(&self, name: &str) -> Result<Value, Trouble> {
        let sent = self.ssm.get_parameter().name(name).send().await;
        let reply = sent.map_err(|error| match error.code() {
            Some("ParameterNotFound" | "ParameterVersionNotFound") => {
                Trouble::Missing(format!("parameter `{name}`"))
            }
            _ => failed(&failure("ssm.GetParameter", Call::Read, &error)),
        })?;
        let found = reply.parameter();
        let value = found.and_then(|found| found.value());
        match (found.and_then(|found| found.r#type()), value) {
            (Some(ParameterType::SecureString), _) => Err(Trouble::Secret("a SecureString")),
            (Some(ParameterType::StringList), Some(value)) => {
                let items = value.split(',').map(|item| Value::String(item.to_owned()));
                Ok(Value::Array(items.collect()))
            }
            (_, Some(value)) => Ok(Value::String(value.to_owned())),
            (_, None) => Err(Trouble::Missing(format!("value of parameter `{name}`"))),
        }
    }

    /// An output of a stack.
    ///
    /// # Errors
    /// Why there is nothing.
    pub async fn output(&self, stack: &str, output: &str) -> Result<Value, Trouble> {
        let sent = self.stacks.describe_stacks().stack_name(stack).send().await;
        let reply = sent.map_err(|error| match error.code() {
            // That is its code for a stack that does not exist.
            Some("ValidationError") => Trouble::Missing(format!("stack `{stack}`")),
            _ => failed(&failure(
                "cloudformation.DescribeStacks",
                Call::Read,
                &error,
            )),
        })?;
        let outputs = || reply.stacks().iter().flat_map(|stack| stack.outputs());
        let found = outputs().find(|found| found.output_key() == Some(output));
        match found.and_then(|found| found.output_value()) {
            Some(value) => Ok(Value::String(value.to_owned())),
            None => {
                let known: Vec<&str> = outputs().filter_map(|found| found.output_key()).collect();
                let known = match known.is_empty() {
                    true => "there are none".to_owned(),
                    false => format!("there are {}", known.join(", ")),
                };
                Err(Trouble::Missing(format!("output `{output}`: {known}")))
            }
        }
    }

    /// An object's bytes, in whichever Region its bucket is.
    ///
    /// # Errors
    /// Why there is nothing.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, Trouble> {
        let client = in_its_region(&self.s3, bucket).await;
        let client = client.as_ref().unwrap_or(&self.s3);
        let sent = client.get_object().bucket(bucket).key(key).send().await;
        let reply = sent.map_err(|error| match error.code() {
            Some("NoSuchKey" | "NoSuchBucket") => {
                Trouble::Missing(format!("object s3://{bucket}/{key}"))
            }
            _ => failed(&failure("s3.GetObject", Call::Read, &error)),
        })?;
        let bytes = reply.body.collect().await;
        let bytes = bytes.map_err(|_| Trouble::Failed("the object broke off".to_owned()))?;
        Ok(bytes.to_vec())
    }
}

fn failed(failure: &PortFailure) -> Trouble {
    Trouble::Failed(failure.to_string())
}
