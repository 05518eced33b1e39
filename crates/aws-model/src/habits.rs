//! How each service refuses an input that is not as its model has it, and what it does not hold its model to. One row a service,
//! with how it is known.

use crate::check::{ConstraintKind, Violation};
use crate::form::Empty;

/// A service's habits.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The service, as AWS's SDKs name it.
    pub service: &'static str,
    /// The code of a refusal.
    pub code: &'static str,
    /// Which constraints of the model refuse a request.
    pub asks: Asks,
    /// How a refusal is worded.
    pub words: Words,
    /// What an empty text of a form is.
    pub empty: Empty,
    /// How it is known.
    pub evidence: &'static str,
}

/// Which constraints of its model a service refuses by; what else it refuses has words of its own, which the service itself knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// All of them.
    All,
    /// Enums alone: nobody has seen other words for them.
    EnumsOnly,
    /// None of them.
    Nothing,
}

/// How a refusal is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// `1 validation error detected: Value 'x' at 'member' failed to satisfy constraint: ...`
    Validation,
    /// `Invalid parameter at 'member' failed to satisfy constraint: '...'`
    InvalidParameter,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: &'static str,
    /// AWS's text.
    pub message: String,
}

const HABITS: [Habits; 17] = [
    Habits {
        service: "application-autoscaling",
        code: "ValidationException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`1 validation error detected: Value 'x' at 'scalableDimension' failed to satisfy constraint: Member must satisfy enum \
                   value set: ...`, moto applicationautoscaling/responses.py",
    },
    Habits {
        service: "cloudfront",
        code: "MalformedXML",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`MalformedXML: 1 validation error detected: Value null at 'distributionConfig.enabled' ...`, fog/fog-aws#48; for an \
                   enum, with the path of a member below, aws/aws-cli#6275; for a body that is missing, aws/aws-sdk-php#1973",
    },
    Habits {
        service: "cloudwatch",
        code: "ValidationError",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Nothing,
        evidence: "`1 validation error detected: Value 'x' at 'stateValue' ...`, moto cloudwatch/models.py; LS test_cloudwatch",
    },
    Habits {
        service: "codedeploy",
        code: "ValidationException",
        asks: Asks::EnumsOnly,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "an exception of its own for each member that is missing or too long (ApplicationNameRequiredException) [MODEL]; \
                   for enums without one code and words are inferred [INF]",
    },
    Habits {
        service: "ecr",
        code: "InvalidParameterException",
        asks: Asks::All,
        words: Words::InvalidParameter,
        empty: Empty::Text,
        evidence: "`Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '...''`, \
                   recorded by CreateRepository with Bad_Name!; moto ecr/models.py has it for enums",
    },
    Habits {
        service: "ecs",
        code: "InvalidParameterException",
        asks: Asks::EnumsOnly,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "its model has no length and no pattern; what is missing is refused in words of its own (ecs-semantics C). Nobody \
                   has quoted a refusal of an enum: code and words are inferred [INF]",
    },
    Habits {
        service: "elbv2",
        code: "ValidationError",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Nothing,
        evidence: "`ValidationError: 1 validation error detected: Value 'http' at 'protocol' ...`, \
                   hashicorp/terraform-provider-aws#5246; its provider 5.100 writes `ProtocolVersion=` for what is not set",
    },
    Habits {
        service: "events",
        code: "ValidationException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`1 validation error detected: Value '...' at 'entries' ...`, LS events/provider.py, moto events/models.py",
    },
    Habits {
        service: "logs",
        code: "InvalidParameterException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`InvalidParameterException ... 1 validation error detected: Value 'C:/...' at 'logGroupName' ...`, quoted widely",
    },
    Habits {
        service: "rds",
        code: "ValidationError",
        asks: Asks::Nothing,
        words: Words::Validation,
        empty: Empty::Nothing,
        evidence: "its model has hardly a constraint; what is missing is `MissingParameter: The request must contain the parameter`",
    },
    Habits {
        service: "s3",
        code: "InvalidArgument",
        asks: Asks::Nothing,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "refusals name the argument and its value",
    },
    Habits {
        service: "scheduler",
        code: "ValidationException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`1 validation error detected: Value '...' at 'name' failed to satisfy constraint: Member must satisfy regular expression \
                   pattern: ...`, LocalStack test_scheduler (recorded on AWS)",
    },
    Habits {
        service: "secretsmanager",
        code: "ValidationException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`1 validation error detected: Value 'x' at 'filters.1.member.key' ...`, moto secretsmanager/responses.py; \
                   for a ClientRequestToken moto has InvalidParameterException, `must be 32-64 characters long.`",
    },
    Habits {
        service: "sns",
        code: "ValidationError",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`ValidationError: 1 validation error detected: Value null at 'message' ...`: CMB and Local SNS copy it from SNS",
    },
    Habits {
        service: "sqs",
        code: "MissingParameter",
        asks: Asks::Nothing,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "its model has no length and no pattern; `MissingParameter: The request must contain the parameter QueueName.`, LocalStack \
                   test_sqs (recorded on AWS); names of attributes are refused in words of its own",
    },
    Habits {
        service: "ssm",
        code: "ValidationException",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`1 validation error detected: Value 'x' at 'type' ... [SecureString, StringList, String]`, moto ssm/models.py",
    },
    Habits {
        service: "sts",
        code: "ValidationError",
        asks: Asks::All,
        words: Words::Validation,
        empty: Empty::Text,
        evidence: "`ValidationError: 1 validation error detected: Value '43200' at 'durationSeconds' ...`, moto sts/responses.py",
    },
];

/// A service's habits, by the name that AWS's SDKs have for it.
#[must_use]
pub fn habits(service: &str) -> Option<&'static Habits> {
    HABITS.iter().find(|row| row.service == service)
}

impl Habits {
    /// What the service says to an input with these violations; `None` when it minds none of them.
    #[must_use]
    pub fn refusal(&self, violations: Vec<Violation>) -> Option<Refusal> {
        let mut minded = violations;
        minded.retain(|violation| match self.asks {
            Asks::All => true,
            Asks::EnumsOnly => violation.kind == ConstraintKind::Enum,
            Asks::Nothing => false,
        });
        let first = minded.first()?;
        if self.service == "logs" && minded.iter().any(is_long_name) {
            return Some(Refusal {
                code: self.code,
                message: LONG_NAME.to_owned(),
            });
        }
        let message = match self.words {
            Words::InvalidParameter => invalid_parameter(first),
            Words::Validation => {
                let told: Vec<String> = minded.iter().map(validation).collect();
                let errors = if told.len() == 1 { "error" } else { "errors" };
                format!(
                    "{} validation {errors} detected: {}",
                    told.len(),
                    told.join("; ")
                )
            }
        };
        Some(Refusal {
            code: self.code,
            message,
        })
    }
}

/// Names of groups and streams that are too long have words of their own (LocalStack's `test_create_log_group_invalid_name_length`,
/// `test_delete_metric_filter_invalid_log_group_name`, recorded on AWS in February 2026 [OBS]).
const LONG_NAME: &str =
    "Invalid LogGroup or LogStream, both must have length less than or equal to 512.";

fn is_long_name(violation: &Violation) -> bool {
    ["logGroupName", "logStreamName"].contains(&violation.path.as_str())
        && violation.constraint.contains("less than or equal to 512")
}

fn validation(violation: &Violation) -> String {
    format!(
        "Value{} at '{}' failed to satisfy constraint: {}",
        violation.shown, violation.path, violation.constraint
    )
}

/// ECR's words.
fn invalid_parameter(violation: &Violation) -> String {
    let asked = violation
        .constraint
        .strip_prefix("Member must satisfy regular expression pattern: ");
    let asked = match asked {
        // Recorded without the model's backslash before a slash.
        Some(pattern) => format!(
            "must satisfy regular expression '{}'",
            pattern.replace("\\/", "/")
        ),
        None => violation.constraint.clone(),
    };
    format!(
        "Invalid parameter at '{}' failed to satisfy constraint: '{asked}'",
        violation.path
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::habits;
    use crate::check::check;
    use crate::model::Known;

    fn refused(service: &str, operation: &str, input: &Value) -> String {
        let model = crate::model(service).expect("a table");
        let Known::Served(operation) = model.operation(operation) else {
            panic!("{operation} is not served");
        };
        let violations = check(model, operation.input.expect("an input"), input);
        let refusal = habits(service).and_then(|habits| habits.refusal(violations));
        refusal.map_or_else(String::new, |refusal| {
            format!("{}: {}", refusal.code, refusal.message)
        })
    }

    #[test]
    fn refusals_are_worded_as_aws_words_them() {
        for (service, operation, input, expected) in [
            (
                "logs",
                "CreateLogGroup",
                json!({ "logGroupName": "a b" }),
                "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
            ),
            (
                "logs",
                "CreateLogGroup",
                json!({}),
                "InvalidParameterException: 1 validation error detected: Value null at 'logGroupName' failed to satisfy \
                 constraint: Member must not be null",
            ),
            (
                "logs",
                "CreateLogGroup",
                json!({ "logGroupName": "a".repeat(513) }),
                "InvalidParameterException: Invalid LogGroup or LogStream, both must have length less than or equal to 512.",
            ),
            (
                "events",
                "PutRule",
                json!({ "Name": "a b", "Description": "x".repeat(2) }),
                "ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
            ),
            (
                "ssm",
                "GetParameters",
                json!({ "Names": [] }),
                "ValidationException: 1 validation error detected: Value '[]' at 'names' failed to satisfy constraint: Member \
                 must have length greater than or equal to 1",
            ),
            (
                "secretsmanager",
                "CreateSecret",
                json!({ "Name": "", "SecretString": "" }),
                "ValidationException: 2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must \
                 have length greater than or equal to 1; Value at 'secretString' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1",
            ),
            (
                "ecr",
                "CreateRepository",
                json!({ "repositoryName": "Bad_Name!" }),
                "InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy \
                 regular expression '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*''",
            ),
            (
                "elbv2",
                "CreateTargetGroup",
                json!({ "Name": "x", "Protocol": "HTTP", "HealthyThresholdCount": 11 }),
                "ValidationError: 1 validation error detected: Value '11' at 'healthyThresholdCount' failed to satisfy constraint: \
                 Member must have value less than or equal to 10",
            ),
            (
                "cloudwatch",
                "DescribeAlarms",
                json!({ "AlarmTypes": ["x"] }),
                "ValidationError: 1 validation error detected: Value '[x]' at 'alarmTypes' failed to satisfy constraint: Member \
                 must satisfy constraint: [Member must satisfy enum value set: [CompositeAlarm, MetricAlarm, LogAlarm]]",
            ),
            ("ecs", "UpdateService", json!({}), ""),
        ] {
            assert_eq!(refused(service, operation, &input), expected);
        }
    }
}
