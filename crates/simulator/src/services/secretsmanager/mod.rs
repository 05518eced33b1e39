//! Secrets Manager: secrets, their versions and stages, and whether a task can have them. A value is in no text but its answer.

mod api;
mod batch;
mod create;
mod find;
mod for_tasks;
mod list;
mod password;
mod policy;
mod removal;
mod stages;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod value;
mod values;

pub(crate) use api::call;
pub(crate) use for_tasks::{
    Whose, asked, name_and_key, no_secret, problem_elsewhere, value_of_key, whose,
};
pub(crate) use removal::recovery_window_ends;
pub(crate) use state::SecretsManager;
