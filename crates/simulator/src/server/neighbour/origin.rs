//! A viewer's request whose origin is a bucket at the upstream: the edge names what it lacks, that is fetched, and it is asked again.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::{Place, Question, ask};
use crate::WebReply;
use crate::elb::Visit;
use crate::elsewhere::{Fetched, Wanted};
use crate::server::registry::Slot;
use crate::server::request::{Shared, Unanswered, guarded};
use crate::server::upstream::Upstream;

/// An object, its error page, and one that a second behaviour has: an edge needs no more.
const MOST: usize = 4;

/// What S3 leaves as it is in a path.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Answers a viewer in one world; nothing when nobody there has the host name.
pub(in crate::server) async fn fetched(
    shared: &Shared,
    slot: &Slot,
    visit: &Visit,
) -> Result<Option<WebReply>, Unanswered> {
    let mut fetched = BTreeMap::new();
    loop {
        let had = fetched.len();
        let look = || {
            slot.at(shared.clock.now_ms(), |inhabited| {
                let world = &mut inhabited.world;
                world.elsewhere.fetched = std::mem::take(&mut fetched);
                let reply = world.answer_viewer(visit);
                fetched = std::mem::take(&mut world.elsewhere.fetched);
                let place = Place {
                    account: world.account.clone(),
                    region: world.region.clone(),
                };
                (reply, world.elsewhere.wanted.take(), place)
            })
        };
        let (reply, wanted, place) = guarded(look)?;
        match (wanted, &shared.upstream) {
            (Some(wanted), Some(upstream)) if had < MOST => {
                let object = object(shared, upstream, &place, &wanted).await;
                fetched.insert(wanted, object);
            }
            _ => return Ok(reply),
        }
    }
}

/// The object as S3 gives it to the edge, and the policy that says whether it may.
async fn object(shared: &Shared, upstream: &Upstream, place: &Place, wanted: &Wanted) -> Fetched {
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
