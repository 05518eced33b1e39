//! Neon's HTTP API, version 2: a branch is an anchor that is there in a moment and costs nothing until it is written to.

use std::time::Duration;

use backstay_domain::anchor::{AnchorOf, AnchorRequest, AnchorView, Anchored, Outlived};
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::https::{TlsUnavailable, tls};
use crate::outside::{Secret, quoted};

/// Where it is.
pub const ADDRESS: &str = "https://console.neon.tech/api/v2";

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Neon, asked with one key.
#[derive(Debug)]
pub struct Neon {
    client: reqwest::Client,
    address: String,
    key: Secret,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    branches: Vec<Branch>,
    #[serde(default)]
    annotations: Map<String, Value>,
}

#[derive(Deserialize)]
struct One {
    branch: Branch,
}

#[derive(Deserialize)]
struct Branch {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    current_state: String,
    #[serde(default)]
    parent_timestamp: Option<Timestamp>,
    #[serde(default)]
    created_at: Option<Timestamp>,
}

impl Neon {
    /// Asks at `address` with `key`.
    ///
    /// # Errors
    /// When the machine cannot speak TLS.
    pub fn new(address: &str, key: Secret) -> Result<Self, TlsUnavailable> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(roots)?)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("backstay/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            client,
            address: address.trim_end_matches('/').to_owned(),
            key,
        })
    }

    /// The id of the branch with this name.
    pub(crate) async fn branch(&self, project: &str, name: &str) -> Result<String, PortFailure> {
        let listed = self.named(project, name).await?;
        let found = listed.branches.into_iter().find(|one| is(one, name));
        found.map(|one| one.id).ok_or_else(|| {
            let message = format!("there is no branch `{name}` in the project {project}");
            failed("neon.ListBranches", FailureKind::NotFound, message)
        })
    }

    /// Branches off, unless an earlier attempt did; gives the new branch's id.
    pub(crate) async fn make(
        &self,
        request: &AnchorRequest,
        project: &str,
        branch: &str,
    ) -> Result<String, PortFailure> {
        let name = &request.name;
        let there = self.named(project, name).await?;
        if let Some(found) = there.branches.iter().find(|one| one.name == *name) {
            let written = annotation(&there.annotations, &found.id);
            return match written.is_some_and(|written| written == &annotated(request)) {
                true => Ok(found.id.clone()),
                false => {
                    let message = format!(
                        "`{name}` is there, and Backstay did not make it for this deployment"
                    );
                    Err(failed("neon.CreateBranch", FailureKind::Conflict, message))
                }
            };
        }
        let parent = self.branch(project, branch).await?;
        let body = json!({
            "branch": { "parent_id": parent, "name": name },
            "annotation_value": annotated(request),
        });
        let url = self.branches(project, &[])?;
        let made: One = self
            .ask("neon.CreateBranch", Method::POST, url, Some(body))
            .await?;
        Ok(made.branch.id)
    }

    /// Where a branch stands.
    pub(crate) async fn look(
        &self,
        request: &AnchorRequest,
        (project, branch): (&str, &str),
        id: &str,
    ) -> Result<AnchorView, PortFailure> {
        let url = self.branches(project, &[id])?;
        let found: One = self.ask("neon.GetBranch", Method::GET, url, None).await?;
        let AnchorOf::Branch { key, .. } = &request.anchor.of else {
            return Ok(AnchorView::Failed("it is no branch".to_owned()));
        };
        Ok(match found.branch.current_state.as_str() {
            "ready" => {
                let parent = self.branch(project, branch).await?;
                let made = found.branch.parent_timestamp.or(found.branch.created_at);
                let url = self.branches(project, &[&parent, "restore"])?;
                let body = json!({
                    "source_branch_id": id,
                    "preserve_under_name": format!("{branch}-before-{}", request.name),
                });
                AnchorView::Ready(Anchored {
                    name: found.branch.name,
                    what: request.anchor.of.to_string(),
                    holds: made.unwrap_or(request.moment),
                    restore: vec![format!(
                        "curl -X POST {} -H \"Authorization: Bearer ${}\" -H 'Content-Type: application/json' -d {}",
                        quoted(url.as_str()),
                        variable(key),
                        quoted(&body.to_string()),
                    )],
                })
            }
            "init" | "" => AnchorView::Making(None),
            other => AnchorView::Failed(format!("the branch {id} is `{other}`")),
        })
    }

    /// Removes what is outlived, one after the other.
    pub(crate) async fn forget(
        &self,
        outlived: &Outlived,
        project: &str,
    ) -> Result<Vec<String>, PortFailure> {
        let listed = self.named(project, "backstay-").await?;
        let mut gone = Vec::new();
        for branch in &listed.branches {
            let written = annotation(&listed.annotations, &branch.id);
            let ours = written.is_some_and(|written| {
                written["backstay-app"] == outlived.app.as_str()
                    && written["backstay-environment"] == outlived.environment.as_str()
                    && written["backstay-deployment"].is_string()
            });
            let old = branch.created_at.is_some_and(|at| at < outlived.before);
            let named = branch.name.starts_with("backstay-") && branch.name != outlived.but;
            if !(ours && old && named) {
                continue;
            }
            let url = self.branches(project, &[&branch.id])?;
            let sent: Result<Value, PortFailure> = self
                .ask("neon.DeleteBranch", Method::DELETE, url, None)
                .await;
            match sent {
                Ok(_) => gone.push(branch.name.clone()),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(gone)
    }

    async fn named(&self, project: &str, name: &str) -> Result<Listed, PortFailure> {
        let mut url = self.branches(project, &[])?;
        url.query_pairs_mut()
            .extend_pairs([("limit", "1000"), ("search", name)]);
        self.ask("neon.ListBranches", Method::GET, url, None).await
    }

    /// Where a project's branches are, or what is below them. People name them: whatever they are called stays one segment.
    fn branches(&self, project: &str, below: &[&str]) -> Result<Url, PortFailure> {
        let wrong = || {
            let message = format!("`{}` is no address", self.address);
            failed("neon", FailureKind::Rejected, message)
        };
        let mut url = Url::parse(&self.address).map_err(|_| wrong())?;
        url.path_segments_mut()
            .map_err(|()| wrong())?
            .pop_if_empty()
            .extend(["projects", project, "branches"])
            .extend(below);
        Ok(url)
    }

    /// One request. The key is in its header and nowhere else.
    async fn ask<A: serde::de::DeserializeOwned>(
        &self,
        operation: &str,
        method: Method,
        url: Url,
        body: Option<Value>,
    ) -> Result<A, PortFailure> {
        let changes = method != Method::GET;
        let mut request = self
            .client
            .request(method, url)
            .bearer_auth(&self.key.0)
            .header("accept", "application/json");
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let lost = |message: String| PortFailure {
            effect: match changes {
                true => Effect::Unknown,
                false => Effect::None,
            },
            ..failed(operation, FailureKind::Unavailable, message)
        };
        let sent = request.send().await;
        let reply = sent.map_err(|error| lost(error.without_url().to_string()))?;
        let status = reply.status().as_u16();
        let text = reply.bytes().await;
        let text = text.map_err(|error| lost(error.without_url().to_string()))?;
        if (200..300).contains(&status) {
            let empty = text.is_empty();
            let text: &[u8] = if empty { b"null" } else { &text };
            return serde_json::from_slice(text)
                .map_err(|_| lost("its answer cannot be read".to_owned()));
        }
        let said: Value = serde_json::from_slice(&text).unwrap_or_default();
        let words = said["message"].as_str().unwrap_or("no message");
        let code = said["code"].as_str().filter(|code| !code.is_empty());
        let code = code.map_or_else(|| format!("HTTP {status}"), str::to_owned);
        let kind = match status {
            // A key is renewed by nobody while it is waited for.
            401 | 403 => FailureKind::Denied,
            404 => FailureKind::NotFound,
            409 => FailureKind::Conflict,
            // Another operation goes on in the project.
            423 | 429 => FailureKind::Throttled,
            500.. => return Err(lost(format!("{code}: {words}"))),
            _ => FailureKind::Rejected,
        };
        Err(failed(operation, kind, format!("{code}: {words}")))
    }
}

/// What is written on a branch that Backstay makes: by that, and by nothing else, it is known again.
fn annotated(request: &AnchorRequest) -> Value {
    json!({
        "backstay-app": request.app.as_str(),
        "backstay-environment": request.environment.as_str(),
        "backstay-deployment": request.deployment.as_str(),
    })
}

fn annotation<'a>(all: &'a Map<String, Value>, id: &str) -> Option<&'a Value> {
    all.get(id)?.get("value")
}

/// The variable that a person sets; a name that no shell could set is not put into a command.
fn variable(name: &str) -> &str {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match name.chars().all(plain) {
        true => name,
        false => "NEON_API_KEY",
    }
}

fn is(branch: &Branch, name: &str) -> bool {
    branch.name == name || branch.id == name
}

fn failed(operation: &str, kind: FailureKind, message: String) -> PortFailure {
    PortFailure {
        kind,
        effect: Effect::None,
        operation: operation.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests;
