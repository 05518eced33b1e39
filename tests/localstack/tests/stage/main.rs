//! The stage `localstack`: the built binary deploys to our ECS, load balancers, ECR and CloudFront, with S3, Secrets Manager,
//! Parameter Store, SNS, Logs, IAM and STS of a LocalStack. `just test-localstack` runs it; without a LocalStack each test is a
//! skip that is counted.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "tests that are told where LocalStack is, and wait for real servers"
)]

mod app;
mod cloud;
mod deploying;
mod edge;
mod endpoint;
mod http;
mod killed;
mod racing;
mod secrets;
