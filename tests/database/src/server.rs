//! One PostgreSQL for one test, in a directory of its own. It ends with whoever started it, however that ends.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::installed::{self, Lacking};

/// Who may do everything in it.
const OWNER: &str = "house";

/// Longer than any start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs what follows until stdin is closed, so that no server outlives a test that was killed. SIGQUIT ends it at once.
const UNTIL_STDIN_CLOSES: &str =
    "exec 3<&0; \"$@\" </dev/null & pid=$!; cat <&3 >/dev/null; kill -QUIT $pid; wait $pid";

/// How it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Through a socket in its own directory: nobody else's port is ever in the way.
    Socket,
    /// Through a port of the loopback interface, with TLS: its certificate is `certificate.pem`, for `localhost`.
    Encrypted,
}

/// A PostgreSQL that is running, or was stopped.
#[derive(Debug)]
pub struct Server {
    directory: TempDir,
    bin: PathBuf,
    port: u16,
    access: Access,
    password: &'static str,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    until: ChildStdin,
}

impl Server {
    /// A new, empty database whose owner has this password.
    ///
    /// # Errors
    /// When PostgreSQL is not installed.
    ///
    /// # Panics
    /// When it is, but does not start.
    pub fn start(access: Access, password: &'static str) -> Result<Self, Lacking> {
        let bin = installed::postgres()?;
        let directory = made(TempDir::new(), "a temporary directory");
        let port = match access {
            Access::Socket => 5432,
            Access::Encrypted => {
                let free = made(TcpListener::bind(("127.0.0.1", 0)), "a free port");
                made(free.local_addr(), "its number").port()
            }
        };
        let mut server = Self {
            directory,
            bin,
            port,
            access,
            password,
            running: None,
        };
        server.initialise();
        server.resume();
        Ok(server)
    }

    /// What a service or a migration gets as `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        let (port, password) = (self.port, self.password);
        match self.access {
            Access::Socket => {
                format!(
                    "postgresql://{OWNER}:{password}@/postgres?host={}",
                    self.directory.path().display()
                )
            }
            Access::Encrypted => {
                format!("postgresql://{OWNER}:{password}@localhost:{port}/postgres?sslmode=require")
            }
        }
    }

    /// What trusts its certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("certificate.pem")
    }

    /// What a statement gives, as `psql` prints it without decoration; what it says when it is refused.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    ///
    /// # Panics
    /// When `psql` does not run.
    pub fn sql(&self, statement: &str) -> Result<String, String> {
        let mut psql = self.tool("psql");
        psql.args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            "--command",
            statement,
        ]);
        let ended = made(
            psql.arg(self.url())
                .env("PGSSLROOTCERT", self.certificate())
                .output(),
            "psql",
        );
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match ended.status.success() {
            true => Ok(said(&ended.stdout)),
            false => Err(said(&ended.stderr)),
        }
    }

    /// Ends it at once. What was committed is there when it resumes.
    ///
    /// # Panics
    /// When nobody can tell that it ended.
    pub fn stop(&mut self) {
        if let Some(Running { mut child, until }) = self.running.take() {
            drop(until);
            made(child.wait(), "the end of PostgreSQL");
        }
    }

    /// Starts it again, where it was.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let mut words = vec!["-D".to_owned(), shown(&self.data())];
        let encrypted = match self.access {
            Access::Socket => "off",
            Access::Encrypted => "on",
        };
        let addresses = match self.access {
            Access::Socket => "",
            Access::Encrypted => "127.0.0.1",
        };
        for (name, value) in [
            ("listen_addresses", addresses),
            ("port", &self.port.to_string()),
            ("unix_socket_directories", &shown(self.directory.path())),
            ("ssl", encrypted),
            ("ssl_cert_file", &shown(&self.certificate())),
            (
                "ssl_key_file",
                &shown(&self.directory.path().join("key.pem")),
            ),
            ("max_connections", "20"),
            ("shared_buffers", "16MB"),
            // Nobody needs it after the test.
            ("fsync", "off"),
        ] {
            words.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        let postgres = self.bin.join("postgres");
        let mut command = Command::new("sh");
        command
            .args(["-c", UNTIL_STDIN_CLOSES, "sh"])
            .arg(postgres)
            .args(words);
        self.as_its_user(&mut command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = made(command.spawn(), "postgres");
        let (Some(until), Some(log)) = (child.stdin.take(), child.stderr.take()) else {
            panic!("postgres has no pipes");
        };
        self.running = Some(Running { child, until });
        let (say, said) = channel();
        thread::spawn(move || follow(BufReader::new(log), &say));
        match said.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {}
            Ok(Err(log)) => panic!("PostgreSQL does not start:\n{log}"),
            Err(_) => panic!("PostgreSQL is not ready after {PATIENCE:?}"),
        }
    }

    fn initialise(&mut self) {
        let directory = self.directory.path().to_owned();
        let password = directory.join("password");
        made(fs::write(&password, self.password), "a password file");
        if self.access == Access::Encrypted {
            self.certify(&directory);
        }
        if let Some((user, group)) = its_user() {
            let files = made(fs::read_dir(&directory), "its directory").filter_map(Result::ok);
            for path in files.map(|file| file.path()).chain([directory.clone()]) {
                made(
                    chown(&path, Some(user), Some(group)),
                    "a directory of its user",
                );
            }
        }
        let mut initdb = self.tool("initdb");
        initdb
            .arg("-D")
            .arg(self.data())
            .args([
                "--no-sync",
                "--wal-segsize=1",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--auth=scram-sha-256", "--username", OWNER, "--pwfile"])
            .arg(password);
        self.as_its_user(&mut initdb);
        let ended = made(initdb.output(), "initdb");
        assert!(
            ended.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }

    fn certify(&self, directory: &Path) {
        let mut openssl = Command::new("openssl");
        openssl
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ])
            .args([
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
            ])
            .args([
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-days",
                "2",
                "-keyout",
            ])
            .arg(directory.join("key.pem"))
            .arg("-out")
            .arg(self.certificate());
        let ended = made(openssl.output(), "openssl");
        assert!(
            ended.status.success(),
            "openssl: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        self.finds_its_libraries(&mut command);
        command
    }

    fn as_its_user(&self, command: &mut Command) {
        self.finds_its_libraries(command);
        command
            .current_dir(self.directory.path())
            .env("LC_ALL", "C");
        if let Some((user, group)) = its_user() {
            command.uid(user).gid(group);
        }
    }

    /// Packages that were unpacked and not installed have their libraries beside them.
    fn finds_its_libraries(&self, command: &mut Command) {
        let Some(root) = self
            .bin
            .ancestors()
            .find(|place| place.ends_with(".tools/postgres"))
        else {
            return;
        };
        let places = fs::read_dir(root.join("usr/lib"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let places: Vec<String> = places.map(|place| shown(&place.path())).collect();
        command.env("LD_LIBRARY_PATH", places.join(":"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(Running { mut child, until }) = self.running.take() {
            drop(until);
            let _ = child.wait();
        }
    }
}

/// PostgreSQL refuses to run as root: then it is `postgres`, or nobody.
fn its_user() -> Option<(u32, u32)> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = |name: &str| {
        let fields = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    root.then(|| {
        known("postgres")
            .or_else(|| known("nobody"))
            .unwrap_or((65534, 65534))
    })
}

/// Says once that it is ready, or what it said instead.
fn follow(log: impl BufRead, say: &Sender<Result<(), String>>) {
    let mut said = String::new();
    for line in log.lines().map_while(Result::ok) {
        if line.contains("database system is ready to accept connections") {
            let _ = say.send(Ok(()));
        }
        said = said + &line + "\n";
    }
    let _ = say.send(Err(said));
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[track_caller]
fn made<T>(result: io::Result<T>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error}"))
}
