//! `backstay prune`: what of earlier releases no rollback and no open tab may ask for, and its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backstay_adapters::state::journal;
use backstay_adapters::turn::{Opened, standing};
use backstay_domain::app::Frontend;
use backstay_domain::journal::Event;
use backstay_domain::plan::{Refusals, of_another};
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::prune::{Attempt, Kept, Stored, prune, published};
use backstay_domain::turn::{Errand, First};

use crate::args::Speed;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::project::Project;
use crate::compose::turn::{For, turn};
use crate::failure::Failure;
use crate::render::json;
use crate::render::prune::{Done, prune_text};
use crate::shell::Shell;

/// Whether what is not kept goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It is shown.
    Show,
    /// It goes.
    Apply,
}

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    how: How,
) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let purpose = match how {
        How::Show => Purpose::Look,
        How::Apply => Purpose::Change {
            versions: None,
            speed: Speed::Max,
        },
    };
    let pruning = Pruning {
        shell,
        project: &project,
        how,
    };
    on_cloud(&project, purpose, pruning)
}

struct Pruning<'a> {
    shell: &'a Shell,
    project: &'a Project,
    how: How,
}

impl Use for Pruning<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        if self.how == How::Show {
            let found = self.found(opened).await?;
            return Ok(self.say(&found, Done::Nothing));
        }
        let what = For {
            deployment: new_id()?,
            doing: "pruning".to_owned(),
            errand: Errand::Prune,
            waits: &|_| {},
        };
        turn(opened, what, async |turn| {
            if let First::Refuse(unfinished) = turn.first(Errand::Prune).await? {
                return Err(Failure::Unfinished(unfinished));
            }
            let found = self.found(opened).await?;
            let mut gone = 0;
            for (name, frontend) in &self.project.configured.app.frontends {
                let goes = found.frontends.get(name).filter(|it| !it.is_empty());
                if let Some(goes) = goes {
                    let went = opened.cloud.discard(frontend, goes).await;
                    gone +=
                        went.map_err(Failure::port("what is not kept could not be taken away"))?;
                }
            }
            let left = found.left.iter();
            let left: Vec<_> = left.map(|it| (it.id.clone(), it.images())).collect();
            let tags = opened.cloud.let_images_go(&left).await;
            let tags = tags.map_err(Failure::port("images could not be let go"))?;
            Ok(self.say(
                &found,
                Done::Gone {
                    objects: gone,
                    tags,
                },
            ))
        })
        .await
    }
}

impl Pruning<'_> {
    /// What goes. A deployment that is not at its end may need anything.
    async fn found<C: Cloud, K: Clock>(&self, opened: Opened<'_, C, K>) -> Result<Kept, Failure> {
        if let Some(open) = standing(opened.store).await?.open {
            return Err(Failure::Unfinished(open.deployment));
        }
        let app = &self.project.configured.app;
        let entries = opened.ledger().entries().await;
        let entries = entries.map_err(Failure::port("the recorded releases cannot be read"))?;
        let attempts = attempts(opened).await?;
        let mut all = BTreeMap::new();
        for (name, frontend) in &app.frontends {
            let paths = published(name, (&entries, &attempts));
            let stored = stored(opened, frontend, &paths).await?;
            let foreign = of_another(frontend, app, stored.owner.as_ref());
            if let Some(refusal) = foreign {
                return Err(Failure::Refused(Refusals(vec![refusal])));
            }
            all.insert(name.clone(), stored);
        }
        let now = opened.clock.now();
        Ok(prune((&entries, &attempts), &all, app.policy.keep, now))
    }

    fn say(&self, found: &Kept, done: Done) -> u8 {
        let keep = self.project.configured.app.policy.keep;
        self.shell.give(
            || prune_text(found, keep, done),
            || json::prune(found, done),
        );
        0
    }
}

async fn stored<C: Cloud, K: Clock>(
    opened: Opened<'_, C, K>,
    frontend: &Frontend,
    paths: &BTreeSet<String>,
) -> Result<Stored, Failure> {
    let stored = opened.cloud.stored(frontend, paths).await;
    stored.map_err(Failure::port("the frontend's files cannot be listed"))
}

/// Every deployment that planned a frontend. Of one whose journal cannot be read nobody knows what it needs.
async fn attempts<C: Cloud, K: Clock>(opened: Opened<'_, C, K>) -> Result<Vec<Attempt>, Failure> {
    let history = journal::history(opened.store).await;
    let history = history.map_err(Failure::port("the deployments cannot be listed"))?;
    let mut attempts = Vec::new();
    for (_, heads) in history {
        let heads = heads?;
        let Event::Started { plan, .. } = heads.first.event else {
            continue;
        };
        for (name, frontend) in plan.frontends {
            attempts.push(Attempt {
                frontend: name,
                manifest: frontend.manifest,
                before: frontend.before,
                until: heads.last.at,
            });
        }
    }
    Ok(attempts)
}
