//! Trouble of the caller's own: whichever call is made, its credentials have expired, or no request arrives.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::front::Call;
use crate::{CallerFault, Millis};

/// A [`Fault::Caller`](crate::Fault::Caller), and since when it strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActiveCallerFault {
    pub(crate) fault: CallerFault,
    /// It begins after the first call of this name.
    pub(crate) from: Option<String>,
    /// It ends so long after it began.
    pub(crate) lasting_ms: Option<Millis>,
    pub(crate) began_ms: Option<Millis>,
    /// Which of the world's faults it is.
    #[serde(default)]
    pub(crate) number: u64,
}

/// What the caller's own trouble does to this call, if it has any now.
pub(super) fn trouble(
    faults: &mut [ActiveCallerFault],
    struck: &mut BTreeSet<u64>,
    call: &Call,
    now_ms: Millis,
) -> Option<CallerFault> {
    let mut first = None;
    // Every one of them sees every call: which call begins it must not depend on the others.
    for active in faults {
        if active.strikes(call, now_ms) {
            struck.insert(active.number);
            first = first.or(Some(active.fault));
        }
    }
    first
}

impl ActiveCallerFault {
    fn strikes(&mut self, call: &Call, now_ms: Millis) -> bool {
        if let Some(began_ms) = self.began_ms {
            let end_ms = self.lasting_ms.map(|ms| began_ms.saturating_add(ms));
            return end_ms.is_none_or(|end_ms| now_ms < end_ms);
        }
        match &self.from {
            Some(from) if *from != call.name() => false,
            Some(_) => {
                self.began_ms = Some(now_ms);
                // The call that it begins with is still answered.
                false
            }
            None => {
                self.began_ms = Some(now_ms);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::{Protocol, Service};

    fn call(operation: &str) -> Call {
        Call {
            service: Service::Ecs,
            protocol: Protocol::Json11,
            operation: operation.to_owned(),
        }
    }

    #[test]
    fn it_begins_after_a_call_and_ends_after_a_while() {
        let mut faults = vec![ActiveCallerFault {
            fault: CallerFault::Expired,
            from: Some("ecs.UpdateService".to_owned()),
            lasting_ms: Some(1_000),
            began_ms: None,
            number: 0,
        }];
        let mut struck = BTreeSet::new();
        let mut at = |operation, now_ms| {
            trouble(&mut faults, &mut struck, &call(operation), now_ms).is_some()
        };
        assert!(!at("DescribeServices", 0));
        assert!(!at("UpdateService", 5_000));
        assert!(at("DescribeServices", 5_000));
        assert!(at("UpdateService", 5_999));
        assert!(!at("DescribeServices", 6_000));
        assert!(!at("UpdateService", 7_000), "it strikes once");
    }
}
