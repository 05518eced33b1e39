//! ECR: repositories and their images in push order, for the API and for tasks that pull. Foreign registries live here too.

mod api;
mod archive;
mod create;
mod delete_images;
pub(crate) mod distribution;
mod find;
mod foreign;
mod image;
mod layers;
mod lifecycle;
mod list;
mod login;
mod manifest;
mod mutability;
mod put;
mod read;
mod reference;
mod referrers;
mod registry;
mod repositories;
mod repository_policy;
mod scan;
mod state;
mod tags;
#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use create::is_name as is_repository_name;
pub(crate) use foreign::{NoManifest, public_manifest};
pub(crate) use image::Image;
pub use image::image_digest;
pub(crate) use layers::{FETCH_TOKEN, LONGEST_CONFIGURATION, download_url};
pub(crate) use lifecycle::apply_lifecycle;
pub(crate) use login::{Pass, Stopped, login_token};
pub(crate) use reference::own_name;
pub use reference::registry_host;
pub(crate) use scan::scan_pushed;
pub use scan::{FindingSeverity, ImageFinding, ImageScan, ScanStatus};
pub(crate) use state::Ecr;
