//! S3: our store behind the protocol of the `s3s` crate. Credentials are not checked; versions and multipart uploads are not kept.

pub(crate) mod base64_text;
mod buckets;
mod checksum;
mod chunked;
mod door;
mod list;
mod naming;
mod plain;
mod read;
mod serve;
mod store;
mod write;

pub(crate) use naming::operation;
pub(crate) use serve::serve;
pub(crate) use store::{Object, S3};
