//! The knobs of time that AWS does not promise: one line each, with its evidence (ecs-semantics section L).

use crate::base::random::Random;
use crate::{Millis, Weather};

/// One duration: fixed in calm weather, drawn from a range in typical weather, the slow end of the range in rough weather.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knob {
    calm_ms: Millis,
    low_ms: Millis,
    high_ms: Millis,
}

impl Knob {
    const fn new(calm_ms: Millis, low_ms: Millis, high_ms: Millis) -> Self {
        Self {
            calm_ms,
            low_ms,
            high_ms,
        }
    }

    /// As long in every weather.
    pub(crate) const fn always(ms: Millis) -> Self {
        Self::new(ms, ms, ms)
    }

    /// How long it takes this time.
    pub(crate) fn draw(self, weather: Weather, random: &mut Random) -> Millis {
        match weather {
            Weather::Calm => self.calm_ms,
            Weather::Typical => random.between(self.low_ms, self.high_ms),
            Weather::Rough => self.high_ms,
        }
    }
}

/// UpdateService → first start event: 1-17 s [OBS].
pub(crate) const FIRST_PASS: Knob = Knob::new(2_000, 1_000, 17_000);
/// A change in the world → the scheduler looks again: the ~10 s fast path [INF].
pub(crate) const NEXT_PASS: Knob = Knob::new(1_000, 1_000, 10_000);
/// Start event → registered is 20-51 s [OBS], split over the three steps before RUNNING [INF].
pub(crate) const PROVISIONING: Knob = Knob::new(8_000, 8_000, 14_000);
/// PENDING: the image is not yet pulled [INF].
pub(crate) const PENDING: Knob = Knob::new(4_000, 4_000, 12_000);
/// ACTIVATING: pull, create, register [INF].
pub(crate) const ACTIVATING: Knob = Knob::new(8_000, 8_000, 25_000);
/// Registered → first health check of a target; never more than its interval [INF].
pub(crate) const FIRST_CHECK: Knob = Knob::new(10_000, 2_000, 30_000);
/// Stop decision → deregistered and draining: 9-10.3 s [OBS].
pub(crate) const DEREGISTER: Knob = Knob::new(9_000, 9_000, 10_300);
/// Draining ends early when nothing is in flight [DOC]; never more than the deregistration delay.
pub(crate) const DRAIN: Knob = Knob::new(5_000, 5_000, 30_000);
/// CreateLoadBalancer → active: some minutes [INF].
pub(crate) const BALANCER_PROVISIONING: Knob = Knob::new(120_000, 90_000, 240_000);
/// DEACTIVATING without a load balancer [INF].
pub(crate) const DEACTIVATE: Knob = Knob::new(1_000, 1_000, 3_000);
/// SIGTERM → the process is gone; never more than stopTimeout [INF].
pub(crate) const TERMINATE: Knob = Knob::new(1_000, 1_000, 10_000);
/// DEPROVISIONING: the network interface goes [INF].
pub(crate) const DEPROVISION: Knob = Knob::new(8_000, 8_000, 20_000);
/// Start → the image pull is given up: 85-92 s [OBS].
pub(crate) const PULL_FAILURE: Knob = Knob::new(85_000, 85_000, 92_000);
/// Start → ResourceInitializationError [INF].
pub(crate) const SECRET_FAILURE: Knob = Knob::new(40_000, 35_000, 60_000);
/// First back-off after a task that never ran: 31-32 s [OBS].
pub(crate) const BACK_OFF_FIRST: Knob = Knob::new(32_000, 31_000, 32_000);
/// Second back-off; doubles afterwards: minutes [OBS], so that a missing image trips the breaker after 11-12 min (B3 [OBS]).
pub(crate) const BACK_OFF_SECOND: Knob = Knob::new(400_000, 380_000, 400_000);
/// The longest back-off: 27 min [DOC].
pub(crate) const BACK_OFF_LIMIT_MS: Millis = 27 * 60_000;
/// Start → next start of a task that reached RUNNING and exits: 50-52 s [OBS].
pub(crate) const CRASH_LOOP_PERIOD: Knob = Knob::new(50_000, 50_000, 52_000);
/// Last failure → the breaker trips: up to 45 s [OBS].
pub(crate) const BREAKER_LAG: Knob = Knob::new(5_000, 1_000, 45_000);
/// "operations are being throttled" → the scheduler tries again [INF].
pub(crate) const THROTTLED_START: Knob = Knob::new(30_000, 10_000, 60_000);
/// Whether an exit after RUNNING counts for the breaker when the service has neither a load balancer nor a container check: in
/// neither list of B2, and uncounted in 2021 [OBS]; so not [INF].
pub(crate) const UNCHECKED_EXIT_COUNTS: bool = false;
/// ECS looks at the alarms of a deployment: an alarm was seen after 21 s [OBS].
pub(crate) const ALARM_POLL: Knob = Knob::new(21_000, 18_000, 24_000);
/// Bake time of a rolling deployment with alarms and without bakeTimeInMinutes: less than 5 min [DOC].
pub(crate) const ALARM_BAKE: Knob = Knob::new(120_000, 60_000, 290_000);
/// StopServiceDeployment → the rollback begins [INF].
pub(crate) const STOP_REQUEST: Knob = Knob::new(1_000, 1_000, 5_000);
/// STOP_REQUESTED → STOPPED [INF].
pub(crate) const RECORD_STOP: Knob = Knob::new(1_000, 1_000, 10_000);
/// Last old task told to stop → completed: 9 s to draining and ~52 s more [OBS].
pub(crate) const SETTLE: Knob = Knob::new(61_000, 60_900, 62_500);
/// The new tasks of a rollback are gone → completed; 24-79 s from the start of the rollback [OBS].
pub(crate) const SETTLE_ROLLBACK: Knob = Knob::new(22_000, 23_000, 69_000);
/// All tasks healthy and no old ones to stop → completed [INF].
pub(crate) const SETTLE_FIRST: Knob = Knob::new(5_000, 2_000, 50_000);
/// A lifecycle stage of a native deployment in which nothing has to be waited for [INF].
pub(crate) const STAGE: Knob = Knob::new(2_000, 1_000, 15_000);
/// RECONCILE_SERVICE waits for a blue that does not come back: as long as any stage (B8 [DOC]), or less [INF].
pub(crate) const RECONCILE_LIMIT_MS: Millis = 24 * 3_600_000;
/// A stage that shifts traffic → the listener rule has its new weights [INF].
pub(crate) const TRAFFIC_SHIFT: Knob = Knob::new(5_000, 2_000, 20_000);
/// SCALE_UP: green has all its tasks healthy → the stage is over [INF].
pub(crate) const SCALED_UP: Knob = Knob::new(5_000, 2_000, 50_000);
/// CLEAN_UP: the last task is gone → the deployment is over [INF].
pub(crate) const CLEAN_UP: Knob = Knob::new(5_000, 2_000, 30_000);
/// A lifecycle hook's Lambda function is called → it answers [INF].
pub(crate) const HOOK_ANSWER: Knob = Knob::new(2_000, 1_000, 30_000);
/// A hook that is IN_PROGRESS is called again after 30 s unless it says otherwise (B8 [DOC]).
pub(crate) const HOOK_CALL_BACK_MS: Millis = 30_000;
/// An event comes to a rule → its target is called [INF].
pub(crate) const RULE_TARGET: Knob = Knob::new(500, 200, 2_000);
/// Steady state is repeated, and duplicates are suppressed for, 6 h [DOC].
pub(crate) const EVENT_WINDOW_MS: Millis = 6 * 3_600_000;
/// Without any health check a task counts as healthy 40 s after RUNNING (A3 [MODEL]).
pub(crate) const COUNTS_AFTER_RUNNING_MS: Millis = 40_000;
/// How long a scripted one-off task runs [INF].
pub(crate) const ONE_OFF: Knob = Knob::new(8_000, 5_000, 60_000);
// Written → visible in CloudWatch Logs is `logs/store.rs`: whoever calls `logs.put` gives the time of writing, without delay.
/// CreateInvalidation → Completed: 5-60 s [INF].
pub(crate) const INVALIDATION: Knob = Knob::new(8_000, 5_000, 60_000);
/// CreateDistribution or UpdateDistribution → Deployed: minutes, usually below 5 [INF].
pub(crate) const DISTRIBUTION_DEPLOYMENT: Knob = Knob::new(30_000, 60_000, 300_000);
/// StartImageScan or push → the findings of a basic scan [INF].
pub(crate) const IMAGE_SCAN: Knob = Knob::new(10_000, 10_000, 60_000);
/// PutLifecyclePolicy → images become affected: "within 24 hours" [DOC].
pub(crate) const LIFECYCLE_RUN: Knob = Knob::new(3_600_000, 600_000, 86_400_000);
/// One run of a lifecycle policy → the next [INF].
pub(crate) const LIFECYCLE_AGAIN_MS: Millis = 86_400_000;
/// StartLifecyclePolicyPreview → COMPLETE [INF].
pub(crate) const LIFECYCLE_PREVIEW: Knob = Knob::new(3_000, 2_000, 20_000);
/// UpdateImageStorageClass → an archived image is ACTIVE again [INF].
pub(crate) const IMAGE_ACTIVATION: Knob = Knob::new(60_000, 60_000, 1_200_000);
/// Stopped tasks stay describable at least one hour (C [MODEL]).
pub(crate) const FORGET_TASK_MS: Millis = 3_600_000;
/// A task that crashes "from its start" does so this long after RUNNING [INF].
pub(crate) const CRASH_AT_START_MS: Millis = 1_000;
/// CreateDeployment → Queued: still Created 3 s later [OBS].
pub(crate) const CODEDEPLOY_START: Knob = Knob::new(3_000, 3_000, 15_000);
/// Queued → InProgress [INF].
pub(crate) const CODEDEPLOY_QUEUE: Knob = Knob::new(1_000, 1_000, 5_000);
/// A lifecycle event without a hook: 228 ms [OBS].
pub(crate) const CODEDEPLOY_EVENT: Knob = Knob::new(200, 100, 300);
/// How long a hook's Lambda function takes [INF].
pub(crate) const CODEDEPLOY_HOOK: Knob = Knob::new(2_000, 1_000, 30_000);
/// CodeDeploy looks at the replacement and the alarms: ALARM → Stopped within 23 s [OBS].
pub(crate) const CODEDEPLOY_POLL: Knob = Knob::new(10_000, 5_000, 20_000);
/// A listener is rewritten → the event is over [INF].
pub(crate) const CODEDEPLOY_REROUTE: Knob = Knob::new(1_000, 1_000, 5_000);
/// How much longer a slow start takes unless the fault says so.
pub(crate) const SLOW_START_MS: Millis = 240_000;

/// CreateDBInstance or a restore → created [INF].
pub(crate) const DB_CREATE: Knob = Knob::new(300_000, 240_000, 900_000);
/// The first automated backup of a new instance [INF].
pub(crate) const DB_BACKUP: Knob = Knob::new(60_000, 60_000, 240_000);
/// CreateDBSnapshot → available [INF].
pub(crate) const DB_SNAPSHOT: Knob = Knob::new(120_000, 60_000, 900_000);
/// DeleteDBInstance → gone [INF].
pub(crate) const DB_DELETE: Knob = Knob::new(180_000, 120_000, 600_000);
/// ModifyDBInstance → available again [INF].
pub(crate) const DB_MODIFY: Knob = Knob::new(60_000, 30_000, 600_000);
/// RebootDBInstance → available again [INF].
pub(crate) const DB_REBOOT: Knob = Knob::new(30_000, 20_000, 120_000);
/// StartDBInstance → available [INF].
pub(crate) const DB_START: Knob = Knob::new(300_000, 180_000, 900_000);
/// StopDBInstance → stopped [INF].
pub(crate) const DB_STOP: Knob = Knob::new(180_000, 120_000, 600_000);

/// Read-after-write staleness of Describe and List calls: only rough weather has it (C [MODEL], DescribeTasks right after RunTask).
pub(crate) const fn visible_after_ms(weather: Weather) -> Millis {
    match weather {
        Weather::Calm | Weather::Typical => 0,
        Weather::Rough => 2_000,
    }
}
