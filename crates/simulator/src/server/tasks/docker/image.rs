//! The image of a container: pulled from this server's own registry, or the engine's own.

use std::io::Write as _;

use serde_json::json;
use tempfile::TempDir;

use super::command::docker;
use crate::world::containers::{Launch, Pull};

/// A name that the engine can run.
///
/// # Errors
/// In the words of ECS, when there is none.
pub(super) async fn pulled(launch: &Launch, pull: &Pull, port: u16) -> Result<String, String> {
    let failed = |why: String| format!("CannotPullContainerError: {why}");
    if let Some((repository, digest)) = &pull.stored {
        let name = format!("127.0.0.1:{port}/{repository}@{digest}");
        if is_there(&name).await {
            return Ok(name);
        }
        let login = login(launch, port).map_err(|error| failed(error.to_string()))?;
        let login = login.path().display().to_string();
        let host = docker([
            "context",
            "inspect",
            "--format",
            "{{.Endpoints.docker.Host}}",
        ])
        .await;
        let host = host.unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let words = [
            "--config",
            &login,
            "--host",
            &host,
            "pull",
            "--quiet",
            "--platform",
            &launch.platform,
            &name,
        ];
        return match docker(words).await {
            Ok(_) => Ok(name),
            Err(why) => Err(failed(format!(
                "pull image manifest has been retried 7 time(s): {why}"
            ))),
        };
    }
    for name in &pull.named {
        if is_there(name).await {
            return Ok(name.clone());
        }
    }
    if let Some(name) = pull.named.first() {
        return Err(failed(format!(
            "the simulator made {name} up, and the engine has no image of that name: build it, or push it to 127.0.0.1:{port}"
        )));
    }
    if is_there(&pull.image).await {
        return Ok(pull.image.clone());
    }
    match docker([
        "pull",
        "--quiet",
        "--platform",
        &launch.platform,
        &pull.image,
    ])
    .await
    {
        Ok(_) => Ok(pull.image.clone()),
        Err(why) => Err(failed(why)),
    }
}

async fn is_there(name: &str) -> bool {
    docker(["image", "inspect", "--format", "{{.Id}}", name])
        .await
        .is_ok()
}

/// A directory with a login of its own: the user's stays as it is.
fn login(launch: &Launch, port: u16) -> std::io::Result<TempDir> {
    let directory = tempfile::tempdir()?;
    let auth = json!({ "auths": { format!("127.0.0.1:{port}"): { "auth": launch.login } } });
    let mut file = std::fs::File::create(directory.path().join("config.json"))?;
    file.write_all(auth.to_string().as_bytes())?;
    Ok(directory)
}
