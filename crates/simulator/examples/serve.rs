//! The smallest program around the server: an empty account in real time on a free port, until it is killed.
//!
//! `cargo run -p backstay-simulator --example serve [PORT]`

#![expect(clippy::print_stdout, reason = "says where it listens")]

use std::error::Error;
use std::future::pending;
use std::net::Ipv4Addr;
use std::time::{SystemTime, UNIX_EPOCH};

use backstay_simulator::server::{Pace, Server, ServerOptions, Throttling, Worlds};
use backstay_simulator::{Weather, World};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(0), |port| port.parse::<u16>())?;
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let world = World::new("123456789012", "eu-west-1", 1, Weather::Calm, now_ms);
    let options = ServerOptions {
        pace: Pace::Running(1.0),
        state: None,
        throttling: Throttling::AsAws,
    };
    let server = Server::new(options, Worlds::starting_with(world, 1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    server.serve(listener, pending()).await?;
    Ok(())
}
