//! Releases beside each other.

use super::world::{check, name, release, whole_app};
use crate::app::Compatibility;
use crate::difference::{Difference, Differs};
use crate::release::Release;

fn one() -> Release {
    release(&whole_app(), "one")
}

#[test]
fn a_release_differs_in_nothing_from_itself() {
    assert!(Difference::between(&one(), &one()).is_empty());
}

#[test]
fn another_version_differs_in_its_images_and_files() {
    let (old, new) = (one(), release(&whole_app(), "two"));
    let difference = Difference::between(&old, &new);
    assert_eq!(
        difference.version,
        Some(Differs::Changed(&old.version, &new.version))
    );
    assert_eq!(difference.services.len(), 3);
    assert!(matches!(difference.migration, Some(Differs::Changed(..))));
    let files = difference.frontends.values().next().unwrap();
    assert_eq!(files.added, ["app-two.js"]);
    assert_eq!(files.removed, ["app-one.js"]);
    assert_eq!(files.changed, ["index.html"]);
    assert_eq!(files.mutable, ["index.html"]);
    assert!(difference.checks.is_empty() && difference.configuration.is_none());
}

#[test]
fn each_part_is_told_apart() {
    let old = one();
    let mut new = one();
    new.services.remove(&name("proxy"));
    new.services.get_mut(&name("auth")).unwrap().desired_count = Some(5);
    new.migration.as_mut().unwrap().compatibility = Compatibility::Breaking;
    new.checks.pop();
    new.checks.push(check("search"));
    new.config_fingerprint = "c1".to_owned();
    new.frontends.clear();
    let difference = Difference::between(&old, &new);
    let services: Vec<_> = difference.services.iter().collect();
    assert!(matches!(services[0], (name, Differs::Changed(..)) if name.as_str() == "auth"));
    assert!(matches!(services[1], (name, Differs::Removed(_)) if name.as_str() == "proxy"));
    assert_eq!(services.len(), 2);
    assert!(matches!(difference.checks["list"], Differs::Removed(_)));
    assert!(matches!(difference.checks["search"], Differs::Added(_)));
    assert_eq!(difference.checks.len(), 2);
    assert!(difference.migration.is_some() && difference.configuration.is_some());
    assert_eq!(
        difference.frontends[&crate::FrontendName::default()]
            .removed
            .len(),
        2
    );
}
