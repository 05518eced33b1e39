//! What an image is built of, on disk: a hash of everything that is sent to the engine. Times, owners and what is left out do not count.

mod ignored;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use backstay_domain::build::{Inputs, Recipe};

use crate::hashing::Sha256Sum;
use ignored::Ignored;

/// Read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// What git and Backstay write: hardly ever meant to be in an image.
const RESTLESS: [&str; 2] = [".git", ".backstay"];

/// What cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct ContextError {
    /// Which file or directory.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// What an image is built of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What decides whether it is built again.
    pub inputs: Inputs,
    /// How many files are sent.
    pub files: usize,
    /// How large they are.
    pub bytes: u64,
    /// Folders that are sent and change with every commit or deployment.
    pub restless: Vec<&'static str>,
    /// A `.dockerignore` that belongs to this Dockerfile alone: only BuildKit knows such.
    pub own_ignore: Option<PathBuf>,
}

/// Reads everything that a recipe is made of; its paths are relative to `directory`.
///
/// # Errors
/// When anything of it cannot be read.
pub fn context(directory: &Path, recipe: &Recipe) -> Result<Context, ContextError> {
    let root = directory.join(&recipe.context);
    let dockerfile = directory.join(&recipe.dockerfile);
    let mut own = dockerfile.clone().into_os_string();
    own.push(".dockerignore");
    let own = PathBuf::from(own);
    let (patterns, own_ignore) = match text(&own)? {
        Some(text) => (text, Some(own)),
        None => (text(&root.join(".dockerignore"))?.unwrap_or_default(), None),
    };
    let mut listing = Listing {
        ignored: Ignored::parse(&patterns),
        sum: Sha256Sum::default(),
        files: 0,
        bytes: 0,
    };
    let mut restless = RESTLESS.to_vec();
    restless.retain(|name| root.join(name).exists() && !listing.ignored.leaves_out(name));
    // It is sent even where it is left out.
    listing.file("Dockerfile", &dockerfile)?;
    listing.folder(&root, "")?;
    Ok(Context {
        inputs: Inputs::of(recipe, &listing.sum.hex()),
        files: listing.files,
        bytes: listing.bytes,
        restless,
        own_ignore,
    })
}

fn text(path: &Path) -> Result<Option<String>, ContextError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path)(error)),
    }
}

struct Listing {
    ignored: Ignored,
    sum: Sha256Sum,
    files: usize,
    bytes: u64,
}

impl Listing {
    fn folder(&mut self, folder: &Path, prefix: &str) -> Result<(), ContextError> {
        let listed = fs::read_dir(folder).map_err(unreadable(folder))?;
        let mut entries = listed
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable(folder))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let place = entry.path();
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(unreadable(&place))?;
            let left_out = self.ignored.leaves_out(&path);
            if kind.is_dir() {
                if !left_out {
                    self.note(&["d", &path]);
                } else if !self.ignored.may_keep_below(&path) {
                    continue;
                }
                self.folder(&place, &format!("{path}/"))?;
            } else if left_out {
                continue;
            } else if kind.is_symlink() {
                let target = fs::read_link(&place).map_err(unreadable(&place))?;
                self.note(&["l", &path, &target.to_string_lossy()]);
            } else if kind.is_file() {
                self.file(&path, &place)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, place: &Path) -> Result<(), ContextError> {
        let wrong = unreadable(place);
        let mut open = File::open(place).map_err(wrong)?;
        let wrong = unreadable(place);
        let metadata = open.metadata().map_err(wrong)?;
        let mut sum = Sha256Sum::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read = open.read(&mut chunk).map_err(unreadable(place))?;
            match chunk.get(..read) {
                Some(bytes) if !bytes.is_empty() => sum.add(bytes),
                Some(_) | None => break,
            }
        }
        self.files += 1;
        self.bytes += sum.size();
        self.note(&["f", path, runs(&metadata), &sum.hex()]);
        Ok(())
    }

    /// Parts of any content, told apart by their lengths.
    fn note(&mut self, parts: &[&str]) {
        for part in parts {
            self.sum.add(format!("{}:", part.len()).as_bytes());
            self.sum.add(part.as_bytes());
        }
    }
}

/// Whether it can be started. Who else may read it is a matter of the machine.
#[cfg(unix)]
fn runs(metadata: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::PermissionsExt as _;
    match metadata.permissions().mode() & 0o100 {
        0 => "-",
        _ => "x",
    }
}

#[cfg(not(unix))]
fn runs(_metadata: &fs::Metadata) -> &'static str {
    "-"
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ContextError {
    let path = path.to_owned();
    move |source| ContextError { path, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    struct Sources(tempfile::TempDir);

    impl Sources {
        fn new() -> Self {
            let sources = Self(tempfile::tempdir().unwrap());
            sources.write("app/Dockerfile", "FROM scratch");
            sources.write("app/src/main.py", "1");
            sources.write("app/run.sh", "#!/bin/sh");
            sources
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn look(&self) -> Context {
            let recipe = Recipe {
                context: "app".to_owned(),
                dockerfile: "app/Dockerfile".to_owned(),
                target: None,
                args: BTreeMap::new(),
                platforms: vec!["linux/amd64".to_owned()],
            };
            context(self.0.path(), &recipe).unwrap()
        }
    }

    #[test]
    fn what_is_sent_decides_and_nothing_else() {
        let sources = Sources::new();
        let first = sources.look();
        assert_eq!((first.files, first.bytes), (4, 12 + 12 + 1 + 9));
        let same = |why: &str| assert_eq!(sources.look().inputs, first.inputs, "{why}");
        let other = |why: &str| assert_ne!(sources.look().inputs, first.inputs, "{why}");
        let (main, script) = (sources.path("app/src/main.py"), sources.path("app/run.sh"));
        sources.write("app/src/main.py", "1");
        same("written again");
        fs::set_permissions(&main, fs::Permissions::from_mode(0o600)).unwrap();
        same("read by nobody else");
        sources.write("beside", "x");
        same("outside of the context");
        sources.write("app/src/main.py", "2");
        other("another content");
        sources.write("app/src/main.py", "1");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        other("it can be started");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
        symlink("main.py", sources.path("app/src/link")).unwrap();
        other("a link");
        fs::remove_file(sources.path("app/src/link")).unwrap();
        fs::create_dir(sources.path("app/empty")).unwrap();
        other("an empty folder");
        fs::remove_dir(sources.path("app/empty")).unwrap();
        fs::rename(&main, sources.path("app/src/main2.py")).unwrap();
        other("another name");
        fs::rename(sources.path("app/src/main2.py"), &main).unwrap();
        same("as it was");
    }

    #[test]
    fn what_is_left_out_decides_nothing_but_the_dockerfile_does() {
        let sources = Sources::new();
        sources.write(
            "app/.dockerignore",
            "target\nDockerfile\n*.log\n!keep.log\n",
        );
        let first = sources.look();
        sources.write("app/target/debug/app", "x");
        sources.write("app/a.log", "x");
        let second = sources.look();
        assert_eq!(second, first);
        assert_eq!(second.own_ignore, None);
        sources.write("app/keep.log", "x");
        assert_ne!(sources.look().inputs, first.inputs);
        fs::remove_file(sources.path("app/keep.log")).unwrap();
        sources.write("app/Dockerfile", "FROM scratch\nUSER 1");
        assert_ne!(sources.look().inputs, first.inputs);
    }

    #[test]
    fn what_changes_by_itself_is_named() {
        let sources = Sources::new();
        assert_eq!(sources.look().restless, Vec::<&str>::new());
        sources.write("app/.git/HEAD", "x");
        sources.write("app/.backstay/staging/lease", "x");
        assert_eq!(sources.look().restless, [".git", ".backstay"]);
        sources.write("app/.dockerignore", ".git");
        assert_eq!(sources.look().restless, [".backstay"]);
    }

    #[test]
    fn a_dockerfile_may_have_an_ignore_of_its_own() {
        let sources = Sources::new();
        sources.write("app/.dockerignore", "src");
        let with_all = sources.look();
        let own = "app/Dockerfile.dockerignore";
        sources.write(own, "run.sh");
        let with_own = sources.look();
        assert_eq!(with_own.own_ignore, Some(sources.path(own)));
        assert_ne!(with_own.inputs, with_all.inputs);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let sources = Sources::new();
        fs::remove_file(sources.path("app/Dockerfile")).unwrap();
        let recipe = Recipe {
            context: "app".to_owned(),
            dockerfile: "app/Dockerfile".to_owned(),
            target: None,
            args: BTreeMap::new(),
            platforms: Vec::new(),
        };
        let error = context(sources.0.path(), &recipe).unwrap_err();
        assert!(error.to_string().ends_with("app/Dockerfile"), "{error}");
    }
}
