//! Where files are: keys in the bucket, addresses on the site.

use std::fmt::Write as _;
use std::time::Duration;

use backstay_domain::app::Frontend;
use url::Url;

use crate::files::RESERVED;

/// The key of a published file.
pub(super) fn key(frontend: &Frontend, path: &str) -> String {
    format!("{}{path}", frontend.prefix)
}

/// The key of the copy of a mutable file with this hash.
pub(super) fn copy_key(frontend: &Frontend, sha256: &str) -> String {
    format!("{}{sha256}", copies(frontend))
}

/// Where the copies of mutable files lie.
pub(super) fn copies(frontend: &Frontend) -> String {
    format!("{}{RESERVED}pointers/", frontend.prefix)
}

/// The key of what is written down about the site's files.
pub(super) fn inventory_key(frontend: &Frontend) -> String {
    format!("{}{RESERVED}manifest.json", frontend.prefix)
}

/// How long a file of this size may take: half a minute, and a second for each quarter of a megabyte.
pub(super) fn patience(size: u64) -> Duration {
    Duration::from_secs(30 + size / (256 << 10))
}

/// The path under which visitors find the frontend, without a final slash: empty for a whole site.
pub(in crate::aws) fn site_path(frontend: &Frontend) -> String {
    let url = frontend.url.as_deref().and_then(|url| Url::parse(url).ok());
    url.map(|url| url.path().trim_end_matches('/').to_owned())
        .unwrap_or_default()
}

/// A path as it stands in an address.
pub(in crate::aws) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'~'
            | b'/'
            | b'@'
            | b'!'
            | b'('
            | b')' => {
                out.push(char::from(byte));
            }
            other => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_and_the_site_may_lie_below_a_path() {
        assert_eq!(
            encoded("fonts/a b+ü*.woff2"),
            "fonts/a%20b%2B%C3%BC%2A.woff2"
        );
        let mut frontend = Frontend {
            directory: "dist".to_owned(),
            bucket: "b".to_owned(),
            prefix: "web/".to_owned(),
            distribution: None,
            url: Some("https://example.org/app/".to_owned()),
            mutable: Vec::new(),
            region: None,
            media_types: std::collections::BTreeMap::new(),
        };
        assert_eq!(site_path(&frontend), "/app");
        assert_eq!(key(&frontend, "index.html"), "web/index.html");
        assert_eq!(patience(0).as_secs(), 30);
        assert_eq!(patience(1 << 30).as_secs(), 30 + 4096);
        assert_eq!(copy_key(&frontend, "ab"), "web/_backstay/pointers/ab");
        frontend.url = Some("https://example.org".to_owned());
        assert_eq!(site_path(&frontend), "");
    }
}
