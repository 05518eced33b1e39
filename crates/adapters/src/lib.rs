//! The domain's ports over AWS, HTTP and local files. No decisions: what is seen is translated, what is asked is done.
//!
//! Read in this order.

pub mod aws;
pub mod clock;
pub mod context;
mod disk;
pub mod docker;
pub mod files;
mod hashing;
pub mod https;
pub mod lookups;
pub mod media;
pub mod neon;
pub mod oci;
pub mod outside;
mod pace;
pub mod simulator;
pub mod state;
pub mod turn;
pub mod web;
