//! Buckets on their way to another server, which keeps them from then on.

use bytes::Bytes;

use super::buckets::region_of;
use super::settings::Setting;
use super::state::{Object, S3};

/// A bucket as it is put elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) policy: Option<String>,
    pub(crate) objects: Vec<Stored>,
}

/// An object as it is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl S3 {
    /// Every bucket with its present objects and its policy, as they would be put.
    pub(crate) fn as_it_was_put(&self, region: &str) -> Vec<Moved> {
        let buckets = self.buckets.iter().map(|(name, objects)| {
            let made = self.made.get(name);
            Moved {
                region: region_of(self, name, region),
                policy: made.and_then(|made| made.settings.get(&Setting::Policy).cloned()),
                objects: objects
                    .iter()
                    .map(|(key, object)| stored(key, object))
                    .collect(),
                name: name.clone(),
            }
        });
        buckets.collect()
    }
}

fn stored(key: &str, object: &Object) -> Stored {
    let kept = &object.headers;
    let given = [
        ("content-type", &kept.content_type),
        ("cache-control", &kept.cache_control),
        ("content-encoding", &kept.content_encoding),
        ("content-disposition", &kept.content_disposition),
        ("content-language", &kept.content_language),
    ];
    let headers = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    let own = kept
        .metadata
        .iter()
        .map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone()));
    Stored {
        key: key.to_owned(),
        headers: headers.chain(own).collect(),
        body: object.body.clone(),
    }
}
