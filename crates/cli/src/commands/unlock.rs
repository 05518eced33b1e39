//! `backstay unlock`: take the lease away from a holder that is gone.

use std::path::Path;

use backstay_adapters::state::lease::{LeaseError, LeaseKeeper};
use backstay_adapters::turn::Opened;
use backstay_domain::lease::Holder;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::turn::{Errand, Unlocks};

use crate::args::Speed;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::project::Project;
use crate::compose::turn::{For, turn};
use crate::failure::Failure;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    deployment: &str,
    reason: Option<&str>,
) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let purpose = Purpose::Change {
        versions: None,
        speed: Speed::Max,
    };
    let unlocking = Unlocking {
        shell,
        deployment,
        reason,
    };
    on_cloud(&project, purpose, unlocking)
}

struct Unlocking<'a> {
    shell: &'a Shell,
    deployment: &'a str,
    reason: Option<&'a str>,
}

impl Use for Unlocking<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let found = LeaseKeeper::new(opened.store.clone()).look().await;
        let found = found.map_err(LeaseError::Port)?;
        let holder = match Unlocks::of(found.as_ref(), self.deployment) {
            Unlocks::Nobodys => return Ok(self.say("Nobody has the lease.".to_owned())),
            Unlocks::Anothers(holder) => return Err(anothers(holder, self.deployment)),
            Unlocks::Theirs(holder) => holder,
        };
        let what = For {
            deployment: holder.deployment.clone(),
            doing: "unlocking".to_owned(),
            errand: Errand::Unlock(&holder.deployment),
            waits: &|_| {},
        };
        turn(opened, what, async |turn| {
            let unfinished = turn.unlocked(&holder.deployment, self.reason).await?;
            let was = format!("The lease was taken away from {}.", holder.operator);
            Ok(self.say(match unfinished {
                Some(deployment) => {
                    format!("{was} {deployment} is unfinished: `backstay resume {deployment}` brings it to its end.")
                }
                None => was,
            }))
        })
        .await
    }
}

impl Unlocking<'_> {
    fn say(&self, words: String) -> u8 {
        self.shell.give(|| words.clone(), || json::unlocked(&words));
        0
    }
}

fn anothers(holder: &Holder, named: &str) -> Failure {
    Failure::usage(
        format!(
            "the lease is held for {}, not for {named}",
            holder.deployment
        ),
        format!(
            "{} is {} since {}",
            holder.operator, holder.doing, holder.since
        ),
    )
}
