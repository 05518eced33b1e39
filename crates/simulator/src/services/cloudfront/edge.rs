//! A viewer's request at the edge: from the cache while it is fresh, else from the origin, with the custom error page.

use super::describe::distribution_arn;
use super::kind::Collection;
use super::origin::{Answer, Asked, ask};
use super::state::{Cached, Distribution};
use super::tree::Element;
use super::viewer::{Compression, ViewerReply};
use crate::base::wildcard::fits;
use crate::services::elb::Visit;
use crate::world::data_plane::Viewed;
use crate::{Millis, WebReply, World};

/// CloudFront's default and largest TTL [DOC].
const DEFAULT_TTL_SECONDS: u64 = 86_400;
const MAX_TTL_SECONDS: u64 = 31_536_000;
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
pub(crate) fn edges(world: &mut World) -> Vec<Edge> {
    world.cloudfront.advance(world.now_ms);
    let distributions = world.cloudfront.distributions.values();
    let reached = distributions.filter(|distribution| !distribution.hosts.is_empty());
    reached
        .map(|distribution| Edge {
            arn: distribution_arn(&world.account, &distribution.id),
            id: distribution.id.clone(),
            hosts: distribution.hosts.clone(),
        })
        .collect()
}

/// Whether a distribution answers to a host name.
pub(crate) fn has_edge(world: &mut World, host: &str) -> bool {
    world.cloudfront.advance(world.now_ms);
    let mut distributions = world.cloudfront.distributions.values();
    distributions.any(|it| it.hosts.iter().any(|known| known == host))
}

/// Answers a viewer; `None` when no distribution has this host name.
pub(crate) fn at_edge(world: &mut World, visit: &Visit) -> Option<Viewed> {
    let now_ms = world.now_ms;
    world.cloudfront.advance(now_ms);
    let mut distributions = world.cloudfront.distributions.values();
    let distribution = distributions.find(|it| it.hosts.contains(&visit.host))?;
    let (id, via) = (distribution.id.clone(), via(distribution));
    let config = distribution.edge(&world.region).clone();
    let compression = compression(world, &config, &visit.path);
    let answered = |cached: &Cached, x_cache: &str| {
        let reply = reply(cached, now_ms, x_cache, &via);
        Viewed::Answer(ViewerReply::of_edge(reply, compression))
    };
    if !allows(&config, visit) {
        let refused = cached(Answer::not_allowed(), 0, now_ms);
        return Some(answered(&refused, "Error from cloudfront"));
    }
    let is_kept = ["GET", "HEAD"]
        .iter()
        .any(|it| visit.method.eq_ignore_ascii_case(it));
    if !is_kept {
        return Some(through(world, &id, &config, visit, &via));
    }
    let key = cache_key(world, &config, visit);
    let fresh = |cached: &&Cached| now_ms < cached.expires_ms;
    let distribution = world.cloudfront.distributions.get(&id)?;
    if let Some(cached) = distribution.cache.get(&key).filter(fresh) {
        return Some(answered(cached, "Hit from cloudfront"));
    }
    let fetched = fetch(world, &id, &config, &whole(visit));
    // Its origin is elsewhere: whoever asks fetches it from there and asks again.
    let is_whole = world.elsewhere.wanted.is_none() && world.elsewhere.passage.is_none();
    let x_cache = if fetched.status < 500 {
        "Miss from cloudfront"
    } else {
        "Error from cloudfront"
    };
    let answer = answered(&fetched, x_cache);
    if is_whole && let Some(distribution) = world.cloudfront.distributions.get_mut(&id) {
        distribution.cache.insert(key, fetched);
    }
    Some(answer)
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

/// Any other method goes through to the origin, and nothing of it is kept ([DOC] Request and response behavior, HTTP methods).
fn through(world: &mut World, id: &str, config: &Element, visit: &Visit, via: &str) -> Viewed {
    let now_ms = world.now_ms;
    let (answer, _) = from_origin(world, id, config, &visit.path, visit);
    if let Some(mut passage) = world.elsewhere.passage.take() {
        let told = [("x-cache", "Miss from cloudfront"), ("via", via)];
        let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
        passage.added.extend(told);
        return Viewed::Passage(passage);
    }
    let x_cache = if answer.status < 500 {
        "Miss from cloudfront"
    } else {
        "Error from cloudfront"
    };
    let answer = reply(&cached(answer, 0, now_ms), now_ms, x_cache, via);
    Viewed::Answer(ViewerReply::of_edge(answer, Compression::Off))
}

/// Whether the path's behaviour allows the method; 403 else ([DOC] Values that you specify, Allowed HTTP methods).
fn allows(config: &Element, visit: &Visit) -> bool {
    let methods = behavior(config, &visit.path).map_or(&[][..], |it| it.items("AllowedMethods"));
    let mut methods = methods.iter().map(|method| method.text.as_str());
    let usual = ["GET", "HEAD"].contains(&visit.method.as_str());
    usual || methods.any(|method| method == visit.method)
}

/// The path's behaviour compresses, and its cache policy keeps what is compressed ([DOC] Serving compressed files).
fn compression(world: &World, config: &Element, path: &str) -> Compression {
    let Some(behavior) = behavior(config, path) else {
        return Compression::Off;
    };
    let policy = behavior.text_of("CachePolicyId");
    let policy = world.cloudfront.entity(Collection::CachePolicy, policy);
    let keeps = policy.is_none_or(|policy| {
        policy.any(&|it| it.name == "EnableAcceptEncodingGzip" && it.text == "true")
    });
    match behavior.text_of("Compress") {
        "true" if keeps => Compression::Gzip,
        _ => Compression::Off,
    }
}

/// What an edge says of itself. The names of AWS's servers are their own; here it is the distribution's.
fn via(distribution: &Distribution) -> String {
    let domain = distribution.domain.as_str();
    format!("1.1 {domain} (CloudFront)")
}

/// The path, and the query where it makes a difference: a cache policy or forwarded values with query strings [DOC].
fn cache_key(world: &World, config: &Element, visit: &Visit) -> String {
    let behavior = behavior(config, &visit.path);
    let varies = behavior.is_some_and(|behavior| {
        let policy = behavior.text_of("CachePolicyId");
        let policy = world.cloudfront.entity(Collection::CachePolicy, policy);
        let by = |name: &str, texts: &[&str]| {
            let is_such = |it: &Element| it.name == name && texts.contains(&it.text.as_str());
            policy.as_ref().unwrap_or(behavior).any(&is_such)
        };
        by("QueryStringBehavior", &["all", "allExcept", "whitelist"])
            || by("QueryString", &["true"])
    });
    if varies && !visit.query.is_empty() {
        return format!("{}?{}", visit.path, visit.query);
    }
    visit.path.clone()
}

/// What the origin of the path's behaviour says, or the custom error page for it.
fn fetch(world: &mut World, id: &str, config: &Element, visit: &Visit) -> Cached {
    let root = config.text_of("DefaultRootObject");
    let wanted = match visit.path.as_str() {
        "" | "/" => format!("/{}", root.trim_start_matches('/')),
        path => path.to_owned(),
    };
    let (answer, lifetimes) = from_origin(world, id, config, &wanted, visit);
    if answer.status < 400 {
        let seconds = lifetimes.seconds(&answer);
        return cached(answer, seconds, world.now_ms);
    }
    let code = answer.status.to_string();
    let mut responses = config.items("CustomErrorResponses").iter();
    let Some(response) = responses.find(|it| it.text_of("ErrorCode") == code) else {
        return cached(answer, ERROR_TTL_SECONDS, world.now_ms);
    };
    let seconds = response
        .text_of("ErrorCachingMinTTL")
        .parse()
        .unwrap_or(ERROR_TTL_SECONDS);
    let page = response.text_of("ResponsePagePath").to_owned();
    if page.is_empty() {
        return cached(answer, seconds, world.now_ms);
    }
    let (mut shown, _) = from_origin(world, id, config, &page, visit);
    // When the page cannot be had the viewer sees what the origin said [DOC].
    if shown.status >= 400 {
        return cached(answer, seconds, world.now_ms);
    }
    shown.status = response
        .text_of("ResponseCode")
        .parse()
        .unwrap_or(answer.status);
    cached(shown, seconds, world.now_ms)
}

fn from_origin(
    world: &mut World,
    id: &str,
    config: &Element,
    path: &str,
    visit: &Visit,
) -> (Answer, Lifetimes) {
    let behavior = behavior(config, path);
    let lifetimes = Lifetimes::of(world, behavior);
    let target = behavior.map_or("", |behavior| behavior.text_of("TargetOriginId"));
    let origins = config.items("Origins");
    // Of a group, the primary origin.
    let mut groups = config.items("OriginGroups").iter();
    let group = groups.find(|group| group.text_of("Id") == target);
    let primary = group.and_then(|group| group.items("Members").first());
    let target = primary.map_or(target, |member| member.text_of("OriginId"));
    let origin = origins.iter().find(|origin| origin.text_of("Id") == target);
    let asked = Asked {
        distribution: id,
        path,
        visit,
    };
    let answer = origin.map_or_else(Answer::unreachable, |origin| ask(world, origin, asked));
    (answer, lifetimes)
}

/// The first behaviour whose pattern fits, else the default one. A pattern's leading slash is optional [DOC].
fn behavior<'a>(config: &'a Element, path: &str) -> Option<&'a Element> {
    let path = path.trim_start_matches('/');
    let fits = |behavior: &&Element| {
        fits(
            behavior.text_of("PathPattern").trim_start_matches('/'),
            path,
        )
    };
    let ordered = config.items("CacheBehaviors").iter().find(fits);
    ordered.or_else(|| config.child("DefaultCacheBehavior"))
}

/// How long a behaviour keeps what it gets.
#[derive(Clone, Copy, Debug)]
struct Lifetimes {
    min: u64,
    default: u64,
    max: u64,
}

impl Lifetimes {
    /// Those of its cache policy, else its own.
    fn of(world: &World, behavior: Option<&Element>) -> Self {
        let policy = behavior.map(|behavior| behavior.text_of("CachePolicyId"));
        let policy = policy.and_then(|id| world.cloudfront.entity(Collection::CachePolicy, id));
        let from = policy.as_ref().or(behavior);
        let seconds = |name: &str, usual: u64| {
            let text = from.map_or("", |from| from.text_of(name));
            text.parse().unwrap_or(usual)
        };
        Self {
            min: seconds("MinTTL", 0),
            default: seconds("DefaultTTL", DEFAULT_TTL_SECONDS),
            max: seconds("MaxTTL", MAX_TTL_SECONDS),
        }
    }

    /// `s-maxage`, else `max-age`, between the smallest and the largest; the smallest for `no-store`, `no-cache` and `private` [DOC].
    fn seconds(self, answer: &Answer) -> u64 {
        let headers = answer.headers.iter();
        let mut control = headers.filter(|(name, _)| name == "cache-control");
        let Some((_, control)) = control.next() else {
            return self.min.max(self.default);
        };
        let directives: Vec<&str> = control.split(',').map(str::trim).collect();
        if directives
            .iter()
            .any(|directive| ["no-store", "no-cache", "private"].contains(directive))
        {
            return self.min;
        }
        let seconds = |name: &str| {
            let value = directives
                .iter()
                .find_map(|directive| directive.strip_prefix(name)?.strip_prefix('='));
            value.and_then(|value| value.parse::<u64>().ok())
        };
        match seconds("s-maxage").or_else(|| seconds("max-age")) {
            Some(seconds) => seconds.min(self.max).max(self.min),
            None => self.min.max(self.default),
        }
    }
}

fn cached(answer: Answer, ttl_seconds: u64, now_ms: Millis) -> Cached {
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
