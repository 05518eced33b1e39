//! What people and programs get to see: views of plans, records and outcomes. Values in, text out; only reports write, and
//! they write through the shell. No decision is made here.

pub mod clean;
pub mod time;
pub mod words;

pub mod json;
pub mod outcome;
pub mod people;
pub mod plan;
pub mod status;
pub mod story;

pub mod any;
pub mod lines;
pub mod live;

#[cfg(test)]
mod tests;
