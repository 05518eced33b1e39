//! The wire as the real AWS SDK for Rust sees it, in process and in virtual time.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod cloudfront;
mod cloudfront_made;
mod cloudfront_policies;
mod data_plane;
mod ecr;
mod ecs;
mod elb;
mod faults;
mod logs;
mod recorded;
mod s3;
mod s3_list;
mod s3_multipart;
mod s3_settings;
mod s3_versions;
mod saved;
mod stage;
mod sts;
mod support;
mod time;
