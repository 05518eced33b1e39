//! `backstay logs`: what services, jobs and the migration write. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use backstay_adapters::turn::Opened;
use backstay_domain::ServiceName;
use backstay_domain::app::ServiceLocator;
use backstay_domain::definition::Definition;
use backstay_domain::ports::{Clock, Cloud, Ledger, Printed};
use jiff::{SignedDuration, Timestamp};

use super::run::nearest;
use crate::args::Logs;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::project::Project;
use crate::compose::signals;
use crate::failure::Failure;
use crate::render::json;
use crate::render::printed::{Colored, Lines};
use crate::shell::{Output, Shell};

/// Time between two looks.
const POLL: Duration = Duration::from_secs(2);
/// How long a line may be on its way before it can be read: it is asked for again so long.
const LATE: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Logs) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let app = &project.configured.app;
    let services = app.services.keys().map(|name| name.as_str());
    let jobs = app.jobs.keys().map(|name| name.as_str());
    let migration = app.migration.iter().map(|_| "migration");
    let known: Vec<&str> = services.chain(jobs).chain(migration).collect();
    for part in &arguments.parts {
        if !known.contains(&part.as_str()) {
            let message = format!("{} has no part `{part}`", app.name);
            return Err(Failure::usage(message, nearest(part, &known)));
        }
    }
    let reading = Reading {
        shell,
        project: &project,
        arguments,
    };
    on_cloud(&project, Purpose::Look, reading)
}

/// Lines have whole milliseconds, and so have the moments that they are asked since.
fn whole(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

struct Reading<'a> {
    shell: &'a Shell,
    project: &'a Project,
    arguments: &'a Logs,
}

impl Use for Reading<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let definitions = self.definitions(opened).await?;
        let since = SignedDuration::try_from(self.arguments.since).unwrap_or_default();
        let now = opened.clock.now();
        let mut since = whole(now.checked_sub(since).unwrap_or(Timestamp::UNIX_EPOCH));
        let mut mute = BTreeSet::new();
        let colored = match self.shell.paints() {
            true => Colored::Yes,
            false => Colored::No,
        };
        let lines = Lines::of(definitions.keys().map(String::as_str), colored);
        let mut seen: BTreeSet<(Timestamp, String)> = BTreeSet::new();
        let signal = signals::first();
        tokio::pin!(signal);
        loop {
            let fresh = self
                .fresh(opened, &definitions, since, (&mut seen, &mut mute))
                .await?;
            for (part, line) in &fresh {
                match self.shell.output() {
                    Output::Text => self.shell.answer(&lines.line(part, line)),
                    Output::Json => self.shell.object(&json::printed(part, line)),
                }
            }
            if !self.arguments.follow || self.shell.reader_gone() {
                return Ok(0);
            }
            let now = opened.clock.now();
            since = since.max(whole(now.checked_sub(LATE).unwrap_or(since)));
            seen.retain(|(at, _)| *at >= since);
            let next = now.checked_add(POLL).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = opened.clock.sleep_until(next) => {}
                heard = &mut signal => {
                    heard.map_err(Failure::defect)?;
                    return Ok(0);
                }
            }
        }
    }
}

impl Reading<'_> {
    /// What each part that is asked for runs now: services as the cloud says, the rest as it was recorded.
    async fn definitions<C: Cloud, K: Clock>(
        &self,
        opened: Opened<'_, C, K>,
    ) -> Result<BTreeMap<String, Definition>, Failure> {
        let app = &self.project.configured.app;
        let parts = &self.arguments.parts;
        let is_asked = |name: &str| match parts.as_slice() {
            [] => app.services.keys().any(|service| service.as_str() == name),
            parts => parts.iter().any(|part| part == name),
        };
        let locators: Vec<ServiceLocator> = app
            .services
            .values()
            .map(|service| service.locator.clone())
            .filter(|locator| is_asked(locator.name.as_str()))
            .collect();
        let live = match locators.as_slice() {
            [] => BTreeMap::new(),
            locators => {
                let live = opened.cloud.survey(locators).await;
                live.map_err(Failure::port("the services could not be looked at"))?
            }
        };
        let named = |(name, live): (ServiceName, backstay_domain::survey::LiveService)| {
            (name.to_string(), live.document)
        };
        let mut found: BTreeMap<String, Definition> = live.into_iter().map(named).collect();
        let ledger = opened.ledger();
        let newest = ledger.newest(&app.name, &app.environment, 1).await;
        let newest = newest.map_err(Failure::port("the recorded release cannot be read"))?;
        if let Some(release) = newest.last().map(|entry| &entry.release) {
            let jobs = release.jobs.iter();
            let jobs = jobs.map(|(name, job)| (name.to_string(), &job.definition));
            let migration = release.migration.iter();
            let migration = migration.map(|it| ("migration".to_owned(), &it.definition));
            let asked = jobs.chain(migration).filter(|(name, _)| is_asked(name));
            found.extend(asked.map(|(name, definition)| (name, definition.clone())));
        }
        for part in parts.iter().filter(|part| !found.contains_key(*part)) {
            self.shell.warn(&format!("{part}: it does not run yet"));
        }
        Ok(found)
    }

    /// Lines that were not there before, in the order of time.
    async fn fresh<C: Cloud, K: Clock>(
        &self,
        opened: Opened<'_, C, K>,
        definitions: &BTreeMap<String, Definition>,
        since: Timestamp,
        (seen, mute): (&mut BTreeSet<(Timestamp, String)>, &mut BTreeSet<String>),
    ) -> Result<Vec<(String, Printed)>, Failure> {
        let mut fresh = Vec::new();
        let heard = definitions.iter().filter(|(part, _)| !mute.contains(*part));
        for (part, definition) in heard.collect::<Vec<_>>() {
            let what = format!("what {part} writes cannot be read");
            let lines = match opened.cloud.printed(definition, since).await {
                Ok(lines) => lines,
                Err(failure) if failure.is_passing() && self.arguments.follow => {
                    self.shell.note(&format!("{what} now: {failure}"));
                    continue;
                }
                // Of several parts one may be denied, or write elsewhere: that is said once.
                Err(failure) if definitions.len() > 1 => {
                    self.shell.warn(&format!("{what}: {failure}"));
                    mute.insert(part.clone());
                    continue;
                }
                Err(failure) => return Err(Failure::port(what)(failure)),
            };
            for line in lines {
                let key = format!("{part}/{}/{}/{}", line.container, line.task, line.id);
                if seen.insert((line.at, key)) {
                    fresh.push((part.clone(), line));
                }
            }
        }
        fresh.sort_by(|(_, one), (_, other)| one.cmp(other));
        Ok(fresh)
    }
}
