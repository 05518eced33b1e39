//! CloudFront: distributions over a bucket, invalidations in time, one edge cache per distribution.

mod api;
mod batch;
mod describe;
mod edge;
mod state;

pub(crate) use api::{operation, serve};
pub(crate) use edge::at_edge;
pub(crate) use state::CloudFront;
