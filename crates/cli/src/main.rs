//! The `backstay` binary: parse, run, exit.

use std::process::ExitCode;

use backstay_cli::args::Cli;
use backstay_cli::commands;
use clap::Parser;

/// A deployment is thousands of small texts and trees: glibc's allocator costs a fifth more time (`just bench`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(&Cli::parse())
}
