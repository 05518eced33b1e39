//! A program that a load balancer can reach: it listens on loopback, notes what it is asked, and answers what the test says.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::upstream::request;

/// What it does with a request to any path but `/health`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// Exactly these bytes, then the connection ends.
    Answers(&'static [u8]),
    /// The same, when the test says so; until then it is silent.
    Waits(&'static [u8]),
    /// These bytes, and the rest when the test says so.
    Begins(&'static [u8], &'static [u8]),
    /// The connection is broken without an answer.
    Breaks,
}

/// A running program.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    requests: Receiver<String>,
    go: Sender<()>,
}

struct State {
    health: Option<u16>,
    does: Does,
    checks: u32,
}

impl Target {
    /// Healthy, and it does this.
    pub(crate) fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            health: Some(200),
            does,
            checks: 0,
        }));
        let (asked, requests) = channel();
        let (go, gone) = channel();
        let gone = Arc::new(Mutex::new(gone));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, asked, gone) = (Arc::clone(&shared), asked.clone(), Arc::clone(&gone));
                thread::spawn(move || handle(stream, &state, &asked, &gone));
            }
        });
        Self {
            address,
            state,
            requests,
            go,
        }
    }

    pub(crate) fn does(&self, does: Does) {
        self.state.lock().unwrap().does = does;
    }

    /// What it answers to health checks from now on; nothing at all.
    pub(crate) fn health(&self, status: Option<u16>) {
        self.state.lock().unwrap().health = status;
    }

    /// How often it was checked.
    pub(crate) fn checks(&self) -> u32 {
        self.state.lock().unwrap().checks
    }

    /// The next request that it got, other than checks.
    pub(crate) fn asked(&self) -> String {
        let asked = self.requests.recv_timeout(Duration::from_secs(20));
        asked.unwrap()
    }

    /// One that waits goes on.
    pub(crate) fn go(&self) {
        self.go.send(()).unwrap();
    }
}

fn handle(
    mut stream: TcpStream,
    state: &Mutex<State>,
    asked: &Sender<String>,
    gone: &Mutex<Receiver<()>>,
) {
    let text = String::from_utf8_lossy(&request(&stream)).into_owned();
    if text.starts_with("GET /health ") {
        let health = {
            let mut state = state.lock().unwrap();
            state.checks += 1;
            state.health
        };
        match health {
            Some(status) => {
                let answer = format!("HTTP/1.1 {status} Checked\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes());
            }
            // Whoever checks goes away by itself.
            None => drop(crate::upstream::until_closed(&stream)),
        }
        return;
    }
    let does = state.lock().unwrap().does;
    // Nobody looks any more when the test has ended.
    let _ = asked.send(text);
    let wait = || {
        let _ = gone.lock().unwrap().recv();
    };
    let _ = match does {
        Does::Answers(bytes) => stream.write_all(bytes),
        Does::Waits(bytes) => {
            wait();
            stream.write_all(bytes)
        }
        Does::Begins(first, rest) => {
            let _ = stream.write_all(first);
            wait();
            stream.write_all(rest)
        }
        Does::Breaks => Ok(()),
    };
}
