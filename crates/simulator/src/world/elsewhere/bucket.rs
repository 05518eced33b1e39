//! What the edge of CloudFront gets from a bucket that is elsewhere.

use bytes::Bytes;

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// What S3 said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// 502 when it said nothing.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Of the bucket.
    pub(crate) policy: Option<String>,
}

impl Fetched {
    /// The headers of an object that a viewer sees.
    pub(crate) fn of_the_object(&self) -> Vec<(String, String)> {
        const SHOWN: [&str; 6] = [
            "content-type",
            "cache-control",
            "content-encoding",
            "etag",
            "last-modified",
            "accept-ranges",
        ];
        let is_shown = |name: &str| SHOWN.contains(&name) || name.starts_with("x-amz-meta-");
        let headers = self.headers.iter();
        headers
            .filter(|(name, _)| is_shown(name))
            .cloned()
            .collect()
    }
}
