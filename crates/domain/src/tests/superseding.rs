//! A rollout that did not complete, when a deployment is planned: superseded, forced, refused; never returned to.

use super::world::{app, definition_ref, name, release, survey, try_plan};
use crate::plan::{Change, Refusal};
use crate::ports::Renewal;
use crate::survey::{Activity, Completed, Survey};

#[test]
fn a_rollout_that_failed_and_stays_is_superseded_and_never_returned_to() {
    let failed = |edit: fn(&mut Survey)| {
        let mut survey = survey(&app());
        let live = survey.services.get_mut(&name("auth")).unwrap();
        let completed = Completed {
            definition: definition_ref("auth:0"),
            document: live.document.clone(),
        };
        (live.activity, live.completed) = (Activity::Failed, Some(completed));
        edit(&mut survey);
        survey
    };
    let planned =
        |survey: &Survey| try_plan(&app(), survey).unwrap().services[&name("auth")].clone();
    let other = planned(&failed(|_| {}));
    assert_eq!(other.before.definition, definition_ref("auth:0"));
    assert_eq!(other.target.unwrap().renewal, Renewal::IfChanged);
    // What failed is what is wanted: it is rolled out again, by force.
    let same = planned(&failed(|survey| {
        let new = release(&app(), "new").services[&name("auth")]
            .definition
            .clone();
        survey.services.get_mut(&name("auth")).unwrap().document = new;
    }));
    assert_eq!(same.change, Change::Update);
    assert_eq!(same.target.unwrap().renewal, Renewal::Forced);
    // Somebody else's rollout that is on its way is respected; ours is not somebody else's.
    let going = |survey: &mut Survey| {
        survey.services.get_mut(&name("auth")).unwrap().activity = Activity::RollingOut;
    };
    let refused = try_plan(&app(), &failed(going)).unwrap_err();
    assert_eq!(refused.0, [Refusal::AlreadyRollingOut(name("auth"))]);
    let ours = |survey: &mut Survey| {
        let live = survey.services.get_mut(&name("auth")).unwrap();
        live.activity = Activity::RollingOut;
        survey.ours = [live.rollout.clone()].into();
    };
    assert!(try_plan(&app(), &failed(ours)).is_ok());
}
