//! `backstay continue` and `backstay abort`: what somebody says to rollouts that wait at a PAUSE hook. Whoever carries the
//! deployment out sees what becomes of it.

use std::collections::BTreeMap;
use std::path::Path;

use backstay_adapters::turn::Opened;
use backstay_domain::app::ServiceLocator;
use backstay_domain::ports::{Clock, Cloud, Follow, PortFailure};
use backstay_domain::traffic::{Answer, Shift};
use backstay_domain::{RolloutHandle, ServiceName};

use crate::args::{self, Speed};
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    asked: &args::Answer,
    answer: Answer,
) -> Result<u8, Failure> {
    let project = Project::load(directory, &asked.environment)?;
    let services = &project.configured.app.services;
    let named = |name: &&String| !services.keys().any(|known| known.as_str() == name.as_str());
    if let Some(unknown) = asked.service.iter().find(named) {
        let known: Vec<&str> = services.keys().map(ServiceName::as_str).collect();
        return Err(Failure::usage(
            format!("`{unknown}` is not a service"),
            format!("the services are {}", known.join(", ")),
        ));
    }
    let is_meant = |name: &ServiceName| {
        asked.service.is_empty() || asked.service.iter().any(|one| one == name.as_str())
    };
    let locators = services.iter().filter(|(name, _)| is_meant(name));
    let locators = locators
        .map(|(_, service)| service.locator.clone())
        .collect();
    let purpose = Purpose::Change {
        versions: None,
        speed: Speed::Max,
    };
    let answering = Answering {
        shell,
        locators,
        answer,
    };
    on_cloud(&project, purpose, answering)
}

struct Answering<'a> {
    shell: &'a Shell,
    locators: Vec<ServiceLocator>,
    answer: Answer,
}

/// A rollout that waits.
struct Waiting {
    locator: ServiceLocator,
    rollout: RolloutHandle,
    shift: Shift,
}

impl Use for Answering<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let waiting = waiting(opened.cloud, &self.locators)
            .await
            .map_err(Failure::port("the services cannot be looked at"))?;
        if waiting.is_empty() {
            let hint = "`backstay status` shows what is running";
            return Err(Failure::usage("no rollout waits for anybody", hint));
        }
        let mut answered = BTreeMap::new();
        for one in &waiting {
            let Some(hold) = &one.shift.hold else {
                continue;
            };
            let answer = (hold.id.as_str(), self.answer);
            opened
                .cloud
                .answer(&one.locator, &one.rollout, answer)
                .await
                .map_err(Failure::port(format!(
                    "{} was not answered",
                    one.locator.name
                )))?;
            answered.insert(one.locator.name.to_string(), one.shift.stage.clone());
        }
        self.shell.give(
            || words(&answered, self.answer),
            || json::answered(&answered, self.answer),
        );
        Ok(0)
    }
}

/// Two looks: the newest rollout of each service first, then where those stand.
async fn waiting<C: Cloud>(
    cloud: &C,
    locators: &[ServiceLocator],
) -> Result<Vec<Waiting>, PortFailure> {
    let follow = |locator: &ServiceLocator, rollout: Option<RolloutHandle>| Follow {
        locator: locator.clone(),
        rollout,
    };
    let first: Vec<Follow> = locators.iter().map(|one| follow(one, None)).collect();
    let views = cloud.watch(&first).await?;
    let newest = locators
        .iter()
        .filter_map(|one| Some((one, views.get(&one.name)?)));
    let second: Vec<Follow> = newest
        .map(|(one, view)| follow(one, Some(view.primary.clone())))
        .collect();
    let views = cloud.watch(&second).await?;
    let waiting = second.into_iter().filter_map(|follow| {
        let view = views.get(&follow.locator.name)?;
        let followed = view.followed.as_ref()?;
        let shift = followed
            .shift
            .clone()
            .filter(|shift| shift.hold.is_some())?;
        Some(Waiting {
            rollout: followed.handle.clone(),
            locator: follow.locator,
            shift,
        })
    });
    Ok(waiting.collect())
}

fn words(answered: &BTreeMap<String, String>, answer: Answer) -> String {
    let line = |(service, stage): (&String, &String)| match answer {
        Answer::GoOn => format!("{service} goes on from {stage}."),
        Answer::TurnBack => format!("{service} is taken back from {stage}."),
    };
    answered.iter().map(line).collect::<Vec<_>>().join("\n")
}
