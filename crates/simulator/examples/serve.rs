//! The smallest program around the server: an empty account, until it is killed.
//!
//! `cargo run -p backstay-simulator --example serve [PORT [real|SPEEDx|manual [UPSTREAM]]]`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "says where it listens, and begins now"
)]

use std::error::Error;
use std::future::pending;
use std::net::Ipv4Addr;
use std::time::{SystemTime, UNIX_EPOCH};

use backstay_simulator::server::{Pace, Server, ServerOptions, TaskRuntime, Throttling, Worlds};
use backstay_simulator::{Weather, World};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |port| port.parse::<u16>())?;
    let pace = arguments
        .next()
        .map_or(Ok(Pace::Running(1.0)), |pace| pace.parse())?;
    let upstream = arguments.next().map(|url| url.parse()).transpose()?;
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let world = World::new("123456789012", "eu-west-1", 1, Weather::Calm, now_ms);
    let options = ServerOptions {
        pace,
        state: None,
        throttling: Throttling::AsAws,
        upstream,
        forward: Vec::new(),
        tasks: TaskRuntime::Scripted,
    };
    let server = Server::new(options, Worlds::starting_with(world, 1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    server.serve(listener, pending()).await?;
    Ok(())
}
