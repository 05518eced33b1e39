//! Values that a configuration looks up: what is a value, what is a secret, and what is not there.

use aws_sdk_cloudformation::operation::describe_stacks::{
    DescribeStacksError, DescribeStacksOutput,
};
use aws_sdk_cloudformation::types::{Output, Stack, StackStatus};
use aws_sdk_ssm::operation::get_parameter::{GetParameterError, GetParameterOutput};
use aws_sdk_ssm::types::{Parameter, ParameterType};
use aws_smithy_mocks::mock;
use backstay_domain::lookup::Trouble;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::aws::Values;

fn parameter(kind: ParameterType, value: &str) -> GetParameterOutput {
    let parameter = Parameter::builder().r#type(kind).value(value).build();
    GetParameterOutput::builder().parameter(parameter).build()
}

#[rstest]
#[case(ParameterType::String, Ok(json!("a.test")))]
#[case(ParameterType::StringList, Ok(json!(["a.test", "b"])))]
#[case(ParameterType::SecureString, Err(Trouble::Secret("a SecureString")))]
#[tokio::test]
async fn parameters(#[case] kind: ParameterType, #[case] expected: Result<Value, Trouble>) {
    let value = match kind {
        ParameterType::StringList => "a.test,b",
        _ => "a.test",
    };
    // What is encrypted is never asked for in clear.
    let rule = mock!(aws_sdk_ssm::Client::get_parameter)
        .match_requests(|sent| sent.name() == Some("/host") && sent.with_decryption() != Some(true))
        .then_output(move || parameter(kind.clone(), value));
    let values = Values {
        ssm: mocked!(aws_sdk_ssm, &[&rule]),
        ..Values::new(&config())
    };
    assert_eq!(values.parameter("/host").await, expected);
}

#[rstest]
#[case("ParameterNotFound", "there is no parameter `/host`")]
#[case("AccessDeniedException", "ssm.GetParameter: AccessDeniedException")]
#[tokio::test]
async fn parameters_that_are_not_there(#[case] code: &'static str, #[case] expected: &str) {
    let rule = mock!(aws_sdk_ssm::Client::get_parameter)
        .then_error(move || GetParameterError::generic(coded(code)));
    let values = Values {
        ssm: mocked!(aws_sdk_ssm, &[&rule]),
        ..Values::new(&config())
    };
    let trouble = values.parameter("/host").await.unwrap_err().to_string();
    assert!(trouble.contains(expected), "{trouble}");
}

fn stack() -> DescribeStacksOutput {
    let output = |key: &str, value: &str| {
        Output::builder()
            .output_key(key)
            .output_value(value)
            .build()
    };
    let stack = Stack::builder()
        .stack_name("events")
        .stack_status(StackStatus::CreateComplete)
        .creation_time(DateTime::from_secs(0))
        .outputs(output("Topic", "arn:topic"))
        .outputs(output("Queue", "arn:queue"))
        .build();
    DescribeStacksOutput::builder().stacks(stack).build()
}

#[tokio::test]
async fn outputs_of_stacks() {
    let there = mock!(aws_sdk_cloudformation::Client::describe_stacks)
        .match_requests(|sent| sent.stack_name() == Some("events"))
        .then_output(stack);
    let gone = mock!(aws_sdk_cloudformation::Client::describe_stacks)
        .match_requests(|sent| sent.stack_name() == Some("none"))
        .then_error(|| DescribeStacksError::generic(coded("ValidationError")));
    let values = Values {
        stacks: mocked!(aws_sdk_cloudformation, &[&there, &gone]),
        ..Values::new(&config())
    };
    assert_eq!(
        values.output("events", "Queue").await,
        Ok(json!("arn:queue"))
    );
    let said = values.output("events", "Qeue").await.unwrap_err();
    let words = "there is no output `Qeue`: there are Topic, Queue";
    assert_eq!(said.to_string(), words);
    let said = values.output("none", "Queue").await.unwrap_err();
    assert_eq!(said.to_string(), "there is no stack `none`");
}
