//! A simulator whose tasks run for real, in a process of its own, and cat-house on it.
#![expect(clippy::disallowed_methods, reason = "waits for real programs")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use backstay_database::{Access, Server, or_skip};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::built::backstay;
use crate::house::{House, LIVE, fixtures};
use crate::http::{Answer, ask, signed};
use crate::images;
use crate::said::{Said, copy, edit, said};
use crate::skips::skipped;

/// How the cloud is started.
#[derive(Default)]
pub(crate) struct Setting<'a> {
    /// How much faster than life its own clock is, where a stage's own speed is not it.
    pub(crate) speed: Option<u32>,
    /// Variables of the server's.
    pub(crate) environment: &'a [(&'a str, &'a str)],
}

impl Stage {
    /// How much faster than life the cloud's own clock is; its programs are as fast as they are. A container takes seconds to start:
    /// to a load balancer they are to be less than its patience.
    fn speed(self) -> u32 {
        match self {
            Self::Process => 15,
            Self::Docker => 6,
        }
    }
}

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const ACCOUNT: &str = "123456789012";
const REGION: &str = "sa-east-1";
const DATABASE_SECRET: &str = "cat-house/staging/database-url";

/// Who runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Process,
    Docker,
}

/// Where cat-house's database is.
enum Database {
    Own(Server),
    Contained(images::Database),
}

/// All of it. What it has started ends with it.
pub(crate) struct Cloud {
    child: Child,
    pub(crate) address: String,
    database: Option<Database>,
    house: House,
    _home: TempDir,
    app: PathBuf,
    /// `process` or `docker`, and the test.
    name: [String; 2],
}

impl Cloud {
    /// `a1b2c3d` is live in staging, on a schema at `8f2`. Nothing where this machine cannot: the test is counted as skipped.
    pub(crate) fn of(stage: Stage, test: &str, house: House) -> Option<Self> {
        Self::with(stage, test, house, &Setting::default())
    }

    /// The same, with a cloud that is started otherwise.
    pub(crate) fn with(
        stage: Stage,
        test: &str,
        house: House,
        setting: &Setting<'_>,
    ) -> Option<Self> {
        let temporary = env!("CARGO_TARGET_TMPDIR");
        let (house, database) = match stage {
            Stage::Process => {
                let name = format!("containers: {test}");
                let bin = or_skip(backstay_database::alembic_bin(), &name, temporary)?;
                let server = or_skip(Server::start(Access::Socket, "hunter2"), &name, temporary)?;
                (house.with_alembic(&bin), Database::Own(server))
            }
            Stage::Docker => match images::ready(&house) {
                Ok(database) => (house, Database::Contained(database)),
                Err(lacks) => {
                    skipped(test, &lacks);
                    return None;
                }
            },
        };
        let home = TempDir::new().unwrap();
        let app = home.path().join("cat-house");
        copy(&fixtures().join("cat-house"), &app);
        let mut command = backstay();
        command
            .args([
                "simulator",
                "serve",
                "--port",
                "0",
                "--environment",
                "staging",
                "--app",
            ])
            .arg(&app)
            .args([
                "--time",
                &format!("{}x", setting.speed.unwrap_or(stage.speed())),
            ])
            .args(["--no-throttle", "--tasks"])
            .envs(setting.environment.iter().copied());
        match stage {
            Stage::Process => {
                let root = house.path().display();
                let program = format!("cat-house/*=/bin/sh {root}/run.sh {root}");
                command.args(["process", "--program", &program])
            }
            Stage::Docker => command.arg("docker"),
        };
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (_, address) = line.trim_end().split_once("http://").unwrap();
        let cloud = Self {
            address: address.to_owned(),
            child,
            database: Some(database),
            house,
            _home: home,
            app,
            name: [format!("{stage:?}").to_lowercase(), test.replace(' ', "-")],
        };
        let section = "[environments.staging]";
        let simulator = format!("{section}\nsimulator = \"http://{address}\"");
        cloud.edit(section, &simulator);
        cloud.prepare();
        Some(cloud)
    }

    /// The database is where the first release left it, its address is a secret, and everything runs.
    fn prepare(&self) {
        let url = match self.database() {
            Database::Own(server) => server.url(),
            Database::Contained(database) => database.join(self.child.id()),
        };
        let secret = json!({ "Name": DATABASE_SECRET, "SecretString": url });
        self.call("secretsmanager", "secretsmanager.CreateSecret", &secret);
        match self.database() {
            Database::Own(_) => {
                let root = self.house.path();
                let mut migrate = Command::new("/bin/sh");
                migrate
                    .arg(root.join("run.sh"))
                    .arg(root)
                    .args(["alembic", "upgrade", "head"])
                    .envs([("APP_VERSION", LIVE), ("DATABASE_URL", url.as_str())]);
                said(&mut migrate).ends_with(0);
            }
            Database::Contained(database) => database.migrate(&url),
        }
        self.until("everything runs", |picture| {
            let services = picture["services"].as_object().unwrap();
            services.values().all(|service| {
                service["deploying"] == false && service["healthy"] == service["desired"]
            })
        });
    }

    /// The server's process.
    pub(crate) fn server(&self) -> u32 {
        self.child.id()
    }

    fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    /// The revision that the database itself reports.
    pub(crate) fn revision(&self) -> String {
        let statement = "SELECT version_num FROM alembic_version";
        match self.database() {
            Database::Own(server) => server.sql(statement).unwrap().trim().to_owned(),
            Database::Contained(database) => database.sql(statement),
        }
    }

    /// Waits for a picture like this.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        loop {
            let picture = self.control("GET", "picture", "").json();
            if is(&picture) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "not yet: {what}: {picture:#}");
            // Real programs take real time; nothing tells anybody that they are ready.
            pause();
        }
    }

    pub(crate) fn edit(&self, from: &str, to: &str) {
        edit(&self.app.join("backstay.toml"), from, to);
    }

    /// The release that is deployed brings cat-house's breaking revision.
    pub(crate) fn breaks(&self) {
        self.edit(
            "compatibility = \"compatible\"",
            "compatibility = \"breaking\"",
        );
        let version = "{ \"name\": \"APP_VERSION\"";
        let breaking = format!("{{ \"name\": \"REVISIONS\", \"value\": \"breaking\" }}, {version}");
        edit(
            &self.app.join("migration/task-definition.json"),
            version,
            &breaking,
        );
    }

    /// Runs `backstay --app COPY` with these arguments.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        said(&mut self.command(arguments))
    }

    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = backstay();
        command.arg("--app").arg(&self.app).args(arguments);
        command
    }

    /// A request to the control API.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let line = format!("{method} /_backstay/{path}");
        ask(&self.address, &line, &[], body.as_bytes())
    }

    /// A call of AWS's JSON that succeeds.
    #[track_caller]
    pub(crate) fn call(&self, service: &str, target: &str, input: &Value) -> Value {
        let headers = [
            signed(ACCOUNT, REGION, service),
            format!("X-Amz-Target: {target}"),
            "Content-Type: application/x-amz-json-1.1".to_owned(),
        ];
        let input = input.to_string();
        ask(&self.address, "POST /", &headers, input.as_bytes())
            .is(200)
            .json()
    }

    /// How many calls were sent and how many failed, for `just test-containers`.
    fn keep_score(&self) {
        if std::thread::panicking() {
            return;
        }
        let calls = self.control("GET", "calls", "").json();
        let counts = calls["calls"].as_object().unwrap().values();
        let sent: u64 = counts.filter_map(Value::as_u64).sum();
        let events = self.control("GET", "events", "").json();
        let events = events["events"].as_array().unwrap().iter();
        let is_failed = |event: &&Value| match event.get("status") {
            Some(Value::Null) => true,
            Some(status) => status.as_u64().is_some_and(|status| status >= 500),
            None => false,
        };
        let failed = events.filter(is_failed).count();
        let [stage, test] = &self.name;
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("containers");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(test), format!("{stage} {sent} {failed}\n")).unwrap();
    }

    /// What users get at an address of the app.
    pub(crate) fn page(&self, url: &str) -> Answer {
        let url = url.replace(':', "%3A").replace('/', "%2F");
        self.control("GET", &format!("web?url={url}"), "")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two looks at real programs"
)]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

impl Drop for Cloud {
    /// As CI ends it; and nothing of it is left.
    fn drop(&mut self) {
        self.keep_score();
        let server = self.child.id();
        let _ = Command::new("kill")
            .args(["-TERM", &server.to_string()])
            .status();
        let _ = self.child.wait();
        drop(self.database.take());
        if !std::thread::panicking() {
            images::nothing_is_left_of(server);
            let left = fs::read_dir("/proc").into_iter().flatten().flatten();
            let root = self.house.path().display().to_string();
            let ours = left.filter(|process| {
                let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&line).contains(&root)
            });
            assert_eq!(ours.count(), 0, "programs are left");
        }
    }
}
