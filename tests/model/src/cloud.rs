//! The abstract cloud: what calls do and what happens by itself, from `ecs-semantics.md` alone (sections in brackets). It
//! shares nothing with the simulated cloud, nor with whoever wrote that.

use crate::app::Code;
use crate::moves::{Move, Slow};

/// Failed tasks at which the circuit breaker gives a rollout up (B1: for a service of one task).
pub const BREAKER: u8 = 3;

/// All that exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cloud {
    /// The services.
    pub services: [Service; 2],
    /// What each revision of each family runs, from revision 1 on.
    pub families: [Vec<Code>; 3],
    /// One-off tasks, oldest first.
    pub tasks: Vec<Task>,
    /// The schema's revision.
    pub schema: u8,
    /// The frontend.
    pub site: Site,
    /// What takes as long as it likes; all else happens before time goes on.
    pub slow: Vec<Slow>,
}

/// A service of one task, with minimumHealthyPercent 100, maximumPercent 200 and a circuit breaker that rolls back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    /// Its deployments, oldest first, with those that DescribeServices lists no more: their records stay (B6).
    pub deployments: Vec<Deployment>,
    /// The PRIMARY one.
    pub primary: u8,
    /// Revisions of which no task can be started any more.
    pub spoiled: Vec<u8>,
}

/// A deployment of a service, and its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deployment {
    /// What it runs.
    pub revision: u8,
    /// `rolloutState` (A7).
    pub state: RolloutState,
    /// The status of its service deployment (B6).
    pub record: Record,
    /// Whether its task runs and is healthy.
    pub up: bool,
    /// Tasks that failed.
    pub failed: u8,
}

/// `rolloutState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "words of the cloud")]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// The status of a service deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "words of the cloud")]
pub enum Record {
    InProgress,
    Successful,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

/// A one-off task.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// Its client token.
    pub key: String,
    /// Who started it.
    pub started_by: String,
    /// The newest revision that its image knows.
    pub knows: u8,
    /// Its command.
    pub run: Run,
    /// Where it stands.
    pub state: TaskState,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
}

/// What a task of the migration does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Run {
    /// Prints the schema's revision.
    Current,
    /// Migrates up to the newest revision it knows.
    Up,
    /// Migrates down to this one.
    Down(u8),
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It comes up.
    Pending,
    /// It runs.
    Running,
    /// Its container never ran.
    NeverStarted,
    /// It exited with this code, having printed this revision.
    Exited(i32, u8),
    /// It was killed.
    Killed,
}

/// A bucket behind a CDN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Whose page is in the bucket.
    pub bucket: Code,
    /// Whose page visitors get.
    pub edge: Code,
    /// Releases whose other files are there.
    pub files: Vec<u8>,
    /// Invalidations by their caller's reference, and whether they are completed.
    pub invalidations: Vec<(String, bool)>,
}

/// A call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the parameters of AWS's calls")]
pub enum Call {
    Register {
        family: usize,
        code: Code,
    },
    UpdateService {
        service: usize,
        revision: u8,
        force: Force,
    },
    StopServiceDeployment {
        service: usize,
        deployment: u8,
    },
    RunTask {
        key: String,
        started_by: String,
        knows: u8,
        run: Run,
    },
    StopTask {
        task: usize,
    },
    PutFiles {
        release: u8,
    },
    PutPage {
        page: Code,
    },
    CreateInvalidation {
        key: String,
    },
}

/// `forceNewDeployment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Force {
    /// Only what differs starts a deployment.
    No,
    /// One starts in any case.
    Yes,
}

/// What a call gives: the number of a revision, a deployment, a task or an invalidation.
pub type Given = usize;

impl Cloud {
    /// Everything runs the first release.
    #[must_use]
    pub fn new() -> Self {
        let deployment = Deployment {
            revision: 1,
            state: RolloutState::Completed,
            record: Record::Successful,
            up: true,
            failed: 0,
        };
        let service = Service {
            deployments: vec![deployment],
            primary: 0,
            spoiled: Vec::new(),
        };
        let first = Code::Release(1);
        Self {
            services: [service.clone(), service],
            families: [vec![first], vec![first], vec![first]],
            tasks: Vec::new(),
            schema: 1,
            site: Site {
                bucket: first,
                edge: first,
                files: vec![1],
                invalidations: Vec::new(),
            },
            slow: Vec::new(),
        }
    }

    /// A call takes effect.
    pub fn call(&mut self, call: &Call) -> Given {
        match call {
            // Every registration is a revision (A1: no token).
            Call::Register { family, code } => {
                self.families[*family].push(*code);
                self.families[*family].len()
            }
            Call::UpdateService {
                service,
                revision,
                force,
            } => self.services[*service].update(*revision, *force),
            Call::StopServiceDeployment {
                service,
                deployment,
            } => {
                self.services[*service].ask_back(*deployment);
                0
            }
            Call::RunTask {
                key,
                started_by,
                knows,
                run,
            } => {
                // The same token gives the same task (C, G).
                let known = self.tasks.iter().position(|task| task.key == *key);
                known.unwrap_or_else(|| {
                    self.tasks.push(Task {
                        key: key.clone(),
                        started_by: started_by.clone(),
                        knows: *knows,
                        run: *run,
                        state: TaskState::Pending,
                        stopping: false,
                    });
                    self.tasks.len() - 1
                })
            }
            Call::StopTask { task } => {
                self.tasks[*task].stopping |= self.tasks[*task].is_alive();
                0
            }
            Call::PutFiles { release } => {
                if !self.site.files.contains(release) {
                    self.site.files.push(*release);
                }
                0
            }
            Call::PutPage { page } => {
                self.site.bucket = *page;
                0
            }
            // The same reference gives the same invalidation (H).
            Call::CreateInvalidation { key } => {
                let all = &mut self.site.invalidations;
                let known = all.iter().position(|(of, _)| of == key);
                known.unwrap_or_else(|| {
                    all.push((key.clone(), false));
                    all.len() - 1
                })
            }
        }
    }

    /// All that may happen next by itself.
    #[must_use]
    pub fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (at, service) in self.services.iter().enumerate() {
            moves.extend(service.moves(at));
        }
        for (at, task) in self
            .tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| task.is_alive())
        {
            moves.push(Move::Task(at));
            if task.stopping {
                moves.push(Move::Stops(at));
            }
        }
        let open = self.site.invalidations.iter().enumerate();
        moves.extend(
            open.filter(|(_, (_, done))| !done)
                .map(|(at, _)| Move::Forgets(at)),
        );
        moves
    }

    /// Whether something happens by itself before time goes on.
    #[must_use]
    pub fn is_prompt(&self, what: Move) -> bool {
        !self.slow.contains(&what.slow())
    }

    /// Something happens by itself.
    pub fn happens(&mut self, what: Move) {
        match what {
            Move::Starts(at) => self.services[at].newest().up = true,
            Move::Fails(at) => self.services[at].fails(),
            Move::Drains(at) => self.services[at].drains(),
            Move::Completes(at) => self.services[at].completes(),
            Move::TurnsBack(at) => self.services[at].turns_back(),
            Move::Task(at) => self.schema = self.tasks[at].goes_on(self.schema),
            Move::Stops(at) => {
                let task = &mut self.tasks[at];
                task.state = match task.state {
                    TaskState::Pending => TaskState::NeverStarted,
                    _ => TaskState::Killed,
                };
            }
            Move::Forgets(at) => {
                self.site.invalidations[at].1 = true;
                self.site.edge = self.site.bucket;
            }
        }
    }

    /// Tasks that may change the schema now.
    pub fn migrating(&self) -> impl Iterator<Item = &Task> {
        let alive = self.tasks.iter().filter(|task| task.is_alive());
        alive.filter(|task| task.run != Run::Current)
    }

    /// What a service's primary deployment runs.
    #[must_use]
    pub fn runs(&self, service: usize) -> Code {
        self.code(service, self.services[service].now().revision)
    }

    /// What a revision runs.
    #[must_use]
    pub fn code(&self, family: usize, revision: u8) -> Code {
        self.families[family][usize::from(revision) - 1]
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}

impl Task {
    /// Whether it comes up or runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        matches!(self.state, TaskState::Pending | TaskState::Running)
    }

    /// One step of it: the schema's revision after that. Each revision is applied or undone as a whole.
    fn goes_on(&mut self, schema: u8) -> u8 {
        let knows = self.knows;
        if self.state == TaskState::Pending && self.run != Run::Current {
            self.state = TaskState::Running;
            return schema;
        }
        let to = match self.run {
            Run::Current => schema,
            Run::Up => knows,
            Run::Down(to) => to,
        };
        let impossible = match self.run {
            Run::Current => false,
            // A tool that does not know the revision that the database is on gives up.
            Run::Up => schema > knows,
            Run::Down(to) => schema > knows || schema < to,
        };
        match schema {
            _ if impossible => self.state = TaskState::Exited(1, schema),
            at if at == to => self.state = TaskState::Exited(0, schema),
            at if at < to => return at + 1,
            at => return at - 1,
        }
        schema
    }
}
