//! What a signature says about itself: whose key, which Region, which service. Whether it is right is never checked.

use std::borrow::Cow;

use http::Request;
use http::header::AUTHORIZATION;

/// `KEY/DATE/REGION/SERVICE/aws4_request`; SigV4A has no REGION.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a>(Cow<'a, str>);

impl<'a> Scope<'a> {
    /// From the Authorization header, or from the query of a presigned URL.
    pub(crate) fn of<B>(request: &'a Request<B>) -> Option<Self> {
        if let Some(authorization) = request.headers().get(AUTHORIZATION) {
            let (_, credential) = authorization.to_str().ok()?.split_once("Credential=")?;
            return Some(Self(Cow::Borrowed(credential.split([',', ' ']).next()?)));
        }
        let query = request.uri().query()?.as_bytes();
        url::form_urlencoded::parse(query).find_map(|(name, value)| match name.as_ref() {
            "X-Amz-Credential" => Some(Self(value)),
            // The first version of presigned URLs, which only S3 knows, has nothing but the key.
            "AWSAccessKeyId" => Some(Self(Cow::Owned(format!("{value}/-/s3/aws4_request")))),
            _ => None,
        })
    }

    /// The access key id.
    pub(crate) fn access_key(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The Region, where there is one.
    pub(crate) fn region(&self) -> Option<&str> {
        let mut from_the_end = self.0.rsplit('/');
        let region = from_the_end.nth(2)?;
        // Before it come the date and the key.
        (from_the_end.count() == 2).then_some(region)
    }

    /// The service, which is also its IAM prefix.
    pub(crate) fn service(&self) -> Option<&str> {
        self.0.rsplit('/').nth(1)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn key_region_and_service() {
        let header = |text: &str| {
            let request = Request::builder().header(AUTHORIZATION, text);
            request.body(Bytes::new()).unwrap()
        };
        let of = |uri: &str| {
            let request = Request::builder().uri(uri);
            request.body(Bytes::new()).unwrap()
        };
        let presigned = of(
            "/b/k?X-Amz-Credential=AKID%2F20260101%2Fsa-east-1%2Fs3%2Faws4_request&X-Amz-Date=x",
        );
        for (request, expected) in [
            (
                header(
                    "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host",
                ),
                Some(("111122223333", Some("eu-west-1"), Some("ecs"))),
            ),
            (
                header(
                    "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/s3/aws4_request, SignedHeaders=host",
                ),
                Some(("AKID", None, Some("s3"))),
            ),
            (presigned, Some(("AKID", Some("sa-east-1"), Some("s3")))),
            (
                of("/b/k?AWSAccessKeyId=AKID&Signature=x&Expires=1"),
                Some(("AKID", None, Some("s3"))),
            ),
            (header("Bearer x"), None),
            (
                header("AWS4-HMAC-SHA256 Credential="),
                Some(("", None, None)),
            ),
        ] {
            let scope = Scope::of(&request);
            let found = scope
                .as_ref()
                .map(|scope| (scope.access_key(), scope.region(), scope.service()));
            assert_eq!(found, expected);
        }
    }
}
