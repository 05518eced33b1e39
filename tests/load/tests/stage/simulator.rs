//! The built binary as a server of its own, in real time.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::built::backstay;
use crate::http::{Answer, ask, signed};

pub(crate) struct Simulator {
    child: Child,
    /// It may print more; nobody has to read it.
    _stdout: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Simulator {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = backstay()
            .args(["--output", "json", "simulator", "serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        let url = line["url"].as_str().unwrap();
        Self {
            child,
            _stdout: stdout,
            address: url.trim_start_matches("http://").to_owned(),
        }
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

    /// Where users reach the load balancer of this name.
    #[track_caller]
    pub(crate) fn door(&self, name: &str) -> String {
        let ports = self.control("GET ports", "");
        let ports = ports["ports"].as_array().unwrap();
        let door = ports.iter().find(|door| door["name"] == name);
        let door = door.unwrap_or_else(|| panic!("no {name}: {ports:?}"));
        door["url"].as_str().unwrap().to_owned()
    }

    /// A call of ELBv2 that succeeds.
    #[track_caller]
    pub(crate) fn elb(&self, action: &str, parameters: &str) -> Answer {
        let headers = [
            signed("123456789012", "sa-east-1", "elasticloadbalancing"),
            "Content-Type: application/x-www-form-urlencoded".to_owned(),
        ];
        let body = format!("Action={action}&Version=2015-12-01&{parameters}");
        ask(&self.address, "POST /", &headers, body.as_bytes()).is(200)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
