//! What people and programs get to see: views of plans, records and outcomes. Values in, text out; only reports write, and
//! they write through the shell. No decision is made here.

pub mod clean;
pub mod every;
pub mod time;
pub mod words;

pub mod audit;
pub mod fold;
pub mod history;
pub mod images;
pub mod job;
pub mod json;
pub mod left;
pub mod outcome;
pub mod people;
pub mod plan;
pub mod printed;
pub mod prune;
pub mod release_diff;
pub mod revisions;
pub mod schema;
pub mod show;
pub mod status;
pub mod story;
pub mod summary;

pub mod any;
pub mod lines;
pub mod live;
pub(crate) mod log;
pub mod replayed;

#[cfg(test)]
mod tests;
