//! A simulator in front of LocalStack, in a process of its own; and who keeps score.

#![expect(
    clippy::disallowed_methods,
    reason = "tests that are told where LocalStack is"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::app::App;
use crate::built::backstay;
use crate::http::{Answer, ask, signed};

/// What the user of LocalStack's free edition has there.
pub(crate) const FORWARDED: &str = "s3,secretsmanager,ssm,sns,logs,iam,sts";
pub(crate) const REGION: &str = "sa-east-1";
/// Where state is in a bucket: the limit of its requests, 12 s, passes as much faster (in manual time at once), and a busy machine
/// still has to answer within it.
pub(crate) const SCALED: &str = "15x";

/// One endpoint: LocalStack's services and ours.
pub(crate) struct Pair {
    child: Child,
    address: String,
    localstack: String,
    account: String,
    test: &'static str,
}

impl Pair {
    /// With `staging` of the app live on it; nothing where there is no LocalStack: the test is counted as skipped.
    pub(crate) fn of(test: &'static str, app: &App, time: &str) -> Option<Self> {
        let Ok(url) = std::env::var("BACKSTAY_LOCALSTACK") else {
            skipped(test);
            return None;
        };
        let directory = app.directory.to_str().unwrap();
        let mut child = backstay()
            .args(["simulator", "serve", "--port", "0", "--time", time])
            .args(["--app", directory, "--environment", "staging"])
            .args(["--upstream", &url, "--forward", FORWARDED])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (_, address) = line.trim_end().split_once("http://").unwrap();
        let pair = Self {
            child,
            address: address.to_owned(),
            localstack: url
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned(),
            account: app.account.clone(),
            test,
        };
        app.uses(&pair.address);
        Some(pair)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A request to the control API that succeeds.
    #[track_caller]
    pub(crate) fn control(&self, request: &str, body: &str) -> Value {
        let (method, path) = request.split_once(' ').unwrap();
        let line = format!("{method} /_backstay/{path}");
        ask(&self.address, &line, &[], body.as_bytes())
            .is(200)
            .json()
    }

    /// What a user gets at an address.
    pub(crate) fn page(&self, url: &str) -> Answer {
        let url = url
            .replace('%', "%25")
            .replace(':', "%3A")
            .replace('/', "%2F");
        ask(
            &self.address,
            &format!("GET /_backstay/web?url={url}"),
            &[],
            b"",
        )
    }

    /// A call of AWS's JSON, at our endpoint.
    pub(crate) fn call(&self, service: &str, target: &str, input: &Value) -> Answer {
        self.call_at(&self.address, service, target, input)
    }

    /// The same at LocalStack's own: what does not pass through us.
    pub(crate) fn behind(&self, service: &str, target: &str, input: &Value) -> Answer {
        self.call_at(&self.localstack, service, target, input)
    }

    fn call_at(&self, address: &str, service: &str, target: &str, input: &Value) -> Answer {
        let headers = [
            signed(&self.account, REGION, service),
            format!("X-Amz-Target: {target}"),
            "Content-Type: application/x-amz-json-1.1".to_owned(),
        ];
        ask(address, "POST /", &headers, input.to_string().as_bytes())
    }

    /// A request of S3, at our endpoint.
    pub(crate) fn s3(&self, line: &str, headers: &[&str], body: &[u8]) -> Answer {
        let mut all = vec![signed(&self.account, REGION, "s3")];
        all.extend(headers.iter().map(|header| (*header).to_owned()));
        ask(&self.address, line, &all, body)
    }

    /// A bucket in the Region.
    #[track_caller]
    pub(crate) fn make_bucket(&self, name: &str) {
        let body = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        self.s3(&format!("PUT /{name}"), &[], body.as_bytes())
            .is(200);
    }

    /// The same at LocalStack's own.
    pub(crate) fn s3_behind(&self, line: &str) -> Answer {
        let signed = signed(&self.account, REGION, "s3");
        ask(&self.localstack, line, &[signed], b"")
    }

    /// What every service runs, when they agree and are at rest.
    #[track_caller]
    pub(crate) fn version(&self) -> String {
        let picture = self.control("GET picture", "");
        let services = picture["services"].as_object().unwrap();
        let mut versions: Vec<String> = services
            .values()
            .map(|service| {
                assert_eq!(service["running"], service["desired"], "{picture}");
                assert_eq!(service["deploying"], false, "{picture}");
                service["image_digests"].to_string()
            })
            .collect();
        versions.sort();
        assert_eq!(versions.len(), 4);
        let api = "https://api-staging.gamificator.click/api/v1/auth/health";
        let says = self.page(api).is(200).json();
        let version = says["version"].as_str().expect("it says its version");
        for path in ["catalog", "installation", "proxy"] {
            let url = api.replace("auth", path);
            assert_eq!(self.page(&url).is(200).json()["version"], version);
        }
        version.to_owned()
    }

    /// Denies calls from now on, as many as there are.
    pub(crate) fn deny(&self, operation: &str) {
        let fault = json!([{ "where": "call", "operation": operation, "count": u32::MAX, "fault": "deny" }]);
        self.control("POST faults", &fault.to_string());
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let counted = ask(&self.address, "GET /_backstay/calls", &[], b"").json();
        let of = |name: &str| counted["upstream"][name].as_u64().unwrap_or(0);
        let score = format!("{} {} {}", of("sent"), of("refused"), of("failed"));
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            keep("localstack", self.test, &score);
        }
    }
}

/// Says which test was skipped, and why.
pub(crate) fn skipped(test: &str) {
    let lacks = std::env::var("BACKSTAY_LOCALSTACK_LACKS");
    let lacks = lacks.unwrap_or_else(|_| "needs a LocalStack: `just test-localstack`".to_owned());
    said_to_be_skipped(test, &lacks);
}

pub(crate) fn said_to_be_skipped(test: &str, lacks: &str) {
    keep("skips", &format!("localstack: {test}"), lacks);
}

/// Figures and skips are files that `just test-localstack` counts.
pub(crate) fn keep(directory: &str, name: &str, text: &str) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), format!("{text}\n")).unwrap();
}
