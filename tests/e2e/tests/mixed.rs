//! Mixed versions: whichever images a version has, what is planned is what is deployed, recorded, and taken back.

#![expect(
    clippy::unwrap_used,
    reason = "each test plays in a runtime of its own, through functions that several share"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use backstay_cli::compose::images::pushed_images;
use backstay_cli::scenario::{Command, Desk, Rehearsal, Risk, Scenario, Setup};
use backstay_domain::journal::Outcome;
use backstay_domain::ports::Ledger as _;
use backstay_domain::release::Release;
use backstay_domain::versions::{Missing, Versions};
use backstay_domain::{Repository, ServiceName, Version};
use backstay_simulator::Picture;

const SCENARIO: &str = r#"# Some images
```toml given
app = "cat-house"
environment = "staging"
live = "a1b2c3d"
```
```toml play
deploy = "2f9c1e7"
not_pushed = ["cat-house/auth-service", "cat-house/catalog-service", "cat-house/installation-service", "cat-house/proxy-service"]
```
```toml expect
outcome = "live"
```
```story
```
"#;

/// What CI did with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Build {
    /// Nothing: it did not change.
    None,
    /// It has the release's version.
    Release,
    /// It has a version of its own.
    Own,
}

const OLD: &str = "a1b2c3d";
const NEW: &str = "2f9c1e7";
const OWN: &str = "c0ffee1";

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

impl Build {
    /// What the image runs afterwards.
    fn expected(self) -> Version {
        version(match self {
            Self::None => OLD,
            Self::Release => NEW,
            Self::Own => OWN,
        })
    }
}

/// The versions that a release's parts are on, by name.
fn versions(release: &Release) -> BTreeMap<String, Version> {
    let all = release.versions().into_iter();
    all.map(|(name, version)| (name.to_owned(), version.clone()))
        .collect()
}

/// That every service runs what a release says, and nothing beside it.
fn runs(picture: &Picture, release: &Release) {
    for (name, service) in &release.services {
        let found = &picture.services[&service.locator.cluster_name];
        let wanted = BTreeSet::from([service.image.digest.to_string()]);
        assert_eq!(found.image_digests, wanted, "{name}");
        assert_eq!(found.running_task_definitions.len(), 1, "{name}");
        assert!(!found.deploying, "{name}");
    }
}

/// Deploys with these builds, and takes it back.
async fn played(builds: &BTreeMap<Repository, Build>) {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let setup = Setup::of(&Scenario::parse(SCENARIO).unwrap(), &fixtures).unwrap();
    let project = setup.project.clone();
    let rehearsal = Rehearsal::new(setup).unwrap();
    let own = builds.iter().filter(|(_, build)| **build == Build::Own);
    let own: BTreeMap<Repository, Version> = own
        .map(|(repository, build)| (repository.clone(), build.expected()))
        .collect();
    let wanted = Versions {
        release: version(NEW),
        own,
        missing: Missing::Keep,
    };
    for (of, build) in [(NEW, Build::Release), (OWN, Build::Own)] {
        for (repository, image) in pushed_images(&project.configured, &Versions::same(version(of)))
        {
            if builds[&repository] == build {
                rehearsal
                    .cloud
                    .with_world(|world| world.push_image(repository.as_str(), &image));
            }
        }
    }
    let app = &project.configured.app;
    let desk = Desk::new(&rehearsal.cloud, &project, &rehearsal.ledger.snapshot())
        .await
        .unwrap();
    let before = desk.ledger().last_proven(&app.name, &app.environment).await;
    let before = before.unwrap().unwrap();
    let picture = || rehearsal.cloud.with_world(|world| world.picture());
    let stood = picture();
    let said = desk
        .run(&project, &Command::DeployMixed(Box::new(wanted)))
        .await
        .unwrap();
    assert_eq!(said.code, 0, "{builds:?}: {}", said.text);

    // What was planned says the version of every part, and is what was recorded.
    let after = desk.ledger().last_proven(&app.name, &app.environment).await;
    let after = after.unwrap().unwrap();
    let image = |name: &str| match name {
        "migration" => &app.migration.as_ref().unwrap().image,
        name => &app.services[&ServiceName::parse(name).unwrap()].image,
    };
    let expected: BTreeMap<String, Version> = versions(&before)
        .into_keys()
        .map(|name| {
            let build = builds[image(&name)];
            (name, build.expected())
        })
        .collect();
    assert_eq!(versions(&after), expected, "{builds:?}");
    let plan = said.journals[0].plan().unwrap();
    assert_eq!(plan.release, after, "{builds:?}");
    let Some(Outcome::Live { .. }) = said.outcome() else {
        panic!("{builds:?}: {}", said.text)
    };
    let kept = |name: &Repository| {
        let words = format!("{name}: it has no image of {NEW}; what runs it keeps {OLD}");
        plan.warnings
            .iter()
            .any(|warning| warning.to_string() == words)
    };
    for (repository, build) in builds {
        assert_eq!(kept(repository), *build == Build::None, "{repository}");
    }
    // And it is what runs. What was kept was not touched.
    let live = picture();
    runs(&live, &after);
    for service in after.services.values() {
        if builds[&service.image.repository] == Build::None {
            let name = &service.locator.cluster_name;
            assert_eq!(live.services[name], stood.services[name], "{name}");
        }
    }

    // The way back is the same for all of them.
    let back = Command::Rollback {
        to: None,
        risk: Risk::Refused,
    };
    let said = desk.run(&project, &back).await.unwrap();
    assert_eq!(said.code, 0, "{builds:?}: {}", said.text);
    let returned = desk.ledger().last_proven(&app.name, &app.environment).await;
    assert_eq!(returned.unwrap().unwrap().id, before.id, "{builds:?}");
    runs(&picture(), &before);
}

fn all(repositories: &BTreeSet<Repository>, number: usize) -> BTreeMap<Repository, Build> {
    let kinds = [Build::None, Build::Release, Build::Own];
    let mut rest = number;
    let mut builds = BTreeMap::new();
    for repository in repositories {
        builds.insert(repository.clone(), kinds[rest % kinds.len()]);
        rest /= kinds.len();
    }
    builds
}

/// A third of all, by what became of the first image.
#[rstest::rstest]
#[case::unchanged(0)]
#[case::built(1)]
#[case::with_its_own_version(2)]
fn whichever_images_there_are(#[case] first: usize) {
    let repositories: BTreeSet<Repository> = ["auth", "catalog", "installation", "proxy"]
        .map(|name| format!("cat-house/{name}-service").parse().unwrap())
        .into();
    // Small space, enumerated; without a build there is nothing to deploy.
    let rest = 0..3_usize.pow(3);
    for number in rest
        .map(|rest| 3 * rest + first)
        .filter(|number| *number > 0)
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(played(&all(&repositories, number)));
    }
}

/// A container beside the app's own, by a tag: what runs is what the tag stood for.
#[test]
fn what_stands_beside_is_pinned() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let scenario = SCENARIO.replace("not_pushed", "# not_pushed");
        let mut setup = Setup::of(&Scenario::parse(&scenario).unwrap(), &fixtures).unwrap();
        let host = "123456789012.dkr.ecr.sa-east-1.amazonaws.com";
        let written = format!("{host}/cat-house/proxy-service:a1b2c3d");
        let elsewhere = "public.ecr.aws/datadog/agent:7";
        let services = &mut setup.project.configured.app.services;
        let catalog = services.get_mut(&ServiceName::parse("catalog-service").unwrap()).unwrap();
        let containers = catalog.definition.0["containerDefinitions"].as_array_mut().unwrap();
        for (name, image) in [("beside", written.as_str()), ("agent", elsewhere)] {
            containers.push(serde_json::json!({ "name": name, "image": image, "essential": false, "memory": 64 }));
        }
        let project = setup.project.clone();
        let rehearsal = Rehearsal::new(setup).unwrap();
        let app = &project.configured.app;
        let desk = Desk::new(&rehearsal.cloud, &project, &rehearsal.ledger.snapshot())
            .await
            .unwrap();
        let deploy = Command::Deploy(version(NEW));
        let said = desk.run(&project, &deploy).await.unwrap();
        assert_eq!(said.code, 0, "{}", said.text);
        let after = desk.ledger().last_proven(&app.name, &app.environment).await;
        let after = after.unwrap().unwrap();
        let definition = &after.services[&ServiceName::parse("catalog-service").unwrap()].definition;
        let image = |name: &str| {
            let mut containers = definition.containers();
            containers.find(|one| one.name == name).map(|one| one.image.to_owned())
        };
        let pinned = image("beside").unwrap();
        assert!(
            pinned.starts_with(&format!("{host}/cat-house/proxy-service@sha256:")),
            "{pinned}"
        );
        let pinned = image("agent").unwrap();
        assert!(pinned.starts_with("public.ecr.aws/datadog/agent@sha256:"), "{pinned}");
        // Nothing has changed: the tag stands for the same.
        let again = desk.run(&project, &deploy).await.unwrap();
        assert_eq!(again.text, "There is nothing to do.\n");
    });
}
