//! What the views look like. Plans and records are built by hand; nothing is deployed.

mod build;
mod errors;
mod json;
mod outcome;
mod plan;
mod reports;
mod secrets;
mod story;
