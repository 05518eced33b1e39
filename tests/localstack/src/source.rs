//! Where a LocalStack comes from: one that runs, a container, a process; and its end.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, GenericImage, ImageExt};

/// The last release that needs no token, and the tag of what `./dev --tool localstack-image` makes.
const IMAGE: (&str, &str) = ("localstack/localstack", "4.14");
const PORT: u16 = 4566;
/// Its last word when it starts.
const READY: &str = "Ready.";
const STARTS_WITHIN: Duration = Duration::from_secs(90);

/// A LocalStack that answers until this is dropped.
pub(crate) struct Source {
    url: String,
    kept: Kept,
}

enum Kept {
    Elsewhere,
    /// Removed when it is dropped.
    Container(Box<Container<GenericImage>>),
    Process(Child),
}

impl Source {
    /// The first that can be had; an error says what is lacking.
    pub(crate) fn find() -> Result<Self, String> {
        if let Ok(url) = std::env::var("BACKSTAY_LOCALSTACK") {
            let kept = Kept::Elsewhere;
            return Ok(Self { url, kept });
        }
        let python = root().join(".tools/localstack/bin/python");
        let no_container = match container() {
            Ok(container) => return Ok(container),
            Err(reason) => reason,
        };
        if !python.exists() {
            return Err(format!(
                "needs a LocalStack: no container ({no_container}), no process (./dev --tool localstack), no BACKSTAY_LOCALSTACK"
            ));
        }
        process(&python)
            .map_err(|reason| format!("the process of LocalStack does not start: {reason}"))
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn container() -> Result<Source, String> {
    let (name, tag) = IMAGE;
    let image = GenericImage::new(name, tag)
        .with_exposed_port(PORT.tcp())
        .with_wait_for(WaitFor::message_on_stdout(READY))
        .with_startup_timeout(STARTS_WITHIN);
    let started = image.start();
    let container = started.map_err(|error| one_line(&error.to_string()))?;
    let host = container.get_host().map_err(|error| error.to_string())?;
    let port = container.get_host_port_ipv4(PORT);
    let port = port.map_err(|error| error.to_string())?;
    Ok(Source {
        url: format!("http://{host}:{port}"),
        kept: Kept::Container(Box::new(container)),
    })
}

fn process(python: &Path) -> Result<Source, String> {
    let text = |error: std::io::Error| error.to_string();
    // Free now; LocalStack takes no socket that somebody else has opened.
    let port = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = port.local_addr().map_err(text)?;
    drop(port);
    let state = root().join(".tools/localstack/state");
    let mut child = Command::new(python)
        .args(["-m", "localstack.runtime.main"])
        .env("GATEWAY_LISTEN", address.to_string())
        .env("DISABLE_EVENTS", "1")
        .env("SKIP_SSL_CERT_DOWNLOAD", "1")
        .env("FILESYSTEM_ROOT", state)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(text)?;
    let stdout = child.stdout.take().ok_or("it has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line.contains(READY)));
    // What it says later is nobody's, and must not keep it waiting.
    std::thread::spawn(move || lines.for_each(drop));
    let source = Source {
        url: format!("http://{address}"),
        kept: Kept::Process(child),
    };
    match ready {
        true => Ok(source),
        false => Err("it ended before it was ready".to_owned()),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.kept {
            Kept::Elsewhere => write!(f, "the one at {url}"),
            Kept::Container(container) => write!(f, "container {:.12} at {url}", container.id()),
            Kept::Process(child) => write!(f, "process {} at {url}", child.id()),
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Kept::Process(child) = &mut self.kept {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
