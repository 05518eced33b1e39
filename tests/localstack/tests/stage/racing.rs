//! Two processes want to deploy the same environment at once, and LocalStack's S3 decides between them.

use crate::app::App;
use crate::cloud::{Pair, SCALED};

#[test]
fn one_of_two_deployers_deploys() {
    let app = App::new(6);
    let Some(pair) = Pair::of("one_of_two_deployers_deploys", &app, SCALED) else {
        return;
    };
    app.shares_its_state();
    pair.make_bucket(&app.state);
    let begin = || app.begin(["deploy", "staging", "--version", "2f9c1e7"]);
    let both = [begin(), begin()].map(|child| child.wait_with_output().unwrap());
    let mut codes = both.each_ref().map(|ended| ended.status.code());
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(6)], "{both:?}");
    let kept_away = both.iter().find(|ended| ended.status.code() == Some(6));
    let said = String::from_utf8_lossy(&kept_away.unwrap().stderr);
    assert!(said.contains("is deploying 2f9c1e7"), "{said}");
    assert_eq!(pair.version(), "2f9c1e7");
    assert_eq!(app.outcomes(), ["live"]);
    app.run(["audit", "verify", "staging"]).ends_with(0);
}
