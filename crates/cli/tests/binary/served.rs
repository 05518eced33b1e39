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
        let directory = app.directory.to_str().unwrap().to_owned();
        let server = Self::start(&[
            "--app",
            &directory,
            "--environment",
            "staging",
            "--time",
            time,
        ]);
        let there = format!(
            "[environments.staging]\nsimulator = \"http://{}\"",
            server.address()
        );
        app.edit("backstay.toml", "[environments.staging]", &there);
        (server, app)
    }

    /// The version that everything runs: every service, at rest, and the frontend. Says what is mixed otherwise.
    pub(crate) fn version(&self, known: &[&str]) -> Result<String, String> {
        let picture = self.ask("GET picture", "");
        let services = picture["services"].as_object().unwrap();
        let (_, page) = self.exchange("GET web?url=https%3A%2F%2Fstaging.gamificator.click%2F", "");
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
