//! The stage `localstack`: the built binary deploys to our ECS, load balancers, ECR and CloudFront, with S3, Secrets Manager,
//! Parameter Store, SNS, Logs, IAM and STS of a LocalStack. `just test-localstack` runs it; without a LocalStack each test is a
//! skip that is counted.

#[cfg(test)]
mod app;
#[cfg(test)]
mod built;
#[cfg(test)]
mod cloud;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod deploying;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod endpoint;
#[cfg(test)]
mod http;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod racing;
#[cfg(test)]
#[path = "../../../../crates/cli/tests/binary/said.rs"]
mod said;
#[cfg(test)]
mod secrets;
