//! Systems Manager: parameters and their versions. Values show themselves in answers only.

mod api;
mod delete;
mod filter;
mod find;
mod for_tasks;
mod history;
mod labels;
mod list;
mod put;
mod read;
mod selector;
mod state;
mod tags;
#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use find::name_of;
pub(crate) use for_tasks::{problem_elsewhere, whose};
pub(crate) use state::Ssm;
