//! The `backstay` binary: parse, run, exit.

use std::process::ExitCode;

use backstay_cli::args::Cli;
use backstay_cli::commands;
use clap::Parser;

fn main() -> ExitCode {
    commands::run(&Cli::parse())
}
