//! Scheduled actions, in virtual time.

use serde_json::json;

use super::{activities, bound, done, refused};
use crate::world::small_account::{START_MS, pass_minutes, small_account, web};

#[test]
fn a_scheduled_action_changes_the_bounds_and_what_is_out_of_them() {
    let mut world = small_account();
    bound(&mut world, 1, 4);
    // Nine in Berlin is eight in UTC.
    for (name, schedule, action) in [
        (
            "morning",
            "cron(0 9 ? * MON-FRI *)",
            json!({ "MinCapacity": 5, "MaxCapacity": 10 }),
        ),
        (
            "evening",
            "cron(0 18 ? * MON-FRI *)",
            json!({ "MinCapacity": 1, "MaxCapacity": 2 }),
        ),
    ] {
        let input = json!({ "ScheduledActionName": name, "Schedule": schedule, "Timezone": "Europe/Berlin", "ScalableTargetAction": action });
        done(&mut world, "PutScheduledAction", input);
    }
    world.advance(START_MS + 8 * 3_600_000 - 1);
    assert_eq!(web(&mut world), "2/2");
    world.advance(START_MS + 8 * 3_600_000);
    assert_eq!(web(&mut world), "5/2");
    assert_eq!(
        activities(&mut world, json!({})),
        [
            "Setting desired count to 5. minimum capacity was set to 5 (InProgress)",
            "Setting min capacity to 5 and max capacity to 10 scheduled action name morning was triggered (Successful)",
        ]
    );
    world.advance(START_MS + 17 * 3_600_000);
    assert!(web(&mut world).starts_with("2/"));
    let described = done(
        &mut world,
        "DescribeScheduledActions",
        json!({ "ScheduledActionNames": ["morning"] }),
    );
    let action = &described["ScheduledActions"][0];
    assert_eq!(action["Timezone"], "Europe/Berlin");
    assert_eq!(
        action["ScalableTargetAction"],
        json!({ "MinCapacity": 5, "MaxCapacity": 10 })
    );
    assert!(
        action["ScheduledActionARN"]
            .as_str()
            .unwrap()
            .ends_with(":scheduledActionName/morning"),
        "{action}"
    );
}

#[test]
fn a_suspended_or_deleted_or_finished_schedule_does_nothing() {
    let mut world = small_account();
    bound(&mut world, 1, 4);
    let end = START_MS / 1_000 + 1_500;
    done(
        &mut world,
        "PutScheduledAction",
        json!({ "ScheduledActionName": "often", "Schedule": "rate(10 minutes)", "EndTime": end,
        "ScalableTargetAction": { "MinCapacity": 3 } }),
    );
    done(
        &mut world,
        "RegisterScalableTarget",
        json!({ "SuspendedState": { "ScheduledScalingSuspended": true } }),
    );
    pass_minutes(&mut world, 11);
    assert_eq!(web(&mut world), "2/2");
    done(
        &mut world,
        "RegisterScalableTarget",
        json!({ "SuspendedState": { "ScheduledScalingSuspended": false } }),
    );
    pass_minutes(&mut world, 10);
    assert!(web(&mut world).starts_with("3/"));
    bound(&mut world, 1, 1);
    // The next would be after its end.
    pass_minutes(&mut world, 30);
    assert!(web(&mut world).starts_with("1/"));
    done(
        &mut world,
        "DeleteScheduledAction",
        json!({ "ScheduledActionName": "often" }),
    );
    assert!(
        refused(
            &mut world,
            "DeleteScheduledAction",
            json!({ "ScheduledActionName": "often" })
        )
        .starts_with("ObjectNotFoundException: No scheduled action found for")
    );
}
