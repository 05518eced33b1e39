//! What the views look like. Plans and records are built by hand; nothing is deployed.

mod audit;
mod build;
mod errors;
mod hints;
mod history;
mod json;
mod outcome;
mod plan;
mod release_diff;
mod reports;
mod schema;
mod secrets;
mod show;
mod status;
mod story;
