//! Late delivery: a changing call is held on its way, and takes effect when its sender has given up, or when somebody else has
//! taken the deployment over. Nothing in the cloud fences it off.

use std::time::Duration;

use backstay_simulator::CallFault;

use super::cases::{Cases, once};
use super::recorder::{Keep, Sending};
use super::resume::{Ended, Going, Towards, resume, until_sent};
use super::stage::Stage;

/// How late.
const LATE_MS: u64 = 50_000;

/// When the world is looked at once more: whatever was on its way has arrived, and has had its effect.
const AFTERWARDS: Duration = Duration::from_secs(8 * 60);

pub(super) fn late(stage: &Stage, undisturbed: &Ended, cases: &mut Cases) {
    let changing = || {
        undisturbed
            .seen
            .struck
            .iter()
            .filter(|struck| struck.changes)
    };
    cases.left_out += undisturbed.seen.changing.saturating_sub(changing().count());
    for struck in changing() {
        let place = format!(
            "{} number {} after {} records",
            struck.operation,
            struck.skip,
            struck.before.records.len()
        );
        let given_up = Going {
            faults: &[once(struck, CallFault::Late(LATE_MS))],
            later: Some(AFTERWARDS),
            ..Going::default()
        };
        let ended = resume(stage, &struck.before, &given_up);
        cases.judge(stage, "late, given up", &place, ended);

        let sent = Going {
            faults: &[once(struck, CallFault::Held(LATE_MS))],
            keep: Keep::Sent(Sending {
                operation: struck.operation.clone(),
                skip: struck.skip,
            }),
            ..Going::default()
        };
        let fork = match until_sent(stage, &struck.before, &sent) {
            Ok(Some(fork)) => fork,
            // Whoever goes on had no need of it: that this ends well is what the law of crashes says.
            Ok(None) => {
                cases.count("late, not sent again", 1);
                continue;
            }
            Err(why) => {
                cases.breaks("late, taken over", &place, vec![why]);
                continue;
            }
        };
        for (what, towards) in [
            ("late, taken over", Towards::End),
            ("late, taken back", Towards::Back),
        ] {
            let going = Going {
                towards,
                later: Some(AFTERWARDS),
                ..Going::default()
            };
            let ended = resume(stage, &fork, &going);
            cases.judge(stage, what, &place, ended);
        }
    }
}
