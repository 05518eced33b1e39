//! A simulator in another process, and what it is asked over its control API.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use backstay_simulator::image_digest;
use serde_json::Value;

use crate::app::{App, backstay};

pub(crate) struct Server {
    child: Child,
    /// The line that it printed when it was ready.
    pub(crate) line: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = backstay()
            .args(["simulator", "serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            child,
            line: line.trim_end().to_owned(),
        }
    }

    pub(crate) fn ask(&self, request: &str, body: &str) -> Value {
        let (head, body) = self.exchange(request, body);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        let (_, address) = self.line.split_once("http://").unwrap();
        address.split('"').next().unwrap()
    }

    /// Sends this, and reads until the server closes the connection.
    pub(crate) fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What somebody else's client of ECS is answered.
    pub(crate) fn ecs(&self, operation: &str, body: &str) -> String {
        let length = body.len();
        let credential = "123456789012/20260105/sa-east-1/ecs/aws4_request";
        self.raw(&format!(
            "POST / HTTP/1.1\r\nHost: ecs\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AmazonEC2ContainerServiceV20141113.{operation}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Somebody else deletes an object of `shop`'s site.
    pub(crate) fn delete(&self, key: &str) {
        let credential = "111122223333/20260105/eu-west-1/s3/aws4_request";
        let answer = self.raw(&format!(
            "DELETE /shop-site/{key} HTTP/1.1\r\nHost: s3.eu-west-1.amazonaws.com\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\r\n"
        ));
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    fn exchange(&self, request: &str, body: &str) -> (String, String) {
        let length = body.len();
        let (method, path) = request.split_once(' ').unwrap();
        let head = format!(
            "{method} /_backstay/{path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        let answer = self.raw(&(head + body));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// A server with `staging` of an app live on it, and that app, which is deployed to it from now on.
    pub(crate) fn of_staging(time: &str) -> (Self, App) {
        let app = App::new();
        (Self::of(&app, "staging", time), app)
    }

    /// A server with an environment of an app live on it: the app is deployed to it from now on.
    pub(crate) fn of(app: &App, environment: &str, time: &str) -> Self {
        let directory = app.directory.to_str().unwrap().to_owned();
        let app_is = ["--app", &directory, "--environment", environment];
        let server = Self::start(&[&app_is[..], &["--time", time]].concat());
        let section = format!("[environments.{environment}]");
        let there = format!("{section}\nsimulator = \"http://{}\"", server.address());
        app.edit("backstay.toml", &section, &there);
        server
    }

    /// What visitors get at an address.
    pub(crate) fn page(&self, url: &str) -> String {
        let url = url.replace(':', "%3A").replace('/', "%2F");
        self.exchange(&format!("GET web?url={url}"), "").1
    }

    /// The version that everything runs: every service, at rest, and the frontend. Says what is mixed otherwise.
    pub(crate) fn version(&self, known: &[&str]) -> Result<String, String> {
        let picture = self.ask("GET picture", "");
        let services = picture["services"].as_object().unwrap();
        let page = self.page("https://staging.gamificator.click/");
        let runs = |version: &&&str| {
            services.iter().all(|(name, service)| {
                let repository = name.strip_prefix("cat-house-staging-").unwrap();
                let digest = image_digest(
                    &format!("cat-house/{repository}"),
                    &[(**version).to_owned()],
                );
                service["image_digests"] == serde_json::json!([digest])
                    && service["running"] == service["desired"]
                    && service["deploying"] == false
            })
        };
        let all = known.iter().find(runs);
        match all {
            // The page of the first release says so; the other one is the fixture's own.
            Some(version) if page.contains("<!-- a1b2c3d -->") == (*version == "a1b2c3d") => {
                Ok((*version).to_owned())
            }
            _ => Err(format!("{picture}\n{page}")),
        }
    }

    pub(crate) fn signalled(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
