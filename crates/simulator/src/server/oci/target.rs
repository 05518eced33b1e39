//! What a path below `/v2/` names. Pure.

use http::Method;

use super::refusal::Refusal;
use crate::services::ecr::distribution::Called;
use crate::services::ecr::is_repository_name;

/// One thing of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// The protocol itself: where clients log in.
    Base,
    Catalog,
    Tags {
        name: &'a str,
    },
    Referrers {
        name: &'a str,
        digest: &'a str,
    },
    Manifest {
        name: &'a str,
        called: Called<'a>,
    },
    Blob {
        name: &'a str,
        digest: &'a str,
    },
    Uploads {
        name: &'a str,
    },
    Upload {
        name: &'a str,
        id: &'a str,
    },
}

impl<'a> Target<'a> {
    pub(super) fn parse(path: &'a str) -> Result<Self, Refusal> {
        let rest = path
            .strip_prefix("/v2")
            .unwrap_or(path)
            .trim_start_matches('/');
        if rest.is_empty() {
            return Ok(Self::Base);
        }
        if rest == "_catalog" {
            return Ok(Self::Catalog);
        }
        let named = |name: &'a str| match is_repository_name(name) {
            true => Ok(name),
            false => Err(Refusal::bad(
                "NAME_INVALID",
                format!("invalid repository name: {name}"),
            )),
        };
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Ok(Self::Tags { name: named(name)? });
        }
        let rest_of_upload = rest.strip_suffix('/').unwrap_or(rest);
        if let Some(name) = rest_of_upload.strip_suffix("/blobs/uploads") {
            return Ok(Self::Uploads { name: named(name)? });
        }
        let (front, last) = rest.rsplit_once('/').ok_or_else(nothing)?;
        let (name, kind) = front.rsplit_once('/').ok_or_else(nothing)?;
        match kind {
            "uploads" => {
                let name = name.strip_suffix("/blobs").ok_or_else(nothing)?;
                let name = named(name)?;
                Ok(Self::Upload { name, id: last })
            }
            "manifests" => {
                let name = named(name)?;
                let called = called(last)?;
                Ok(Self::Manifest { name, called })
            }
            "blobs" => {
                let name = named(name)?;
                let digest = digest(last)?;
                Ok(Self::Blob { name, digest })
            }
            "referrers" => {
                let name = named(name)?;
                let digest = digest(last)?;
                Ok(Self::Referrers { name, digest })
            }
            _ => Err(nothing()),
        }
    }

    /// The operation of ECR's API that a method stands for ([DOC], "the push and pull actions"); none for the login, an error for a
    /// method that is not there.
    pub(super) fn operation(&self, method: &Method) -> Option<Option<&'static str>> {
        if !self.methods().contains(&method.as_str()) {
            return None;
        }
        Some(match (self, method) {
            (Self::Base, _) => None,
            (Self::Catalog, _) => Some("DescribeRepositories"),
            (Self::Tags { .. }, _) => Some("ListImages"),
            (Self::Referrers { .. }, _) => Some("ListImageReferrers"),
            (Self::Manifest { .. }, &Method::PUT) => Some("PutImage"),
            (Self::Manifest { .. }, &Method::DELETE) => Some("BatchDeleteImage"),
            (Self::Manifest { .. }, _) => Some("BatchGetImage"),
            (Self::Blob { .. }, &Method::HEAD) => Some("BatchCheckLayerAvailability"),
            (Self::Blob { .. }, _) => Some("GetDownloadUrlForLayer"),
            (Self::Uploads { .. }, _) => Some("InitiateLayerUpload"),
            (Self::Upload { .. }, &Method::PUT) => Some("CompleteLayerUpload"),
            (Self::Upload { .. }, _) => Some("UploadLayerPart"),
        })
    }

    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Base | Self::Catalog | Self::Tags { .. } | Self::Referrers { .. } => {
                &["GET", "HEAD"]
            }
            Self::Manifest { .. } => &["GET", "HEAD", "PUT", "DELETE"],
            // Layers go when nothing uses them, never by themselves.
            Self::Blob { .. } => &["GET", "HEAD"],
            Self::Uploads { .. } => &["POST"],
            Self::Upload { .. } => &["GET", "PATCH", "PUT", "DELETE"],
        }
    }

    pub(super) fn name(&self) -> Option<&'a str> {
        match *self {
            Self::Base | Self::Catalog => None,
            Self::Tags { name }
            | Self::Referrers { name, .. }
            | Self::Manifest { name, .. }
            | Self::Blob { name, .. }
            | Self::Uploads { name }
            | Self::Upload { name, .. } => Some(name),
        }
    }
}

/// `sha256:` and 64 hex digits; ECR knows no other.
pub(super) fn digest(text: &str) -> Result<&str, Refusal> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    match hex.len() == 64 && hex.bytes().all(is_hex) {
        true => Ok(text),
        false => Err(Refusal::bad(
            "DIGEST_INVALID",
            format!("no SHA-256 digest: {text:?}"),
        )),
    }
}

/// A tag has at most 128 characters ([SPEC], "Pulling manifests").
fn called(text: &str) -> Result<Called<'_>, Refusal> {
    if text.contains(':') {
        return digest(text).map(Called::Digest);
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let starts = text
        .bytes()
        .next()
        .is_some_and(|byte| !matches!(byte, b'.' | b'-'));
    match starts && text.len() <= 128 && text.bytes().all(is_part) {
        true => Ok(Called::Tag(text)),
        false => Err(Refusal::bad(
            "TAG_INVALID",
            format!("invalid tag: {text:?}"),
        )),
    }
}

fn nothing() -> Refusal {
    Refusal::missing("UNSUPPORTED", "404 page not found")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn what_paths_name() {
        let blob = format!("/v2/cat-house/auth/blobs/{DIGEST}");
        let by_digest = format!("/v2/cat-house/auth/manifests/{DIGEST}");
        let referrers = format!("/v2/cat-house/auth/referrers/{DIGEST}");
        let name = "cat-house/auth";
        let manifest = |called| Target::Manifest { name, called };
        for (path, expected) in [
            ("/v2", Ok(Target::Base)),
            ("/v2/", Ok(Target::Base)),
            ("/v2/_catalog", Ok(Target::Catalog)),
            ("/v2/cat-house/auth/tags/list", Ok(Target::Tags { name })),
            (
                &referrers,
                Ok(Target::Referrers {
                    name,
                    digest: DIGEST,
                }),
            ),
            (
                "/v2/cat-house/auth/manifests/v1.0-x",
                Ok(manifest(Called::Tag("v1.0-x"))),
            ),
            (&by_digest, Ok(manifest(Called::Digest(DIGEST)))),
            (
                &blob,
                Ok(Target::Blob {
                    name,
                    digest: DIGEST,
                }),
            ),
            (
                "/v2/cat-house/auth/blobs/uploads",
                Ok(Target::Uploads { name }),
            ),
            (
                "/v2/cat-house/auth/blobs/uploads/",
                Ok(Target::Uploads { name }),
            ),
            (
                "/v2/cat-house/auth/blobs/uploads/1-2",
                Ok(Target::Upload { name, id: "1-2" }),
            ),
            // A repository may be called like a part of the protocol.
            (
                "/v2/blobs/manifests/manifests/x",
                Ok(Target::Manifest {
                    name: "blobs/manifests",
                    called: Called::Tag("x"),
                }),
            ),
            ("/v2/Cat/manifests/x", Err("NAME_INVALID")),
            ("/v2/../manifests/x", Err("NAME_INVALID")),
            ("/v2/auth/manifests/.x", Err("TAG_INVALID")),
            ("/v2/auth/manifests/sha256:1", Err("DIGEST_INVALID")),
            ("/v2/auth/blobs/sha512:1", Err("DIGEST_INVALID")),
            ("/v2/auth/blobs/..", Err("DIGEST_INVALID")),
            ("/v2/auth", Err("UNSUPPORTED")),
            ("/v2/auth/things/x", Err("UNSUPPORTED")),
        ] {
            let parsed = Target::parse(path).map_err(|refusal| refusal.code);
            assert_eq!(parsed, expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_breaks_it(path in "/v2(/[a-z_.:é%]{0,9}|/blobs|/uploads|/manifests|/tags|/list|/){0,7}") {
            if let Ok(target) = Target::parse(&path) {
                prop_assert!(target.name().is_none_or(is_repository_name));
            }
        }
    }
}
