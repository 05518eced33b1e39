//! The load tool, in a process of its own; and who keeps score.

#![expect(
    clippy::disallowed_methods,
    reason = "tests that are told where tools are, and begin to send at moments of real time"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use backstay_load::Report;

/// Requests in a second, of all workers.
const RATE: u32 = 200;

/// Workers of one `hey` send in step. So there are some, which begin one after the other: requests are under way at any moment.
const SHARES: u32 = 4;

/// A load under way.
pub(crate) struct Load {
    shares: Vec<Child>,
    test: &'static str,
}

impl Load {
    /// Begins to send, for so many seconds. `slowest_ms`: no answer takes longer when everything is right, so that the rate holds.
    /// Nothing where there is no `hey`: the test is counted as skipped.
    pub(crate) fn begin(
        test: &'static str,
        url: &str,
        seconds: u32,
        slowest_ms: u32,
    ) -> Option<Self> {
        let hey = hey(test)?;
        // A worker sends its next request when it has its last answer, and a machine may be busy.
        let period_ms = slowest_ms + 260;
        let workers = RATE / SHARES * period_ms / 1_000;
        let each = 1_000.0 / f64::from(period_ms);
        let begin = |share: u32| {
            if share > 0 {
                apart(period_ms / SHARES);
            }
            Command::new(&hey)
                .args(["-z", &format!("{seconds}s"), "-c", &workers.to_string()])
                .args(["-q", &each.to_string(), "-t", "30", url])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let shares = (0..SHARES).map(begin).collect();
        // Their first requests come after a period; by now those of all of them are under way.
        apart(2 * period_ms);
        Some(Self { shares, test })
    }

    /// Whether all of it still sends.
    pub(crate) fn is_going_on(&mut self) -> bool {
        let mut shares = self.shares.iter_mut();
        shares.all(|share| share.try_wait().unwrap().is_none())
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn report(self) -> Report {
        let reports = self.shares.into_iter().map(|share| {
            let output = share.wait_with_output().unwrap();
            let summary = String::from_utf8(output.stdout).unwrap();
            Report::read(&summary).unwrap()
        });
        let report = reports.reduce(Report::and).unwrap();
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
            (rate * 0.85..=rate * 1.1).contains(&report.rate),
            "the rate did not hold: {score}"
        );
        report
    }
}

fn apart(ms: u32) {
    std::thread::sleep(std::time::Duration::from_millis(ms.into()));
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
