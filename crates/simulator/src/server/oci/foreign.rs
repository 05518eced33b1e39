//! Registries of others behind the same door: a host such as `ghcr.io`, or a path that begins with one, names them. They are read
//! without a login; what is in them `POST /_backstay/images` and `backstay deploy` push.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::enter::registry_of;
use super::host;
use crate::WebReply;
use crate::base::visit::Visit;
use crate::server::request::Shared;

/// What somebody else's registry answers; nothing where no such registry is asked, or it is asked for a change.
pub(super) fn answer<B>(shared: &Shared, request: &Request<B>) -> Option<Response<Bytes>> {
    let method = request.method();
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    let (host, path) = named(host(request), request.uri().path())?;
    let visit = Visit {
        port: port_of(&host),
        ..Visit::get(host.split(':').next().unwrap_or(&host), &path)
    };
    let now_ms = shared.clock.now_ms();
    let mut worlds = shared.worlds.all().into_iter();
    let reply = worlds
        .find_map(|(_, slot)| slot.at(now_ms, |inhabited| inhabited.world.at_registry(&visit)))?;
    Some(response(reply, method))
}

/// Host and path, where they are another registry's.
fn named(host: &str, path: &str) -> Option<(String, String)> {
    let name = host.split(':').next().unwrap_or(host);
    let is_own = registry_of(host).is_some();
    let is_here = name == "localhost" || name.parse::<std::net::IpAddr>().is_ok();
    match (is_own, is_here) {
        (true, _) => None,
        (false, false) => Some((name.to_owned(), path.to_owned())),
        (false, true) => {
            let (first, rest) = path.strip_prefix("/v2/")?.split_once('/')?;
            let is_host = first.contains(['.', ':']);
            (is_host && registry_of(first).is_none())
                .then(|| (first.to_owned(), format!("/v2/{rest}")))
        }
    }
}

fn port_of(host: &str) -> u16 {
    let port = host.split_once(':').and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(443)
}

fn response(reply: WebReply, method: &Method) -> Response<Bytes> {
    let length = HeaderValue::from(reply.body.len());
    let body = match *method {
        Method::HEAD => Bytes::new(),
        _ => reply.body,
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::NOT_FOUND);
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(CONTENT_LENGTH, length);
    response
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn whose_registry_is_asked() {
        for (host, path, expected) in [
            (
                "ghcr.io",
                "/v2/a/manifests/v1",
                Some(("ghcr.io", "/v2/a/manifests/v1")),
            ),
            ("ghcr.io:4577", "/v2/", Some(("ghcr.io", "/v2/"))),
            (
                "127.0.0.1:4577",
                "/v2/ghcr.io/a/manifests/v1",
                Some(("ghcr.io", "/v2/a/manifests/v1")),
            ),
            (
                "localhost:4577",
                "/v2/reg.test:5000/a/manifests/v1",
                Some(("reg.test:5000", "/v2/a/manifests/v1")),
            ),
            ("127.0.0.1:4577", "/v2/cat-house/a/manifests/v1", None),
            ("127.0.0.1:4577", "/v2/", None),
            (
                "1.dkr.ecr.eu-west-1.amazonaws.com",
                "/v2/a/manifests/v1",
                None,
            ),
            (
                "127.0.0.1",
                "/v2/1.dkr.ecr.eu-west-1.amazonaws.com/a/manifests/v1",
                None,
            ),
        ] {
            let found = named(host, path);
            let found = found
                .as_ref()
                .map(|(host, path)| (host.as_str(), path.as_str()));
            assert_eq!(found, expected, "{host} {path}");
        }
    }
}
