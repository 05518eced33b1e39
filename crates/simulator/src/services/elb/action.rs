//! What a listener or a rule does with a request: forward by weight, redirect, or answer by itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Redirect;
use crate::Millis;
use crate::base::visit::Visit;

/// One entry of `Actions` or `DefaultActions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// To a target of one of these groups.
    Forward(Forward),
    Redirect(Redirect),
    /// Answers by itself.
    Fixed(FixedResponse),
}

impl Action {
    /// The groups it forwards to, at whatever weight.
    pub(crate) fn groups(&self) -> &[WeightedGroup] {
        match self {
            Self::Forward(forward) => &forward.groups,
            Self::Redirect(_) | Self::Fixed(_) => &[],
        }
    }

    /// Whether it forwards to this group, at whatever weight.
    pub(crate) fn names(&self, group: &str) -> bool {
        self.groups().iter().any(|it| &*it.group == group)
    }
}

/// `FixedResponseConfig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FixedResponse {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Option<String>,
}

impl FixedResponse {
    /// A status and nothing else.
    pub(crate) fn bare(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            body: None,
        }
    }
}

/// `ForwardConfig` (D [MODEL]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forward {
    /// At least one, at most five.
    pub(crate) groups: Vec<WeightedGroup>,
    #[serde(default)]
    pub(crate) stickiness: Option<GroupStickiness>,
    /// What each group has left of its share, in the same order; empty before the first request.
    #[serde(default)]
    credits: Vec<i64>,
}

/// A target group and its share of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WeightedGroup {
    /// Name of the target group.
    pub(crate) group: Arc<str>,
    /// 0-999; 0 gets nothing.
    pub(crate) weight: u16,
}

/// `TargetGroupStickinessConfig`: a client stays with its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupStickiness {
    pub(crate) enabled: bool,
    pub(crate) duration_seconds: Option<u32>,
}

/// The cookie that keeps a client with its group [DOC]. AWS encrypts its value; here it says group and time.
const COOKIE: &str = "AWSALBTG";

impl Forward {
    pub(crate) fn new(groups: Vec<WeightedGroup>) -> Self {
        Self {
            groups,
            stickiness: None,
            credits: Vec::new(),
        }
    }

    pub(crate) fn sticking(self, stickiness: Option<GroupStickiness>) -> Self {
        Self { stickiness, ..self }
    }

    /// Everything to one group.
    pub(crate) fn to(group: impl Into<Arc<str>>) -> Self {
        Self::new(vec![WeightedGroup {
            group: group.into(),
            weight: 1,
        }])
    }

    /// Whether a client stays with its group.
    pub(crate) fn is_sticky(&self) -> bool {
        self.stickiness.is_some_and(|it| it.enabled)
    }

    /// The same groups, weights and stickiness, wherever the turns are.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.groups == other.groups && self.stickiness == other.stickiness
    }

    /// Whose turn it is, and the cookie that keeps the client there; `None` when all weights are 0.
    pub(super) fn choose(
        &mut self,
        visit: &Visit,
        now_ms: Millis,
    ) -> Option<(Arc<str>, Option<String>)> {
        let duration = self
            .stickiness
            .filter(|it| it.enabled)
            .and_then(|it| it.duration_seconds);
        let Some(duration) = duration else {
            return Some((self.next()?, None));
        };
        let remembered = visit.cookie(COOKIE).and_then(|value| {
            let (group, since_ms) = value.rsplit_once('.')?;
            let since_ms = since_ms.parse::<Millis>().ok()?;
            let fresh = now_ms < since_ms.checked_add(u64::from(duration) * 1_000)?;
            let known = self
                .groups
                .iter()
                .find(|it| &*it.group == group && it.weight > 0);
            known.filter(|_| fresh).map(|it| Arc::clone(&it.group))
        });
        let group = remembered.or_else(|| self.next())?;
        let cookie = format!("{COOKIE}={group}.{now_ms}; Path=/; Max-Age={duration}");
        Some((group, Some(cookie)))
    }

    /// Every group gets its share, spread evenly, without chance.
    fn next(&mut self) -> Option<Arc<str>> {
        let total: i64 = self.groups.iter().map(|it| i64::from(it.weight)).sum();
        if total == 0 {
            return None;
        }
        self.credits.resize(self.groups.len(), 0);
        for (credit, group) in self.credits.iter_mut().zip(&self.groups) {
            *credit += i64::from(group.weight);
        }
        let turns = self.credits.iter_mut().zip(&self.groups);
        // `max_by_key` takes the last of equals; the first one listed is to begin.
        let (credit, group) = turns.rev().max_by_key(|(credit, _)| **credit)?;
        *credit -= total;
        Some(Arc::clone(&group.group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(weights: &[u16]) -> Forward {
        let groups = weights.iter().zip(["a", "b"]);
        Forward::new(
            groups
                .map(|(weight, group)| WeightedGroup {
                    group: group.into(),
                    weight: *weight,
                })
                .collect(),
        )
    }

    #[test]
    fn each_group_gets_its_share() {
        for (weights, turns, expected) in [
            (vec![1], 3, "aaa"),
            (vec![1, 1], 4, "abab"),
            (vec![3, 1], 8, "aabaaaba"),
            (vec![0, 5], 3, "bbb"),
            (vec![0, 0], 2, ""),
            (vec![90, 10], 10, "aaaaabaaaa"),
        ] {
            let mut forward = forward(&weights);
            let found: String = (0..turns)
                .filter_map(|_| forward.next())
                .map(|it| it.to_string())
                .collect();
            assert_eq!(found, expected, "{weights:?}");
        }
    }

    #[test]
    fn a_client_stays_with_its_group_until_its_cookie_is_stale() {
        let mut forward = forward(&[1, 1]).sticking(Some(GroupStickiness {
            enabled: true,
            duration_seconds: Some(60),
        }));
        let mut visit = Visit::get("example.com", "/");
        let (first, cookie) = forward.choose(&visit, 1_000).unwrap();
        let cookie = cookie.unwrap();
        assert_eq!(
            (&*first, cookie.as_str()),
            ("a", "AWSALBTG=a.1000; Path=/; Max-Age=60")
        );
        visit.headers = vec![("Cookie".to_owned(), "x=y; AWSALBTG=a.1000".to_owned())];
        for (now_ms, expected) in [(2_000, "a"), (60_999, "a"), (61_000, "b")] {
            assert_eq!(
                &*forward.choose(&visit, now_ms).unwrap().0,
                expected,
                "{now_ms}"
            );
        }
        visit.headers = vec![("Cookie".to_owned(), format!("AWSALBTG=a.{}", u64::MAX))];
        assert!(
            forward.choose(&visit, 2_000).is_some(),
            "an odd cookie is none"
        );
        visit.headers = vec![("Cookie".to_owned(), "AWSALBTG=a.1000".to_owned())];
        forward.groups[0].weight = 0;
        assert_eq!(
            &*forward.choose(&visit, 2_000).unwrap().0,
            "b",
            "its group gets nothing any more"
        );
    }
}
