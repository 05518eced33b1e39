//! `fixtures/service` in processes: started at ports that are free, ended in order.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::built::built;

/// One instance of the service.
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
}

impl Process {
    pub(crate) fn start(version: &str) -> Self {
        let mut child = Command::new(built("service"))
            .env_clear()
            .env("HOST", "127.0.0.1")
            .env("PORT", "0")
            .env("APP_VERSION", version)
            .env("TROUBLE", "slow-route")
            .env("LOG_FORMAT", "json")
            .env("LOG_LEVEL", "info")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.by_ref().find_map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).ok()?;
            let address = line["address"]
                .as_str()
                .filter(|_| line["message"] == "listening")?;
            address.rsplit_once(':')?.1.parse().ok()
        });
        // What it logs later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port: port.expect("it says where it listens"),
        }
    }

    /// Ends it as ECS does: SIGTERM, and it answers what it has got.
    pub(crate) fn end(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
