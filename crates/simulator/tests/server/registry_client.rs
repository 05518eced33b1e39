//! A client of the registry that is no docker: it says exactly what it is told.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::raw::{Answer, Line};
use crate::support::Served;

pub(crate) const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIGURATION: &str = "application/vnd.docker.container.image.v1+json";

/// It is logged in, unless it was made unknown.
pub(crate) struct Client<'a> {
    served: &'a Served,
    key: String,
    pub(crate) host: String,
    /// The header, with its end.
    pub(crate) authorization: String,
}

pub(crate) struct Pushed {
    pub(crate) digest: String,
    pub(crate) manifest: String,
    pub(crate) configuration: Vec<u8>,
}

impl<'a> Client<'a> {
    pub(crate) fn of(served: &'a Served) -> Self {
        Self::with_key(served, "AKIASIMULATED0000000")
    }

    pub(crate) fn with_key(served: &'a Served, key: &str) -> Self {
        let mut client = Self {
            key: key.to_owned(),
            ..Self::unknown(served)
        };
        let given = client.api("GetAuthorizationToken", &json!({}));
        let token = &given["authorizationData"][0]["authorizationToken"];
        let token = token.as_str().unwrap();
        client.authorization = format!("authorization: Basic {token}\r\n");
        client
    }

    /// What `aws ecr get-login-password` prints.
    pub(crate) fn password(&self) -> String {
        let given = self.api("GetAuthorizationToken", &json!({}));
        let token = given["authorizationData"][0]["authorizationToken"].as_str();
        let login = String::from_utf8(STANDARD.decode(token.unwrap()).unwrap()).unwrap();
        login.strip_prefix("AWS:").unwrap().to_owned()
    }

    pub(crate) fn unknown(served: &'a Served) -> Self {
        Self {
            served,
            key: String::new(),
            host: served.address.to_string(),
            authorization: String::new(),
        }
    }

    /// A call of ECR's API.
    #[track_caller]
    pub(crate) fn api(&self, operation: &str, input: &Value) -> Value {
        let credential = format!("{}/20260101/sa-east-1/ecr/aws4_request", self.key);
        let headers = format!(
            "content-type: application/x-amz-json-1.1\r\n\
             x-amz-target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n"
        );
        let mut line = Line::to(self.served.address);
        let answer = line.ask("POST", "/", &headers, &input.to_string()).unwrap();
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{operation}: {text}");
        answer.json()
    }

    pub(crate) fn create(&self, name: &str) {
        self.api("CreateRepository", &json!({ "repositoryName": name }));
    }

    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.try_ask(method, path, headers, body).unwrap()
    }

    pub(crate) fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut line = Line::to(self.served.address);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{}{headers}content-length: {}\r\n\r\n",
            self.host,
            self.authorization,
            body.len()
        );
        line.send(head.as_bytes())?;
        // The server may have answered before it has read all.
        let sent = line.send(body);
        let answer = line.answer(method);
        if answer.is_err() {
            sent?;
        }
        answer
    }

    /// The address of a new upload.
    #[track_caller]
    pub(crate) fn begin(&self, name: &str) -> String {
        let answer = self.ask("POST", &format!("/v2/{name}/blobs/uploads/"), "", b"");
        assert_eq!((answer.status, answer.header("range")), (202, Some("0-0")));
        assert!(answer.header("docker-upload-uuid").is_some());
        answer.header("location").unwrap().to_owned()
    }

    /// How many bytes it was.
    #[track_caller]
    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> usize {
        let at = self.begin(name);
        let path = format!("{at}?digest={}", digest_of(bytes));
        let answer = self.ask("PUT", &path, "", bytes);
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 201, "{text}");
        bytes.len()
    }

    #[track_caller]
    pub(crate) fn push(&self, name: &str, tag: &str, platform: &str, layer: &[u8]) -> Pushed {
        let (answer, pushed) = self.try_push(name, tag, platform, layer);
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 201, "{text}");
        assert_eq!(
            answer.header("docker-content-digest"),
            Some(pushed.digest.as_str())
        );
        pushed
    }

    #[track_caller]
    pub(crate) fn push_untagged(&self, name: &str, platform: &str, layer: &[u8]) -> Pushed {
        let text = manifest(&configuration(platform), &[layer]);
        self.push(name, &digest_of(text.as_bytes()), platform, layer)
    }

    #[track_caller]
    pub(crate) fn try_push(
        &self,
        name: &str,
        reference: &str,
        platform: &str,
        layer: &[u8],
    ) -> (Answer, Pushed) {
        let configuration = configuration(platform);
        self.upload(name, &configuration);
        self.upload(name, layer);
        let manifest = manifest(&configuration, &[layer]);
        let typed = format!("content-type: {MANIFEST}\r\n");
        let path = format!("/v2/{name}/manifests/{reference}");
        let answer = self.ask("PUT", &path, &typed, manifest.as_bytes());
        let pushed = Pushed {
            digest: digest_of(manifest.as_bytes()),
            manifest,
            configuration,
        };
        (answer, pushed)
    }
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str, words: &str) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{text}");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["code"], code, "{text}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message:?} has {words:?}");
}

pub(crate) fn configuration(platform: &str) -> Vec<u8> {
    let (os, architecture) = platform.split_once('/').unwrap();
    json!({ "os": os, "architecture": architecture, "config": {} })
        .to_string()
        .into_bytes()
}

pub(crate) fn manifest(configuration: &[u8], layers: &[&[u8]]) -> String {
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| {
            json!({
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "size": layer.len(), "digest": digest_of(layer),
            })
        })
        .collect();
    json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": CONFIGURATION, "size": configuration.len(), "digest": digest_of(configuration) },
        "layers": layers,
    })
    .to_string()
}

pub(crate) fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}
