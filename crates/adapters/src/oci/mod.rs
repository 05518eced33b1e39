//! Registries that are asked by the OCI distribution protocol: GHCR, Docker Hub, public ECR, and any host beside ECR's own.
//!
//! `name` says where an image is, `logins` who asks, `challenge` what a registry wants to be shown, `asking` sends and follows,
//! `look` makes digests and platforms of what comes back, `refused` the failures of it. Why no crate does it: ADR 44.

mod asking;
mod challenge;
mod logins;
mod look;
mod name;
mod platforms;
mod refused;

pub(crate) use asking::{Registries, Via};
pub use logins::Logins;
pub(crate) use look::{Depth, Looked};
pub(crate) use name::Named;
pub(crate) use platforms::platforms;
pub(crate) use refused::Unheard;
