//! Objects of buckets at the upstream, for an edge whose origin they are.

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::{Place, Question, ask};
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::server::upstream::Upstream;
use crate::world::elsewhere::{Fetched, Wanted};

/// What S3 leaves as it is in a path.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// The object as S3 gives it to the edge, and the policy that says whether it may.
pub(in crate::server) async fn object(
    shared: &Shared,
    upstream: &Upstream,
    slot: &Slot,
    wanted: &Wanted,
) -> Fetched {
    let place = &slot.at(shared.clock.now_ms(), |inhabited| Place {
        account: inhabited.world.account.clone(),
        region: inhabited.world.region.clone(),
    });
    let Wanted { bucket, key } = wanted;
    let get = |path: String| ask(shared, upstream, place, Question::of_s3(Method::GET, path));
    let policy = get(format!("/{bucket}?policy")).await;
    let policy = policy.ok().filter(|answer| answer.status == 200);
    let policy = policy.and_then(|answer| String::from_utf8(answer.body.to_vec()).ok());
    match get(path_of(bucket, key)).await {
        Ok(answer) => Fetched {
            status: answer.status.as_u16(),
            headers: answer
                .headers
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.to_string(), value.to_str().ok()?.to_owned()))
                })
                .collect(),
            body: answer.body,
            policy,
        },
        Err(_) => Fetched {
            status: 502,
            headers: Vec::new(),
            body: Bytes::new(),
            policy,
        },
    }
}

/// An object's path in path style.
pub(super) fn path_of(bucket: &str, key: &str) -> String {
    format!("/{bucket}/{}", utf8_percent_encode(key, IN_A_PATH))
}
