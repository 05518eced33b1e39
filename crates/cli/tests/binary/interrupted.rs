//! SIGINT and SIGTERM: the first one finishes what is in flight and goes back, or leaves the rest to `resume`; the second
//! one leaves at once.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::app::{App, Said};
use crate::served::Server;

/// A deployment that has come as far as this line of its story.
struct Running {
    child: Child,
    rest: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn until(app: &App, line: &str) -> Self {
        let mut child = app
            .command(["deploy", "staging", "--version", "2f9c1e7"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let rest = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, rest };
        running.read_until(line);
        running
    }

    fn read_until(&mut self, line: &str) {
        let mut read = String::new();
        while !read.contains(line) {
            read.clear();
            assert_ne!(
                self.rest.read_line(&mut read).unwrap(),
                0,
                "it ended before `{line}`"
            );
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn ended(mut self) -> Said {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.rest.read_to_string(&mut stderr).unwrap();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        Said {
            code,
            stdout,
            stderr,
        }
    }
}

const ROLLING: &str = "done    roll out auth-service";

#[test]
fn the_first_signal_rolls_back_and_says_so() {
    for (signal, name) in [("-INT", "SIGINT"), ("-TERM", "SIGTERM")] {
        let (server, app) = Server::of_staging("60x");
        let running = Running::until(&app, ROLLING);
        running.signal(signal);
        let said = running.ended().ends_with(4);
        assert!(said.stderr.contains(&format!(
            "{name}: what is in flight is finished; rolling back"
        )));
        assert!(
            said.stdout
                .contains(&format!("Turned back: interrupted by {name}")),
            "{said:?}"
        );
        assert_eq!(
            server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
            Ok("a1b2c3d")
        );
    }
}

#[test]
fn or_leaves_the_rest_to_resume_where_the_policy_says_so() {
    let (server, app) = Server::of_staging("60x");
    app.edit(
        "backstay.toml",
        "[environments.staging.policy]",
        "[environments.staging.policy]\non_interrupt = \"leave\"",
    );
    let running = Running::until(&app, ROLLING);
    running.signal("-TERM");
    let said = running.ended().ends_with(7);
    assert!(
        said.stderr.contains("`backstay resume` goes on from here"),
        "{said:?}"
    );
    // The lease was given back: nobody has to wait for it.
    app.run(["resume", "--environment", "staging"]).ends_with(0);
    assert_eq!(
        server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
        Ok("2f9c1e7")
    );
}

#[test]
fn the_second_signal_leaves_at_once() {
    let (server, app) = Server::of_staging("60x");
    let mut running = Running::until(&app, ROLLING);
    running.signal("-INT");
    running.read_until("rolling back");
    running.signal("-INT");
    let said = running.ended().ends_with(7);
    assert!(said.stderr.contains("SIGINT: left at once"), "{said:?}");
    // It had turned back: that is where it goes on to.
    app.run(["resume", "--environment", "staging"]).ends_with(4);
    assert_eq!(
        server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
        Ok("a1b2c3d")
    );
}
