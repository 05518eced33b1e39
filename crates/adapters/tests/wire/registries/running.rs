//! A real registry as a process, and what is pushed there.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use backstay_domain::definition::sha256_hex;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A program that is one, from PATH or `./dev --tool registry`; none is a counted skip.
pub(super) fn program(test: &str) -> Option<PathBuf> {
    let unpacked =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/registry/usr/bin/docker-registry");
    let known = ["docker-registry".into(), unpacked];
    let found = known.into_iter().find(|program: &PathBuf| {
        let asked = Command::new(program).arg("--version").output();
        asked.is_ok_and(|asked| asked.status.success())
    });
    if found.is_none() {
        let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
        fs::create_dir_all(&skips).unwrap();
        let why = "needs docker-registry: ./dev --tool registry\n";
        fs::write(skips.join(test), why).unwrap();
    }
    found
}

/// It ends with this value.
pub(super) struct Running {
    process: Child,
    pub(super) host: String,
    _directory: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Running {
    /// One that wants to be shown what `auth` says; `directory` holds what that names.
    pub(super) fn start(program: &Path, directory: TempDir, auth: &Value) -> Self {
        let at = directory.path();
        let mut settings = json!({
            "version": "0.1",
            "log": { "level": "info" },
            "storage": { "filesystem": { "rootdirectory": at.join("store") } },
            "http": { "addr": "127.0.0.1:0" },
        });
        if !auth.is_null() {
            settings["auth"] = auth.clone();
        }
        // JSON is YAML.
        fs::write(at.join("config.yml"), settings.to_string()).unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .arg(at.join("config.yml"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let host = loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
            if let Some((_, rest)) = line.split_once("listening on ") {
                break rest.split('"').next().unwrap().to_owned();
            }
        };
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        Self {
            process,
            host,
            _directory: directory,
        }
    }

    /// An image of one platform under a tag, or for an index; its digest.
    pub(super) fn push(
        &self,
        name: &str,
        tag: Option<&str>,
        architecture: &str,
        shown: &str,
    ) -> String {
        let configuration = json!({ "os": "linux", "architecture": architecture, "rootfs": { "type": "layers", "diff_ids": [] } });
        let configuration = configuration.to_string();
        let digest = of(&configuration);
        let begun = self.ask(
            "POST",
            &format!("/v2/{name}/blobs/uploads/"),
            &[],
            "",
            shown,
        );
        assert_eq!(begun.status, 202, "{begun:?}");
        let location = begun.header("location").unwrap();
        let at = location.split_once(&self.host).unwrap().1;
        let kind = ("content-type", "application/octet-stream");
        let put = self.ask(
            "PUT",
            &format!("{at}&digest={digest}"),
            &[kind],
            &configuration,
            shown,
        );
        assert_eq!(put.status, 201, "{put:?}");
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "layers": [], "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": configuration.len() } });
        self.put(name, tag, (kind, &manifest.to_string()), shown)
    }

    /// An index of images that are there.
    pub(super) fn push_index(
        &self,
        name: &str,
        tag: &str,
        images: &[(&str, String)],
        shown: &str,
    ) -> String {
        let kind = "application/vnd.oci.image.index.v1+json";
        let entry = |(architecture, digest): &(&str, String)| {
            json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1,
                "platform": { "os": "linux", "architecture": architecture } })
        };
        let manifests: Vec<Value> = images.iter().map(entry).collect();
        let index = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": manifests });
        self.put(name, Some(tag), (kind, &index.to_string()), shown)
    }

    fn put(
        &self,
        name: &str,
        tag: Option<&str>,
        (kind, text): (&str, &str),
        shown: &str,
    ) -> String {
        let digest = of(text);
        let path = format!("/v2/{name}/manifests/{}", tag.unwrap_or(&digest));
        let put = self.ask("PUT", &path, &[("content-type", kind)], text, shown);
        assert_eq!(put.status, 201, "{put:?}");
        digest
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
        shown: &str,
    ) -> Said {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.host,
            body.len()
        );
        if !shown.is_empty() {
            head.push_str(&format!("authorization: {shown}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Said {
            status: text.split(' ').nth(1).unwrap().parse().unwrap(),
            text,
        }
    }
}

fn of(text: &str) -> String {
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

#[derive(Debug)]
struct Said {
    status: u16,
    text: String,
}

impl Said {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.text.lines().filter_map(|line| line.split_once(": "));
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}
