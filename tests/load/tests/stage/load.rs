//! The load tool, in a process of its own; and who keeps score.

#![expect(
    clippy::disallowed_methods,
    reason = "tests that are told where tools are"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use backstay_load::Report;

/// Requests in a second, of all workers.
const RATE: u32 = 200;

/// A load under way.
pub(crate) struct Load {
    child: Child,
    test: &'static str,
}

impl Load {
    /// Begins to send, for so many seconds. `slowest_s`: no answer takes longer when everything is right, so that the rate holds.
    /// Nothing where there is no `hey`: the test is counted as skipped.
    pub(crate) fn begin(
        test: &'static str,
        url: &str,
        seconds: u32,
        slowest_s: u32,
    ) -> Option<Self> {
        let hey = hey(test)?;
        // A worker sends its next request when it has its last answer: a quarter of a second is long for one that is not slow.
        let workers = RATE * slowest_s + RATE / 4;
        let each = f64::from(RATE) / f64::from(workers);
        let child = Command::new(hey)
            .args(["-z", &format!("{seconds}s"), "-c", &workers.to_string()])
            .args(["-q", &each.to_string(), "-t", "30", url])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self { child, test })
    }

    /// Whether it still sends.
    pub(crate) fn is_going_on(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn report(self) -> Report {
        let output = self.child.wait_with_output().unwrap();
        let summary = String::from_utf8(output.stdout).unwrap();
        let report = Report::read(&summary).unwrap();
        let score = format!(
            "{} sent, {} failed, {:.0} a second, p99 {:.1} ms {:?}",
            report.sent(),
            report.failed(),
            report.rate,
            report.p99_ms,
            report.failures,
        );
        println!("{}: {score}", self.test);
        keep("load", self.test, &score);
        let rate = f64::from(RATE);
        assert!(
            (rate * 0.9..=rate * 1.1).contains(&report.rate),
            "the rate did not hold: {summary}"
        );
        report
    }
}

/// Where the tool is: named, unpacked by `./dev --tool hey`, or on PATH.
fn hey(test: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unpacked = here.join("../../.tools/hey/usr/bin/hey");
    let named = std::env::var_os("BACKSTAY_HEY").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|directory| directory.join("hey"));
    let found = named.into_iter().chain([unpacked]).chain(on_path);
    let found = found.into_iter().find(|tool| tool.is_file());
    if found.is_none() {
        let name = format!("load: {test}");
        keep(
            "skips",
            &name,
            "needs hey: `./dev --tool hey` (Debian's package)",
        );
    }
    found
}

fn keep(directory: &str, name: &str, text: &str) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), format!("{text}\n")).unwrap();
}
