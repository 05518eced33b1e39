//! Several frontends: what each means in each environment, and what is said where two of them get in each other's way.

use backstay_config::{Configured, load};
use rstest::rstest;

use crate::{API, TOML, picture, said};

/// The configuration with the one frontend called `site`.
fn named() -> String {
    TOML.replace("[frontend]\n", "[frontends.site]\n")
}

const ADMIN: &str = r#"
[frontends.admin]
directory = "admin/dist"
bucket = "shop-{{ environment }}-admin"
url = "https://admin.{{ host }}"
"#;

fn loaded(toml: &str, environment: &str) -> Configured {
    let files = |path: &str| {
        let container = path.trim_end_matches(".json");
        Ok(API.replace("\"api\"", &format!("\"{container}\"")))
    };
    let toml = toml.replace("cloud = \"aws\"", "cloud = \"simulated\"");
    match load("backstay.toml", &toml, environment, &files) {
        Ok(configured) => configured,
        Err(problems) => panic!("{}", picture(&problems)),
    }
}

fn places(toml: &str, environment: &str) -> Vec<String> {
    let app = loaded(toml, environment).app;
    let each = app.frontends.iter();
    each.map(|(name, it)| format!("{name} s3://{}/{}", it.bucket, it.prefix))
        .collect()
}

#[test]
fn each_has_its_own_and_environments_change_one_of_them() {
    let toml = format!(
        "{}{ADMIN}environments = [\"staging\", \"production\"]\n[environments.production.frontends.admin]\nbucket = \"the-admin\"\nprefix = \"web\"\n",
        named()
    );
    assert_eq!(
        places(&toml, "staging"),
        ["admin s3://shop-staging-admin/", "site s3://shop-staging/"]
    );
    assert_eq!(
        places(&toml, "production"),
        ["admin s3://the-admin/web/", "site s3://shop-production/"]
    );
    let only = toml.replace("[\"staging\", \"production\"]", "[\"production\"]");
    assert_eq!(places(&only, "staging"), ["site s3://shop-staging/"]);
}

#[test]
fn the_one_without_a_name_is_called_frontend() {
    assert_eq!(places(TOML, "staging"), ["frontend s3://shop-staging/"]);
    let said = TOML.replace("[frontend]\n", "[frontends.frontend]\n");
    let (one, other) = (loaded(TOML, "staging"), loaded(&said, "staging"));
    assert_eq!(one.app, other.app, "and its fingerprint with it");
}

#[test]
fn two_may_lie_beside_each_other_in_one_bucket() {
    let toml = format!("{}{ADMIN}", named())
        .replace("{{ environment }}-admin", "{{ environment }}")
        .replace(
            "url = \"https://admin.",
            "prefix = \"admin\"\nurl = \"https://admin.",
        )
        .replace("mutable =", "prefix = \"site\"\nmutable =");
    assert_eq!(
        places(&toml, "staging"),
        [
            "admin s3://shop-staging/admin/",
            "site s3://shop-staging/site/"
        ]
    );
}

#[rstest]
#[case(
    "[frontends.admin]\ndirectory = \"a\"\nbucket = \"shop-staging\"",
    ":53:10 \"shop-staging\" ← not its own | s3://shop-staging/ overlaps with what `site` publishes to (s3://shop-staging/) | give each a bucket of its own, or a `prefix` that is no part of another's"
)]
#[case(
    "[frontends.zoo]\ndirectory = \"a\"\nbucket = \"shop-staging\"\nprefix = \"zoo\"",
    ":54:10 \"zoo\" ← not its own | s3://shop-staging/zoo/ overlaps with what `site` publishes to (s3://shop-staging/) | give each a bucket of its own, or a `prefix` that is no part of another's"
)]
#[case(
    "[frontends.api]\ndirectory = \"a\"\nbucket = \"shop-api\"",
    ":51:12 api ← the same name | `api` is a service as well | the parts of an app have names of their own: call one of them otherwise"
)]
#[case(
    "[frontends.migration]\ndirectory = \"a\"\nbucket = \"shop-api\"",
    ":51:12 migration ← not for a frontend | `migration` is what another part of every app is called"
)]
#[case(
    "[frontends.Admin]\ndirectory = \"a\"\nbucket = \"shop-api\"",
    ":51:12 Admin ← not a valid frontend name | `Admin` is not a valid frontend name | lower-case letters, digits and hyphens, starting with a letter, at most 63"
)]
#[case(
    "[frontends.admin]\ndirectory = \"a\"\nbukcet = \"shop-api\"",
    ":51:1 [frontends.admin] ← `bucket` is required here | `bucket` is missing in [frontends.admin]\nbackstay.toml:53:1 bukcet ← unknown key | unknown key `bukcet` in [frontends.admin] | did you mean `bucket`?"
)]
#[case(
    "[environments.staging.frontends.sites]\nprefix = \"a\"",
    ":51:33 sites ← unknown name | [environments.staging.frontends] changes `sites`, and `frontends` has none that is called so | did you mean `site`?"
)]
#[case(
    "[frontends.admin]\ndirectory = \"a\"\nbucket = \"shop-api\"\nenvironments = [\"stagging\"]",
    ":54:17 \"stagging\" ← unknown name | the frontend `admin` is for `stagging`, which is not an environment | did you mean `staging`?"
)]
fn wrong(#[case] more: &str, #[case] expected: &str) {
    let said = said(&format!("{}\n{more}\n", named()), API, "staging");
    assert_eq!(said, format!("backstay.toml{expected}\n"));
}

/// Nobody could tell which of them is meant.
#[test]
fn one_without_a_name_beside_others() {
    let toml = format!("{TOML}{ADMIN}");
    let expected = "backstay.toml:37:1 [frontend] ← the one without a name | [frontend] stands beside [frontends.…] | give it a name as the others have: as [frontends.frontend] it stays the one that earlier releases have\n";
    assert_eq!(said(&toml, API, "staging"), expected);
    let here = format!(
        "{}\n[environments.staging.frontend]\ndirectory = \"a\"\nbucket = \"shop-api\"\n",
        named()
    );
    let said = said(&here, API, "staging");
    assert!(
        said.contains(":51:1 [environments.staging.frontend] ← the one without a name"),
        "{said}"
    );
}
