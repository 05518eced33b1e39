//! A login that belongs to one command: a configuration of docker's beside the user's own, which stays as it is.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, Value};
use tempfile::TempDir;

/// What docker keeps beside its plugins, contexts and builders.
const FILE: &str = "config.json";

/// A directory that docker takes for its configuration. It is gone with this value, and the login with it.
#[derive(Debug)]
pub(super) struct Configuration {
    directory: TempDir,
}

impl Configuration {
    /// Everything that the user's own has (plugins, contexts, builders, other logins), and room for a login at this registry.
    pub(super) fn beside(own: Option<&Path>, registry: &str) -> Result<Self, io::Error> {
        let directory = tempfile::Builder::new()
            .prefix("backstay-docker-")
            .tempdir()?;
        let mut settings = Map::new();
        if let Some(own) = own {
            settings = settings_of(&own.join(FILE))?;
            link_all(own, directory.path())?;
        }
        let helpers = settings
            .entry("credHelpers")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(helpers) = helpers {
            // A helper would keep the login where it stays, or answer with another one: here is none.
            helpers.insert(registry.to_owned(), Value::String(String::new()));
        }
        let text = Value::Object(settings).to_string();
        fs::write(directory.path().join(FILE), text)?;
        Ok(Self { directory })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().to_owned()
    }
}

fn settings_of(file: &Path) -> Result<Map<String, Value>, io::Error> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(error),
    };
    // Docker itself says what is wrong with one that is not JSON, and goes on.
    Ok(serde_json::from_slice(&text).unwrap_or_default())
}

#[cfg(unix)]
fn link_all(own: &Path, to: &Path) -> Result<(), io::Error> {
    let entries = match fs::read_dir(own) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let own = own.canonicalize()?;
    for entry in entries {
        let name = entry?.file_name();
        if name != FILE {
            std::os::unix::fs::symlink(own.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

/// There plugins lie elsewhere as well.
#[cfg(not(unix))]
fn link_all(_own: &Path, _to: &Path) -> Result<(), io::Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_users_own_is_in_it_and_stays_as_it_is() {
        let own = tempfile::tempdir().unwrap();
        let text = json!({ "auths": { "ghcr.io": { "auth": "eA==" } }, "credsStore": "desktop" });
        fs::write(own.path().join(FILE), text.to_string()).unwrap();
        fs::create_dir(own.path().join("cli-plugins")).unwrap();
        fs::write(own.path().join("cli-plugins/docker-buildx"), "x").unwrap();
        let made = Configuration::beside(Some(own.path()), "r.test").unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let settings: Value = serde_json::from_str(&read(&made.path().join(FILE))).unwrap();
        assert_eq!(
            settings,
            json!({
                "auths": { "ghcr.io": { "auth": "eA==" } },
                "credsStore": "desktop",
                "credHelpers": { "r.test": "" },
            })
        );
        assert_eq!(read(&made.path().join("cli-plugins/docker-buildx")), "x");
        assert_eq!(read(&own.path().join(FILE)), text.to_string());
        let path = made.path();
        drop(made);
        assert!(!path.exists());
        assert_eq!(read(&own.path().join("cli-plugins/docker-buildx")), "x");
    }

    #[test]
    fn none_of_the_users_own_is_needed() {
        for own in [None, Some(Path::new("/nowhere/.docker"))] {
            let made = Configuration::beside(own, "r.test").unwrap();
            let text = fs::read_to_string(made.path().join(FILE)).unwrap();
            assert_eq!(text, r#"{"credHelpers":{"r.test":""}}"#);
        }
    }
}
