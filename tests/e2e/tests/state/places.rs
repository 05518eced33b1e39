//! Every place that state can be kept in, for one check to be made in all of them.

use std::fs::File;
use std::time::{Duration, SystemTime};

use backstay_adapters::aws::{Connection, connect};
use backstay_adapters::state::{AnyStore, LocalStore, MemoryStore, S3Store};
use backstay_cli::compose::simulated::sdk_config;
use backstay_domain::{AppName, EnvironmentName};
use backstay_simulator::{BucketBlueprint, Cloud, Weather, World};
use tempfile::TempDir;

const BUCKET: &str = "backstay-state";
const PREFIX: &str = "teams/web/";

/// One place, fresh.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    kind: Kind,
}

enum Kind {
    Local(TempDir),
    Memory(MemoryStore),
    Simulated(Cloud),
    Real(S3Store),
}

impl Place {
    pub(crate) fn local() -> Self {
        Self {
            name: "local",
            kind: Kind::Local(tempfile::tempdir().unwrap()),
        }
    }

    pub(crate) fn memory() -> Self {
        Self {
            name: "memory",
            kind: Kind::Memory(MemoryStore::default()),
        }
    }

    pub(crate) fn simulated() -> Self {
        Self {
            name: "s3",
            kind: Kind::Simulated(bucket(Weather::Calm)),
        }
    }

    /// Another process's handle of it.
    pub(crate) fn store(&self) -> AnyStore {
        match &self.kind {
            // State is made where nothing is yet.
            Kind::Local(directory) => LocalStore::new(directory.path().join("a/staging")).into(),
            Kind::Memory(store) => store.clone().into(),
            Kind::Simulated(cloud) => on(cloud).into(),
            Kind::Real(store) => store.clone().into(),
        }
    }

    pub(crate) fn cloud(&self) -> &Cloud {
        match &self.kind {
            Kind::Simulated(cloud) => cloud,
            Kind::Local(_) | Kind::Memory(_) | Kind::Real(_) => panic!("no simulated cloud"),
        }
    }

    /// Lets time pass for a cell.
    pub(crate) async fn let_age(&self, cell: &str, by: Duration) {
        match &self.kind {
            Kind::Local(directory) => {
                let path = directory.path().join("a/staging").join(cell);
                let file = File::options().write(true).open(path).unwrap();
                let written = file.metadata().unwrap().modified().unwrap();
                file.set_modified(written - by).unwrap();
            }
            Kind::Memory(_) | Kind::Simulated(_) => tokio::time::advance(by).await,
            Kind::Real(_) => {
                let until = SystemTime::now() + by;
                while let Ok(left) = until.duration_since(SystemTime::now()) {
                    std::thread::sleep(left);
                }
            }
        }
    }
}

/// A simulated account with a bucket.
pub(crate) fn bucket(weather: Weather) -> Cloud {
    let mut world = World::new("123456789012", "sa-east-1", 7, weather, 1_767_225_600_000);
    world.create_bucket(&BucketBlueprint {
        name: BUCKET.to_owned(),
        region: None,
        objects: Vec::new(),
    });
    Cloud::new(world, 1.0)
}

/// State in the bucket of a simulated account.
pub(crate) fn on(cloud: &Cloud) -> S3Store {
    in_bucket(cloud, BUCKET)
}

pub(crate) fn in_bucket(cloud: &Cloud, bucket: &str) -> S3Store {
    let config = sdk_config(cloud, "sa-east-1");
    let (app, environment) = environment();
    S3Store::new(&config, bucket, PREFIX, &app, &environment)
}

pub(crate) fn environment() -> (AppName, EnvironmentName) {
    (
        AppName::parse("shop").unwrap(),
        EnvironmentName::parse("staging").unwrap(),
    )
}

/// Runs in virtual time.
pub(crate) fn paused<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// Makes a check in every place, each fresh.
pub(crate) fn in_every_place(check: impl AsyncFn(&Place)) {
    paused(check(&Place::memory()));
    paused(check(&Place::local()));
    paused(async { check(&Place::simulated()).await });
    let Some(endpoint) = std::env::var("BACKSTAY_S3_ENDPOINT").ok() else {
        println!(
            "skipped: 1 place (a real endpoint; runs with BACKSTAY_S3_ENDPOINT and the bucket {BUCKET})"
        );
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let connection = Connection {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(endpoint),
            ..Connection::default()
        };
        let config = connect(&connection).await;
        let once = format!("{}-{:?}/", std::process::id(), SystemTime::now())
            .replace(|c: char| !c.is_ascii_alphanumeric() && c != '/', "-");
        let (app, environment) = environment();
        let store = S3Store::new(&config, BUCKET, &once, &app, &environment);
        check(&Place {
            name: "endpoint",
            kind: Kind::Real(store),
        })
        .await;
    });
}
