//! Where PostgreSQL and Alembic are installed, and what a test without them is: a skip that `just test` counts.

#![expect(
    clippy::disallowed_methods,
    reason = "tests that ask where tools are installed"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// What is not installed, and how it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking(pub(crate) &'static str);

/// What was found, or nothing: then the test that needs it is skipped, and `just test` says so. `temporary` is the test's
/// `env!("CARGO_TARGET_TMPDIR")`.
///
/// # Panics
/// With `BACKSTAY_DATABASE=required`, as in CI where both can be installed.
pub fn or_skip<T>(found: Result<T, Lacking>, test: &str, temporary: &str) -> Option<T> {
    let lacking = match found {
        Ok(found) => return Some(found),
        Err(Lacking(lacking)) => lacking,
    };
    let required = std::env::var_os("BACKSTAY_DATABASE").is_some_and(|how| how == "required");
    assert!(!required, "{test} needs {lacking}");
    let skips = Path::new(temporary).join("skips");
    let noted = fs::create_dir_all(&skips)
        .and_then(|()| fs::write(skips.join(test), format!("needs {lacking}\n")));
    if let Err(error) = noted {
        panic!("{}: {error}", skips.display());
    }
    None
}

/// The directory of `initdb` and `postgres`: `BACKSTAY_POSTGRES`, what `./dev --tool postgres` unpacked, or Debian's.
pub(crate) fn postgres() -> Result<PathBuf, Lacking> {
    let chosen = std::env::var_os("BACKSTAY_POSTGRES").map(PathBuf::from);
    let unpacked = repository().join(".tools/postgres/usr/lib/postgresql");
    let versions = [unpacked, PathBuf::from("/usr/lib/postgresql")];
    let newest = versions.iter().filter_map(|place| newest(place));
    let is_there = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("postgres").exists();
    let lacking = Lacking("PostgreSQL: `./dev --tool postgres` unpacks Debian's packages");
    chosen
        .into_iter()
        .chain(newest)
        .find(is_there)
        .ok_or(lacking)
}

/// `15/bin` before `13/bin`.
fn newest(place: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(place).ok()?.filter_map(Result::ok);
    let numbered = versions.filter_map(|version| {
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        Some((number, version.path().join("bin")))
    });
    numbered.max().map(|(_, bin)| bin)
}

/// The directory of `alembic`: `BACKSTAY_ALEMBIC`, or what `./dev --tool alembic` installed.
///
/// # Errors
/// When it is nowhere.
pub fn alembic() -> Result<PathBuf, Lacking> {
    let chosen = std::env::var_os("BACKSTAY_ALEMBIC").map(PathBuf::from);
    let bin = chosen.unwrap_or_else(|| repository().join(".tools/alembic/bin"));
    let lacking = Lacking("Alembic: `./dev --tool alembic` installs it");
    bin.join("alembic").exists().then_some(bin).ok_or(lacking)
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
