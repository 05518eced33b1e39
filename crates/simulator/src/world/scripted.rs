//! The scripted runtime: what a task's containers answer, print and do to their database, without running anything.

mod answer;
mod database;
mod tool;
mod words;

pub(crate) use answer::TaskAnswer;
pub(crate) use database::{Database, Migration};
