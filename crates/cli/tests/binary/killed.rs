//! The binary is killed at any moment, and `resume` ends in exactly the old or exactly the new release: 200 times of 200.

use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::app::App;
use crate::served::Server;

const OLD: &str = "a1b2c3d";
const NEW: &str = "2f9c1e7";

/// Deployments that each shard kills. Eight shards: 200.
const KILLS: u32 = 25;

/// Longest time until the kill, in milliseconds: some deployments end before it.
const LONGEST_MS: u64 = 900;

#[test]
fn shard_1() {
    killed_and_resumed(1);
}

#[test]
fn shard_2() {
    killed_and_resumed(2);
}

#[test]
fn shard_3() {
    killed_and_resumed(3);
}

#[test]
fn shard_4() {
    killed_and_resumed(4);
}

#[test]
fn shard_5() {
    killed_and_resumed(5);
}

#[test]
fn shard_6() {
    killed_and_resumed(6);
}

#[test]
fn shard_7() {
    killed_and_resumed(7);
}

#[test]
fn shard_8() {
    killed_and_resumed(8);
}

fn killed_and_resumed(shard: u64) {
    let (server, app) = Server::of_staging("manual");
    let mut chance = Chance(shard);
    let mut ends = [0_u32; 3];
    for round in 0..KILLS {
        server.ask("POST reset", "");
        let _ = fs::remove_dir_all(app.directory.join(".backstay"));
        let situation = format!("shard {shard}, round {round}");
        kill(
            &app,
            &["deploy", "staging", "--version", NEW],
            chance.below(LONGEST_MS),
        );
        // Every other deployment is killed once more while it is resumed, in either direction.
        let direction = match chance.below(3) {
            0 => "--back",
            1 => "--forward",
            _ => "--reason=killed",
        };
        let resume = ["resume", "--environment", "staging", direction];
        if round % 2 == 1 {
            unlocked(&app);
            kill(&app, &resume, chance.below(LONGEST_MS));
        }
        unlocked(&app);
        let resumed = app.run(resume);
        let live = server
            .version(&[OLD, NEW])
            .unwrap_or_else(|mixed| panic!("{situation}: {resumed:?}\n{mixed}"));
        let end = match (resumed.code, live.as_str()) {
            (0, NEW) => 0,
            (4, OLD) => 1,
            // Killed before it began, or while the lease was all it had.
            (0, OLD) if resumed.stdout.contains("nothing to resume") => 2,
            _ => panic!("{situation}: {live} is live, but {resumed:?}"),
        };
        ends[end] += 1;
        assert_eq!(lease(&app)["holder"], Value::Null, "{situation}");
        app.run(["audit", "verify", "staging"]).ends_with(0);
        let again = app.run(["resume", "--environment", "staging"]).ends_with(0);
        assert!(
            again.stdout.contains("nothing to resume"),
            "{situation}: {again:?}"
        );
    }
    let [new, old, never] = ends;
    println!("{KILLS} kills: {new} ended new, {old} ended old, {never} had not begun");
}

/// Starts the binary and kills it after so many milliseconds.
fn kill(app: &App, arguments: &[&str], after_ms: u64) {
    let mut child: Child = app
        .command(arguments.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the random moment is one of real time; nothing waits for it"
    )]
    std::thread::sleep(Duration::from_millis(after_ms));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The lease as it lies in the state directory; null when there is none.
fn lease(app: &App) -> Value {
    let text = fs::read(app.state().join("lease")).unwrap_or_else(|_| b"{}".to_vec());
    let cell: Value = serde_json::from_slice(&text).unwrap();
    cell["lease"].clone()
}

/// Takes the lease away from the process that was killed, instead of waiting for it to expire.
fn unlocked(app: &App) {
    if let Some(deployment) = lease(app)["holder"]["deployment"].as_str() {
        app.run([
            "unlock",
            "staging",
            deployment,
            "--reason",
            "its process was killed",
        ])
        .ends_with(0);
    }
}

/// A small generator (xorshift): the moments are the same in every run, what happens at them is not.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(0xD1B5);
        self.0 ^= self.0 >> 29;
        (self.0 >> 16) % limit
    }
}
