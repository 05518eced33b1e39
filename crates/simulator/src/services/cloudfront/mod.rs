//! CloudFront: distributions and what they refer to, deployed in time, invalidations in time, one edge cache per distribution.

mod api;
mod batch;
mod behavior;
mod check;
mod collections;
mod describe;
mod distribution_shape;
mod distributions;
mod edge;
mod finish;
mod functions;
mod gzip;
mod invalidations;
mod kind;
mod managed;
mod origin;
mod policy_shape;
mod reply;
mod shape;
mod state;
mod tags;
mod tree;
mod viewer;

pub(crate) use api::{operation, serve};
pub(crate) use edge::{Step, at_edge, edges, has_edge};
#[cfg(test)]
pub(crate) use kind::paths as collection_paths;
pub(crate) use origin::{Signature, Whose, Wish, Wished, unreachable};
pub(crate) use state::CloudFront;
pub(crate) use viewer::ViewerReply;
