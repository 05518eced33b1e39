//! What this machine cannot play. `just test` counts and prints it.

use std::fs;
use std::path::Path;

pub(crate) fn skipped(test: &str, lacks: &str) {
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    fs::create_dir_all(&skips).unwrap();
    fs::write(
        skips.join(format!("containers: {test}")),
        format!("{lacks}\n"),
    )
    .unwrap();
}
