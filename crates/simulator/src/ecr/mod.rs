//! ECR: repositories and their images in push order, for the API and for tasks that pull. Foreign registries live here too.

mod api;
mod archive;
mod create;
mod delete_images;
mod image;
mod layers;
mod lifecycle;
mod list;
mod manifest;
mod mutability;
mod put;
mod read;
mod reference;
mod registry;
mod repositories;
mod repository_policy;
mod scan;
mod store;
mod tags;
#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use image::Image;
pub use image::image_digest;
pub(crate) use lifecycle::apply_lifecycle;
pub(crate) use scan::scan_pushed;
pub use scan::{FindingSeverity, ImageFinding, ImageScan, ScanStatus};
pub(crate) use store::Ecr;
