//! `backstay simulator serve`: the simulated AWS for every client.

use std::net::SocketAddr;
use std::path::Path;

use backstay_adapters::clock::SystemClock;
use backstay_domain::ports::Clock;
use backstay_simulator::server::{
    Pace, ServerOptions, TaskRuntime, Throttling, WebChange, WebDoor,
};

use crate::args::{Serve, Tasks};
use crate::compose::embedded::{FIRST_MOMENT_MS, Nature};
use crate::compose::server::{self, Places, Said};
use crate::failure::Failure;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn serve(shell: &Shell, directory: &Path, arguments: &Serve) -> Result<u8, Failure> {
    let nature = Nature {
        seed: arguments.seed,
        weather: arguments.weather,
        start_ms: start_ms(arguments),
    };
    let worlds = server::worlds(directory, arguments.environment.as_deref(), nature)?;
    let options = ServerOptions {
        pace: arguments.time,
        state: arguments.state.clone(),
        throttling: match arguments.no_throttle {
            true => Throttling::Off,
            false => Throttling::AsAws,
        },
        upstream: arguments.upstream.clone(),
        forward: arguments.forward.clone(),
        tasks: tasks(arguments)?,
    };
    let places = Places {
        address: SocketAddr::new(arguments.host, arguments.port),
        web: arguments.web_ports,
    };
    server::serve(places, options, worlds, |said| match said {
        Said::Listening(address, doors) => {
            let url = format!("http://{address}");
            shell.give(|| listening(&url, doors), || json::listening(&url, doors));
        }
        Said::Web(WebChange::Opened(door)) => {
            shell.give(|| reached(door), || json::web_opened(door));
        }
        Said::Web(WebChange::Closed(door)) => {
            let text = || format!("{}  closed: {}", door.url, door.title());
            shell.give(text, || json::web_closed(door));
        }
    })?;
    Ok(0)
}

/// Real time is everybody's: clients stamp what they send with their own clocks. Any other time has stories to tell.
fn start_ms(arguments: &Serve) -> u64 {
    let start = match (arguments.start, arguments.time) {
        (Some(start), _) => start,
        (None, Pace::Running(1.0)) => SystemClock.now(),
        (None, _) => return FIRST_MOMENT_MS,
    };
    u64::try_from(start.as_millisecond()).unwrap_or_default()
}

fn tasks(arguments: &Serve) -> Result<TaskRuntime, Failure> {
    let programs = arguments.program.clone();
    let wrong = |problem: &str, hint: &str| {
        Err(Failure::Usage {
            message: problem.to_owned(),
            hint: hint.to_owned(),
        })
    };
    match arguments.tasks {
        Tasks::Process if programs.is_empty() => wrong(
            "`--tasks process` has no program to run",
            "`--program 'shop/*=target/debug/service'` says which program stands for the images of a repository",
        ),
        Tasks::Process => Ok(TaskRuntime::Process(programs)),
        Tasks::Scripted | Tasks::Docker if !programs.is_empty() => {
            wrong("`--program` is for local programs", "add `--tasks process`")
        }
        Tasks::Scripted => Ok(TaskRuntime::Scripted),
        Tasks::Docker => Ok(TaskRuntime::Docker),
    }
}

fn listening(url: &str, doors: &[WebDoor]) -> String {
    let first = format!("listening on {url}");
    let lines = std::iter::once(first).chain(doors.iter().map(reached));
    lines.collect::<Vec<_>>().join("\n")
}

/// Where users reach something, and by which names AWS would lead them there.
fn reached(door: &WebDoor) -> String {
    format!("{}  {}  {}", door.url, door.title(), door.hosts.join(" "))
}
