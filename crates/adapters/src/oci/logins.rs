//! Who asks: the logins that docker keeps, in its configuration or with a credential helper. Nothing here shows one.
//!
//! The file is read by `docker_credential`. Helpers are run by ourselves: that crate waits for one without end.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::docker::child;
use crate::outside::Secret;

/// A helper may ask a keychain that somebody has to open.
const PATIENCE: Duration = Duration::from_secs(20);

/// Docker's own words for a login that a helper does not have (docker/docker-credential-helpers).
const NOT_FOUND: &str = "credentials not found";

/// Where docker keeps logins.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    directory: Option<PathBuf>,
    path: Option<OsString>,
}

/// Who somebody is to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// User and password.
    Basic(String, Secret),
    /// What a token is given for.
    Identity(Secret),
}

/// A login, if there is one, or why nobody could tell.
pub(super) type Known = Result<Option<Login>, String>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    username: String,
    secret: String,
}

impl Logins {
    /// Those of a directory with docker's `config.json`.
    #[must_use]
    pub fn of(directory: PathBuf) -> Self {
        Self {
            directory: Some(directory),
            path: None,
        }
    }

    /// The same, where helpers are looked for in these directories only.
    #[cfg(test)]
    pub(super) fn helped_by(self, path: &Path) -> Self {
        Self {
            path: Some(path.as_os_str().to_owned()),
            ..self
        }
    }

    /// The login that docker files under this name.
    pub(super) async fn under(&self, name: &str) -> Known {
        let Some(file) = self.directory.as_ref().map(|own| own.join("config.json")) else {
            return Ok(None);
        };
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {}", file.display(), error.kind())),
        };
        let settings: Value =
            serde_json::from_slice(&text).map_err(|_| format!("{} is no JSON", file.display()))?;
        if let Some(helper) = helper(&settings, name) {
            // Where it has none, what is in the file was put there before the helper was.
            let kept = self.helped(&helper, name).await?;
            if kept.is_some() {
                return Ok(kept);
            }
        }
        in_file(&file, settings, name)
    }

    /// `docker-credential-HELPER get`: the name goes in, JSON comes out.
    async fn helped(&self, helper: &str, name: &str) -> Known {
        let program = format!("docker-credential-{helper}");
        // A name with a slash would be started from wherever this is.
        if !helper
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        {
            return Err(format!("`{program}` is no name of a credential helper"));
        }
        let mut command = Command::new(&program);
        command.arg("get");
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        let mut quiet = |_: &str| {};
        let run = child::run(&mut command, name.as_bytes(), &mut quiet);
        let ended = match timeout(PATIENCE, run).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(format!("{program} is not on PATH"));
            }
            Ok(Err(error)) => return Err(format!("{program} cannot be started: {}", error.kind())),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                return Err(format!("{program} gave no login within {seconds} s"));
            }
        };
        if !ended.status.success() {
            return match ended.last.iter().any(|line| line.contains(NOT_FOUND)) {
                true => Ok(None),
                // What it says may hold what it keeps.
                false => Err(format!("{program} ended with {}", ended.status)),
            };
        }
        let said: Said = serde_json::from_str(&ended.stdout)
            .map_err(|_| format!("{program} said nothing that is a login"))?;
        let secret = Secret(said.secret);
        Ok(match said.username.as_str() {
            "" => None,
            "<token>" => Some(Login::Identity(secret)),
            _ => Some(Login::Basic(said.username, secret)),
        })
    }
}

/// The helper that is asked for this name; an empty one is none.
fn helper(settings: &Value, name: &str) -> Option<String> {
    let own = settings.get("credHelpers").and_then(|all| all.get(name));
    let helper = own.or_else(|| settings.get("credsStore"))?.as_str()?;
    (!helper.is_empty()).then(|| helper.to_owned())
}

/// What the file itself holds.
fn in_file(file: &Path, mut settings: Value, name: &str) -> Known {
    if let Value::Object(members) = &mut settings {
        members.retain(|member, _| member == "auths");
    }
    let text = settings.to_string();
    match get_credential_from_reader(text.as_bytes(), name) {
        Ok(DockerCredential::UsernamePassword(user, _)) if user.is_empty() => Ok(None),
        Ok(DockerCredential::UsernamePassword(user, password)) => {
            Ok(Some(Login::Basic(user, Secret(password))))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Login::Identity(Secret(token)))),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        Err(_) => Err(format!(
            "{}: the login of {name} cannot be read",
            file.display()
        )),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use rstest::rstest;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn kept(settings: &Value) -> (TempDir, Logins) {
        let own = tempfile::tempdir().unwrap();
        fs::write(own.path().join("config.json"), settings.to_string()).unwrap();
        let logins = Logins::of(own.path().to_owned()).helped_by(own.path());
        (own, logins)
    }

    fn helper(own: &TempDir, name: &str, script: &str) {
        let file = own.path().join(format!("docker-credential-{name}"));
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn basic(user: &str, password: &str) -> Known {
        Ok(Some(Login::Basic(
            user.to_owned(),
            Secret(password.to_owned()),
        )))
    }

    #[rstest]
    #[case(json!({}), "ghcr.io", Ok(None))]
    #[case(json!({ "auths": { "ghcr.io": { "auth": "b2N0bzpodW50ZXIy" } } }), "ghcr.io", basic("octo", "hunter2"))]
    #[case(json!({ "auths": { "https://ghcr.io/": { "auth": "b2N0bzpodW50ZXIy" } } }), "ghcr.io", basic("octo", "hunter2"))]
    #[case(json!({ "auths": { "https://index.docker.io/v1/": { "auth": "b2N0bzpodW50ZXIy" } } }), "https://index.docker.io/v1/", basic("octo", "hunter2"))]
    #[case(json!({ "auths": { "ghcr.io": { "auth": "b2N0bzpodW50ZXIy" } } }), "quay.io", Ok(None))]
    #[case(json!({ "auths": { "ghcr.io": {} }, "credHelpers": { "ghcr.io": "" } }), "ghcr.io", Ok(None))]
    #[case(json!({ "auths": { "a.azurecr.io": { "identitytoken": "t" } } }), "a.azurecr.io", Ok(Some(Login::Identity(Secret("t".to_owned())))))]
    #[tokio::test]
    async fn logins_in_the_file(
        #[case] settings: Value,
        #[case] name: &str,
        #[case] expected: Known,
    ) {
        let (_own, logins) = kept(&settings);
        assert_eq!(logins.under(name).await, expected);
    }

    #[tokio::test]
    async fn helpers_are_asked_by_registry_or_for_all() {
        let settings = json!({ "credHelpers": { "ghcr.io": "one" }, "credsStore": "all", "auths": { "quay.io": {} } });
        let (own, logins) = kept(&settings);
        let one = r#"read name; printf '{"ServerURL":"%s","Username":"octo","Secret":"of %s"}' "$name" "$name""#;
        helper(&own, "one", &format!("[ \"$1\" = get ] || exit 9\n{one}"));
        helper(
            &own,
            "all",
            r#"printf '{"Username":"<token>","Secret":"hunter2"}'"#,
        );
        assert_eq!(logins.under("ghcr.io").await, basic("octo", "of ghcr.io"));
        let token = Login::Identity(Secret("hunter2".to_owned()));
        assert_eq!(logins.under("quay.io").await, Ok(Some(token)));
    }

    #[rstest]
    #[case("echo 'credentials not found in native keychain'; exit 1", Ok(None))]
    #[case(
        "echo 'hunter2'; echo 'hunter2' >&2; exit 3",
        Err("ended with exit status: 3")
    )]
    #[case("echo 'hunter2'", Err("said nothing that is a login"))]
    #[tokio::test]
    async fn a_helper_that_gives_none(
        #[case] script: &str,
        #[case] expected: Result<Option<Login>, &str>,
    ) {
        let (own, logins) = kept(&json!({ "credsStore": "x" }));
        helper(&own, "x", script);
        let found = logins.under("ghcr.io").await;
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(why), Err(words)) => {
                assert!(why.ends_with(words), "{why}");
                assert!(!why.contains("hunter2"), "{why}");
            }
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[tokio::test]
    async fn a_helper_that_is_not_there_or_no_name() {
        let (_own, logins) = kept(&json!({ "credsStore": "nowhere" }));
        let why = logins.under("ghcr.io").await.unwrap_err();
        assert_eq!(why, "docker-credential-nowhere is not on PATH");
        let (_own, logins) = kept(&json!({ "credsStore": "../x" }));
        let why = logins.under("ghcr.io").await.unwrap_err();
        assert!(why.contains("is no name"), "{why}");
    }

    #[tokio::test]
    async fn nowhere_is_no_login_and_a_broken_file_is_said() {
        assert_eq!(Logins::default().under("ghcr.io").await, Ok(None));
        let nowhere = Logins::of("/nowhere/.docker".into());
        assert_eq!(nowhere.under("ghcr.io").await, Ok(None));
        let (own, logins) = kept(&json!({}));
        fs::write(own.path().join("config.json"), "{").unwrap();
        let why = logins.under("ghcr.io").await.unwrap_err();
        assert!(why.ends_with("is no JSON"), "{why}");
    }
}
