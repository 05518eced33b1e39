//! One damaged place in each row, and what is said about it.

use rstest::rstest;

use crate::{API, TOML, said};

pub(crate) fn damaged(text: &str, from: &str, to: &str) -> String {
    assert!(
        from.is_empty() || text.contains(from),
        "the row's text is not there: {from}"
    );
    text.replacen(from, to, 1)
}

/// One damaged place in `backstay.toml`, one problem.
pub(crate) fn check(from: &str, to: &str, expected: &str) {
    assert_eq!(
        said(&damaged(TOML, from, to), API, "staging"),
        format!("backstay.toml{expected}\n")
    );
}

#[rstest]
#[case("staging")]
#[case("production")]
fn undamaged(#[case] environment: &str) {
    // On AWS `state` is said on purpose.
    let toml = TOML.replace(
        "cloud = \"aws\"",
        "cloud = \"aws\"\nstate = \"s3://shop-state\"",
    );
    assert_eq!(said(&toml, API, environment), "no problem\n");
}

#[rstest]
#[case(
    "cluster = \"shop-{{ environment }}\"\nvariables",
    "clutser = \"a\"\ncluster = \"b\"\nvariables",
    r#":6:1 clutser ← unknown key | unknown key `clutser` in [environments.staging] | did you mean `cluster`?"#
)]
#[case(
    r#"policy = {"#,
    r#"polcy = {"#,
    r#":8:1 polcy ← unknown key | unknown key `polcy` in [environments.staging] | did you mean `policy`?"#
)]
#[case(
    r#"policy = { bake"#,
    r#"policy = { bakery = 1, bake"#,
    r#":8:12 bakery ← unknown key | unknown key `bakery` in [environments.staging.policy] | did you mean `bake`?"#
)]
#[case(
    r#"[frontend]"#,
    "[frontent]\n[frontend]",
    r#":37:2 frontent ← unknown key | unknown key `frontent` at the top of the file | did you mean `frontend`?"#
)]
#[case(r#"app = "shop""#, "app = \"shop\"\nquux = 1", r#":2:1 quux ← unknown key | unknown key `quux` at the top of the file | known: `app`, `checks`, `environments`, `frontend`, `frontends`, `images`, `jobs`, `migration`, `policy`, `services`, `simulation`, `variables`"#)]
#[case(
    "app = \"shop\"\n",
    r#""#,
    r#":1:1  ← `app` is required here | `app` is missing at the top of the file"#
)]
#[case(
    r#"app = "shop""#,
    r#"app = 7"#,
    r#":1:7 7 ← expected a string | `app` must be a string, found an integer | write it in quotes"#
)]
#[case(
    "cloud = \"simulated\"\n",
    r#""#,
    r#":3:1 [environments.staging] ← `cloud` is required here | `cloud` is missing in [environments.staging]"#
)]
#[case(
    "image = \"shop/api\"\ndepends",
    r#"depends"#,
    r#":17:1 [services.api] ← `image` is required here | `image` is missing in [services.api]"#
)]
#[case(r#"probe = { url = "https://{{ host }}/auth", json"#, r#"probe = { json"#, r#":25:9 { json = { pointer = "/version", equals = "{{ version }}" } } ← `url` is required here | `url` is missing in [services.auth.probe]"#)]
#[case(
    r#"equals = "{{ version }}" }"#,
    r#"equal = "x" }"#,
    ":25:51 { pointer = \"/version\", equal = \"x\" } ← `equals` is required here | `equals` is missing in [services.auth.probe.json]\nbackstay.toml:25:75 equal ← unknown key | unknown key `equal` in [services.auth.probe.json] | did you mean `equals`?"
)]
#[case(r#"depends_on = ["auth"]"#, r#"depends_on = "auth""#, r#":20:14 "auth" ← expected a list of strings or tables | `depends_on` must be a list of strings or tables, found a string | write it in square brackets"#)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = ["auth", 1]"#,
    r#":20:23 1 ← expected a list of strings or tables | `depends_on` must be a list of strings or tables, found an integer"#
)]
#[case(
    r#"[simulation.services.api]"#,
    "[simulation]\nservices.api = 1\n[other]",
    ":48:16 1 ← expected a table | `services.api` must be a table, found an integer\nbackstay.toml:49:2 other ← unknown key | unknown key `other` at the top of the file | known: `app`, `checks`, `environments`, `frontend`, `frontends`, `images`, `jobs`, `migration`, `policy`, `services`, `simulation`, `variables`"
)]
#[case(
    r#"circuit_breaker = true"#,
    r#"circuit_breaker = "yes""#,
    r#":48:19 "yes" ← expected `true` or `false` | `circuit_breaker` must be `true` or `false`, found a string"#
)]
#[case(
    r#"account = "123456789012""#,
    r#"account = 123456789012"#,
    r#":13:11 123456789012 ← expected a string | `account` must be a string, found an integer | write it in quotes"#
)]
#[case(
    r#"host = "shop.test""#,
    r#"host = 1"#,
    r#":7:22 1 ← expected a string | `host` must be a string, found an integer | write it in quotes"#
)]
#[case(
    r#"[[checks]]"#,
    r#"[checks]"#,
    r#":43:1 [checks] ← expected a list of tables | `checks` must be a list of tables, found a table"#
)]
#[case(r#"way_down"#, "desired_count = 1\nway_down", r#":34:1 desired_count ← unknown key | unknown key `desired_count` in [migration] | known: `anchor`, `build`, `capacity_provider`, `checks`, `cluster`, `command`, `compatibility`, `container`, `cpu`, `current_command`, `directory`, `down_command`, `empty_revision`, `environments`, `image`, `launch_type`, `memory`, `public_address`, `security_groups`, `subnets`, `task_definition`, `timeout`, `tool`, `way_down`"#)]
fn keys_and_types(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(r#"cloud = "simulated""#, r#"cloud = "simulatd""#, r#":4:9 "simulatd" ← unknown word | `cloud` must be `simulated` or `aws`, found `simulatd` | did you mean `simulated`?"#)]
#[case(
    r#"cloud = "simulated""#,
    r#"cloud = "gcp""#,
    r#":4:9 "gcp" ← unknown word | `cloud` must be `simulated` or `aws`, found `gcp`"#
)]
#[case(r#"compatibility = "compatible""#, r#"compatibility = "compatable""#, r#":33:17 "compatable" ← unknown word | `compatibility` must be `compatible` or `breaking`, found `compatable` | did you mean `compatible`?"#)]
#[case(r#"bake = "15s""#, r#"bake = "15""#, r#":8:19 "15" ← not a duration | `bake` is not a duration: `15` has no unit | write it like "90s", "15m" or "1h30m""#)]
#[case(
    r#"bake = "15s""#,
    r#"bake = 15"#,
    r#":8:19 15 ← expected a duration like "90s" | `bake` must be a duration like "90s", found an integer"#
)]
#[case(r#"bake = "15s""#, r#"bake = "2 fortnights""#, r#":8:19 "2 fortnights" ← not a duration | `bake` is not a duration: `fortnights` is not a unit: ms, s, m, h, d | write it like "90s", "15m" or "1h30m""#)]
#[case(
    r#"bake = "15s""#,
    r#"poll = "10ms""#,
    r#":8:19 "10ms" ← too short | `poll` must be at least one second"#
)]
#[case(
    r#"name = "home""#,
    "name = \"home\"\nstatus = 999",
    r#":45:10 999 ← out of range | `status` must be from 100 to 599"#
)]
#[case(
    r#"name = "home""#,
    "name = \"home\"\nattempts = 0",
    r#":45:12 0 ← out of range | `attempts` must be from 1 to 1000"#
)]
#[case(
    r#"name = "home""#,
    "name = \"home\"\nattempts = -3",
    r#":45:12 -3 ← out of range | `attempts` must be from 1 to 1000"#
)]
#[case(
    r#"name = "home""#,
    "name = \"home\"\ntimeout = \"0s\"",
    r#":45:11 "0s" ← too short | `timeout` must be longer than nothing"#
)]
#[case(r#"circuit_breaker = true"#, r#"maximum_percent = 100"#, r#":48:19 100 ← too low | no task could ever be replaced: `maximum_percent` is not above `minimum_healthy_percent`"#)]
#[case(r#"circuit_breaker = true"#, r#"circuit_breaker_rollback = true"#, r#":48:28 true ← never happens | `circuit_breaker_rollback` does nothing without `circuit_breaker` | add circuit_breaker = true"#)]
#[case(r#"path = "/api/*""#, r#"health_check_path = "/health""#, r#":49:21 "/health" ← never asked | `health_check_path` does nothing without `path` | add `path`, the listener rule's pattern"#)]
#[case(
    r#"path = "/api/*""#,
    r#"path = "api/*""#,
    r#":49:8 "api/*" ← starts with `/` | `api/*` is not a path | write "/api/*""#
)]
fn words_numbers_and_durations(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(r#"app = "shop""#, r#"app = "Shop""#, r#":1:7 "Shop" ← not a valid app name | `Shop` is not a valid app name | lower-case letters, digits and hyphens, starting with a letter, at most 63"#)]
#[case(
    r#"[services.api]"#,
    r#"[services.API_2]"#,
    ":17:11 API_2 ← not a valid service name | `API_2` is not a valid service name | lower-case letters, digits and hyphens, starting with a letter, at most 63\nbackstay.toml:47:22 api ← unknown name | `api` is simulated but is not a service | known: `API_2`, `auth`"
)]
#[case("image = \"shop/api\"\ndepends", "image = \"Shop/Api\"\ndepends", r#":19:9 "Shop/Api" ← not a valid image repository | `Shop/Api` is not a valid image repository | lower-case path segments separated by `/`, without tag or digest"#)]
#[case("image = \"shop/api\"\ndepends", "image = \"shop/api:latest\"\ndepends", r#":19:9 "shop/api:latest" ← has a tag or digest | `shop/api:latest` names an image, not its repository | leave it out: the tag is the release's version"#)]
#[case(
    r#"region = "eu-west-1""#,
    r#"region = "europe""#,
    r#":5:10 "europe" ← not a region | `europe` is not a region | for example "sa-east-1""#
)]
#[case(
    r#"region = "eu-west-1""#,
    "region = \"eu-west-1\"\naccount = \"1234\"",
    r#":6:11 "1234" ← not an account | `1234` is not an account | an account id has 12 digits"#
)]
#[case(r#"cluster = "shop-{{ environment }}""#, r#"cluster = "shop {{ environment }}""#, r#":6:11 "shop {{ environment }}" ← not a valid name | `shop staging` is not a valid `cluster` | letters, digits, hyphens and underscores, at most 255"#)]
#[case(r#"image = "shop/auth""#, "image = \"shop/auth\"\nservice = \"a.b\"", r#":25:11 "a.b" ← not a valid name | `a.b` is not a valid `service` | letters, digits, hyphens and underscores, at most 255"#)]
#[case(r#"image = "shop/auth""#, "image = \"shop/auth\"\nservice = \"shop-staging-api\"", r#":25:11 "shop-staging-api" ← the same service | `api` and `auth` are the same service `shop-staging-api` on the cluster"#)]
#[case(
    r#"region = "eu-west-1""#,
    "region = \"eu-west-1\"\nstate = \"gs://bucket\"",
    r#":6:9 "gs://bucket" ← not a place | state cannot be kept at `gs://` | a directory, or "s3://bucket/prefix""#
)]
#[case(
    r#"region = "eu-west-1""#,
    "region = \"eu-west-1\"\nstate = \"s3://B/x\"",
    r#":6:9 "s3://B/x" ← not a place | `B` is not a bucket name | a directory, or "s3://bucket/prefix""#
)]
#[case(
    r#"region = "eu-west-1""#,
    "region = \"eu-west-1\"\nstate = \"\"",
    r#":6:9 "" ← not a place | `state` is empty | a directory, or "s3://bucket/prefix""#
)]
#[case(r#"bucket = "shop-{{ environment }}""#, r#"bucket = "Shop""#, r#":39:10 "Shop" ← not a bucket name | `Shop` is not a bucket name | 3 to 63 lower-case letters, digits, hyphens and dots"#)]
#[case(
    r#"{ host = "shop.test" }"#,
    r#"{ host = "shop.test", region = "x" }"#,
    r#":7:35 region ← built in | `region` is built in and cannot be a variable | give it another name"#
)]
#[case(
    r#"{ host = "shop.test" }"#,
    r#"{ host = "shop.test", "a b" = "x" }"#,
    r#":7:35 "a b" ← not a valid name | `a b` is not a valid variable name | letters, digits, `_` and `-`"#
)]
#[case(r#"container = "migration""#, r#"container = "migrations""#, r#":30:13 "migrations" ← no such container | the task definition has no container `migrations` | did you mean `migration`?"#)]
#[case(r#"url = "https://{{ host }}/home""#, r#"url = "ftp://{{ host }}/home""#, r#":45:7 "ftp://{{ host }}/home" ← not an address | `ftp://shop.test/home` is not an http or https address | for example "https://example.org/health""#)]
#[case(r#"url = "https://{{ host }}/home""#, r#"url = "https:///home""#, r#":45:7 "https:///home" ← not an address | `https:///home` is not an http or https address | for example "https://example.org/health""#)]
#[case(r#"url = "https://{{ host }}/""#, r#"url = "{{ host }}""#, r#":40:7 "{{ host }}" ← not an address | `shop.test` is not an http or https address | for example "https://example.org/health""#)]
#[case(
    r#"pointer = "/version""#,
    r#"pointer = "build.version""#,
    r#":25:63 "build.version" ← starts with `/` | `build.version` is not a JSON pointer | write "/build/version""#
)]
fn names(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(
    r#"app = "shop""#,
    r#"app = "shop"#,
    r#":1:12  ← here | this is not TOML: invalid basic string, expected `"`"#
)]
#[case(
    r#"app = "shop""#,
    "app = \"shop\"\napp = \"shop\"",
    r#":2:1 app ← written before | the same key is written twice | keep one of them"#
)]
#[case(
    r#"app = "shop""#,
    r#"app ="#,
    r#":1:6  ← here | this is not TOML: string values must be quoted, expected literal string"#
)]
#[case(
    r#"[services.auth]"#,
    r#"[services.api]"#,
    ":22:11 api ← written before | the same key is written twice | keep one of them\nbackstay.toml:23:1 task_definition ← written before | the same key is written twice | keep one of them\nbackstay.toml:24:1 image ← written before | the same key is written twice | keep one of them"
)]
fn syntax(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}
