//! The command line: parse, compose the rooms, render. No rule of deployment lives here.

pub mod args;
pub mod commands;
pub mod compose;
pub mod failure;
pub mod render;
pub mod scenario;
pub mod shell;
