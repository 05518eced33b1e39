//! `backstay simulator serve`: the simulated AWS for every client.

use std::net::SocketAddr;
use std::path::Path;

use backstay_simulator::server::{ServerOptions, Throttling};

use crate::args::Serve;
use crate::compose::embedded::Nature;
use crate::compose::server;
use crate::failure::Failure;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn serve(shell: &Shell, directory: &Path, arguments: &Serve) -> Result<u8, Failure> {
    let nature = Nature {
        seed: arguments.seed,
        weather: arguments.weather,
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
    };
    let address = SocketAddr::new(arguments.host, arguments.port);
    server::serve(address, options, worlds, |address| {
        let url = format!("http://{address}");
        shell.give(|| format!("listening on {url}"), || json::listening(&url));
    })?;
    Ok(0)
}
