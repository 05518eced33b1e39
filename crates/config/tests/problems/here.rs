//! What one environment has instead: what it means, and what is said where it is wrong.

use backstay_config::{Configured, load};
use rstest::rstest;

use crate::rows::damaged;
use crate::{API, TOML, said};

/// The configuration with some tables more, read for one environment.
fn with(more: &str, environment: &str) -> Configured {
    let files = |path: &str| {
        let container = path.trim_end_matches(".json");
        Ok(API.replace("\"api\"", &format!("\"{container}\"")))
    };
    let toml = format!("{TOML}\n{more}").replace("cloud = \"aws\"", "cloud = \"simulated\"");
    match load("backstay.toml", &toml, environment, &files) {
        Ok(configured) => configured,
        Err(problems) => panic!("{}", crate::picture(&problems)),
    }
}

/// What `look` sees in staging, and in production.
fn both<T>(more: &str, look: impl Fn(&Configured) -> T) -> (T, T) {
    (
        look(&with(more, "staging")),
        look(&with(more, "production")),
    )
}

fn service<'c>(configured: &'c Configured, name: &str) -> &'c backstay_domain::app::Service {
    let services = &configured.app.services;
    let Some((_, service)) = services.iter().find(|(known, _)| known.as_str() == name) else {
        panic!("there is no service {name}")
    };
    service
}

#[test]
fn counts_times_and_images() {
    let more = r#"
[environments.production.services.api]
desired_count = 6
timeout = "40m"
image = "shop/api-production"
depends_on = []
"#;
    let seen = both(more, |configured| {
        let api = service(configured, "api");
        let after = api.depends_on.len();
        let (count, image) = (api.desired_count, api.image.to_string());
        (count, api.timeout.as_secs() / 60, image, after)
    });
    let production = (Some(6), 40, "shop/api-production".to_owned(), 0);
    assert_eq!(seen, ((None, 15, "shop/api".to_owned(), 1), production));
}

#[test]
fn a_size_is_what_the_task_gets() {
    let more = "[environments.production.services.auth]\ncpu = 1024\nmemory = 4096\n";
    let seen = both(more, |configured| {
        let document = &service(configured, "auth").definition.0;
        (document["cpu"].clone(), document["memory"].clone())
    });
    let (small, large) = ((().into(), "512".into()), ("1024".into(), "4096".into()));
    assert_eq!(seen, (small, large));
}

#[test]
fn tables_are_laid_over_each_other_key_by_key() {
    let more = r#"
[environments.production.services.auth.probe]
attempts = 50
json = { pointer = "/release" }
"#;
    let seen = both(more, |configured| {
        let probe = service(configured, "auth").probe.clone().unwrap();
        (probe.url, probe.attempts, probe.json.unwrap())
    });
    let json = |pointer: &str| (pointer.to_owned(), "{{ version }}".to_owned());
    assert_eq!(
        seen,
        (
            ("https://shop.test/auth".to_owned(), 5, json("/version")),
            ("https://shop.example/auth".to_owned(), 50, json("/release"))
        )
    );
}

#[test]
fn the_migration_the_frontend_and_the_checks() {
    let more = r#"
[environments.production.migration]
timeout = "2h"
subnets = ["subnet-8", "subnet-9"]

[environments.production.frontend]
bucket = "the-shop"

[environments.production.checks.home]
status = 204
"#;
    let seen = both(more, |configured| {
        let migration = configured.app.migration.clone().unwrap();
        let bucket = configured
            .app
            .frontends
            .values()
            .next()
            .unwrap()
            .bucket
            .clone();
        let subnets = migration.network.subnets.len();
        let status = configured.app.checks[0].status;
        (migration.timeout.as_secs() / 60, subnets, bucket, status)
    });
    let staging = (15, 1, "shop-staging".to_owned(), 200);
    assert_eq!(seen, (staging, (120, 2, "the-shop".to_owned(), 204)));
}

#[test]
fn policy_and_variables_of_every_environment() {
    let more = r#"
[policy]
bake = "3m"
keep_days = 7

[variables]
host = "shop.everywhere"
realm = "shop"

[[checks]]
name = "realm"
url = "https://{{ realm }}.test/"
"#;
    let seen = both(more, |configured| {
        let policy = &configured.app.policy;
        let urls: Vec<String> = configured
            .app
            .checks
            .iter()
            .map(|it| it.url.clone())
            .collect();
        (policy.bake.as_secs(), policy.keep.days, urls)
    });
    let urls = |host: &str| {
        vec![
            format!("https://{host}/home"),
            "https://shop.test/".to_owned(),
        ]
    };
    assert_eq!(
        seen,
        ((15, 7, urls("shop.test")), (180, 7, urls("shop.example")))
    );
}

#[test]
fn what_is_there_in_some_environments_only() {
    let toml = TOML
        .replace(
            "[frontend]\n",
            "[frontend]\nenvironments = [\"production\"]\n",
        )
        .replace(
            "[migration]\n",
            "[migration]\nenvironments = [\"production\"]\n",
        )
        .replace(
            "[[checks]]\n",
            "[[checks]]\nenvironments = [\"production\"]\n",
        )
        .replace("cloud = \"aws\"", "cloud = \"simulated\"");
    let files = |path: &str| {
        let container = path.trim_end_matches(".json");
        Ok(API.replace("\"api\"", &format!("\"{container}\"")))
    };
    let parts = |environment: &str| {
        let app = load("backstay.toml", &toml, environment, &files)
            .unwrap()
            .app;
        (
            app.migration.is_some(),
            !app.frontends.is_empty(),
            app.checks.len(),
        )
    };
    assert_eq!(parts("staging"), (false, false, 0));
    assert_eq!(parts("production"), (true, true, 1));
}

/// An environment's world in a rehearsal.
#[test]
fn the_simulation() {
    let more = "[environments.production.simulation.services.api]\nstart_time = \"90s\"\n";
    let seen = both(more, |configured| {
        let services = &configured.simulation.services;
        let (_, api) = services
            .iter()
            .find(|(name, _)| name.as_str() == "api")
            .unwrap();
        (api.circuit_breaker, api.start_time.as_secs())
    });
    assert_eq!(seen, ((true, 0), (true, 90)));
}

/// Some tables more, and what is said of them: in every environment, whichever of them it is about.
#[rstest]
#[case(
    "[environments.production.services.apii]\ndesired_count = 1",
    ":51:35 apii ← unknown name | [environments.production.services] changes `apii`, and `services` has none that is called so | did you mean `api`?"
)]
#[case(
    "[environments.production.services.api]\ndesired_cuont = 1",
    ":52:1 desired_cuont ← unknown key | unknown key `desired_cuont` in [environments.production.services.api] | did you mean `desired_count`?"
)]
#[case(
    "[environments.production.services.api]\ndesired_count = \"6\"",
    ":52:17 \"6\" ← expected an integer | `desired_count` must be an integer, found a string | leave out the quotes"
)]
#[case(
    "[environments.production.services.api]\nenvironments = [\"production\"]",
    ":52:1 environments ← not for one environment | `environments` says nothing in [environments.production.services.api] | it is written where the table holds for every environment"
)]
#[case(
    "[environments.production.checks.hoem]\nstatus = 204",
    ":51:33 hoem ← unknown name | [environments.production.checks] changes `hoem`, and `checks` has none that is called so | did you mean `home`?"
)]
#[case(
    "[environments.production.checks]\nhome = 3",
    ":52:8 3 ← expected a table | `checks` must be a table, found an integer"
)]
#[case(
    "[environments.production.services.auth.probe.jsn]\npointer = \"/a\"",
    ":51:46 jsn ← unknown key | unknown key `jsn` in [environments.production.services.auth.probe] | did you mean `json`?"
)]
#[case(
    "[environments.production.simulation.services.web]\ncircuit_breaker = true",
    ":51:46 web ← unknown name | `web` is simulated but is not a service | known: `api`, `auth`"
)]
#[case(
    "[policy]\nbakes = \"1m\"",
    ":52:1 bakes ← unknown key | unknown key `bakes` in [policy] | did you mean `bake`?"
)]
#[case(
    "[variables]\nregion = \"x\"",
    ":52:1 region ← built in | `region` is built in and cannot be a variable | give it another name"
)]
fn wrong(#[case] more: &str, #[case] expected: &str) {
    let said = said(&format!("{TOML}\n{more}\n"), API, "staging");
    assert_eq!(said, format!("backstay.toml{expected}\n"));
}

#[rstest]
#[case(
    "[frontend]",
    "[frontend]\nenvironments = [\"stagging\"]",
    ":38:17 \"stagging\" ← unknown name | the frontend is for `stagging`, which is not an environment | did you mean `staging`?"
)]
#[case(
    "name = \"home\"",
    "name = \"home\"\nenvironments = []",
    ":45:16 [] ← empty list | the check `home` is in no environment | leave `environments` out to have it everywhere"
)]
#[case(
    "[[checks]]",
    "[environments.staging.frontend]\nbucket = \"b-1\"\n\n[[checks]]",
    ""
)]
#[case(
    "image = \"shop/auth\"",
    "image = \"shop/auth\"\ncpu = 0",
    ":25:7 0 ← out of range | `cpu` must be from 1 to 1048576"
)]
fn in_place(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    let said = said(&damaged(TOML, from, to), API, "staging");
    match expected {
        "" => assert_eq!(said, "no problem\n"),
        expected => assert_eq!(said, format!("backstay.toml{expected}\n")),
    }
}

/// An environment that there is not is a new one, and lacks what every one has.
#[test]
fn an_unknown_environment() {
    let toml = format!("{TOML}\n[environments.stagging.services.api]\ndesired_count = 1\n");
    let said = said(&toml, API, "staging");
    assert!(
        said.contains("`cloud` is missing in [environments.stagging]"),
        "{said}"
    );
}

/// A part that is not there cannot be changed there.
#[test]
fn changed_where_it_is_not() {
    let toml = TOML.replace(
        "[frontend]\n",
        "[frontend]\nenvironments = [\"production\"]\n",
    );
    let toml = format!("{toml}\n[environments.staging.frontend]\nbucket = \"b-1\"\n");
    assert_eq!(
        said(&toml, API, "staging"),
        "backstay.toml:52:1 [environments.staging.frontend] ← never read | the frontend is changed for `staging`, where it is not | add the environment to its `environments`, or take this out\n"
    );
}

/// ECS refuses a size: the file that does not say it is not to blame.
#[test]
fn a_size_that_fargate_does_not_have() {
    let api = API.replace("\"memory\": \"512\"", "\"memory\": \"512\", \"cpu\": \"256\", \"requiresCompatibilities\": [\"FARGATE\"], \"networkMode\": \"awsvpc\", \"executionRoleArn\": \"arn:aws:iam::123456789012:role/e\"");
    let toml = format!("{TOML}\n[environments.staging.services.api]\ncpu = 4096\n");
    let said = said(&toml, &api, "staging");
    assert!(said.starts_with("backstay.toml:52:7 4096 ← "), "{said}");
}
