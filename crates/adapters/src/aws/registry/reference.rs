//! Image references as task definitions hold them: `host/repository[:tag][@digest]`, where a host may have a port.

use crate::oci::Named;

/// The parts of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference<'r> {
    pub(super) host: Option<&'r str>,
    pub(super) repository: &'r str,
    pub(super) tag: Option<&'r str>,
    pub(super) digest: Option<&'r str>,
}

impl<'r> Reference<'r> {
    pub(super) fn parse(text: &'r str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash is a port.
        let name_starts = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (rest, tag) = match rest[name_starts..].find(':') {
            Some(colon) => (
                &rest[..name_starts + colon],
                Some(&rest[name_starts + colon + 1..]),
            ),
            None => (rest, None),
        };
        match rest.split_once('/') {
            Some((host, repository)) if is_host(host) => Self {
                host: Some(host),
                repository,
                tag,
                digest,
            },
            _ => Self {
                host: None,
                repository: rest,
                tag,
                digest,
            },
        }
    }

    /// The image, where its registry is none of ECR's own API; a name without a host is Docker Hub's.
    pub(super) fn foreign(&self) -> Option<Named> {
        let called = (self.tag, self.digest);
        let foreign = self.ecr().is_none();
        foreign.then(|| Named::new(self.host, self.repository, called))
    }

    /// The account and region of an ECR host.
    pub(super) fn ecr(&self) -> Option<(&'r str, &'r str)> {
        let (account, rest) = self.host?.split_once(".dkr.ecr.")?;
        let region = rest
            .strip_suffix(".amazonaws.com")
            .or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
        account
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then_some((account, region))
    }
}

/// Docker's rule: the first segment is a host when it could not be a repository's.
fn is_host(segment: &str) -> bool {
    segment.contains('.') || segment.contains(':') || segment == "localhost"
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("nginx", None, "nginx", None, None)]
    #[case("cat-house/auth:v1", None, "cat-house/auth", Some("v1"), None)]
    #[case("localhost:5000/auth", Some("localhost:5000"), "auth", None, None)]
    #[case(
        "reg.example.org:5000/a/b:v1@sha256:ab",
        Some("reg.example.org:5000"),
        "a/b",
        Some("v1"),
        Some("sha256:ab")
    )]
    #[case(
        "ghcr.io/acme/api@sha256:ab",
        Some("ghcr.io"),
        "acme/api",
        None,
        Some("sha256:ab")
    )]
    fn parts(
        #[case] text: &str,
        #[case] host: Option<&str>,
        #[case] repository: &str,
        #[case] tag: Option<&str>,
        #[case] digest: Option<&str>,
    ) {
        assert_eq!(
            Reference::parse(text),
            Reference {
                host,
                repository,
                tag,
                digest
            }
        );
    }

    #[rstest]
    #[case("123456789012.dkr.ecr.sa-east-1.amazonaws.com/a:v1", Some(("123456789012", "sa-east-1")))]
    #[case("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a:v1", Some(("123456789012", "cn-north-1")))]
    #[case("public.ecr.aws/nginx/nginx:1", None)]
    #[case("ghcr.io/acme/api:v1", None)]
    #[case("api:v1", None)]
    fn ecr_hosts(#[case] text: &str, #[case] expected: Option<(&str, &str)>) {
        assert_eq!(Reference::parse(text).ecr(), expected);
    }
}
