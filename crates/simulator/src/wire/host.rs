//! Which host a request is for.

use http::Request;
use http::header::HOST;

/// The host a request is for, without its port.
pub(crate) fn host<B>(request: &Request<B>) -> &str {
    let header = || {
        request
            .headers()
            .get(HOST)
            .and_then(|host| host.to_str().ok())
    };
    let host = request.uri().host().or_else(header).unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
