//! The transport for the real web: rustls with ring and the machine's roots, like the AWS clients. Follows no redirects.

use std::sync::Arc;

use backstay_domain::app::address;
use bytes::{Bytes, BytesMut};

use crate::hashing::Sha256Sum;
use crate::web::{Digested, Method, Request, Response, Transport, TransportError};

/// HTTP and HTTPS over reqwest.
#[derive(Clone, Debug)]
pub struct HttpsTransport {
    client: reqwest::Client,
}

/// The machine cannot speak TLS: no protocol version that both sides could use, or nothing to trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsUnavailable(pub String);

impl From<rustls::Error> for TlsUnavailable {
    fn from(error: rustls::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<reqwest::Error> for TlsUnavailable {
    fn from(error: reqwest::Error) -> Self {
        Self(innermost(&error))
    }
}

impl HttpsTransport {
    /// A transport that trusts what the machine trusts.
    ///
    /// # Errors
    /// When the TLS configuration cannot be used.
    pub fn new() -> Result<Self, TlsUnavailable> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls = tls(roots)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("backstay/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }
}

/// TLS with ring that trusts `roots`.
pub(crate) fn tls(roots: rustls::RootCertStore) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

impl Transport for HttpsTransport {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut response = self.sent(request).await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let mut body = BytesMut::new();
        each_chunk(&mut response, request, |chunk| {
            body.extend_from_slice(&chunk);
        })
        .await?;
        Ok(Response {
            status,
            headers,
            body: body.freeze(),
        })
    }

    async fn digest(&self, request: &Request) -> Result<Digested, TransportError> {
        digested(self.sent(request).await?, request).await
    }
}

impl HttpsTransport {
    async fn sent(&self, request: &Request) -> Result<reqwest::Response, TransportError> {
        let address = |_| TransportError::Address(request.url.clone());
        let url = reqwest::Url::parse(&request.url).map_err(address)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TransportError::Address(request.url.clone()));
        }
        let sent = asked(&self.client, request, url).timeout(request.timeout);
        sent.send().await.map_err(|error| why(error, request))
    }
}

/// A request as reqwest has it, for an address that may be another one than its own.
pub(crate) fn asked(
    client: &reqwest::Client,
    request: &Request,
    url: reqwest::Url,
) -> reqwest::RequestBuilder {
    let built = match &request.method {
        Method::Get => client.get(url),
        Method::Head => client.head(url),
        Method::Form(fields) => {
            let fields = fields.iter().map(|(name, value)| (name, &value.0));
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(fields);
            client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.finish())
        }
    };
    let headers = request.headers.iter();
    headers.fold(built, |built, (name, value)| built.header(name, &value.0))
}

/// Hands on the body, part by part, up to the request's limit.
async fn each_chunk(
    response: &mut reqwest::Response,
    request: &Request,
    mut take: impl FnMut(Bytes),
) -> Result<(), TransportError> {
    let mut size = 0;
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| why(error, request))?
    {
        size += chunk.len();
        if size > request.limit_bytes {
            return Err(TransportError::TooLarge(request.limit_bytes));
        }
        take(chunk);
    }
    Ok(())
}

/// Hashes an answer's body as it comes.
pub(crate) async fn digested(
    mut response: reqwest::Response,
    request: &Request,
) -> Result<Digested, TransportError> {
    let content_type = response.headers().get("content-type");
    let content_type =
        content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let status = response.status().as_u16();
    let mut sum = Sha256Sum::default();
    each_chunk(&mut response, request, |chunk| sum.add(&chunk)).await?;
    Ok(Digested {
        status,
        content_type,
        sha256: sum.hex(),
    })
}

fn why(error: reqwest::Error, request: &Request) -> TransportError {
    if error.is_timeout() {
        TransportError::TimedOut(request.timeout)
    } else if error.is_connect() {
        TransportError::NoConnection(innermost(&error))
    } else if error.is_builder() {
        TransportError::Address(address(&request.url))
    } else {
        TransportError::Broken(innermost(&error))
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
