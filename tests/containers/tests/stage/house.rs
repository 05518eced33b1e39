//! What cat-house's images have in them, in a directory: the service, its answers, Alembic and the revisions of each release.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::built::built;
use crate::said::copy;

/// The release that is live at first; its image does not know the newest revision.
pub(crate) const LIVE: &str = "a1b2c3d";
/// The release that every scenario deploys.
pub(crate) const NEW: &str = "2f9c1e7";

const SERVICES: [&str; 4] = [
    "auth-service",
    "catalog-service",
    "installation-service",
    "proxy-service",
];

/// A directory as `fixtures/cat-house/container/run.sh` wants it.
pub(crate) struct House(TempDir);

impl House {
    pub(crate) fn new() -> Self {
        let house = TempDir::new().unwrap();
        let root = house.path();
        let cats = fixtures().join("cat-house");
        fs::copy(cats.join("container/run.sh"), root.join("run.sh")).unwrap();
        fs::copy(built("service"), root.join("service")).unwrap();
        fs::create_dir(root.join("answers")).unwrap();
        for service in SERVICES {
            let answers = cats.join("services").join(service).join("answers.json");
            fs::copy(answers, root.join(format!("answers/{service}.json"))).unwrap();
        }
        for release in [LIVE, NEW, &format!("{NEW}-breaking")] {
            let directory = root.join("releases").join(release);
            fs::create_dir_all(&directory).unwrap();
            for file in ["alembic.ini", "env.py", "script.py.mako"] {
                fs::copy(cats.join("migration").join(file), directory.join(file)).unwrap();
            }
            copy(
                &cats.join("migration/versions"),
                &directory.join("versions"),
            );
        }
        let file = "9c1_nights_of_a_booking.py";
        fs::remove_file(root.join(format!("releases/{LIVE}/versions/{file}"))).unwrap();
        fs::remove_file(root.join(format!("releases/{NEW}-breaking/versions/{file}"))).unwrap();
        let breaking = "9c1_cats_are_called.py";
        let to = root.join(format!("releases/{NEW}-breaking/versions/{breaking}"));
        fs::copy(cats.join("migration/breaking").join(breaking), to).unwrap();
        Self(house)
    }

    /// Alembic is where it is installed on this machine.
    pub(crate) fn with_alembic(self, bin: &Path) -> Self {
        std::os::unix::fs::symlink(bin, self.path().join("bin")).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

pub(crate) fn fixtures() -> PathBuf {
    repository().join("fixtures")
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
