//! The way to another simulator (moto, LocalStack) for what is not served here: the same request, the same reply.
//!
//! Nothing is signed anew, decoded or buffered: path, headers (in their case) and body go through as they came.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderName};
use http::{Request, Response, Uri};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A body of ours, which is whole, or one that passes through.
pub(super) type Passing = Either<Full<Bytes>, Incoming>;

/// Headers between two neighbours: neither a request's nor a reply's next one may see them.
const BETWEEN_NEIGHBOURS: [HeaderName; 4] = [
    CONNECTION,
    // Has been answered here.
    EXPECT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Where what is not simulated here is forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    host: String,
    port: u16,
}

/// A text that is no [`Upstream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a URL such as http://127.0.0.1:5000: http, a host, a port, and no path")]
pub struct UpstreamError;

impl FromStr for Upstream {
    type Err = UpstreamError;

    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let url: Uri = text.parse().map_err(|_| UpstreamError)?;
        let is_bare = url.path() == "/" && url.query().is_none();
        match (url.scheme_str(), url.host()) {
            (Some("http"), Some(host)) if is_bare => Ok(Self {
                host: host.trim_matches(['[', ']']).to_owned(),
                port: url.port_u16().unwrap_or(80),
            }),
            _ => Err(UpstreamError),
        }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "http://[{}]:{}", self.host, self.port);
        }
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// The upstream gave no reply.
#[derive(Debug, thiserror::Error)]
#[error("the upstream {upstream} gives no reply: {reason}")]
pub(super) struct Unreachable {
    upstream: Upstream,
    reason: String,
}

impl Upstream {
    /// As the header Host has it.
    pub(super) fn authority(&self) -> String {
        self.to_string().trim_start_matches("http://").to_owned()
    }

    /// Sends a request on, on a connection of its own, and gives what comes back.
    pub(super) async fn forward(
        &self,
        mut request: Request<Passing>,
    ) -> Result<Response<Incoming>, Unreachable> {
        for name in BETWEEN_NEIGHBOURS {
            request.headers_mut().remove(name);
        }
        let mut reply = self.exchange(request).await.map_err(|error| Unreachable {
            upstream: self.clone(),
            reason: error.to_string(),
        })?;
        for name in BETWEEN_NEIGHBOURS {
            reply.headers_mut().remove(name);
        }
        Ok(reply)
    }

    async fn exchange(
        &self,
        request: Request<Passing>,
    ) -> Result<Response<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        // Without it small requests wait for the upstream's acknowledgement.
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::Builder::new()
            .preserve_header_case(true)
            .handshake(TokioIo::new(stream))
            .await?;
        // Ends with the reply's body, or when the client has gone.
        tokio::spawn(connection);
        Ok(sender.send_request(request).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_bare_url() {
        for (text, expected) in [
            ("http://127.0.0.1:5000", Some("http://127.0.0.1:5000")),
            ("http://localhost:4566/", Some("http://localhost:4566")),
            ("http://[::1]:5000", Some("http://[::1]:5000")),
            ("http://moto", Some("http://moto:80")),
            ("https://127.0.0.1:5000", None),
            ("127.0.0.1:5000", None),
            ("http://127.0.0.1:5000/path", None),
            ("http://127.0.0.1:5000/?x=y", None),
            ("", None),
        ] {
            let parsed = text
                .parse::<Upstream>()
                .ok()
                .map(|upstream| upstream.to_string());
            assert_eq!(parsed.as_deref(), expected, "{text}");
        }
    }
}
