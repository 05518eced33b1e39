//! Playing a mutant: those tests that come past its switch, until one fails or takes too long.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A test of a binary, and what it was like without a mutant.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) binary: PathBuf,
    pub(crate) name: String,
    /// How long it took.
    pub(crate) took: Duration,
    /// The switches that it passes.
    pub(crate) reached: BTreeSet<u32>,
    /// How many mutants it has caught.
    pub(crate) caught: usize,
}

/// What came of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// This test fails.
    Caught(String),
    /// These tests no longer end.
    ByTime,
    /// Every test that comes past it is green: so many of them.
    Survived(usize),
}

/// A test that takes longer is played only when all others are green.
const SLOW: Duration = Duration::from_secs(4);
/// So many of the deadliest are played first; then three times as many, and so on.
const FIRST: usize = 4;
/// What tests may take of a processor, whoever else has it: some times what they took, and a moment.
const WORK: (u32, Duration) = (3, Duration::from_secs(2));
/// And how long nothing may come of them: they may wait for what never comes.
const PATIENCE: (u32, Duration) = (8, Duration::from_secs(120));

/// Plays every test by itself, without a mutant.
///
/// # Errors
/// A test that fails.
pub(crate) fn tests(
    binaries: &[PathBuf],
    directory: &Path,
    notes: &Path,
) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    for binary in binaries {
        let told = |error: std::io::Error| format!("{}: {error}", binary.display());
        let output = Command::new(binary)
            .args(["--list", "--format=terse"])
            .current_dir(directory)
            .output()
            .map_err(told)?;
        let list = String::from_utf8_lossy(&output.stdout).into_owned();
        for name in list.lines().filter_map(|line| line.strip_suffix(": test")) {
            let _ = fs::remove_file(notes);
            let began = now();
            let output = Command::new(binary)
                .args(["--exact", name])
                .current_dir(directory)
                .env("BACKSTAY_REACHED", notes)
                .output()
                .map_err(told)?;
            if !output.status.success() {
                return Err(format!(
                    "{name} fails without a mutant:\n{}",
                    String::from_utf8_lossy(&output.stdout)
                ));
            }
            let reached = fs::read_to_string(notes).unwrap_or_default();
            tests.push(Test {
                binary: binary.clone(),
                name: name.to_owned(),
                took: began.elapsed(),
                reached: reached
                    .lines()
                    .filter_map(|line| line.parse().ok())
                    .collect(),
                caught: 0,
            });
        }
    }
    Ok(tests)
}
/// Signals that say so: SIGKILL and SIGXCPU.
const OVER: [i32; 2] = [9, 24];

/// Which tests are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// All but the slow ones.
    Quick,
    /// The slow ones: so that nobody waits for them who is caught without.
    Slow,
}

/// Plays one mutant. The test that caught it the last time goes first, by itself.
///
/// # Errors
/// A binary that does not start.
pub(crate) fn play(
    number: u32,
    tests: &mut [Test],
    directory: &Path,
    (pace, last): (Pace, &str),
) -> Result<End, String> {
    let mut order: Vec<usize> = (0..tests.len())
        .filter(|at| {
            tests.get(*at).is_some_and(|test| {
                test.reached.contains(&number) && (test.took > SLOW) == (pace == Pace::Slow)
            })
        })
        .collect();
    order.sort_by_key(|at| {
        let test = tests.get(*at);
        test.map(|test| (test.name != last, usize::MAX - test.caught, test.took))
    });
    let mut rest = order.as_slice();
    let mut size = if last.is_empty() { FIRST } else { 1 };
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(rest.len().min(size));
        (rest, size) = (later, size * 3);
        let mut binaries: BTreeMap<PathBuf, Vec<Test>> = BTreeMap::new();
        for test in batch.iter().filter_map(|at| tests.get(*at)) {
            binaries
                .entry(test.binary.clone())
                .or_default()
                .push(test.clone());
        }
        for (binary, some) in binaries {
            let end = run(&binary, &some, number, directory)?;
            if let Some(End::Caught(name)) = &end
                && let Some(test) = tests.iter_mut().find(|test| test.name == *name)
            {
                test.caught += 1;
            }
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }
    Ok(End::Survived(order.len()))
}

/// Runs some tests of one binary; nothing when all are green.
fn run(
    binary: &Path,
    tests: &[Test],
    number: u32,
    directory: &Path,
) -> Result<Option<End>, String> {
    let took: Duration = tests.iter().map(|test| test.took).sum();
    let work = (took * WORK.0 + WORK.1).as_secs();
    let patience = took * PATIENCE.0 + PATIENCE.1;
    // What grows for ever ends at four gigabytes.
    let limits = "ulimit -v 4000000; ulimit -t \"$0\"; exec nice -n 19 \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", limits, &work.to_string()])
        .arg(binary)
        .args(["--exact", "--test-threads=1"])
        .args(tests.iter().map(|test| &test.name))
        .current_dir(directory)
        .env("BACKSTAY_MUTANT", number.to_string())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    let stdout = child.stdout.take().ok_or("no output")?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut last = String::new();
    let end = loop {
        match lines.recv_timeout(patience) {
            Ok(line) => {
                let Some(test) = line.strip_prefix("test ") else {
                    continue;
                };
                if let Some((name, "FAILED")) = test.split_once(" ... ") {
                    break Some(End::Caught(name.to_owned()));
                }
                test.clone_into(&mut last);
            }
            Err(RecvTimeoutError::Timeout) => break Some(End::ByTime),
            Err(RecvTimeoutError::Disconnected) => match child.wait() {
                Ok(status) if status.success() => break None,
                Ok(status) if OVER.contains(&status.signal().unwrap_or_default()) => {
                    break Some(End::ByTime);
                }
                // It went down with all its tests.
                _ => break Some(End::Caught(format!("abort after {last}"))),
            },
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Ok(end)
}

#[expect(
    clippy::disallowed_methods,
    reason = "what no longer ends is found by time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
