//! Releases that Backstay deploys to tasks that run for real, while users send 200 requests a second: a good one, its way back, a
//! deployer that is killed. And one that is configured wrong, so that the count can fail.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::built::{backstay, built};
use crate::http::ask;
use crate::load::Load;
use crate::said::{Said, copy, edit, said};
use crate::simulator::Simulator;

pub(crate) const OLD: &str = "a1b2c3d";
pub(crate) const NEW: &str = "2f9c1e7";
/// The cloud's clock runs so much faster than life; its programs are as fast as they are.
const SPEED: &str = "20x";
/// Longer than a deployment takes.
const SECONDS: u32 = 45;
/// The lease of a holder that was killed has to expire first, in real time.
const SECONDS_OF_A_RESUME: u32 = 100;

/// The app of this stage, live on a simulated cloud.
pub(crate) struct Shop {
    simulator: Simulator,
    directory: PathBuf,
    url: String,
    // Removes the directory at the end.
    _home: TempDir,
}

impl Shop {
    /// `a1b2c3d` is live, and answers. `delay` is the deregistration delay, in the cloud's time.
    fn open(delay: &str) -> Self {
        Self::with(delay, "")
    }

    /// The same, with more in its configuration.
    pub(crate) fn with(delay: &str, more: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("shop");
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("app"),
            &directory,
        );
        let configuration = directory.join("backstay.toml");
        let last = format!("\"{delay}\"\n{more}");
        edit(&configuration, "\"300s\"", &last);
        let program = format!("shop/*={}", built("service").display());
        let app = directory.to_str().unwrap();
        let simulator = Simulator::start(&[
            "--time",
            SPEED,
            "--no-throttle",
            "--app",
            app,
            "--environment",
            "test",
            "--tasks",
            "process",
            "--program",
            &program,
        ]);
        let section = "[environments.test]";
        let there = format!("{section}\nsimulator = \"http://{}\"", simulator.address);
        edit(&configuration, section, &there);
        let mut shop = Self {
            url: String::new(),
            simulator,
            directory,
            _home: home,
        };
        let ports = shop.simulator.control("GET ports", "");
        let url = ports["ports"][0]["url"].as_str().unwrap();
        url.clone_into(&mut shop.url);
        // What was live when the cloud began is healthy; its programs have to start.
        shop.until(|shop| {
            let address = shop.url.trim_start_matches("http://");
            let answer = ask(address, "GET /api/health", &[], b"");
            match answer.status {
                200 => Ok(()),
                _ => Err(answer.head),
            }
        });
        assert_eq!(shop.version(), OLD);
        shop
    }

    fn is_deploying(&self) -> Result<(), String> {
        let picture = self.simulator.control("GET picture", "");
        let mut services = picture["services"].as_object().unwrap().values();
        match services.any(|service| service["deploying"] == true) {
            true => Ok(()),
            false => Err(picture.to_string()),
        }
    }

    pub(crate) fn load(&self, test: &'static str, seconds: u32) -> Option<Load> {
        Load::begin(test, &format!("{}/api/health", self.url), seconds, 0)
    }

    /// Every request takes two seconds.
    fn slow_load(&self, test: &'static str) -> Option<Load> {
        let url = format!("{}/api/slow?ms=2000", self.url);
        Load::begin(test, &url, SECONDS, 2_000)
    }

    /// The version that users reach.
    pub(crate) fn version(&self) -> String {
        let address = self.url.trim_start_matches("http://");
        let says = ask(address, "GET /api/health", &[], b"").is(200).json();
        says["version"].as_str().unwrap().to_owned()
    }

    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        said(self.backstay().args(arguments))
    }

    fn begin<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Child {
        let mut command = self.backstay();
        let command = command.args(arguments).stdout(Stdio::null());
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    fn backstay(&self) -> Command {
        let mut command = backstay();
        command.arg("--app").arg(&self.directory);
        command
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "looks again at real programs, in real time"
    )]
    #[track_caller]
    fn until(&self, is_so: impl Fn(&Self) -> Result<(), String>) {
        let mut last = String::new();
        for _ in 0..1_200 {
            match is_so(self) {
                Ok(()) => return,
                Err(why) => last = why,
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("it never came so far: {last}");
    }
}

#[track_caller]
pub(crate) fn nothing_failed(mut load: Load) {
    assert!(
        load.is_going_on(),
        "the load has to last longer than the change"
    );
    let report = load.report();
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
}

#[test]
fn a_good_deployment_and_a_rollback_fail_no_request() {
    let shop = Shop::open("300s");
    let test = "a good deployment";
    let Some(load) = shop.load(test, SECONDS) else {
        return;
    };
    let deploy = ["--output", "json", "deploy", "test", "--version", NEW];
    let end = shop.run(deploy).ends_with(0).last_object();
    assert_eq!(end["exit_code"], 0, "{end}");
    assert_eq!(shop.version(), NEW);
    nothing_failed(load);
    let load = shop.load("a rollback", SECONDS).unwrap();
    shop.run(["rollback", "test"]).ends_with(0);
    assert_eq!(shop.version(), OLD);
    nothing_failed(load);
}

#[test]
fn a_killed_deployer_and_its_resume_fail_no_request() {
    let shop = Shop::open("300s");
    let test = "kill -9 and resume";
    let Some(load) = shop.load(test, SECONDS_OF_A_RESUME) else {
        return;
    };
    let mut deploy = shop.begin(["deploy", "test", "--version", NEW]);
    shop.until(Shop::is_deploying);
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    shop.run(["resume", "--environment", "test"]).ends_with(0);
    assert_eq!(shop.version(), NEW);
    nothing_failed(load);
}

#[test]
fn slow_requests_are_answered_while_their_tasks_leave() {
    let shop = Shop::open("300s");
    let test = "slow requests, a delay that is long enough";
    let Some(load) = shop.slow_load(test) else {
        return;
    };
    shop.run(["deploy", "test", "--version", NEW]).ends_with(0);
    nothing_failed(load);
}

/// A second of real time, and the slowest request takes two.
#[test]
fn a_delay_that_is_too_short_fails_requests() {
    let shop = Shop::open("20s");
    let test = "slow requests, a delay that is too short";
    let Some(mut load) = shop.slow_load(test) else {
        return;
    };
    shop.run(["deploy", "test", "--version", NEW]).ends_with(0);
    assert!(
        load.is_going_on(),
        "the load has to last longer than the change"
    );
    let report = load.report();
    let cut = report.failures.iter().find(|(what, _)| what == "502");
    assert!(cut.is_some(), "{:?}", report.failures);
}
