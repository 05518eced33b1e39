//! S3: our store behind the protocol of the `s3s` crate. Credentials are not checked; settings of buckets are kept, not obeyed.

mod acl;
mod anonymous;
mod buckets;
mod checksum;
mod chunked;
mod complete;
mod conditions;
mod copy;
mod cors;
mod custom;
mod door;
mod expiry;
mod find;
mod headers;
mod list;
mod list_versions;
mod lock;
mod members;
mod moving;
mod multipart;
mod naming;
mod notices;
mod parts;
mod plain;
mod policy;
mod post_form;
mod post_policy;
mod presigned;
mod read;
mod region;
mod serve;
mod settings;
mod settings_call;
mod settings_checked;
mod state;
mod storage_class;
mod tagging;
#[cfg(test)]
mod tests;
mod versions;
mod write;

pub(crate) use anonymous::{Anonymous, named_bucket, refusal as anonymous_refusal};
pub(crate) use cors::allow as allow_origin;
pub(crate) use members::{Asked, host_id, tell_more};
pub(crate) use moving::{Moved, Stored};
pub(crate) use naming::{operation, path_style};
pub(crate) use notices::{Destination, Notice, destinations, no_destinations, notices};
pub(crate) use policy::{Reader, lets};
pub(crate) use post_form::ByOurClock;
pub(crate) use presigned::refusal as presigned_refusal;
pub(crate) use region::bucket_of;
pub(crate) use serve::serve;
#[cfg(test)]
pub(crate) use settings::queries as setting_queries;
pub(crate) use state::{Object, S3};
