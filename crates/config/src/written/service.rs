//! `[services.*]`

use std::time::Duration;

use backstay_domain::app::Awaited;

use super::presence::{Presence, listed};
use super::{Build, Check, Document, Size};
use crate::section::{At, Section};

/// One service.
pub(crate) struct Service {
    pub(crate) name: At<String>,
    pub(crate) task_definition: Option<At<String>>,
    pub(crate) image: Option<At<String>>,
    pub(crate) build: Option<Build>,
    pub(crate) service: Option<At<String>>,
    pub(crate) cluster: Option<At<String>>,
    pub(crate) depends_on: Vec<Dependency>,
    pub(crate) desired_count: Option<At<u32>>,
    pub(crate) timeout: Option<At<Duration>>,
    pub(crate) presence: Presence,
    pub(crate) size: Size,
    pub(crate) probe: Option<Check>,
}

impl Service {
    pub(crate) fn read(name: At<String>, section: &mut Section<'_>) -> Self {
        let task_definition = section.text("task_definition");
        let image = section.text("image");
        Self {
            name,
            task_definition: section.required("task_definition", task_definition),
            image: section.required("image", image),
            build: section.table("build", Build::read),
            service: section.text("service"),
            cluster: section.text("cluster"),
            depends_on: section.texts_or_tables("depends_on", Dependency::on, Dependency::read),
            desired_count: section.number("desired_count", 0..=5000),
            timeout: section.duration("timeout"),
            presence: Presence::read(section),
            size: Size::read(section),
            probe: section.table("probe", Check::read_probe),
        }
    }

    /// Whether it is deployed to an environment.
    pub(crate) fn is_in(&self, environment: &str) -> bool {
        self.presence.is_in(environment)
    }
}

/// A service that has to serve before another one starts.
pub(crate) struct Dependency {
    pub(crate) service: At<String>,
    pub(crate) until: Awaited,
}

impl Dependency {
    fn on(service: At<String>) -> Self {
        Self {
            service,
            until: Awaited::Serving,
        }
    }

    fn read(section: &mut Section<'_>) -> Option<Self> {
        let words = [("serving", Awaited::Serving), ("drained", Awaited::Drained)];
        let service = section.text("service");
        let until = section.choice("until", &words).unwrap_or_default();
        let service = section.required("service", service)?;
        Some(Self { service, until })
    }
}

/// Notes services that services depend on but nothing defines, and names written twice.
pub(super) fn names_are_known(root: &mut Section<'_>, document: &Document) {
    let services: Vec<&str> = document
        .services
        .iter()
        .map(|service| service.name.value.as_str())
        .collect();
    for service in &document.services {
        let name = &service.name.value;
        let depends_on = service.depends_on.iter().map(|one| &one.service);
        listed(root, depends_on, &services, |unknown| {
            format!("`{name}` depends on `{unknown}`, which is not a service")
        });
    }
}
