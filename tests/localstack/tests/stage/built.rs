//! Programs of this workspace, as they were built last. Cargo builds them for the tests of their own package alone; `just` builds
//! them for these, and for those of `tests/containers` and `tests/load`.

use std::path::PathBuf;
use std::process::Command;

use crate::said::undisturbed;

pub(crate) fn built(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().nth(2).unwrap().join(name);
    assert!(
        program.exists(),
        "there is no {}: `just build` makes it",
        program.display()
    );
    program
}

/// The binary. Nobody else's cloud is meant by accident.
pub(crate) fn backstay() -> Command {
    let mut command = undisturbed(Command::new(built("backstay")));
    for name in [
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        command.env_remove(name);
    }
    command
}
