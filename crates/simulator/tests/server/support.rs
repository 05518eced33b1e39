//! A server in a thread of its own, and the SDK's clients for it. It listens before anybody connects, so nobody waits.

use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use backstay_simulator::server::{
    Pace, Server, ServerOptions, StateError, TaskRuntime, Throttling, WebPorts, Worlds,
};
use backstay_simulator::{Weather, World};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::raw::{Answer, Line};

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: u64 = 1_767_225_600_000;
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "sa-east-1";
pub(crate) const CLUSTER: &str = "cat-house";
pub(crate) const SERVICE: &str = "auth-service";
pub(crate) const HOST: &str = "api.cat-house.example";

/// A running server.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), StateError>>>,
}

impl Served {
    pub(crate) fn manual() -> Self {
        Self::at(Pace::Manual)
    }

    pub(crate) fn at(pace: Pace) -> Self {
        Self::with(options(pace)).unwrap()
    }

    pub(crate) fn in_front_of(upstream: &str) -> Self {
        let upstream = Some(upstream.parse().unwrap());
        Self::with(ServerOptions {
            upstream,
            ..options(Pace::Manual)
        })
        .unwrap()
    }

    pub(crate) fn with(options: ServerOptions) -> Result<Self, StateError> {
        Self::of(world(), options)
    }

    /// A server of this world, which users reach at ports that are free.
    pub(crate) fn of(world: World, options: ServerOptions) -> Result<Self, StateError> {
        let mut server = Server::new(options, Worlds::starting_with(world, 7))?;
        let local = std::net::Ipv4Addr::LOCALHOST.into();
        server.open_web(local, WebPorts::Any).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let mut builder = Builder::new_multi_thread();
            let runtime = builder.worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stopped = async {
                    let _ = stopped.await;
                };
                server.serve(listener, stopped).await
            })
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Ends it as SIGTERM does.
    pub(crate) fn end(mut self) -> Result<(), StateError> {
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap()
    }

    /// One control request on a connection of its own.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let path = format!("/_backstay/{path}");
        let mut line = Line::to(self.address);
        line.ask(method, &path, "", body).unwrap()
    }

    /// One control request that succeeds.
    #[track_caller]
    pub(crate) fn get(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = self.ask(method, path, &body);
        assert_eq!(
            answer.status,
            200,
            "{method} {path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer.json()
    }

    /// Where users reach what has this name: the first of its ports.
    #[track_caller]
    pub(crate) fn door(&self, name: &str) -> SocketAddr {
        let ports = self.get("GET", "ports", &Value::Null);
        let ports = ports["ports"].as_array().unwrap();
        let door = ports.iter().find(|door| door["name"] == name);
        let url = door.unwrap_or_else(|| panic!("no {name}: {ports:?}"))["url"].as_str();
        url.unwrap().trim_start_matches("http://").parse().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

pub(crate) fn options(pace: Pace) -> ServerOptions {
    ServerOptions {
        pace,
        state: None,
        throttling: Throttling::AsAws,
        upstream: None,
        forward: Vec::new(),
        tasks: TaskRuntime::Scripted,
    }
}

/// One service of two tasks behind a load balancer, steady; and a bucket behind a distribution.
pub(crate) fn world() -> World {
    let task_definition = json!({
        "family": SERVICE,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "auth",
            "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/cat-house/auth:a1b2c3d",
            "essential": true,
            "portMappings": [{ "containerPort": 8000 }],
            "environment": [{ "name": "APP_VERSION", "value": "a1b2c3d" }],
        }],
    });
    let blueprint = json!({
        "account": ACCOUNT,
        "region": REGION,
        "cluster": CLUSTER,
        "repositories": [{ "name": "cat-house/auth", "images": [{ "tags": ["a1b2c3d"], "platforms": ["linux/amd64"] }] }],
        "target_groups": [{ "name": "auth", "port": 8000, "health_check_path": "/health" }],
        "load_balancers": [{ "name": "front", "hosts": [HOST], "rules": [
            { "path": "/teapot", "fixed_status": 418 },
            { "path": "/*", "target_group": "auth" },
        ] }],
        "services": [{
            "name": SERVICE, "task_definition": task_definition, "desired_count": 2,
            "minimum_healthy_percent": 100, "maximum_percent": 200,
            "circuit_breaker": true, "circuit_breaker_rollback": true,
            "target_group": { "name": "auth", "container_name": "auth", "container_port": 8000 },
        }],
        "buckets": [{ "name": "cat-house-web", "objects": [
            { "key": "index.html", "content_type": "text/html", "body": b"<html>one</html>" },
        ] }],
        "distributions": [{
            "id": "E2ABCDEFGHIJKL", "hosts": ["cat-house.example"], "bucket": "cat-house-web",
            "default_root_object": "index.html",
        }],
    });
    let mut world = World::new(ACCOUNT, REGION, 7, Weather::Calm, START_MS);
    world
        .provision(&serde_json::from_value(blueprint).unwrap())
        .unwrap();
    world
}

/// The SDK's client of a service, with nothing changed but its endpoint: `client!(sdk, served)`, and the key and Region to sign with.
macro_rules! client {
    ($sdk:ident, $served:expr) => {
        client!($sdk, $served, "AKIASIMULATED0000000", "sa-east-1")
    };
    ($sdk:ident, $served:expr, $key:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new($region))
                .credentials_provider($sdk::config::Credentials::new(
                    $key, "secret", None, None, "tests",
                ))
                .endpoint_url($served.url())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    };
}
pub(crate) use client;

/// What S3 wants of whoever makes a bucket outside of us-east-1.
pub(crate) fn in_its_region() -> aws_sdk_s3::types::CreateBucketConfiguration {
    aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::SaEast1)
        .build()
}
