//! ECR: repositories and their images in push order, for the API and for tasks that pull. Foreign registries live here too.

mod api;
mod image;
mod list;
mod manifest;
mod put;
mod read;
mod reference;
mod repositories;
mod store;

pub(crate) use api::call;
pub use image::image_digest;
pub(crate) use store::Ecr;
