//! Plans and refusals as people read them.

use backstay_domain::FrontendName;
use backstay_domain::app::{Compatibility, WayDown};
use backstay_domain::definition::Definition;
use backstay_domain::plan::{
    Change, FrontendChange, FrontendPlan, MigrationChange, Refusal, Refusals, Warning, WayBack,
};
use backstay_domain::survey::Bounds;
use insta::assert_snapshot;
use serde_json::json;

use super::build::{name, ok, plan, service};
use crate::render::plan::diff::changes;
use crate::render::plan::refusals::refusals_error;
use crate::render::plan::{nothing_to_do_text, plan_text, refusals_text};

#[test]
fn a_whole_plan() {
    assert_snapshot!(plan_text(&plan()), @"
    cat-house → staging: a1b2c3d → 2f9c1e7 (release r-0123456789ab, deployment d-7f3a)

      1. register  the task definitions of migration, auth-service, catalog-service
      2. assets    upload 2 files (481 kB) to cat-house-web: app-1f.js, index.html; visitors notice nothing
      3. migrate   `alembic upgrade head` in migrate (cat-house/migrate sha256:cccccccc); compatible with the old code, lossless way down; at most 10m
      4. services  wave 1 of 2
                   auth-service  roll out, 2 tasks of auth-service:41 → its next revision
                     containerDefinitions.web.dockerLabels.token    changed
                     containerDefinitions.web.environment.PASSWORD  changed
                     containerDefinitions.web.image                 sha256:aaaaaaaa → sha256:bbbbbbbb
                   proxy         unchanged, 2 tasks of proxy:41: prove only
      5. services  wave 2 of 2
                   catalog-service  roll out, 2 tasks of catalog-service:41 → its next revision
                     containerDefinitions.web.dockerLabels.token    changed
                     containerDefinitions.web.environment.PASSWORD  changed
                     containerDefinitions.web.image                 sha256:aaaaaaaa → sha256:bbbbbbbb
      6. checks    login (https://cats.example/login: 200)
      7. frontend  replace index.html, invalidate 2 addresses in E2EXAMPLE, prove https://cats.example
      8. bake      read the schema's revision, then prove every service once more
      9. record    r-0123456789ab as the release to return to

    Way back: whole: every step can be taken back; the schema stays, the old code runs on it
    ");
}

/// `admin` is as it should be, `site` moves.
#[test]
fn several_frontends_are_told_by_their_names() {
    let mut plan = plan();
    let site = plan.frontends.values().next().cloned().unwrap();
    let admin = FrontendPlan {
        change: FrontendChange::Unchanged,
        upload: Default::default(),
        ..site.clone()
    };
    plan.frontends = [("site", site), ("admin", admin)]
        .map(|(name, one)| (FrontendName::parse(name).unwrap(), one))
        .into();
    let text = plan_text(&plan);
    let steps: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(". assets ") || line.contains(". frontend "))
        .collect();
    assert_eq!(
        steps,
        [
            "  2. assets    admin: every file is in cat-house-web already; visitors notice nothing; site: upload 2 files (481 kB) to cat-house-web: app-1f.js, index.html; visitors notice nothing",
            "  7. frontend  admin: prove that https://cats.example serves this build already; site: replace index.html, invalidate 2 addresses in E2EXAMPLE, prove https://cats.example",
        ]
    );
    assert!(crate::render::plan::unchanged(&plan).contains(&"admin".to_owned()));
    let object = crate::render::json::plan(&plan);
    assert_eq!(object["frontend"], serde_json::Value::Null);
    let moved = |name: &str| object["frontends"][name]["move"].clone();
    assert_eq!(
        (moved("admin"), moved("site")),
        (json!([]), json!(["index.html"]))
    );
}

#[test]
fn a_plan_that_cannot_be_taken_back() {
    let mut plan = plan();
    plan.before = None;
    plan.way_back = WayBack::UntilMigration;
    plan.checks.clear();
    plan.policy.bake = std::time::Duration::from_mins(5);
    if let Some(migration) = &mut plan.migration {
        migration.compatibility = Compatibility::Breaking;
        migration.way_down = WayDown::Absent;
    }
    for frontend in plan.frontends.values_mut() {
        frontend.change = FrontendChange::Unchanged;
    }
    plan.services
        .insert(name("old-service"), service("old-service", Change::Retire));
    plan.services.insert(
        name("catalog-service"),
        service("catalog-service", Change::Start),
    );
    plan.warnings = vec![
        Warning::NoRecordedRelease,
        Warning::BreakerOff(name("auth-service")),
    ];
    assert_snapshot!(plan_text(&plan), @"
    cat-house → staging: nothing recorded → 2f9c1e7 (release r-0123456789ab, deployment d-7f3a)

      1. register  the task definitions of migration, auth-service, catalog-service
      -  assets    not taken: the files are there already
      2. migrate   `alembic upgrade head` in migrate (cat-house/migrate sha256:cccccccc); breaking for the old code, no way down; at most 10m
      3. services  wave 1 of 2
                   auth-service  roll out, 2 tasks of auth-service:41 → its next revision
                     containerDefinitions.web.dockerLabels.token    changed
                     containerDefinitions.web.environment.PASSWORD  changed
                     containerDefinitions.web.image                 sha256:aaaaaaaa → sha256:bbbbbbbb
                   proxy         unchanged, 2 tasks of proxy:41: prove only
      4. services  wave 2 of 2
                   catalog-service  start, 0 → 2 tasks
                     containerDefinitions.web.dockerLabels.token    changed
                     containerDefinitions.web.environment.PASSWORD  changed
                     containerDefinitions.web.image                 sha256:aaaaaaaa → sha256:bbbbbbbb
      -  checks    not taken: none is configured
      5. frontend  prove that https://cats.example serves this build already
      6. retire    1 service not in this release
                   old-service  scale 2 tasks of old-service:41 to 0
      7. bake      watch for 5m, then prove every service once more
      8. record    r-0123456789ab as the release to return to

    Way back: only before step 2: from step 2 on it cannot be taken back, and a human decides (the old code does not run on the new schema, and the schema is not migrated down)
    Warnings:
      - no proven release is recorded for this environment; what runs now is taken as the way back
      - auth-service: the cloud's circuit breaker is off; only Backstay will notice that it fails
    ");
}

#[test]
fn nothing_to_do() {
    let mut plan = plan();
    plan.services
        .values_mut()
        .for_each(|service| service.change = Change::Unchanged);
    if let (Some(migration), Some(frontend)) =
        (&mut plan.migration, plan.frontends.values_mut().next())
    {
        migration.change = MigrationChange::Unchanged;
        frontend.change = FrontendChange::Unchanged;
    }
    assert!(plan.is_empty());
    assert_snapshot!(nothing_to_do_text(&plan), @"cat-house staging runs 2f9c1e7 (r-0123456789ab) already: nothing to do");
}

#[test]
fn differences_of_definitions() {
    let old = Definition::new(
        json!({"family": "f", "cpu": "256", "novelty": "a", "containerDefinitions": [
        {"name": "web", "image": "nginx:1", "command": ["a"],
         "portMappings": [{"containerPort": 80}, {"containerPort": 81}],
         "secrets": [{"name": "DB", "valueFrom": "arn:old"}],
         "environment": [{"name": "GONE", "value": "x"}, {"name": "SAME", "value": "x"}],
         "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/a", "splunk-token": "t"}}}]}),
    );
    let new = Definition::new(
        json!({"family": "f", "cpu": "512", "novelty": "b", "containerDefinitions": [
        {"name": "web", "image": "nginx:2", "command": ["a", "b"],
         "portMappings": [{"containerPort": 80}],
         "secrets": [{"name": "DB", "valueFrom": "arn:new"}],
         "environment": [{"name": "SAME", "value": "x"}, {"name": "NEW", "value": "y"}],
         "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/b", "splunk-token": "u"}}},
        {"name": "side", "image": "r/side@sha256:1111111111111111", "environment": [{"name": "A", "value": "b"}]}]}),
    );
    let lines: String = changes(&old, &new)
        .iter()
        .map(|c| {
            format!(
                "{} {} {} {}\n",
                c.path,
                c.how.word(),
                c.from.as_deref().unwrap_or("-"),
                c.to.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_snapshot!(lines, @r#"
    containerDefinitions.side.environment.A added - -
    containerDefinitions.side.image added - sha256:11111111
    containerDefinitions.side.name added - side
    containerDefinitions.web.command changed - -
    containerDefinitions.web.environment.GONE removed - -
    containerDefinitions.web.environment.NEW added - -
    containerDefinitions.web.image changed nginx:1 nginx:2
    containerDefinitions.web.logConfiguration.options.awslogs-group changed /a /b
    containerDefinitions.web.logConfiguration.options.splunk-token changed - -
    containerDefinitions.web.portMappings.81.containerPort removed 81 -
    containerDefinitions.web.secrets.DB.valueFrom changed arn:old arn:new
    cpu changed 256 512
    novelty changed - -
    "#);
    assert_eq!(changes(&old, &old), []);
}

fn refusals() -> Refusals {
    Refusals(vec![
        Refusal::ImageMissing {
            repository: ok("cat-house/auth-service".parse()),
            version: ok("2f9c1e7".parse()),
            environment: ok("staging".parse()),
        },
        Refusal::StuckBounds {
            service: name("proxy"),
            desired: 1,
            bounds: Bounds {
                minimum_healthy_percent: 100,
                maximum_percent: 100,
            },
        },
    ])
}

#[test]
fn all_refusals_at_once() {
    assert_snapshot!(refusals_text(&refusals()), @"
    Refused before any change:
      1. cat-house/auth-service: no image is tagged `2f9c1e7`
         Hint: build and push the image of 2f9c1e7 first (`backstay images push staging --version 2f9c1e7` does what [services.*.build] says), or name another `--version`
      2. proxy: with 1 desired tasks, minimumHealthyPercent 100 and maximumPercent 100 let ECS neither start nor stop a task
         Hint: set maximumPercent to 200, or lower minimumHealthyPercent
    ");
    assert_snapshot!(refusals_error(&refusals()).text(), @"
    Error: refused before any change: 2 reasons against this deployment
    Caused by:
      1: cat-house/auth-service: no image is tagged `2f9c1e7` (build and push the image of 2f9c1e7 first (`backstay images push staging --version 2f9c1e7` does what [services.*.build] says), or name another `--version`)
      2: proxy: with 1 desired tasks, minimumHealthyPercent 100 and maximumPercent 100 let ECS neither start nor stop a task (set maximumPercent to 200, or lower minimumHealthyPercent)
    ");
    assert_snapshot!(refusals_error(&Refusals(vec![Refusal::Irreversible])).text(), @r#"
    Error: refused before any change: this deployment cannot be taken back once its migration has run, and the environment's policy refuses that
    Hint: make the migration compatible with the old code (expand, then contract), give it a lossless way down, or set policy `irreversible = "warn"`; or `--accept-schema-risk`, once
    "#);
}
