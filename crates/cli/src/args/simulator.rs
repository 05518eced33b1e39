//! The words of `backstay simulator`.

use std::net::IpAddr;
use std::path::PathBuf;

use backstay_simulator::server::{Forwarded, Pace, Program, Upstream, WebPorts};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{EXIT_CODES, parse_weather};

/// The commands of `simulator`.
#[derive(Debug, Subcommand)]
pub enum Simulator {
    /// Serve the simulated AWS over HTTP until SIGINT or SIGTERM. Prints one line when it is ready, and one for each port that users
    /// reach.
    #[command(after_help = EXIT_CODES)]
    Serve(Serve),
}

/// Options of `simulator serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; 0 is any port that is free.
    #[arg(long, default_value_t = 4577)]
    pub port: u16,
    /// The address to listen on. Whoever reaches it can do anything there.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Where users reach the load balancers and the CDN, on the same address: a port for each listener and each distribution. Any
    /// that are free, consecutive ones from this one on, or none.
    #[arg(long, value_name = "any|PORT|off", default_value = "any")]
    pub web_ports: WebPorts,
    /// Keep the simulated cloud in this directory; without it, it is gone at the end.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Begin with this environment's infrastructure and a live release on it; without it, with an empty account.
    #[arg(long, value_name = "ENV")]
    pub environment: Option<String>,
    /// How time passes: real, a speed such as 300x, or manual: it stands until a client advances it.
    #[arg(long, value_name = "real|SPEEDx|manual", default_value = "real")]
    pub time: Pace,
    /// When it begins, for example 2026-01-05T09:00:00Z. Without it, `--time real` begins now, and any other time on that Monday
    /// morning. A simulated cloud that was kept goes on no earlier than it was left.
    #[arg(long, value_name = "TIME")]
    pub start: Option<Timestamp>,
    /// Forward what is not simulated to this server (moto, LocalStack); without it, that is refused with 501.
    #[arg(long, value_name = "URL")]
    pub upstream: Option<Upstream>,
    /// Give these services to the upstream although they are simulated here, for example s3,secretsmanager,ssm,sns,logs,iam. What
    /// the environment begins with is made there.
    #[arg(long, value_name = "SERVICE,…", value_delimiter = ',', requires = "upstream", value_parser = parse_forwarded)]
    pub forward: Vec<Forwarded>,
    /// What tasks run: nothing, a script answers for them; local programs (`--program`); or containers of the Docker engine.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub tasks: Tasks,
    /// A local program for all images of a repository, for example `shop/*=target/debug/service`; its arguments are those of the
    /// container's command. It is told in HOST and PORT where to listen. Of those that fit, the first.
    #[arg(long, value_name = "REPOSITORY=COMMAND")]
    pub program: Vec<Program>,
    /// The simulated cloud's seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How the simulated cloud feels: calm, typical or rough.
    #[arg(long, default_value = "calm", value_parser = parse_weather)]
    pub weather: backstay_simulator::Weather,
    /// Turn nobody away for calling too often. AWS does: 20 DescribeServices a second, for example.
    #[arg(long)]
    pub no_throttle: bool,
}

/// What the tasks of a simulated cloud run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Tasks {
    /// Nothing: scripts, in virtual time.
    #[default]
    Scripted,
    /// Local programs.
    Process,
    /// Containers.
    Docker,
}

/// With the name that was probably meant.
fn parse_forwarded(text: &str) -> Result<Forwarded, String> {
    text.parse().map_err(|unknown| {
        let near = Forwarded::names()
            .map(|name| (strsim::jaro_winkler(text, name), name))
            .max_by(|one, other| one.0.total_cmp(&other.0));
        match near.filter(|(likeness, _)| *likeness > 0.8) {
            Some((_, name)) => format!("{unknown}; did you mean `{name}`?"),
            None => {
                let names: Vec<&str> = Forwarded::names().collect();
                format!("{unknown}; there are {}", names.join(", "))
            }
        }
    })
}
