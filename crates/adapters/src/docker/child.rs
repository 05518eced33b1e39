//! One command as a child process: what it says, line by line, and its end when nobody waits for it any more.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

/// Lines that are kept for whoever asks why it failed.
const LAST_LINES: usize = 20;

/// A line of minified code is no help for anybody.
const LONGEST_LINE: usize = 2000;

/// Answers are small: digests, ids, a manifest.
const MOST_BYTES: usize = 4 << 20;

/// How long it may take to end when it is asked to.
const GRACE: Duration = Duration::from_millis(if cfg!(test) { 200 } else { 5000 });

/// How long what it said may take to arrive once it has ended: something else that it left behind may hold its pipes.
const LAST_WORDS: Duration = Duration::from_millis(if cfg!(test) { 500 } else { 2000 });

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// What it said on stdout.
    pub(crate) stdout: String,
    /// Whether that is all of it: what is more than can be kept is left out.
    pub(crate) whole: bool,
    /// The last lines of stdout and stderr, as they came.
    pub(crate) last: Vec<String>,
}

enum Event {
    Out(String),
    Err(String),
    Closed,
    Ended(io::Result<ExitStatus>),
}

/// Runs a command to its end. When the future is dropped before, the command and everything that it started is ended first.
pub(crate) async fn run(
    command: &mut Command,
    input: &[u8],
    heard: &mut dyn FnMut(&str),
) -> Result<Ended, io::Error> {
    end(start(command)?, input, heard).await
}

/// Starts a command, for [`end`].
pub(crate) fn start(command: &mut Command) -> Result<Child, io::Error> {
    alone(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// The rest of [`run`], of a command that has been started.
pub(crate) async fn end(
    mut child: Child,
    input: &[u8],
    heard: &mut dyn FnMut(&str),
) -> Result<Ended, io::Error> {
    let (events, mut received) = unbounded_channel();
    let mut open = 0;
    if let Some(stdout) = child.stdout.take() {
        open += 1;
        read(stdout, events.clone(), Event::Out);
    }
    if let Some(stderr) = child.stderr.take() {
        open += 1;
        read(stderr, events.clone(), Event::Err);
    }
    let stdin = child.stdin.take();
    let (gone, ended) = mpsc::channel();
    let mut leash = Leash {
        group: child.id(),
        ended,
        held: true,
    };
    thread::spawn(move || {
        let status = child.wait();
        // Whoever waited may be gone.
        let _ = gone.send(());
        let _ = events.send(Event::Ended(status));
    });
    if let Some(mut stdin) = stdin {
        // A command that reads nothing closes it.
        let _ = stdin.write_all(input);
    }
    let (mut stdout, mut last, mut status) = (String::new(), Vec::new(), None);
    let (mut until, mut whole) = (None, true);
    while open > 0 || status.is_none() {
        let event = match until {
            None => received.recv().await,
            Some(until) => timeout_at(until, received.recv()).await.unwrap_or(None),
        };
        let Some(event) = event else {
            break;
        };
        match event {
            Event::Closed => open -= 1,
            Event::Ended(how) => {
                leash.held = false;
                status = Some(how?);
                until = last_words();
            }
            Event::Out(line) => {
                whole &= stdout.len() + line.len() < MOST_BYTES;
                if whole {
                    stdout.push_str(&line);
                    stdout.push('\n');
                }
                note(&mut last, line, heard);
            }
            Event::Err(line) => note(&mut last, line, heard),
        }
    }
    let status = status.ok_or_else(|| io::Error::other("nobody knows how it ended"))?;
    Ok(Ended {
        status,
        stdout,
        whole,
        last,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process of this machine ends in its own time"
)]
fn last_words() -> Option<Instant> {
    Instant::now().checked_add(LAST_WORDS)
}

fn note(last: &mut Vec<String>, mut line: String, heard: &mut dyn FnMut(&str)) {
    if line.trim().is_empty() {
        return;
    }
    if let Some((end, _)) = line.char_indices().nth(LONGEST_LINE) {
        line.truncate(end);
    }
    heard(&line);
    if last.len() == LAST_LINES {
        last.remove(0);
    }
    last.push(line);
}

fn read(
    stream: impl Read + Send + 'static,
    events: UnboundedSender<Event>,
    event: fn(String) -> Event,
) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = stream.read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line);
            if events.send(event(text.trim_end().to_owned())).is_err() {
                return;
            }
            line.clear();
        }
        let _ = events.send(Event::Closed);
    });
}

/// Ends a command that nobody waits for any more, with what it started: docker's plugins are processes of their own.
struct Leash {
    group: u32,
    ended: mpsc::Receiver<()>,
    held: bool,
}

impl Drop for Leash {
    fn drop(&mut self) {
        if !self.held {
            return;
        }
        signal(self.group, Signal::End);
        if self.ended.recv_timeout(GRACE).is_err() {
            signal(self.group, Signal::Kill);
            let _ = self.ended.recv_timeout(GRACE);
        }
    }
}

#[derive(Clone, Copy)]
enum Signal {
    End,
    Kill,
}

/// In a group of its own: Ctrl-C reaches us alone, and we end it.
#[cfg(unix)]
fn alone(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(unix)]
fn signal(group: u32, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process_group};
    let number = match signal {
        Signal::End => Number::TERM,
        Signal::Kill => Number::KILL,
    };
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may have ended by itself.
        let _ = kill_process_group(group, number);
    }
}

#[cfg(not(unix))]
fn alone(command: &mut Command) -> &mut Command {
    command
}

/// There it hears Ctrl-C by itself.
#[cfg(not(unix))]
fn signal(_group: u32, _signal: Signal) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn it_says_what_was_said_and_how_it_ended() {
        let mut heard = Vec::new();
        let mut hear = |line: &str| heard.push(line.to_owned());
        let mut command = shell("read word; echo \"out $word\"; echo err >&2; exit 3");
        let ended = run(&mut command, b"in\n", &mut hear).await.unwrap();
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.stdout, "out in\n");
        heard.sort();
        assert_eq!(heard, ["err", "out in"]);
    }

    #[tokio::test]
    async fn only_the_end_of_much_is_kept() {
        let script = "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); done; printf '%03000d' 0";
        let ended = run(&mut shell(script), b"", &mut |_| ()).await.unwrap();
        assert_eq!(ended.last.len(), LAST_LINES);
        assert_eq!(ended.last[18], "99");
        assert_eq!(ended.last[19].len(), LONGEST_LINE);
    }

    /// What it left behind holds its pipes until the test ends it.
    #[cfg(unix)]
    #[tokio::test]
    async fn what_it_leaves_behind_is_not_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let pipe = home.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let script = format!("(read word < {}) & echo name", pipe.display());
        let ended = run(&mut shell(&script), b"", &mut |_| ()).await.unwrap();
        assert_eq!(ended.stdout, "name\n");
        std::fs::write(pipe, "end\n").unwrap();
    }

    #[tokio::test]
    async fn what_is_not_there_is_said() {
        let mut command = Command::new("/nowhere/docker");
        let error = run(&mut command, b"", &mut |_| ()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    /// It writes to a pipe that only it and its children hold: the pipe ends when all of them are gone.
    #[cfg(unix)]
    #[tokio::test]
    async fn who_is_not_waited_for_ends_with_what_it_started() {
        for stubborn in ["", "trap '' TERM;"] {
            let home = tempfile::tempdir().unwrap();
            let pipe = home.path().join("pipe");
            let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            let script = format!(
                "exec 3>{}; {stubborn} (while :; do :; done) & echo ready; wait; while :; do :; done",
                pipe.display()
            );
            let reader = thread::spawn(move || std::fs::read_to_string(pipe).unwrap());
            let (ready, mut is_ready) = unbounded_channel();
            let mut hear = |_: &str| ready.send(()).unwrap();
            let mut command = shell(&script);
            tokio::select! {
                _ = run(&mut command, b"", &mut hear) => panic!("it does not end"),
                _ = is_ready.recv() => {}
            }
            assert_eq!(reader.join().unwrap(), "");
        }
    }
}
