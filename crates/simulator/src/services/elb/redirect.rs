//! Redirects: where a client is sent, with the parts of its own request put in ([MODEL] RedirectActionConfig).

use serde::{Deserialize, Serialize};

use crate::base::visit::Visit;

/// `RedirectConfig`, every part given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redirect {
    pub(crate) protocol: String,
    pub(crate) host: String,
    pub(crate) port: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// 301, else 302.
    pub(crate) permanent: bool,
}

impl Redirect {
    /// What leads to where the request came from.
    pub(crate) fn is_loop(&self) -> bool {
        let parts = [
            &self.protocol,
            &self.host,
            &self.port,
            &self.path,
            &self.query,
        ];
        let same = ["#{protocol}", "#{host}", "#{port}", "/#{path}", "#{query}"];
        parts.into_iter().eq(same)
    }

    pub(crate) fn status(&self) -> u16 {
        if self.permanent { 301 } else { 302 }
    }

    /// The `Location`, with the port always told, as AWS does [OBS].
    pub(crate) fn location(&self, visit: &Visit) -> String {
        let protocol = self.protocol.replace("#{protocol}", &visit.scheme);
        let port = self.port.replace("#{port}", &visit.port.to_string());
        let filled = |part: &str| {
            part.replace("#{protocol}", &visit.scheme)
                .replace("#{host}", &visit.host)
                .replace("#{port}", &visit.port.to_string())
                .replace("#{path}", visit.path.trim_start_matches('/'))
                .replace("#{query}", &visit.query)
        };
        let (host, path, query) = (filled(&self.host), filled(&self.path), filled(&self.query));
        let query = if query.is_empty() {
            query
        } else {
            format!("?{query}")
        };
        format!("{}://{host}:{port}{path}{query}", protocol.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let mut visit = Visit::get("example.com", "/a/b");
        (visit.scheme, visit.port, visit.query) = ("http".to_owned(), 80, "q=1".to_owned());
        for (protocol, host, port, path, query, expected) in [
            (
                "HTTPS",
                "#{host}",
                "443",
                "/#{path}",
                "#{query}",
                "https://example.com:443/a/b?q=1",
            ),
            (
                "#{protocol}",
                "www.#{host}",
                "#{port}",
                "/new/#{path}",
                "",
                "http://www.example.com:80/new/a/b",
            ),
        ] {
            let redirect = Redirect {
                protocol: protocol.to_owned(),
                host: host.to_owned(),
                port: port.to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
                permanent: true,
            };
            assert_eq!(redirect.location(&visit), expected);
            assert!(!redirect.is_loop());
        }
    }
}
