//! People's commands on one rehearsed environment, one after the other: what one leaves in the state the next one finds. The
//! protocol and the planning are those of the commands themselves.

use std::collections::BTreeMap;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal::{self, JournalError, StoreJournal};
use backstay_adapters::state::lease::LeaseKeeper;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_adapters::turn::{Aim, Further, Opened, Patience, take};
use backstay_domain::app::Resume;
use backstay_domain::engine::{Begun, Prepared};
use backstay_domain::journal::{Event, Outcome, Record};
use backstay_domain::lease::{Holder, Left, Manner};
use backstay_domain::ledger::Entry;
use backstay_domain::operator::Operator;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Journal as _, Ledger as _, Uninterrupted};
use backstay_domain::turn::Stuck;
use backstay_domain::versions::Versions;
use backstay_domain::{DeploymentId, Version};
use backstay_simulator::Cloud;

use super::Unwatched;
use crate::args;
use crate::commands::{Resuming, Returning, report};
use crate::compose::cloud::Use;
use crate::compose::deployment::{Asked, new_id, planned};
use crate::compose::operator::operator;
use crate::compose::project::Project;
use crate::compose::simulated::{SimulatedAws, SimulatedClock, aws};
use crate::compose::turn::ours;
use crate::failure::Failure;
use crate::render::outcome::{exit_code, outcome_text};
use crate::shell::{ColorChoice, Output, Shell};

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `backstay deploy --version`. Unwatched looks at the checkout.
    Deploy(Version),
    /// `backstay deploy --version`, with versions of their own for some images.
    DeployMixed(Box<Versions>),
    /// `backstay rollback`.
    Rollback {
        /// `--to`.
        to: Option<String>,
        /// `--accept-schema-risk`, or not.
        risk: Risk,
    },
    /// `backstay resume`, with `--forward` or `--back`.
    Resume(Option<Resume>),
}

/// Whether code may return to a schema that it was not made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Risk {
    /// No.
    #[default]
    Refused,
    /// Somebody said so.
    Accepted,
}

/// One rehearsed environment with everything that it remembers.
pub struct Desk {
    store: AnyStore,
    aws: SimulatedAws,
    clock: SimulatedClock,
}

/// What came of a command.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its exit code.
    pub code: u8,
    /// What it said, on stdout and stderr.
    pub text: String,
    /// The journals that it wrote to, oldest first.
    pub journals: Vec<Written>,
}

/// A journal that was written to.
#[derive(Clone, Debug)]
pub struct Written {
    /// All of it.
    pub records: Vec<Record>,
    /// How many records there were before.
    pub before: usize,
}

impl Written {
    /// The plan it began with.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match &self.records.first()?.event {
            Event::Started { plan, .. } => Some(plan),
            _ => None,
        }
    }

    /// How it ended, if it did.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.records.last()?.event {
            Event::Finished { outcome } => Some(outcome),
            _ => None,
        }
    }
}

impl Said {
    /// How the last deployment that it wrote about ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.journals.last()?.outcome()
    }
}

impl Desk {
    /// An environment on this cloud that remembers these releases.
    ///
    /// # Errors
    /// Never in memory.
    pub async fn new(cloud: &Cloud, project: &Project, proven: &[Entry]) -> Result<Self, Failure> {
        let region = &project.configured.region;
        let desk = Self {
            store: AnyStore::memory(),
            aws: aws(cloud, region, project.directory.clone()),
            clock: SimulatedClock(cloud.clone()),
        };
        let ledger = desk.ledger();
        for entry in proven {
            let recorded = ledger.record(entry).await;
            recorded.map_err(Failure::port("a proven release is recorded"))?;
        }
        Ok(desk)
    }

    /// The same environment after a deployment that was played without it; unfinished when its journal has no end.
    ///
    /// # Errors
    /// When its journal is none.
    pub async fn remembers(&self, records: &[Record]) -> Result<(), Failure> {
        let Some(first) = records.first() else {
            return Ok(());
        };
        let holder = Holder {
            operator: Operator::default(),
            since: first.at,
            deployment: first.deployment.clone(),
            doing: "deploying".to_owned(),
        };
        let keeper = LeaseKeeper::new(self.store.clone());
        let lease = keeper.acquire(holder, Manner::Patient).await?;
        lease.begin(&first.deployment).await?;
        let (store, fence) = (self.store.clone(), lease.fence());
        let journal = StoreJournal::create(store, fence, &first.deployment).await?;
        let journal = lease.journal(journal);
        for record in records {
            let appended = journal.append(record).await;
            appended.map_err(JournalError::Port)?;
        }
        let over = records
            .last()
            .is_some_and(|last| matches!(last.event, Event::Finished { .. }));
        let left = match over {
            true => Left::Nothing,
            false => Left::Unfinished,
        };
        lease.release(left).await?;
        Ok(())
    }

    /// Proven releases.
    #[must_use]
    pub fn ledger(&self) -> StoreLedger {
        StoreLedger::new(self.store.clone())
    }

    /// Carries a command out for what `project` says.
    ///
    /// # Errors
    /// When what it left cannot be read.
    pub async fn run(&self, project: &Project, command: &Command) -> Result<Said, Failure> {
        let before = self.lengths().await?;
        let (shell, captured) = Shell::captured(Output::Text, ColorChoice::Never);
        let code = match self.carried_out(&shell, project, command).await {
            Ok(code) => code,
            Err(failure) => {
                report(
                    &shell,
                    &failure,
                    Some(project.configured.app.environment.as_str()),
                );
                failure.exit_code()
            }
        };
        let mut journals = Vec::new();
        for (deployment, length) in self.lengths().await? {
            let before = before.get(&deployment).copied().unwrap_or(0);
            if length > before {
                let records = journal::read(&self.store, &deployment).await?;
                journals.push(Written { records, before });
            }
        }
        journals.sort_by_key(|written| written.records.last().map(|record| record.at));
        // Who ran it is not the same anywhere.
        let text = format!("{}{}", captured.stdout(), captured.stderr());
        Ok(Said {
            code,
            text: text.replace(&operator().to_string(), "somebody"),
            journals,
        })
    }

    async fn lengths(&self) -> Result<BTreeMap<DeploymentId, usize>, Failure> {
        let mut found = BTreeMap::new();
        let listed = journal::list(&self.store).await;
        for deployment in listed.map_err(JournalError::Port)? {
            let length = journal::read(&self.store, &deployment).await?.len();
            found.insert(deployment, length);
        }
        Ok(found)
    }

    fn opened(&self) -> Opened<'_, SimulatedAws, SimulatedClock> {
        Opened {
            cloud: &self.aws,
            clock: &self.clock,
            store: &self.store,
        }
    }

    async fn carried_out(
        &self,
        shell: &Shell,
        project: &Project,
        command: &Command,
    ) -> Result<u8, Failure> {
        let environment = project.configured.app.environment.to_string();
        let reason = Some("it is played".to_owned());
        let speed = args::Speed::Max;
        match command {
            Command::Deploy(version) => {
                let versions = Versions::same(version.clone());
                self.deploy(shell, project, &versions).await
            }
            Command::DeployMixed(versions) => self.deploy(shell, project, versions).await,
            Command::Rollback { to, risk } => {
                let arguments = &args::Rollback {
                    environment,
                    to: to.clone(),
                    reason,
                    accept_schema_risk: *risk == Risk::Accepted,
                    dry_run: false,
                    speed,
                };
                let returning = Returning {
                    shell,
                    project,
                    arguments,
                };
                returning.with(self.opened()).await
            }
            Command::Resume(direction) => {
                let arguments = &args::Resume {
                    deployment: None,
                    environment: Some(environment),
                    forward: *direction == Some(Resume::Forward),
                    back: *direction == Some(Resume::Back),
                    reason,
                    speed,
                };
                let resuming = Resuming {
                    shell,
                    project,
                    arguments,
                };
                resuming.with(self.opened()).await
            }
        }
    }

    /// As `backstay deploy`, but for the checkout.
    async fn deploy(
        &self,
        shell: &Shell,
        project: &Project,
        versions: &Versions,
    ) -> Result<u8, Failure> {
        let version = &versions.release;
        let deployment = new_id()?;
        let aim = Aim {
            deployment: deployment.clone(),
            doing: format!("deploying {version}"),
            manner: Manner::Patient,
            patience: Patience::None,
            operator: Operator::default(),
        };
        let opened = self.opened();
        take(opened, &Uninterrupted, aim, async |turn| {
            let further = Further {
                by: None,
                direction: None,
                reason: Some(format!("{version} is to be deployed")),
                stuck: Stuck::Stays,
            };
            if let Some(resumed) = turn.settle(further, |_| Unwatched).await?
                && matches!(resumed.outcome, Outcome::Stuck { .. })
            {
                shell.answer(&outcome_text(&resumed.plan, &resumed.outcome));
                return Ok(exit_code(&resumed.outcome));
            }
            let ours = ours(opened).await?;
            let asked = Asked {
                ours: ours.as_ref(),
                ..Asked::rehearsed(project, versions)
            };
            let ports = (opened.cloud, &opened.ledger(), opened.clock);
            let Prepared { plan, caller } = planned(asked, deployment, ports).await?;
            if plan.is_empty() {
                shell.answer("There is nothing to do.");
                return Ok(0);
            }
            let begun = Begun {
                by: Some(caller),
                ..Begun::default()
            };
            let outcome = turn.deploy(&plan, begun, &Unwatched).await?;
            shell.answer(&outcome_text(&plan, &outcome));
            Ok::<u8, Failure>(exit_code(&outcome))
        })
        .await
    }
}
