//! An engine that is not there, and one that goes away while its containers run.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::built::backstay;
use crate::cloud::{Cloud, Setting, Stage};
use crate::house::{House, LIVE, NEW};
use crate::killed::runs;
use crate::said::said;

#[test]
fn without_an_engine_it_says_so() {
    let mut serve = backstay();
    serve.args(["simulator", "serve", "--port", "0", "--tasks", "docker"]);
    serve.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let said = said(&mut serve).ends_with(1);
    assert!(
        said.stderr.contains("no Docker engine can be used"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("--tasks process"), "{}", said.stderr);
}

/// A way to the engine that can be cut: behind it the engine goes on, as one does that is only unreachable.
struct Way {
    _directory: TempDir,
    path: PathBuf,
    open: Arc<Mutex<Option<Vec<UnixStream>>>>,
}

impl Way {
    fn laid() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let kept = Arc::clone(&open);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let mut kept = kept.lock().unwrap();
                let (Some(kept), Ok(engine)) = (kept.as_mut(), UnixStream::connect(ENGINE)) else {
                    continue;
                };
                kept.extend([client.try_clone().unwrap(), engine.try_clone().unwrap()]);
                let back = (engine.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || carry(client, engine));
                thread::spawn(move || carry(back.0, back.1));
            }
        });
        Self {
            _directory: directory,
            path,
            open,
        }
    }

    fn cut(&self) {
        let open = self.open.lock().unwrap().take();
        for stream in open.unwrap() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        *self.open.lock().unwrap() = Some(Vec::new());
    }
}

const ENGINE: &str = "/var/run/docker.sock";

fn carry(mut from: UnixStream, mut to: UnixStream) {
    let mut bytes = [0; 16 * 1024];
    loop {
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    // The other half goes on: a request may have ended and its answer not.
    let _ = to.shutdown(Shutdown::Write);
}

/// To ECS it is capacity that is lost: tasks stop, none can be placed, and the deployment does not end well. When the engine is
/// back, what ran before does again.
#[test]
fn one_that_goes_away_in_mid_deployment() {
    let way = Way::laid();
    let house = House::new();
    let test = "Docker one_that_goes_away_in_mid_deployment";
    let host = format!("unix://{}", way.path.display());
    let setting = Setting {
        environment: &[("DOCKER_HOST", &host)],
        ..Setting::default()
    };
    let Some(cloud) = Cloud::with(Stage::Docker, test, house, &setting) else {
        return;
    };
    let mut deploy = cloud.command(["deploy", "staging", "--version", NEW]);
    let log = TempDir::new().unwrap();
    let told = log.path().join("told");
    let mut deploy = deploy
        .stdout(fs::File::create(&told).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    cloud.until("a service is rolled out", |picture| {
        let mut services = picture["services"].as_object().unwrap().values();
        services.any(|service| service["deploying"] == true)
    });
    way.cut();
    cloud.until("nothing runs", |picture| {
        let mut services = picture["services"].as_object().unwrap().values();
        services.all(|service| service["running"] == 0)
    });
    way.mend();
    let ended = deploy.wait().unwrap();
    let told = fs::read_to_string(&told).unwrap();
    // It may be back before the deployment has given up; then it is live. What it says is true in either case.
    let live = match ended.code() {
        Some(0) => NEW,
        Some(4) => LIVE,
        other => panic!("{other:?}: {told}"),
    };
    cloud.until("everything runs", |picture| {
        let mut services = picture["services"].as_object().unwrap().values();
        services.all(|service| {
            service["deploying"] == false && service["healthy"] == service["desired"]
        })
    });
    assert!(runs(&cloud, live), "{told}");
}
