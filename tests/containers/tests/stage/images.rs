//! The images of cat-house, made of Debian's packages and our own binaries, and a PostgreSQL beside their containers.
//!
//! `just test-containers` makes the base (`backstay-base:trixie`): curl, Alembic and PostgreSQL. Nothing is pulled.

use std::process::Command;

use crate::house::{House, LIVE, NEW};

const BASE: &str = "backstay-base:trixie";
pub(crate) const REPOSITORIES: [&str; 4] = [
    "auth-service",
    "catalog-service",
    "installation-service",
    "proxy-service",
];
const PASSWORD: &str = "hunter2";
const BIN: &str = "/usr/lib/postgresql/17/bin";

/// A PostgreSQL in a container.
pub(crate) struct Database {
    container: String,
    image: String,
}

/// The images of this house, under the names that the simulated registry makes up; and a database.
///
/// # Errors
/// What is lacking.
pub(crate) fn ready(house: &House) -> Result<Database, String> {
    docker(&["version"]).map_err(|_| "needs a Docker engine".to_owned())?;
    docker(&["image", "inspect", BASE])
        .map_err(|_| format!("needs the image {BASE}: `just test-containers` makes it"))?;
    // The same content is the same image: whoever builds it second finds it there.
    let dockerfile = format!(
        "FROM {BASE}\nCOPY . /app\nENTRYPOINT [\"/bin/sh\", \"/app/run.sh\", \"/app\"]\nUSER 10001:10001\n"
    );
    std::fs::write(house.path().join("Dockerfile"), dockerfile).unwrap();
    let directory = house.path().display().to_string();
    let image = docker(&["build", "--quiet", &directory]).expect("cat-house's image");
    let container = docker(&[
        "run", "--detach", "--rm", "--label", "backstay.test=database", "--entrypoint", "/bin/sh", "--user", "postgres",
        "--env", &format!("POSTGRES_PASSWORD={PASSWORD}"), &image, "-ec",
        &format!(
            "mkdir /tmp/data; echo \"$POSTGRES_PASSWORD\" >/tmp/word; \
             {BIN}/initdb --pgdata=/tmp/data --username=house --encoding=UTF8 --no-locale --auth=scram-sha-256 --pwfile=/tmp/word >/dev/null; \
             echo 'host all all all scram-sha-256' >>/tmp/data/pg_hba.conf; \
             exec {BIN}/postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp"
        ),
    ])
    .expect("PostgreSQL");
    Ok(Database { container, image })
}

impl Database {
    /// From now on containers of this server reach it, and run these images; what they get as `DATABASE_URL`.
    pub(crate) fn join(&self, server: u32) -> String {
        for repository in REPOSITORIES {
            for release in [LIVE, NEW] {
                docker(&[
                    "tag",
                    &self.image,
                    &format!("cat-house/{repository}:{release}"),
                ])
                .unwrap();
            }
        }
        let network = format!("backstay-{server}");
        while docker(&["network", "inspect", &network]).is_err() {
            crate::cloud::pause();
        }
        docker(&[
            "network",
            "connect",
            "--alias",
            "database",
            &network,
            &self.container,
        ])
        .unwrap();
        format!("postgresql://house:{PASSWORD}@database:5432/postgres")
    }

    /// What the live release's migration has done.
    pub(crate) fn migrate(&self, url: &str) {
        while self.try_sql("SELECT 1").is_err() {
            crate::cloud::pause();
        }
        let url = url.replace("@database:", "@127.0.0.1:");
        let (url, release) = (format!("DATABASE_URL={url}"), format!("APP_VERSION={LIVE}"));
        let words = ["exec", "--env", &url, "--env", &release, &self.container];
        let run = [
            "/bin/sh",
            "/app/run.sh",
            "/app",
            "alembic",
            "upgrade",
            "head",
        ];
        docker(&[&words[..], &run[..]].concat()).unwrap();
    }

    pub(crate) fn sql(&self, statement: &str) -> String {
        self.try_sql(statement).unwrap()
    }

    fn try_sql(&self, statement: &str) -> Result<String, String> {
        let url = format!("postgresql://house:{PASSWORD}@127.0.0.1:5432/postgres");
        docker(&[
            "exec",
            &self.container,
            "psql",
            &url,
            "--tuples-only",
            "--no-align",
            "--command",
            statement,
        ])
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", "--volumes", &self.container]);
    }
}

/// No container and no network of a server that has ended.
pub(crate) fn nothing_is_left_of(server: u32) {
    let filter = format!("label=backstay.simulator={server}");
    for list in [["ps", "--all"], ["network", "ls"]] {
        let options = ["--quiet", "--filter", &filter];
        if let Ok(left) = docker(&[&list[..], &options[..]].concat()) {
            assert_eq!(left, "", "{list:?} is left of server {server}");
        }
    }
}

/// What it says, or what went wrong.
pub(crate) fn docker(words: &[&str]) -> Result<String, String> {
    let output = Command::new("docker")
        .args(words)
        .output()
        .map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("docker {words:?}: {}", text(&output.stderr))),
    }
}
