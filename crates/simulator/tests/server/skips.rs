//! Tests that this machine cannot play. `just test` counts and prints them.

use std::fs;
use std::path::Path;

pub(crate) fn skipped(name: &str, needs: &str) {
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    fs::create_dir_all(&skips).unwrap();
    fs::write(skips.join(name), format!("{needs}\n")).unwrap();
}
