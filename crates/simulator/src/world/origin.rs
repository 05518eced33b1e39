//! Who answers the edge of CloudFront: a bucket, if it may be read, or a load balancer by its name.

use std::time::Duration;

use bytes::Bytes;

use crate::base::here::here;
use crate::base::visit::Visit;
use crate::front::Service;
use crate::services::cloudfront::{self, Signature, Step, Whose, Wish, Wished, unreachable};
use crate::services::s3::{Object, Reader, lets};
use crate::wire::http_date;
use crate::world::data_plane::{AtBalancer, Viewed};
use crate::world::elsewhere::{Fetched, Wanted};
use crate::{WebReply, World};

impl World {
    /// Answers a viewer; `None` when no distribution has this host name.
    pub(crate) fn at_edge(&mut self, visit: &Visit) -> Option<Viewed> {
        let mut step = cloudfront::at_edge(&mut here!(self.cloudfront), visit)?;
        // What an edge has already costs nothing; what it asks for costs what its origins take.
        let mut after = Duration::ZERO;
        loop {
            match step {
                Step::Answer(reply) => return Some(Viewed::Answer(reply.taking(after))),
                Step::Fetched(fetched) => {
                    // Its origin is elsewhere: whoever asks fetches it from there and asks again.
                    let is_whole =
                        self.elsewhere.wanted.is_none() && self.elsewhere.passage.is_none();
                    let reply = if is_whole {
                        fetched.kept(&mut here!(self.cloudfront))
                    } else {
                        fetched.reply
                    };
                    return Some(Viewed::Answer(reply));
                }
                Step::Ask(asking) => {
                    let answer = self.ask_origin(asking.wish());
                    if let Some(added) = asking.added()
                        && let Some(mut passage) = self.elsewhere.passage.take()
                    {
                        passage.added.extend(added);
                        return Some(Viewed::Passage(passage));
                    }
                    after += answer.after;
                    step = asking.told(&mut here!(self.cloudfront), answer);
                }
            }
        }
    }

    fn ask_origin(&mut self, wish: &Wish) -> WebReply {
        let visit = match wish {
            Wish::Object(wished) => return self.ask_bucket(wished),
            Wish::Nothing => return unreachable(),
            Wish::Request(visit) => visit,
        };
        // It has been asked for real, for this viewer's request.
        if let Some(reply) = self.elsewhere.passed.get(&visit.line()) {
            return reply.clone();
        }
        match self.at_balancer(visit) {
            Some(AtBalancer::Answer(reply)) => reply,
            Some(AtBalancer::Passage(passage)) => {
                self.elsewhere.passage = Some(passage);
                unreachable()
            }
            None => unreachable(),
        }
    }

    /// The object. For a missing key: 404 to whom the bucket may be listed, else 403 [DOC].
    fn ask_bucket(&mut self, wished: &Wished) -> WebReply {
        let Wished {
            bucket,
            key,
            whose,
            signature,
            source,
        } = wished;
        let is_own = *whose == Whose::Own;
        let reader = Reader {
            signs: *signature == Signature::Signed,
            source,
            account: &self.account,
        };
        if self.elsewhere.has(Service::S3) {
            let wanted = Wanted {
                bucket: bucket.clone(),
                key: key.clone(),
            };
            let Some(fetched) = self.elsewhere.fetched.get(&wanted) else {
                self.elsewhere.wanted = Some(wanted);
                return unreachable();
            };
            let reader = Some(&reader).filter(|_| !is_own);
            return from_elsewhere(&wanted, fetched, reader);
        }
        let may = |action: &str, resource: &str| self.s3.allows(bucket, action, resource, &reader);
        if !is_own && !may("s3:GetObject", key) {
            return denied();
        }
        match self.s3.object(bucket, key) {
            Some(object) => from_object(object),
            None if !is_own && may("s3:ListBucket", "") => {
                error(404, "NoSuchKey", "The specified key does not exist.")
            }
            None => denied(),
        }
    }
}

/// The same of a bucket that another server keeps, whose policy is judged here; a distribution's own bucket needs none.
fn from_elsewhere(wanted: &Wanted, fetched: &Fetched, reader: Option<&Reader<'_>>) -> WebReply {
    let policy = fetched.policy.as_deref().unwrap_or_default();
    let may = |action: &str, key: &str| {
        reader.is_some_and(|reader| lets(policy, &wanted.bucket, action, key, reader))
    };
    if reader.is_some() && !may("s3:GetObject", &wanted.key) {
        return denied();
    }
    match fetched.status {
        200 => WebReply {
            status: 200,
            headers: fetched.of_the_object(),
            body: fetched.body.clone(),
            after: Duration::ZERO,
        },
        404 if may("s3:ListBucket", "") => {
            error(404, "NoSuchKey", "The specified key does not exist.")
        }
        403 | 404 => denied(),
        _ => unreachable(),
    }
}

fn from_object(object: &Object) -> WebReply {
    let kept = &object.headers;
    let given = [
        ("content-type", kept.content_type.clone()),
        ("cache-control", kept.cache_control.clone()),
        ("content-encoding", kept.content_encoding.clone()),
        ("etag", Some(format!("\"{}\"", object.etag))),
        ("last-modified", Some(modified(object))),
        ("accept-ranges", Some("bytes".to_owned())),
    ];
    let mut headers: Vec<(String, String)> = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    headers.extend(
        kept.metadata
            .iter()
            .map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())),
    );
    WebReply {
        status: 200,
        headers,
        body: object.body.clone(),
        after: Duration::ZERO,
    }
}

/// As S3 writes it.
fn modified(object: &Object) -> String {
    let date = http_date(object.modified_ms);
    date.to_str().unwrap_or_default().to_owned()
}

fn denied() -> WebReply {
    error(403, "AccessDenied", "Access Denied")
}

fn error(status: u16, code: &str, message: &str) -> WebReply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    WebReply {
        status,
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Bytes::from(body),
        after: Duration::ZERO,
    }
}
