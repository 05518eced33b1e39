//! Call faults in force: which calls they are for, how many they let pass, how many they still spoil.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::CallFault;
use crate::front::Call;

/// A [`Fault::Call`](crate::Fault::Call) with what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActiveCallFault {
    /// `ecs.UpdateService`, `s3.PutObject`, `ecs.*` or `*`.
    pub(crate) operation: String,
    /// Only requests whose URI or body contains this text.
    pub(crate) containing: Option<String>,
    /// Matching calls that still pass.
    pub(crate) skip: u32,
    /// Matching calls that then go wrong; `u32::MAX` never ends.
    pub(crate) count: u32,
    /// How.
    pub(crate) fault: CallFault,
    /// Which of the world's faults it is.
    #[serde(default)]
    pub(crate) number: u64,
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    /// The reply takes this many milliseconds longer.
    pub(super) latency_ms: u64,
    /// And this goes wrong; never [`CallFault::Latency`].
    pub(super) fault: Option<CallFault>,
}

/// Takes from the faults in force what is for this call. Latencies add up; of the others the first one wins, and the rest do
/// not see the call.
pub(super) fn fate(
    faults: &mut Vec<ActiveCallFault>,
    struck: &mut BTreeSet<u64>,
    call: &Call,
    text: &str,
) -> Fate {
    let mut fate = Fate::default();
    for active in faults.iter_mut().filter(|active| active.is_for(call, text)) {
        let is_latency = matches!(active.fault, CallFault::Latency(_));
        if (!is_latency && fate.fault.is_some()) || !active.strikes() {
            continue;
        }
        struck.insert(active.number);
        match active.fault {
            CallFault::Latency(ms) => fate.latency_ms += ms,
            fault => fate.fault = Some(fault),
        }
    }
    faults.retain(|active| active.count > 0);
    fate
}

impl ActiveCallFault {
    fn is_for(&self, call: &Call, text: &str) -> bool {
        let stale = matches!(self.fault, CallFault::StaleRead(_));
        names(&self.operation, call)
            && (!stale || call.is_read())
            && self
                .containing
                .as_ref()
                .is_none_or(|part| text.contains(part.as_str()))
    }

    /// Counts one matching call; whether it goes wrong.
    fn strikes(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if self.count != u32::MAX {
            self.count = self.count.saturating_sub(1);
        }
        true
    }
}

/// ELBv2's calls may also be named by their IAM prefix.
fn names(pattern: &str, call: &Call) -> bool {
    let by_iam = format!("{}.{}", call.service.iam_prefix(), call.operation);
    [call.name(), by_iam]
        .iter()
        .any(|name| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::{Protocol, Service};

    fn active(operation: &str, skip: u32, count: u32, fault: CallFault) -> ActiveCallFault {
        ActiveCallFault {
            operation: operation.to_owned(),
            containing: None,
            skip,
            count,
            fault,
            number: 0,
        }
    }

    fn fate(faults: &mut Vec<ActiveCallFault>, call: &Call, text: &str) -> Fate {
        super::fate(faults, &mut BTreeSet::new(), call, text)
    }

    fn update() -> Call {
        Call {
            service: Service::Ecs,
            protocol: Protocol::Json11,
            operation: "UpdateService".to_owned(),
        }
    }

    #[test]
    fn a_fault_skips_then_strikes_then_is_gone() {
        let mut faults = vec![active("ecs.*", 1, 2, CallFault::Throttle)];
        let seen: Vec<bool> = (0..4)
            .map(|_| fate(&mut faults, &update(), "").fault.is_some())
            .collect();
        assert_eq!(seen, [false, true, true, false]);
        assert!(faults.is_empty());
    }

    #[test]
    fn what_has_struck_is_known_by_its_number() {
        let numbered = |operation, number| ActiveCallFault {
            number,
            ..active(operation, 0, 1, CallFault::Deny)
        };
        let mut faults = vec![
            numbered("ecs.UpdateService", 1),
            numbered("ecs.*", 2),
            numbered("s3.*", 3),
        ];
        let mut struck = BTreeSet::new();
        super::fate(&mut faults, &mut struck, &update(), "");
        assert_eq!(struck, BTreeSet::from([1]), "the first wins");
    }

    #[test]
    fn latencies_add_up_and_the_first_failure_wins() {
        let mut faults = vec![
            active("*", 0, u32::MAX, CallFault::Latency(10)),
            active("ecs.UpdateService", 0, 1, CallFault::Deny),
            active("ecs.UpdateService", 0, 1, CallFault::ReplyLost),
            active("ecs.DescribeServices", 0, 1, CallFault::Throttle),
            active("*", 0, u32::MAX, CallFault::Latency(5)),
        ];
        assert_eq!(
            fate(&mut faults, &update(), ""),
            Fate {
                latency_ms: 15,
                fault: Some(CallFault::Deny)
            }
        );
        assert_eq!(
            fate(&mut faults, &update(), ""),
            Fate {
                latency_ms: 15,
                fault: Some(CallFault::ReplyLost)
            }
        );
        assert_eq!(
            fate(&mut faults, &update(), ""),
            Fate {
                latency_ms: 15,
                fault: None
            }
        );
    }

    #[test]
    fn a_fault_may_ask_for_a_text_and_a_stale_read_only_strikes_reads() {
        let mut only = active("*", 0, 1, CallFault::Deny);
        only.containing = Some("catalog".to_owned());
        let mut faults = vec![only, active("*", 0, 1, CallFault::StaleRead(1))];
        assert_eq!(fate(&mut faults, &update(), "auth").fault, None);
        assert_eq!(
            fate(&mut faults, &update(), "catalog-service").fault,
            Some(CallFault::Deny)
        );
        assert_eq!(faults.len(), 1);
    }
}
