//! Services that depend on each other: the configuration refuses a circle, and a plan does as well.

use super::world::{app, survey, try_plan};
use crate::plan::Refusal;

#[test]
fn services_that_depend_on_each_other_in_a_circle_are_refused() {
    let mut app = app();
    let seen = survey(&app);
    let names: Vec<_> = app.services.keys().cloned().collect();
    for (name, other) in names.iter().zip(names.iter().rev()) {
        if let Some(service) = app.services.get_mut(name) {
            service.depends_on = [other.clone()].into_iter().collect();
        }
    }
    let Err(refusals) = try_plan(&app, &seen) else {
        panic!("a circle is planned");
    };
    assert_eq!(refusals.0, [Refusal::DependencyCircle(names)]);
}
