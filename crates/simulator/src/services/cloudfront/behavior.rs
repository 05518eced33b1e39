//! Which cache behaviour a path has, and what it does: methods, compression, what makes two requests different, how long.

use serde_json::Value;

use super::find::{is_true, items, names, number, text};
use super::kind::Collection;
use super::viewer::Compression;
use crate::WebReply;
use crate::base::here::Here;
use crate::base::visit::Visit;
use crate::base::wildcard::fits;
use crate::services::cloudfront::CloudFront;

/// CloudFront's default and largest TTL [DOC].
const DEFAULT_TTL_SECONDS: u64 = 86_400;
const MAX_TTL_SECONDS: u64 = 31_536_000;

/// Whether the path's behaviour allows the method; 403 else ([DOC] Values that you specify, Allowed HTTP methods).
pub(super) fn allows(config: &Value, visit: &Visit) -> bool {
    let methods = behavior(config, &visit.path).map_or(&[][..], |it| items(it, "AllowedMethods"));
    let mut methods = methods.iter().filter_map(Value::as_str);
    let usual = ["GET", "HEAD"].contains(&visit.method.as_str());
    usual || methods.any(|method| method == visit.method)
}

/// The path's behaviour compresses, and its cache policy keeps what is compressed ([DOC] Serving compressed files).
pub(super) fn compression(here: &Here<'_, CloudFront>, config: &Value, path: &str) -> Compression {
    let Some(behavior) = behavior(config, path) else {
        return Compression::Off;
    };
    let policy = text(behavior, "CachePolicyId");
    let policy = here.own.entity(Collection::CachePolicy, policy);
    let keeps = policy.is_none_or(|policy| {
        is_true(
            &policy["ParametersInCacheKeyAndForwardedToOrigin"],
            "EnableAcceptEncodingGzip",
        )
    });
    if keeps && is_true(behavior, "Compress") {
        Compression::Gzip
    } else {
        Compression::Off
    }
}

/// The path, and the query where it makes a difference: a cache policy or forwarded values with query strings [DOC].
pub(super) fn cache_key(here: &Here<'_, CloudFront>, config: &Value, visit: &Visit) -> String {
    let behavior = behavior(config, &visit.path);
    let varies = behavior.is_some_and(|behavior| {
        let policy = text(behavior, "CachePolicyId");
        let policy = here.own.entity(Collection::CachePolicy, policy);
        let says = policy.as_ref().unwrap_or(behavior);
        let mut behaviors = ["all", "allExcept", "whitelist"].iter();
        behaviors.any(|it| names(says, "QueryStringBehavior", it))
            || is_true(&says["ForwardedValues"], "QueryString")
    });
    if varies && !visit.query.is_empty() {
        return format!("{}?{}", visit.path, visit.query);
    }
    visit.path.clone()
}

/// The first behaviour whose pattern fits, else the default one. A pattern's leading slash is optional [DOC].
pub(super) fn behavior<'a>(config: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.trim_start_matches('/');
    let fits =
        |behavior: &&Value| fits(text(behavior, "PathPattern").trim_start_matches('/'), path);
    let ordered = items(config, "CacheBehaviors").iter().find(fits);
    ordered.or_else(|| config.get("DefaultCacheBehavior"))
}

/// How long a behaviour keeps what it gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    min: u64,
    default: u64,
    max: u64,
}

impl Lifetimes {
    /// Those of its cache policy, else its own.
    pub(super) fn of(here: &Here<'_, CloudFront>, behavior: Option<&Value>) -> Self {
        let policy = behavior.map(|behavior| text(behavior, "CachePolicyId"));
        let policy = policy.and_then(|id| here.own.entity(Collection::CachePolicy, id));
        let from = policy.as_ref().or(behavior);
        let seconds = |name: &str, usual: u64| {
            let given = from.and_then(|from| number(from, name));
            given.unwrap_or(usual)
        };
        Self {
            min: seconds("MinTTL", 0),
            default: seconds("DefaultTTL", DEFAULT_TTL_SECONDS),
            max: seconds("MaxTTL", MAX_TTL_SECONDS),
        }
    }

    /// `s-maxage`, else `max-age`, between the smallest and the largest; the smallest for `no-store`, `no-cache` and `private` [DOC].
    pub(super) fn seconds(self, answer: &WebReply) -> u64 {
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
