//! What docker says of registries: digests, in whichever form, and how a reference is taken apart.

use backstay_domain::Digest;
use serde_json::Value;

/// The digest in what a push said: `v1: digest: sha256:… size: 523`.
pub(super) fn pushed(last: &[String]) -> Option<Digest> {
    let after = |line: &String| {
        let (_, rest) = line.split_once("digest: ")?;
        Digest::parse(rest.split_whitespace().next()?).ok()
    };
    last.iter().rev().find_map(after)
}

/// The digest in what `imagetools inspect`, `manifest inspect --verbose` or a build's metadata file says.
pub(super) fn digest_in(text: &[u8]) -> Option<Digest> {
    let said: Value = serde_json::from_slice(text).ok()?;
    let members = ["/digest", "/Descriptor/digest", "/containerimage.digest"];
    let found = members.iter().find_map(|member| said.pointer(member))?;
    Digest::parse(found.as_str()?).ok()
}

/// The digest of a repository among those that an image has.
pub(super) fn digest_of(text: &str, repository: &str) -> Option<Digest> {
    let all: Vec<String> = serde_json::from_str(text.trim()).ok()?;
    let of = |reference: &String| {
        let rest = reference.strip_prefix(repository)?;
        Digest::parse(rest.strip_prefix('@')?).ok()
    };
    all.iter().find_map(of)
}

/// A reference without its tag: a colon before the last slash is a port.
pub(super) fn without_tag(reference: &str) -> &str {
    let name = reference.rfind('/').map_or(0, |slash| slash + 1);
    match reference[name..].find(':') {
        Some(colon) => &reference[..name + colon],
        None => reference,
    }
}

/// Whether its registry is on this machine: engines speak to it without TLS.
pub(super) fn is_loopback(reference: &str) -> bool {
    let host = reference.split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(of: &str) -> String {
        format!("sha256:{}", of.repeat(64))
    }

    fn text(found: Option<Digest>) -> Option<String> {
        found.map(String::from)
    }

    #[test]
    fn digests_are_found() {
        let (one, other) = (digest("1"), digest("2"));
        let said = [
            "5f70: Pushed".to_owned(),
            format!("v1: digest: {one} size: 523"),
        ];
        assert_eq!(text(pushed(&said)), Some(one.clone()));
        assert_eq!(pushed(&["v1: Pushed".to_owned()]), None);
        for form in ["digest", "containerimage.digest"] {
            let said = format!("{{\"{form}\":\"{one}\",\"size\":1}}");
            assert_eq!(text(digest_in(said.as_bytes())), Some(one.clone()));
        }
        let verbose = format!("{{\"Ref\":\"x\",\"Descriptor\":{{\"digest\":\"{one}\"}}}}");
        assert_eq!(text(digest_in(verbose.as_bytes())), Some(one.clone()));
        assert_eq!(digest_in(b"[]"), None);
        assert_eq!(digest_in(b"no such manifest"), None);
        let known = format!("[\"r/other@{other}\",\"r/a@{one}\"]\n");
        assert_eq!(text(digest_of(&known, "r/a")), Some(one));
        assert_eq!(digest_of(&known, "r"), None);
    }

    #[test]
    fn references_are_taken_apart() {
        let rows = [
            ("127.0.0.1:4577/a/b:v1", "127.0.0.1:4577/a/b", true),
            ("127.0.0.1:4577/a/b", "127.0.0.1:4577/a/b", true),
            ("localhost/a:v1", "localhost/a", true),
            ("ghcr.io/acme/api:v1", "ghcr.io/acme/api", false),
            ("127acme/api", "127acme/api", false),
        ];
        for (reference, repository, loopback) in rows {
            assert_eq!(without_tag(reference), repository);
            assert_eq!(is_loopback(reference), loopback, "{reference}");
        }
    }
}
