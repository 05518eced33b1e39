//! CloudFront: distributions and what they refer to, deployed in time, invalidations in time, one edge cache per distribution.

mod api;
mod behavior;
mod blueprint;
mod check;
mod collections;
mod consistent;
mod defaults;
mod describe;
mod distributions;
mod edge;
mod find;
mod finish;
mod functions;
mod gzip;
mod invalidations;
mod kind;
mod managed;
mod old_markup;
mod origin;
mod state;
mod tags;
mod viewer;

pub(crate) use api::call;
pub(crate) use edge::{Step, at_edge, edges, has_edge};
pub(crate) use origin::{Signature, Whose, Wish, Wished, unreachable};
pub(crate) use state::CloudFront;
pub(crate) use viewer::ViewerReply;
