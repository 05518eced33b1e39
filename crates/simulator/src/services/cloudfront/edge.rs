//! A viewer's request at the edge: from the cache while it is fresh, else from the origin, with the custom error page.

use serde_json::Value;

use super::behavior::{Lifetimes, allows, behavior, cache_key, compression};
use super::find::{distribution_arn, items, number, text};
use super::origin::{Asked, Wish, not_allowed, wish};
use super::state::{Cached, Distribution};
use super::viewer::{Compression, ViewerReply};
use crate::base::here::Here;
use crate::base::visit::Visit;
use crate::services::cloudfront::CloudFront;
use crate::{Millis, WebReply};

/// Error Caching Minimum TTL [DOC].
const ERROR_TTL_SECONDS: u64 = 10;

/// A distribution that its viewers reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) hosts: Vec<String>,
}

/// The distributions that are deployed and enabled.
pub(crate) fn edges(here: &mut Here<'_, CloudFront>) -> Vec<Edge> {
    here.own.advance(here.now_ms);
    let distributions = here.own.distributions.values();
    let reached = distributions.filter(|distribution| !distribution.hosts.is_empty());
    reached
        .map(|distribution| Edge {
            arn: distribution_arn(here, &distribution.id),
            id: distribution.id.clone(),
            hosts: distribution.hosts.clone(),
        })
        .collect()
}

/// Whether a distribution answers to a host name.
pub(crate) fn has_edge(here: &mut Here<'_, CloudFront>, host: &str) -> bool {
    here.own.advance(here.now_ms);
    let mut distributions = here.own.distributions.values();
    distributions.any(|it| it.hosts.iter().any(|known| known == host))
}

/// What becomes of a viewer's request next.
#[derive(Debug)]
pub(crate) enum Step {
    /// It is answered.
    Answer(ViewerReply),
    /// It is answered by what an origin said, which may be kept.
    Fetched(Box<Fetched>),
    /// An origin is to be asked.
    Ask(Box<Asking>),
}

/// An answer that an origin gave, and where the edge may keep it.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) reply: ViewerReply,
    distribution: String,
    key: String,
    cached: Cached,
}

impl Fetched {
    /// It is kept, and given.
    pub(crate) fn kept(self, here: &mut Here<'_, CloudFront>) -> ViewerReply {
        if let Some(distribution) = here.own.distributions.get_mut(&self.distribution) {
            distribution.cache.insert(self.key, self.cached);
        }
        self.reply
    }
}

/// A viewer's request that waits for an origin.
#[derive(Debug)]
pub(crate) struct Asking {
    wish: Wish,
    distribution: String,
    via: String,
    way: Way,
}

/// What is to become of the answer.
#[derive(Debug)]
enum Way {
    /// It goes through, and nothing of it is kept.
    Through,
    /// It is kept, or the custom error page for it.
    Kept(Box<Kept>),
}

/// How an answer is kept.
#[derive(Debug)]
struct Kept {
    key: String,
    /// What the origin is asked, for the viewer.
    whole: Visit,
    config: Value,
    lifetimes: Lifetimes,
    compression: Compression,
    /// Of the error whose page is asked for now.
    instead: Option<Instead>,
}

/// What the viewer sees when the custom error page cannot be had, and what is said of the page.
#[derive(Debug)]
struct Instead {
    answer: WebReply,
    ttl_seconds: u64,
    status: u16,
}

/// Answers a viewer; `None` when no distribution has this host name.
pub(crate) fn at_edge(here: &mut Here<'_, CloudFront>, visit: &Visit) -> Option<Step> {
    let now_ms = here.now_ms;
    here.own.advance(now_ms);
    let mut distributions = here.own.distributions.values();
    let distribution = distributions.find(|it| it.hosts.contains(&visit.host))?;
    let (id, via) = (distribution.id.clone(), via(distribution));
    let config = distribution.edge(here.region).clone();
    let compression = compression(here, &config, &visit.path);
    let answered = |cached: &Cached, x_cache: &str| {
        let reply = reply(cached, now_ms, x_cache, &via);
        Step::Answer(ViewerReply::of_edge(reply, compression))
    };
    if !allows(&config, visit) {
        let refused = cached(not_allowed(), 0, now_ms);
        return Some(answered(&refused, "Error from cloudfront"));
    }
    let is_kept = ["GET", "HEAD"]
        .iter()
        .any(|it| visit.method.eq_ignore_ascii_case(it));
    if !is_kept {
        let (wish, _) = of_origin(here, &id, &config, &visit.path, visit);
        return Some(Step::Ask(Box::new(Asking {
            wish,
            distribution: id,
            via,
            way: Way::Through,
        })));
    }
    let key = cache_key(here, &config, visit);
    let fresh = |cached: &&Cached| now_ms < cached.expires_ms;
    let distribution = here.own.distributions.get(&id)?;
    if let Some(cached) = distribution.cache.get(&key).filter(fresh) {
        return Some(answered(cached, "Hit from cloudfront"));
    }
    let root = text(&config, "DefaultRootObject");
    let wanted = match visit.path.as_str() {
        "" | "/" => format!("/{}", root.trim_start_matches('/')),
        path => path.to_owned(),
    };
    let whole = whole(visit);
    let (wish, lifetimes) = of_origin(here, &id, &config, &wanted, &whole);
    let kept = Kept {
        key,
        whole,
        config,
        lifetimes,
        compression,
        instead: None,
    };
    Some(Step::Ask(Box::new(Asking {
        wish,
        distribution: id,
        via,
        way: Way::Kept(Box::new(kept)),
    })))
}

impl Asking {
    /// What the origin is asked.
    pub(crate) fn wish(&self) -> &Wish {
        &self.wish
    }

    /// What the edge adds to an answer that only goes through ([DOC] Request and response behavior, HTTP methods).
    pub(crate) fn added(&self) -> Option<[(String, String); 2]> {
        let told = [("x-cache", MISS), ("via", self.via.as_str())];
        let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
        matches!(self.way, Way::Through).then_some(told)
    }

    /// What the origin has said.
    pub(crate) fn told(self, here: &mut Here<'_, CloudFront>, answer: WebReply) -> Step {
        let now_ms = here.now_ms;
        let Self {
            distribution,
            via,
            way,
            ..
        } = self;
        let kept = match way {
            Way::Kept(kept) => kept,
            Way::Through => {
                let x_cache = x_cache(answer.status);
                let reply = reply(&cached(answer, 0, now_ms), now_ms, x_cache, &via);
                return Step::Answer(ViewerReply::of_edge(reply, Compression::Off));
            }
        };
        let cached = match kept.shown(&answer) {
            Shown::Answer(seconds) => cached(answer, seconds, now_ms),
            Shown::Instead(instead) => cached(instead.answer.clone(), instead.ttl_seconds, now_ms),
            Shown::Page(seconds, status) => cached(WebReply { status, ..answer }, seconds, now_ms),
            Shown::AskFor {
                page,
                ttl_seconds,
                status,
            } => {
                let (wish, _) = of_origin(here, &distribution, &kept.config, &page, &kept.whole);
                let instead = Some(Instead {
                    answer,
                    ttl_seconds,
                    status,
                });
                return Step::Ask(Box::new(Self {
                    wish,
                    distribution,
                    via,
                    way: Way::Kept(Box::new(Kept { instead, ..*kept })),
                }));
            }
        };
        let told = reply(&cached, now_ms, x_cache(cached.status), &via);
        Step::Fetched(Box::new(Fetched {
            reply: ViewerReply::of_edge(told, kept.compression),
            distribution,
            key: kept.key,
            cached,
        }))
    }
}

/// What is shown of an answer.
enum Shown<'a> {
    /// It itself, for so many seconds.
    Answer(u64),
    /// The page that it is, with this status.
    Page(u64, u16),
    /// What there was before: the page could not be had [DOC].
    Instead(&'a Instead),
    /// A custom error page, which has to be asked for.
    AskFor {
        page: String,
        ttl_seconds: u64,
        status: u16,
    },
}

impl Kept {
    fn shown(&self, answer: &WebReply) -> Shown<'_> {
        if let Some(instead) = &self.instead {
            if answer.status >= 400 {
                return Shown::Instead(instead);
            }
            return Shown::Page(instead.ttl_seconds, instead.status);
        }
        if answer.status < 400 {
            return Shown::Answer(self.lifetimes.seconds(answer));
        }
        let mut responses = items(&self.config, "CustomErrorResponses").iter();
        let code = u64::from(answer.status);
        let Some(response) = responses.find(|it| number(it, "ErrorCode") == Some(code)) else {
            return Shown::Answer(ERROR_TTL_SECONDS);
        };
        let ttl_seconds = number(response, "ErrorCachingMinTTL").unwrap_or(ERROR_TTL_SECONDS);
        let page = text(response, "ResponsePagePath").to_owned();
        if page.is_empty() {
            return Shown::Answer(ttl_seconds);
        }
        let status = text(response, "ResponseCode").parse();
        Shown::AskFor {
            page,
            ttl_seconds,
            status: status.unwrap_or(answer.status),
        }
    }
}

const MISS: &str = "Miss from cloudfront";

fn x_cache(status: u16) -> &'static str {
    if status < 500 {
        MISS
    } else {
        "Error from cloudfront"
    }
}

/// What the edge asks its origin for so that it can keep it: the whole, uncompressed, whatever part of it the viewer wants.
fn whole(visit: &Visit) -> Visit {
    const OF_THE_VIEWER: [&str; 5] = [
        "accept-encoding",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "range",
    ];
    let is_kept = |name: &str| !OF_THE_VIEWER.iter().any(|it| name.eq_ignore_ascii_case(it));
    let headers = visit.headers.iter().filter(|(name, _)| is_kept(name));
    Visit {
        method: "GET".to_owned(),
        headers: headers.cloned().collect(),
        ..visit.clone()
    }
}

/// What an edge says of itself. The names of AWS's servers are their own; here it is the distribution's.
fn via(distribution: &Distribution) -> String {
    let domain = distribution.domain.as_str();
    format!("1.1 {domain} (CloudFront)")
}

/// What the edge asks the origin of the path's behaviour, and how long it keeps the answer.
fn of_origin(
    here: &Here<'_, CloudFront>,
    id: &str,
    config: &Value,
    path: &str,
    visit: &Visit,
) -> (Wish, Lifetimes) {
    let behavior = behavior(config, path);
    let lifetimes = Lifetimes::of(here, behavior);
    let target = behavior.map_or("", |behavior| text(behavior, "TargetOriginId"));
    let origins = items(config, "Origins");
    // Of a group, the primary origin.
    let mut groups = items(config, "OriginGroups").iter();
    let group = groups.find(|group| text(group, "Id") == target);
    let primary = group.and_then(|group| items(group, "Members").first());
    let target = primary.map_or(target, |member| text(member, "OriginId"));
    let origin = origins.iter().find(|origin| text(origin, "Id") == target);
    let asked = Asked {
        distribution: id,
        path,
        visit,
    };
    let wish = origin.map_or(Wish::Nothing, |origin| wish(here, origin, asked));
    (wish, lifetimes)
}

fn cached(answer: WebReply, ttl_seconds: u64, now_ms: Millis) -> Cached {
    Cached {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        fetched_ms: now_ms,
        expires_ms: now_ms.saturating_add(ttl_seconds.saturating_mul(1000)),
    }
}

fn reply(cached: &Cached, now_ms: Millis, x_cache: &str, via: &str) -> WebReply {
    let age = now_ms.saturating_sub(cached.fetched_ms) / 1000;
    let mut headers = cached.headers.clone();
    headers.push(("x-cache".to_owned(), x_cache.to_owned()));
    headers.push(("via".to_owned(), via.to_owned()));
    if age > 0 {
        headers.push(("age".to_owned(), age.to_string()));
    }
    WebReply {
        status: cached.status,
        headers,
        body: cached.body.clone(),
        after: std::time::Duration::ZERO,
    }
}
