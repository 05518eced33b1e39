//! What a listener or a rule does with a request: forward by weight, or answer by itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One entry of `Actions` or `DefaultActions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// To a target of one of these groups.
    Forward(Forward),
    /// Answers by itself.
    Fixed(u16),
}

impl Action {
    /// Whether it forwards to this group, at whatever weight.
    pub(crate) fn names(&self, group: &str) -> bool {
        match self {
            Self::Forward(forward) => forward.groups.iter().any(|it| &*it.group == group),
            Self::Fixed(_) => false,
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

    /// Whose turn it is: every group gets its share, spread evenly, without chance. `None` when all weights are 0.
    pub(crate) fn next(&mut self) -> Option<Arc<str>> {
        let total: i64 = self.groups.iter().map(|it| i64::from(it.weight)).sum();
        self.credits.resize(self.groups.len(), 0);
        for (credit, group) in self.credits.iter_mut().zip(&self.groups) {
            *credit += i64::from(group.weight);
        }
        let turns = self.credits.iter_mut().zip(&self.groups);
        // `max_by_key` takes the last of equals; the first one listed is to begin.
        let (credit, group) = turns.rev().max_by_key(|(credit, _)| **credit)?;
        if total == 0 {
            return None;
        }
        *credit -= total;
        Some(Arc::clone(&group.group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let groups = weights.iter().zip(["a", "b"]);
            let mut forward = Forward::new(
                groups
                    .map(|(weight, group)| WeightedGroup {
                        group: group.into(),
                        weight: *weight,
                    })
                    .collect(),
            );
            let found: String = (0..turns)
                .filter_map(|_| forward.next())
                .map(|it| it.to_string())
                .collect();
            assert_eq!(found, expected, "{weights:?}");
        }
    }
}
