//! What is said about configurations as a whole, and about many problems at once.

use std::fmt::Write as _;

use backstay_config::{FileProblem, load};

use crate::{API, TOML, said};

#[test]
fn an_unknown_environment_is_said_with_the_known_ones() {
    insta::assert_snapshot!(said(TOML, API, "stagign"), @r#"
    backstay.toml | there is no environment `stagign`; configured: `production`, `staging` | did you mean `staging`?
    "#);
    insta::assert_snapshot!(said(TOML, API, "qa"), @r#"
    backstay.toml | there is no environment `qa`; configured: `production`, `staging` | add [environments.qa]
    "#);
    insta::assert_snapshot!(said("app = \"shop\"\nenvironments = {}", API, "qa"), @r#"
    backstay.toml | there is no environment `qa`; configured: none | add [environments.qa]
    "#);
}

#[test]
fn what_only_the_chosen_environment_needs_is_asked_there_only() {
    let toml = &TOML.replace(
        "zone = \"z1\" }\n",
        "zone = \"z1\" }\nstate = \"s3://shop-state\"\n",
    );
    let toml = toml.replace(
        "https://{{ host }}/home",
        "https://{{ host }}/{{ zone }}{{ account }}",
    );
    assert_eq!(said(&toml, API, "production"), "no problem\n");
}

/// On the simulated cloud as on AWS: ECS refuses the task.
#[test]
fn a_migration_with_a_network_of_its_own_has_subnets() {
    let toml = TOML.replace("cloud = \"aws\"", "cloud = \"aws\"\nstate = \".backstay\"");
    let toml = toml.replace("subnets = [\"subnet-1\"]\n", "");
    for environment in ["staging", "production"] {
        let found = said(&toml, API, environment);
        let expected = "← `subnets` is required here | the migration has no `subnets`: a task on Fargate cannot start without\n";
        assert!(found.ends_with(expected), "{environment}: {found}");
    }
}

#[test]
fn state_on_aws_is_said_on_purpose() {
    let [missing] = [said(TOML, API, "production")];
    assert!(
        missing.starts_with("backstay.toml:10:15 production ← `state` is missing | `production` is on AWS and has no `state` | state = \"s3://BUCKET/PREFIX\""),
        "{missing}"
    );
    for place in ["s3://shop-state/x", ".backstay", "/var/lib/backstay"] {
        let state = format!("cloud = \"aws\"\nstate = \"{place}\"");
        let toml = TOML.replace("cloud = \"aws\"", &state);
        assert_eq!(said(&toml, API, "production"), "no problem\n", "{place}");
    }
}

#[test]
fn an_environment_without_anything_is_a_mistake() {
    let toml = "app = \"shop\"\n[environments.a]\ncloud = \"simulated\"\nregion = \"eu-west-1\"\ncluster = \"c\"\n";
    insta::assert_snapshot!(said(toml, API, "a"), @r#"
    backstay.toml | there is nothing to deploy to `a` | add [services.…] or [frontend]
    "#);
}

#[test]
fn too_many_of_anything_is_a_problem_and_not_a_crash() {
    let mut toml = TOML.replace("depends_on = [\"auth\"]\n", "");
    for n in 0..300 {
        let _ = write!(
            toml,
            "[services.s{n}]\ntask_definition = \"api.json\"\nimage = \"shop/s\"\ndepends_on = [\"s{}\"]\n",
            (n + 1) % 300
        );
    }
    insta::assert_snapshot!(said(&toml, API, "staging"), @r#"
    backstay.toml | there are more than 200 services
    "#);
    insta::assert_snapshot!(said(&"#".repeat(1024 * 1024 + 1), API, "staging"), @r#"
    backstay.toml | the configuration is larger than 1 MiB
    "#);
}

#[test]
fn a_wrong_value_is_said_once_and_not_wherever_it_is_used() {
    let toml = TOML
        .replace("region = \"eu-west-1\"", "region = \"mars\"")
        .replace("host = \"shop.test\"", "host = 7");
    insta::assert_snapshot!(said(&toml, API, "staging"), @r#"
    backstay.toml:5:10 "mars" ← not a region | `mars` is not a region | for example "sa-east-1"
    backstay.toml:7:22 7 ← expected a string | `host` must be a string, found an integer | write it in quotes
    "#);
}

#[test]
fn everything_is_said_at_once_in_reading_order() {
    let toml = TOML
        .replace("app = \"shop\"", "app = \"My Shop\"\nname = \"x\"")
        .replace(
            "region = \"eu-west-1\"\ncluster",
            "regoin = \"eu-west-1\"\ncluster",
        )
        .replace("bake = \"15s\"", "bake = \"15 apples\"")
        .replace(
            "depends_on = [\"auth\"]",
            "depends_on = [\"auht\"]\ndesired_count = \"2\"",
        )
        .replace("\"auth.json\"", "\"oauth.json\"")
        .replace("container = \"migration\"", "container = \"migrate\"")
        .replace("compatibility = \"compatible\"\n", "")
        .replace("mutable = [\"index.html\"]", "mutable = []")
        .replace("https://{{ host }}/home", "gopher://{{ host }}/home");
    let api = API
        .replace("{{ cluster }}", "{{ clutser }}")
        .replace("{{ image }}", "nginx");
    insta::assert_snapshot!(said(&toml, &api, "staging"), @r#"
    backstay.toml:1:7 "My Shop" ← not a valid app name | `My Shop` is not a valid app name | lower-case letters, digits and hyphens, starting with a letter, at most 63
    backstay.toml:2:1 name ← unknown key | unknown key `name` at the top of the file | known: `app`, `checks`, `environments`, `frontend`, `frontends`, `images`, `jobs`, `migration`, `policy`, `services`, `simulation`, `variables`
    backstay.toml:4:1 [environments.staging] ← `region` is required here | `region` is missing in [environments.staging]
    backstay.toml:6:1 regoin ← unknown key | unknown key `regoin` in [environments.staging] | did you mean `region`?
    backstay.toml:9:19 "15 apples" ← not a duration | `bake` is not a duration: `apples` is not a unit: ms, s, m, h, d | write it like "90s", "15m" or "1h30m"
    backstay.toml:21:15 "auht" ← unknown name | `api` depends on `auht`, which is not a service | did you mean `auth`?
    backstay.toml:22:17 "2" ← expected an integer | `desired_count` must be an integer, found a string | leave out the quotes
    backstay.toml:25:19 "oauth.json" ← no such file | there is no file `oauth.json` | paths are relative to the configuration
    backstay.toml:29:1 [migration] ← `compatibility` is required here | `compatibility` is missing in [migration]
    backstay.toml:32:13 "migrate" ← no such container | the task definition has no container `migrate` | did you mean `migration`?
    backstay.toml:42:11 [] ← empty list | `mutable` lists no file | at least the entry page changes with every release: mutable = ["index.html"]
    backstay.toml:46:7 "gopher://{{ host }}/home" ← not an address | `gopher://shop.test/home` is not an http or https address | for example "https://example.org/health"
    api.json:6:16 "nginx" ← the same in every release | no container has the image `{{ image }}`: a release could not pin it | write "image": "{{ image }}"
    api.json:7:101 clutser ← unknown variable | unknown variable `clutser` | did you mean `cluster`?
    "#);
}

/// The command line renders these with `miette`; this is its plainest handler.
#[test]
fn problems_are_diagnostics() {
    let files = |_: &str| Err(FileProblem::Missing);
    let toml = "app = \"shop\"\n[environments.a]\ncloud = \"simulated\"\nregion = \"eu-west-1\"\nclustre = \"c\"\n";
    let Err(problems) = load("app/backstay.toml", toml, "a", &files) else {
        panic!("it has problems")
    };
    let mut out = String::new();
    let handler = miette::NarratableReportHandler::new().with_context_lines(0);
    assert!(handler.render_report(&mut out, &problems).is_ok());
    insta::assert_snapshot!(out, @r#"
    the configuration has 2 problems
        Diagnostic severity: error

    Error: `cluster` is missing in [environments.a]
        Diagnostic severity: error

    Begin snippet for app/backstay.toml starting at line 2, column 1

    snippet line 2: [environments.a]
        label at line 2, columns 1 to 16: `cluster` is required here
    Error: unknown key `clustre` in [environments.a]
        Diagnostic severity: error

    Begin snippet for app/backstay.toml starting at line 5, column 1

    snippet line 5: clustre
        label at line 5, columns 1 to 7: unknown key
    diagnostic help: did you mean `cluster`?
    "#);
}

#[test]
fn more_environments_than_anyone_has() {
    let more: String = (0..99).fold(String::new(), |text, number| {
        format!("{text}\n[environments.e{number}]\ncloud = \"simulated\"\nregion = \"eu-west-1\"\n")
    });
    let told = crate::said(&format!("{}{more}", crate::TOML), crate::API, "staging");
    assert!(
        told.ends_with("e98 ← one too many | there are more than 100 environments\n"),
        "{told}"
    );
}
