//! The command line's words.

mod built;
mod images;
mod jobs;
mod simulator;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use built::Built;
pub use images::{Images, Which};
pub use jobs::{Logs, Run};
pub use simulator::{Serve, Simulator, Tasks};

use crate::scenario::catalogue;
use crate::shell::{ColorChoice, Output};

/// Below the help of every command: pipelines depend on the codes.
const EXIT_CODES: &str = "\
Exit codes:
  0  live and proven, or nothing to do
  1  internal error
  2  wrong usage or configuration
  3  refused before any change
  4  failed and rolled back, proven
  5  stuck: a human is needed
  6  somebody else is deploying
  7  interrupted; the journal says how far
  8  nothing was changed, and not everything that is live could be proven";

/// Deploys a whole application to Amazon ECS as one release, proves that it is live, or puts everything back and proves that.
#[derive(Debug, Parser)]
#[command(name = "backstay", version, max_term_width = 110)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The app's directory, where backstay.toml lies.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub app: PathBuf,
    /// What the answer on stdout is made of: text, or one JSON object per line.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub output: Output,
    /// When to use colour. `NO_COLOR` is honoured.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check backstay.toml and everything it names; show every problem at once.
    #[command(after_help = EXIT_CODES)]
    Check {
        /// The environment; all of them when left out.
        environment: Option<String>,
        /// Print the annotated example instead: every key with its meaning.
        #[arg(long)]
        example: bool,
    },
    /// Show what a deployment would do, step by step, and how far it could be rolled back. Changes nothing.
    #[command(after_help = EXIT_CODES)]
    Plan(Plan),
    /// Bring an environment to a release: prove it, or roll everything back and prove that.
    #[command(after_help = EXIT_CODES)]
    Deploy(Deploy),
    /// Go on with a deployment that was interrupted, or that is stuck: on to the new release, or back to the old one.
    #[command(after_help = EXIT_CODES)]
    Resume(Resume),
    /// Go back to the last proven release, or to any earlier one. Stops a deployment that is running first.
    #[command(after_help = EXIT_CODES)]
    Rollback(Rollback),
    /// Let a rollout go on that waits at a PAUSE hook.
    #[command(after_help = EXIT_CODES)]
    Continue(Answer),
    /// Take a rollout back that waits at a PAUSE hook, and with it the release that it is part of.
    #[command(after_help = EXIT_CODES)]
    Abort(Answer),
    /// Take the lease away from a holder that is gone, before it expires by itself.
    #[command(after_help = EXIT_CODES)]
    Unlock {
        /// The environment.
        environment: String,
        /// The deployment that holds it, as the refusal or `backstay history` names it.
        deployment: String,
        /// Why, for the journal.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Show what of earlier releases no rollback and no open tab may ask for any more: files of the frontend, copies of its pages.
    /// With `--apply` it is taken away.
    #[command(after_help = EXIT_CODES)]
    Prune {
        /// The environment.
        environment: String,
        /// Take it away. Without this nothing is changed.
        #[arg(long)]
        apply: bool,
    },
    /// Run one of the release's jobs now, whatever its schedule says, with its lines as they come. Exit code 0 when it ends with 0, 4
    /// when it fails, 7 when it is stopped by Ctrl-C.
    #[command(after_help = EXIT_CODES)]
    Run(Run),
    /// Show what the services write, or a job, or the migration; `--follow` goes on.
    #[command(after_help = EXIT_CODES)]
    Logs(Logs),
    /// Show what is live and who confirms it, which deployment is not at its end, and what differs from the record. Its exit codes:
    /// 0 all of it proven, 5 contradicted or stuck, 6 a deployment is running, 7 one is unfinished, 8 not proven.
    #[command(after_help = EXIT_CODES)]
    Status {
        /// The environment.
        environment: String,
    },
    /// Show what was deployed, newest first: by whom, why, how it ended; what is live, and where a rollback can go.
    #[command(after_help = EXIT_CODES)]
    History {
        /// The environment.
        environment: String,
        /// How many deployments.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Show the app's migrations, parents first: what each revision does, whether the code just before it runs on the schema after it,
    /// what it locks, what the way down loses, because of which line, and whether it is applied. Changes nothing.
    #[command(after_help = EXIT_CODES)]
    Migrations {
        /// The environment.
        environment: String,
        /// The version whose commit is read. Default: the git commit that is checked out; without git, the files as they lie here.
        #[arg(long, value_name = "SHA")]
        version: Option<String>,
        /// How many of the newest revisions; those that are not applied are always shown. `--output json` has all of them.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Show one deployment in full: who, why, its plan, its story, how it ended and by which proof.
    #[command(after_help = EXIT_CODES)]
    Show {
        /// The deployment's id, or the beginning of it.
        #[arg(value_name = "ID")]
        deployment: String,
        /// The environment. Default: it is looked for in all of them.
        #[arg(long, value_name = "ENV")]
        environment: Option<String>,
    },
    /// Show a recorded deployment once more, as it was seen. Exits with 0 however that deployment ended.
    #[command(after_help = EXIT_CODES)]
    Replay {
        /// The deployment's id, or the beginning of it.
        #[arg(value_name = "ID")]
        deployment: String,
        /// The environment. Default: it is looked for in all of them.
        #[arg(long, value_name = "ENV")]
        environment: Option<String>,
        /// Recorded seconds per second, or `max`: without any pause.
        #[arg(long, value_name = "N|max", default_value = "40", value_parser = parse_speed)]
        speed: Speed,
    },
    /// Show what differs between two releases: a release (`r-…`), a deployment (`d-…`), a version, or `live`.
    #[command(after_help = EXIT_CODES)]
    Diff {
        /// The one release.
        #[arg(value_name = "A")]
        from: String,
        /// The other one.
        #[arg(value_name = "B")]
        to: String,
        /// The environment. Default: the one that knows both.
        #[arg(long, value_name = "ENV")]
        environment: Option<String>,
    },
    /// Look after the journals.
    #[command(after_help = EXIT_CODES)]
    Audit {
        /// What to do.
        #[command(subcommand)]
        command: Audit,
    },
    /// Build the app's images and push them, tagged and by digest.
    #[command(after_help = EXIT_CODES)]
    Images {
        /// What to do.
        #[command(subcommand)]
        command: Images,
    },
    /// Play a deployment on a throw-away simulated cloud in virtual time, with faults; ends with its exit code.
    #[command(after_help = EXIT_CODES, after_long_help = format!("{}\n{EXIT_CODES}", catalogue::help()))]
    Rehearse(Rehearse),
    /// The simulated AWS as a server, for this and every other client of AWS.
    #[command(after_help = EXIT_CODES)]
    Simulator {
        /// What to do.
        #[command(subcommand)]
        command: Simulator,
    },
}

/// The commands of `audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Verify that every journal is as it was written. Exits with 5 when one was changed or is missing.
    #[command(after_help = EXIT_CODES)]
    Verify {
        /// The environment.
        environment: String,
        /// Only this deployment: its id, or the beginning of it.
        #[arg(value_name = "ID")]
        deployment: Option<String>,
    },
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// Which version.
    #[command(flatten)]
    pub built: Built,
    /// What a human allows.
    #[command(flatten)]
    pub permits: Permits,
}

/// What a human may allow of a deployment: each is recorded with it, and shown in its plan.
#[derive(Debug, Args)]
pub struct Permits {
    /// Go on even if the live commit is newer.
    #[arg(long)]
    pub allow_older: bool,
    /// Go on although what is live of this service (or frontend) is not proven now: this deployment is the cure. It is
    /// recorded. May be given several times.
    #[arg(long, value_name = "SERVICE")]
    pub accept_unproven: Vec<String>,
    /// Go on even if the version's code is not declared to run on the present schema, or if its migration cannot be taken
    /// back.
    #[arg(long)]
    pub accept_schema_risk: bool,
    /// Go on even if what is checked out is not clean, or not the version's commit. It is recorded.
    #[arg(long)]
    pub allow_dirty: bool,
}

/// Whom an answer is for.
#[derive(Debug, clap::Args)]
pub struct Answer {
    /// The environment.
    pub environment: String,
    /// Only this service. Default: all that wait.
    #[arg(long, value_name = "SERVICE")]
    pub service: Vec<String>,
}

impl Command {
    /// The environment that it is about, where the command line names one.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        match self {
            Self::Unlock { environment, .. }
            | Self::Prune { environment, .. }
            | Self::Status { environment }
            | Self::Run(Run { environment, .. })
            | Self::Logs(Logs { environment, .. })
            | Self::Continue(Answer { environment, .. })
            | Self::Abort(Answer { environment, .. })
            | Self::History { environment, .. }
            | Self::Migrations { environment, .. }
            | Self::Audit {
                command: Audit::Verify { environment, .. },
            } => Some(environment),
            Self::Images { command } => Some(&command.which().environment),
            Self::Plan(Plan { environment, .. })
            | Self::Deploy(Deploy { environment, .. })
            | Self::Rollback(Rollback { environment, .. }) => Some(environment),
            Self::Check { environment, .. }
            | Self::Show { environment, .. }
            | Self::Replay { environment, .. }
            | Self::Diff { environment, .. } => environment.as_deref(),
            Self::Resume(Resume { environment, .. })
            | Self::Rehearse(Rehearse { environment, .. }) => environment.as_deref(),
            Self::Simulator { .. } => None,
        }
    }
}

/// Options of `deploy`.
#[derive(Debug, Args)]
pub struct Deploy {
    /// The environment.
    pub environment: String,
    /// Which version.
    #[command(flatten)]
    pub built: Built,
    /// Why, for the journal and `backstay history`.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// What a human allows.
    #[command(flatten)]
    pub permits: Permits,
    /// Virtual seconds per second on the simulated cloud, or `max`.
    #[arg(long, value_name = "N|max", default_value = "40", value_parser = parse_speed)]
    pub speed: Speed,
}

/// Options of `resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// The deployment, or the beginning of its id. Default: the one that is unfinished, or else was stuck last.
    pub deployment: Option<String>,
    /// The environment. Default: the one that has that deployment.
    #[arg(long, value_name = "ENV")]
    pub environment: Option<String>,
    /// Go on to the new release, whatever the environment's policy says.
    #[arg(long, conflicts_with = "back")]
    pub forward: bool,
    /// Go back to the old release.
    #[arg(long)]
    pub back: bool,
    /// Why, for the journal.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Virtual seconds per second on the simulated cloud, or `max`.
    #[arg(long, value_name = "N|max", default_value = "40", value_parser = parse_speed)]
    pub speed: Speed,
}

/// Options of `rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The environment.
    pub environment: String,
    /// The release to go back to: its id, its version, or the deployment that brought it. Default: the last one that was
    /// proven before what is live.
    #[arg(long, value_name = "RELEASE")]
    pub to: Option<String>,
    /// Why, for the journal.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Return with the code alone where it cannot run on the present schema and the schema cannot go down.
    #[arg(long)]
    pub accept_schema_risk: bool,
    /// Show the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Virtual seconds per second on the simulated cloud, or `max`.
    #[arg(long, value_name = "N|max", default_value = "40", value_parser = parse_speed)]
    pub speed: Speed,
}

/// Options of `rehearse`.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The environment. Not needed with --scenario.
    #[arg(required_unless_present = "scenario")]
    pub environment: Option<String>,
    /// The version. Default: the git commit that is checked out.
    #[arg(long, value_name = "SHA")]
    pub version: Option<String>,
    /// Something that goes wrong: `SERVICE=KIND[@AFTER]`, migration=KIND, frontend=KIND (or its name), CALL=KIND or caller=KIND, as listed
    /// by --help. May be given several times.
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<String>,
    /// Play every fault there is on every part of the app, each on a cloud of its own, and show the table of what came of it.
    #[arg(long, conflicts_with_all = ["faults", "scenario"])]
    pub all: bool,
    /// Play this scenario file: its app, its start and its faults. May be given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["faults", "version", "environment"])]
    pub scenario: Vec<PathBuf>,
    /// The simulated cloud's seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How the simulated cloud feels: calm, typical or rough.
    #[arg(long, default_value = "calm", value_parser = parse_weather)]
    pub weather: backstay_simulator::Weather,
}

/// How fast time runs on the simulated cloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// Virtual seconds per second.
    Times(f64),
    /// As fast as it can be computed.
    Max,
}

fn parse_speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if (0.1..=100_000.0).contains(&times) => Ok(Speed::Times(times)),
        Ok(_) | Err(_) => Err("a number from 0.1 to 100000, or `max`".to_owned()),
    }
}

fn parse_weather(text: &str) -> Result<backstay_simulator::Weather, String> {
    use backstay_simulator::Weather;
    match text {
        "calm" => Ok(Weather::Calm),
        "typical" => Ok(Weather::Typical),
        "rough" => Ok(Weather::Rough),
        _ => Err("calm, typical or rough".to_owned()),
    }
}
