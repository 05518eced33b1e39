//! Image references: `[REGISTRY/]NAME[:TAG][@DIGEST]`.

use crate::base::arn::dns_suffix;

/// The host of an account's registry: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with the suffix of the Region's partition.
#[must_use]
pub fn registry_host(account: &str, region: &str) -> String {
    format!("{account}.dkr.ecr.{region}.{}", dns_suffix(region))
}

/// What a repository is called in an account's own registry: a whole name of ECR's without its host. Others stay whole.
pub(crate) fn own_name(name: &str) -> &str {
    Reference::parse(name).repository
}

/// A parsed reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// Repository name; for a foreign registry with its host, as a blueprint names it.
    pub(super) repository: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Every text is a reference; without tag and digest it means `latest`.
    pub(super) fn parse(text: &'a str) -> Self {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash is a registry's port.
        let name_start = named.rfind('/').map_or(0, |slash| slash + 1);
        let (whole, tag) = match named[name_start..].split_once(':') {
            Some((name, tag)) => (&named[..name_start + name.len()], Some(tag)),
            None => (named, None),
        };
        let repository = match whole.split_once('/') {
            Some((host, name)) if host.contains(".dkr.ecr.") => name,
            _ => whole,
        };
        Self {
            repository,
            tag: tag.or(digest.is_none().then_some("latest")),
            digest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_reference() {
        let ecr = "123456789012.dkr.ecr.sa-east-1.amazonaws.com/cat-house/auth";
        for (text, repository, tag, digest) in [
            (format!("{ecr}:v1"), "cat-house/auth", Some("v1"), None),
            (
                format!("{ecr}@sha256:ab"),
                "cat-house/auth",
                None,
                Some("sha256:ab"),
            ),
            (
                format!("{ecr}:v1@sha256:ab"),
                "cat-house/auth",
                Some("v1"),
                Some("sha256:ab"),
            ),
            (
                "ghcr.io/acme/api:2".to_owned(),
                "ghcr.io/acme/api",
                Some("2"),
                None,
            ),
            (
                "localhost:5000/api".to_owned(),
                "localhost:5000/api",
                Some("latest"),
                None,
            ),
            ("nginx".to_owned(), "nginx", Some("latest"), None),
        ] {
            assert_eq!(
                Reference::parse(&text),
                Reference {
                    repository,
                    tag,
                    digest
                },
                "{text}"
            );
        }
    }
}
