//! The frontend store over S3: immutable assets beside each other, mutable files kept under their hash and pointed at last.

mod objects;
mod place;
mod pointers;
mod publish;
mod view;

pub(super) use place::{encoded, site_path};
