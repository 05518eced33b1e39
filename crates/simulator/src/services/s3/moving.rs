//! Buckets on their way to another server, which keeps them from then on.

use super::buckets::region_of;
use super::settings::Setting;
use super::state::{Object, S3};
use crate::world::elsewhere::{Furnishing, Stored};

impl S3 {
    /// Every bucket with its present objects and its policy, as they would be put.
    pub(crate) fn as_it_was_put(&self, region: &str) -> Vec<Furnishing> {
        let buckets = self.buckets.iter().map(|(name, objects)| {
            let made = self.made.get(name);
            Furnishing::Bucket {
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
