//! The simulated AWS services, one room each.

pub(crate) mod autoscaling;
pub(crate) mod cloudfront;
pub(crate) mod cloudwatch;
pub(crate) mod codedeploy;
pub(crate) mod ecr;
pub(crate) mod ecs;
pub(crate) mod elb;
pub(crate) mod events;
pub(crate) mod logs;
pub(crate) mod rds;
pub(crate) mod s3;
pub(crate) mod scheduler;
pub(crate) mod secretsmanager;
pub(crate) mod sns;
pub(crate) mod sqs;
pub(crate) mod ssm;
pub(crate) mod sts;
