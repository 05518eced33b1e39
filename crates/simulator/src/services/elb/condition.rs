//! What rules look at: the six conditions, and when each holds ([MODEL] RuleCondition).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::base::visit::Visit;

/// What a rule looks at. One of the values has to fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Condition {
    Path(Vec<String>),
    Host(Vec<String>),
    Header { name: String, values: Vec<String> },
    Query(Vec<QueryPair>),
    Method(Vec<String>),
    SourceIp(Vec<String>),
}

/// A value to find in the query string, under a key or under any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueryPair {
    pub(crate) key: Option<String>,
    pub(crate) value: String,
}

impl Condition {
    pub(crate) fn holds(&self, visit: &Visit) -> bool {
        match self {
            Self::Path(patterns) => patterns.iter().any(|it| fits(it, &visit.path)),
            Self::Host(patterns) => patterns.iter().any(|it| fits_in_any_case(it, &visit.host)),
            Self::Header { name, values } => visit
                .header(name)
                .any(|found| values.iter().any(|it| fits_in_any_case(it, found))),
            Self::Query(pairs) => {
                let found: Vec<(String, String)> = form_urlencoded::parse(visit.query.as_bytes())
                    .into_owned()
                    .collect();
                pairs.iter().any(|pair| pair.is_in(&found))
            }
            Self::Method(methods) => methods.contains(&visit.method),
            Self::SourceIp(ranges) => ranges.iter().any(|range| contains(range, visit.source_ip)),
        }
    }

    /// Its values, counted by the quota of five per rule [DOC].
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Path(values)
            | Self::Host(values)
            | Self::Header { values, .. }
            | Self::Method(values)
            | Self::SourceIp(values) => values.len(),
            Self::Query(pairs) => pairs.len(),
        }
    }
}

impl QueryPair {
    fn is_in(&self, query: &[(String, String)]) -> bool {
        query.iter().any(|(key, value)| {
            self.key
                .as_ref()
                .is_none_or(|wanted| fits_in_any_case(wanted, key))
                && fits_in_any_case(&self.value, value)
        })
    }
}

fn fits_in_any_case(pattern: &str, text: &str) -> bool {
    fits(&pattern.to_lowercase(), &text.to_lowercase())
}

/// `*` is any text, `?` any character, `\` takes the next one as it is.
///
/// Goes back to the latest `*` only, so that no pattern takes longer than the product of both lengths.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pieces(pattern), text.chars().collect::<Vec<_>>());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match (pattern.get(at), text.get(seen)) {
            (Some(Piece::Any), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(Piece::One), _) => (at, seen) = (at + 1, seen + 1),
            (Some(Piece::Just(wanted)), Some(found)) if wanted == found => {
                (at, seen) = (at + 1, seen + 1);
            }
            (Some(Piece::Just(_)) | None, _) => match star {
                Some((from, taken)) => {
                    star = Some((from, taken + 1));
                    (at, seen) = (from + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|piece| *piece == Piece::Any)
}

#[derive(PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Just(char),
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut characters = pattern.chars();
    std::iter::from_fn(|| {
        Some(match characters.next()? {
            '*' => Piece::Any,
            '?' => Piece::One,
            '\\' => Piece::Just(characters.next().unwrap_or('\\')),
            other => Piece::Just(other),
        })
    })
    .collect()
}

/// Whether a CIDR block contains an address.
fn contains(range: &str, ip: IpAddr) -> bool {
    let Some((base, bits)) = parse_range(range) else {
        return false;
    };
    let (base, ip, width) = match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) => {
            (u128::from(base.to_bits()), u128::from(ip.to_bits()), 32)
        }
        (IpAddr::V6(base), IpAddr::V6(ip)) => (base.to_bits(), ip.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let differ: u32 = width - bits;
    (base ^ ip).checked_shr(differ).unwrap_or(0) == 0
}

/// Address and prefix length of `10.0.0.0/8`.
pub(crate) fn parse_range(range: &str) -> Option<(IpAddr, u32)> {
    let (base, bits) = range.split_once('/')?;
    let base: IpAddr = base.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    let width = if base.is_ipv4() { 32 } else { 128 };
    (bits <= width).then_some((base, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "/anything", true),
            ("/api/v1/auth/*", "/api/v1/auth/health", true),
            ("/api/v1/auth/*", "/api/v1/auth", false),
            ("/health", "/health", true),
            ("/health", "/healthy", false),
            ("/Health", "/health", false),
            ("/a?c", "/abc", true),
            ("/a\\?c", "/abc", false),
            ("/a\\*c", "/a*c", true),
            ("/*/health", "/api/v1/health", true),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("*a*b*c", "xxaxxbxxb", false),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
        let (pattern, text) = ("*a".repeat(60), "a".repeat(5_000) + "b");
        assert!(!fits(&pattern, &text), "and it does not take for ever");
    }

    #[test]
    fn conditions() {
        let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let mut visit = Visit::get("API.example.com", "/img/cat.jpg");
        visit.query = "version=V1&Example".to_owned();
        visit.headers = vec![("User-Agent".to_owned(), "Mozilla/5.0 Chrome".to_owned())];
        let pair = |key: Option<&str>, value: &str| {
            Condition::Query(vec![QueryPair {
                key: key.map(str::to_owned),
                value: value.to_owned(),
            }])
        };
        let header = |name: &str, values: &[&str]| Condition::Header {
            name: name.to_owned(),
            values: texts(values),
        };
        for (condition, expected) in [
            (Condition::Path(texts(&["/img/*"])), true),
            (Condition::Path(texts(&["/IMG/*"])), false),
            (Condition::Host(texts(&["*.EXAMPLE.com"])), true),
            (
                Condition::Host(texts(&["example.com", "a.example.com"])),
                false,
            ),
            (header("user-agent", &["*chrome*"]), true),
            (header("referer", &["*"]), false),
            (pair(Some("version"), "v1"), true),
            (pair(Some("version"), "v2"), false),
            (pair(None, "v1"), true),
            (pair(Some("*"), "v?"), true),
            (Condition::Method(texts(&["GET", "HEAD"])), true),
            (Condition::Method(texts(&["get"])), false),
            (Condition::SourceIp(texts(&["203.0.113.0/24"])), true),
            (Condition::SourceIp(texts(&["0.0.0.0/0"])), true),
            (
                Condition::SourceIp(texts(&["203.0.113.8/32", "::/0", "x"])),
                false,
            ),
        ] {
            assert_eq!(condition.holds(&visit), expected, "{condition:?}");
        }
    }
}
