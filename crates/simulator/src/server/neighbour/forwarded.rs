//! The names of services that `--forward` takes.

use std::fmt;
use std::str::FromStr;

use crate::front::Service;

/// Services that nobody simulates here, and that LocalStack's free edition has: they go to the upstream in any case.
const ALWAYS: [&str; 22] = [
    "acm",
    "apigateway",
    "cloudformation",
    "config",
    "dynamodb",
    "dynamodbstreams",
    "ec2",
    "es",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "opensearch",
    "redshift",
    "resource-groups",
    "route53",
    "scheduler",
    "ses",
    "sqs",
    "stepfunctions",
    "transcribe",
];

/// A service that is given to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    name: &'static str,
    /// None where it is not simulated anyway.
    pub(in crate::server) service: Option<Service>,
}

/// A text that names no service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no service `{0}`")]
pub struct ForwardedError(String);

impl Forwarded {
    /// Every name there is: those that are simulated first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Service::names().chain(ALWAYS)
    }
}

impl FromStr for Forwarded {
    type Err = ForwardedError;

    fn from_str(text: &str) -> Result<Self, ForwardedError> {
        if let Some(service) = Service::named(text) {
            return Ok(Self {
                name: service.name(),
                service: Some(service),
            });
        }
        let name = ALWAYS.into_iter().find(|name| *name == text);
        let name = name.ok_or_else(|| ForwardedError(text.to_owned()))?;
        Ok(Self {
            name,
            service: None,
        })
    }
}

impl fmt::Display for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_as_its_client_or_as_iam_does() {
        for (text, expected) in [
            ("s3", Some(("s3", true))),
            ("secretsmanager", Some(("secretsmanager", true))),
            ("monitoring", Some(("cloudwatch", true))),
            ("iam", Some(("iam", false))),
            ("S3", None),
            ("secretmanager", None),
            ("", None),
        ] {
            let found = text.parse::<Forwarded>().ok();
            let found = found.map(|found| (found.name, found.service.is_some()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
