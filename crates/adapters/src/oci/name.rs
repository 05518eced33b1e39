//! Where an image is: its registry's host, what it is called there, and by which tag or digest.

use std::fmt;

/// The registry of names without a host.
const HUB: &str = "docker.io";

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Home {
    /// As people write it, a port included.
    pub(super) host: String,
    /// As its registry calls it.
    pub(super) repository: String,
}

/// An image of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(super) home: Home,
    called: Called,
}

/// By what an image is known in its repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Called {
    Tag(String),
    Digest(String),
}

impl Named {
    /// An image by the parts of its reference: a digest wins over a tag, and without either it is `latest`.
    pub(crate) fn new(
        host: Option<&str>,
        repository: &str,
        (tag, digest): (Option<&str>, Option<&str>),
    ) -> Self {
        let called = match (tag, digest) {
            (_, Some(digest)) => Called::Digest(digest.to_owned()),
            (Some(tag), None) => Called::Tag(tag.to_owned()),
            (None, None) => Called::Tag("latest".to_owned()),
        };
        let home = Home::new(host, repository);
        Self { home, called }
    }

    /// What a path of the protocol ends with.
    pub(super) fn reference(&self) -> &str {
        match &self.called {
            Called::Tag(text) | Called::Digest(text) => text,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.called {
            Called::Tag(tag) => write!(f, "{}:{tag}", self.home),
            Called::Digest(digest) => write!(f, "{}@{digest}", self.home),
        }
    }
}

impl Home {
    fn new(host: Option<&str>, repository: &str) -> Self {
        let host = match host {
            None
            | Some(HUB | "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com") => {
                HUB
            }
            Some(host) => host,
        };
        // Images that Docker itself answers for have no owner in their names.
        let repository = match host == HUB && !repository.contains('/') {
            true => format!("library/{repository}"),
            false => repository.to_owned(),
        };
        Self {
            host: host.to_owned(),
            repository,
        }
    }

    /// Where its registry answers. One of this machine speaks without TLS, as engines take it.
    pub(super) fn base(&self) -> String {
        match self.host.as_str() {
            HUB => "https://registry-1.docker.io".to_owned(),
            host if is_loopback(host) => format!("http://{host}"),
            host => format!("https://{host}"),
        }
    }

    /// What docker files a login for it under.
    pub(super) fn login(&self) -> &str {
        match self.host.as_str() {
            HUB => "https://index.docker.io/v1/",
            host => host,
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)
    }
}

/// Whether a host, with or without a port, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address: Option<std::net::IpAddr> = name.parse().ok();
    name == "localhost" || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        None,
        "nginx",
        "docker.io/library/nginx:latest",
        "https://registry-1.docker.io"
    )]
    #[case(
        Some("docker.io"),
        "acme/api",
        "docker.io/acme/api:latest",
        "https://registry-1.docker.io"
    )]
    #[case(
        Some("registry-1.docker.io"),
        "nginx",
        "docker.io/library/nginx:latest",
        "https://registry-1.docker.io"
    )]
    #[case(Some("ghcr.io"), "api", "ghcr.io/api:latest", "https://ghcr.io")]
    #[case(
        Some("localhost:5000"),
        "api",
        "localhost:5000/api:latest",
        "http://localhost:5000"
    )]
    #[case(
        Some("127.0.0.1:5000"),
        "a/b",
        "127.0.0.1:5000/a/b:latest",
        "http://127.0.0.1:5000"
    )]
    #[case(
        Some("[::1]:5000"),
        "a/b",
        "[::1]:5000/a/b:latest",
        "http://[::1]:5000"
    )]
    #[case(
        Some("127.evil.example"),
        "a",
        "127.evil.example/a:latest",
        "https://127.evil.example"
    )]
    fn homes(
        #[case] host: Option<&str>,
        #[case] repository: &str,
        #[case] shown: &str,
        #[case] base: &str,
    ) {
        let named = Named::new(host, repository, (None, None));
        assert_eq!(named.to_string(), shown);
        assert_eq!(named.home.base(), base);
    }

    #[test]
    fn a_digest_wins_over_a_tag() {
        let named = Named::new(Some("ghcr.io"), "a", (Some("v1"), Some("sha256:ab")));
        assert_eq!(named.to_string(), "ghcr.io/a@sha256:ab");
        assert_eq!(named.reference(), "sha256:ab");
    }
}
