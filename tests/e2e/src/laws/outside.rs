//! What is seen of a world from outside, by nobody's witness: tasks, and what users are answered.

use std::collections::BTreeMap;

use backstay_adapters::web::{Request, Response, Transport, TransportError};
use backstay_cli::compose::simulated::SimulatedWeb;
use backstay_cli::scenario::Setup;
use backstay_domain::FrontendName;
use backstay_simulator::{Cloud, TaskPicture, WebRequest};
use serde_json::Value;

/// What users meet, and what runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// Every task that is not stopped.
    pub(super) tasks: Vec<TaskPicture>,
    /// Each frontend's start page, as a visitor gets it through the CDN.
    pub(super) start_pages: BTreeMap<FrontendName, String>,
    /// The versions that services answer, by their names in the app; none where the answer names none.
    pub(super) versions: BTreeMap<String, Option<String>>,
    /// Images of the task definitions of services' newest rollouts.
    pub(super) images: BTreeMap<String, Vec<String>>,
    /// Snapshots of databases that could be restored.
    pub(super) snapshots: Vec<String>,
}

impl Outside {
    /// Looks, as a user would: one request each.
    pub(super) async fn seen(setup: &Setup, cloud: &Cloud) -> Self {
        let app = &setup.project.configured.app;
        let mut seen = Self::default();
        for (name, frontend) in &app.frontends {
            let Some(url) = &frontend.url else {
                continue;
            };
            let page = body(cloud, &format!("{}/", url.trim_end_matches('/'))).await;
            seen.start_pages
                .extend(page.map(|page| (name.clone(), page)));
        }
        for (name, service) in &app.services {
            let Some(probe) = &service.probe else {
                continue;
            };
            let answer = body(cloud, &probe.url).await;
            let answer = answer.and_then(|body| serde_json::from_str::<Value>(&body).ok());
            let version = answer
                .as_ref()
                .and_then(|answer| answer.get("version")?.as_str())
                .map(str::to_owned);
            seen.versions.insert(name.to_string(), version);
        }
        let (tasks, images, snapshots) = cloud.with_world(|world| {
            let tasks = world.tasks();
            let services = world.picture().services.into_values();
            let newest = services.map(|service| service.task_definition);
            let images = newest.map(|definition| {
                let images = world.images_of(&definition);
                (definition, images)
            });
            let images = images.collect();
            (tasks, images, world.db_snapshots())
        });
        (seen.tasks, seen.images, seen.snapshots) = (tasks, images, snapshots);
        seen
    }
}

/// The body of a good answer.
async fn body(cloud: &Cloud, url: &str) -> Option<String> {
    let reply = cloud.fetch(WebRequest::get(url)).await.ok()?;
    let good = (200..300).contains(&reply.status);
    good.then(|| String::from_utf8_lossy(&reply.body).into_owned())
}

/// The simulated cloud's data plane, from a place that does not reach one of its hosts.
pub(super) struct Web {
    heard: SimulatedWeb,
    deaf_to: Option<String>,
}

impl Web {
    pub(super) fn new(cloud: Cloud, deaf_to: Option<&str>) -> Self {
        Self {
            heard: SimulatedWeb(cloud),
            deaf_to: deaf_to.map(str::to_owned),
        }
    }
}

impl Transport for Web {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let deaf = |host: &String| request.url.contains(&format!("//{host}/"));
        if self.deaf_to.as_ref().is_some_and(deaf) {
            return Err(TransportError::NoConnection("timed out".to_owned()));
        }
        self.heard.send(request).await
    }
}
