//! What is looked up elsewhere: how it is said, what comes of it, and what is said where nothing does.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_config::{FileProblem, Files, Purpose, load, wanted};
use backstay_domain::lookup::{Place, TerraformState, Trouble};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{API, TOML, picture};

/// Files, and what was found at some places.
struct Here {
    found: BTreeMap<Place, Result<Value, Trouble>>,
    purpose: Purpose,
}

impl Files for Here {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        let container = path.trim_end_matches(".json");
        Ok(API.replace("\"api\"", &format!("\"{container}\"")))
    }

    fn look_up(&self, place: &Place) -> Option<Result<Value, Trouble>> {
        self.found.get(place).cloned()
    }

    fn purpose(&self) -> Purpose {
        self.purpose
    }
}

/// Production, on AWS, with these lines in its table of variables.
fn toml(lines: &str) -> String {
    let toml = TOML.replace(
        "variables = { host = \"shop.example\", zone = \"z1\" }",
        "state = \"s3://shop-state\"",
    );
    let first = "[environments.production.variables]\n";
    format!("{toml}\n{first}zone = \"z1\"\n{lines}\n")
}

/// The host that the checks ask, and what was looked up; or what is said.
fn host(lines: &str, found: Vec<(Place, Result<Value, Trouble>)>, purpose: Purpose) -> String {
    let here = Here {
        found: found.into_iter().collect(),
        purpose,
    };
    match load("backstay.toml", &toml(lines), "production", &here) {
        Ok(configured) => {
            let looked_up = configured.app.looked_up.iter();
            let looked_up: Vec<String> = looked_up
                .map(|one| format!("{} = {} ({})", one.name, one.value, one.source))
                .collect();
            format!("{}; {}", configured.app.checks[0].url, looked_up.join("; "))
        }
        Err(problems) => picture(&problems),
    }
}

fn parameter(name: &str) -> Place {
    Place::Parameter(name.to_owned())
}

fn state() -> TerraformState {
    TerraformState::Object {
        bucket: "shop-terraform".to_owned(),
        key: "production.tfstate".to_owned(),
    }
}

/// One way to say where, the place, what is there, and what that comes to.
#[rstest]
#[case(
    r#"{ env = "SHOP_HOST" }"#,
    Place::Variable("SHOP_HOST".to_owned()),
    json!("a.test"),
    "a.test (environment variable SHOP_HOST)"
)]
#[case(
    r#"{ ssm = "/shop/{{ environment }}/host" }"#,
    parameter("/shop/production/host"),
    json!("a.test"),
    "a.test (parameter /shop/production/host)"
)]
#[case(
    r#"{ ssm = "/shop/hosts", json = "/1" }"#,
    parameter("/shop/hosts"),
    json!(["a.test", "b.test"]),
    "b.test (parameter /shop/hosts)"
)]
#[case(
    r#"{ terraform = "host", state = "s3://shop-terraform/{{ environment }}.tfstate" }"#,
    Place::Output { name: "host".to_owned(), state: state() },
    json!("a.test"),
    "a.test (output host of s3://shop-terraform/production.tfstate)"
)]
#[case(
    r#"{ resource = "aws_lb.main", json = "/dns_name", state = "s3://shop-terraform/production.tfstate" }"#,
    Place::Resource { address: "aws_lb.main".to_owned(), state: state() },
    json!({ "dns_name": "a.test" }),
    "a.test (aws_lb.main in s3://shop-terraform/production.tfstate)"
)]
#[case(
    r#"{ terraform = "host", state = "infra/terraform.tfstate" }"#,
    Place::Output {
        name: "host".to_owned(),
        state: TerraformState::File("infra/terraform.tfstate".to_owned()),
    },
    json!("a.test"),
    "a.test (output host of infra/terraform.tfstate)"
)]
#[case(
    r#"{ cloudformation = "shop-{{ environment }}", output = "Host" }"#,
    Place::Stack { stack: "shop-production".to_owned(), output: "Host".to_owned() },
    json!("a.test"),
    "a.test (output Host of stack shop-production)"
)]
#[case(
    r#"{ command = ["./host", "{{ zone }}"], timeout = "30s", json = "/host" }"#,
    Place::Command {
        words: vec!["./host".to_owned(), "z1".to_owned()],
        within: Duration::from_secs(30),
    },
    json!("{\"host\": \"a.test\"}"),
    "a.test (command ./host …)"
)]
fn it_is_found(
    #[case] said: &str,
    #[case] place: Place,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let lines = format!("host = {said}");
    let found = host(&lines, vec![(place, Ok(value))], Purpose::Deployment);
    let first = expected.split(' ').next().unwrap_or_default();
    assert_eq!(found, format!("https://{first}/home; host = {expected}"));
}

/// What is found says where to look next; each is asked once.
#[test]
fn one_after_the_other() {
    let lines = "stage = { ssm = \"/stage\" }\nhost = { ssm = \"/{{ stage }}/host\" }";
    let text = toml(lines);
    let mut here = Here {
        found: BTreeMap::new(),
        purpose: Purpose::Deployment,
    };
    let mut asked = Vec::new();
    while let places = wanted("backstay.toml", &text, "production", &here).places
        && !places.is_empty()
    {
        for place in places {
            let value = match &place {
                Place::Parameter(name) if name == "/stage" => "blue",
                _ => "blue.test",
            };
            asked.push(place.to_string());
            here.found.insert(place, Ok(json!(value)));
        }
    }
    assert_eq!(asked, ["parameter /stage", "parameter /blue/host"]);
    let app = load("backstay.toml", &text, "production", &here)
        .unwrap()
        .app;
    assert_eq!(app.checks[0].url, "https://blue.test/home");
}

/// A rehearsal asks nobody: it takes what is said for it, and refuses where nothing is.
#[test]
fn rehearsals() {
    let said = host(
        "host = { ssm = \"/host\", rehearsal = \"here.test\" }",
        vec![],
        Purpose::Rehearsal,
    );
    assert_eq!(
        said,
        "https://here.test/home; host = here.test (parameter /host, in a rehearsal)"
    );
    let said = host("host = { ssm = \"/host\" }", vec![], Purpose::Rehearsal);
    assert_eq!(
        said,
        "backstay.toml:53:8 { ssm = \"/host\" } ← no `rehearsal` | `host` is not looked up: a rehearsal asks no cloud and runs no command | say what it is there: rehearsal = \"…\"\n"
    );
}

const SECRET: &str = "what is looked up is shown in plans and recorded: let the task read it, by `secrets` in its task definition";

/// What is there, and what is said of it.
#[rstest]
#[case(
    Err(Trouble::Missing("parameter `/host`".to_owned())),
    "not found | `host` cannot be looked up (parameter /host): there is no parameter `/host`".to_owned()
)]
#[case(
    Err(Trouble::Secret("a SecureString")),
    format!("would be shown | `host` cannot be looked up (parameter /host): it is a SecureString | {SECRET}")
)]
#[case(
    Err(Trouble::Late(Duration::from_secs(10))),
    "too slow | `host` cannot be looked up (parameter /host): it took longer than 10 s | give it another `timeout`".to_owned()
)]
#[case(
    Err(Trouble::Failed("nobody answers".to_owned())),
    "cannot be asked | `host` cannot be looked up (parameter /host): nobody answers".to_owned()
)]
#[case(
    Ok(json!("ghp_0123456789")),
    format!("would be shown | `host` cannot be looked up (parameter /host): it is a token | {SECRET}")
)]
#[case(
    Ok(json!({ "a": "a.test" })),
    "cannot be asked | `host` cannot be looked up (parameter /host): it is no text and no list of texts: say which value of it is meant, like json = \"/id\"".to_owned()
)]
#[case(
    Ok(Value::Null),
    "not found | `host` cannot be looked up (parameter /host): there is no value: it is null".to_owned()
)]
fn trouble(#[case] found: Result<Value, Trouble>, #[case] expected: String) {
    let lines = "host = { ssm = \"/host\" }";
    let said = host(
        lines,
        vec![(parameter("/host"), found)],
        Purpose::Deployment,
    );
    let at = "backstay.toml:53:8 { ssm = \"/host\" } ← ";
    assert_eq!(said, format!("{at}{expected}\n"));
}

/// What is wrong with how it is said, whatever is there.
#[rstest]
#[case(
    r#"{ }"#,
    ":53:8 { } ← nothing is asked | a look-up does not say where | one of `env`, `ssm`, `terraform`, `resource`, `cloudformation` or `command`"
)]
#[case(
    r#"{ env = "A", ssm = "/a" }"#,
    ":53:27 \"/a\" ← asked elsewhere, too | a look-up asks in two places | one of `env`, `ssm`, `terraform`, `resource`, `cloudformation` or `command`"
)]
#[case(
    r#"{ terraform = "a" }"#,
    ":53:8 { terraform = \"a\" } ← `state` is required here | `state` is missing in [environments.production.variables.host]"
)]
#[case(
    r#"{ cloudformation = "a" }"#,
    ":53:8 { cloudformation = \"a\" } ← `output` is required here | `output` is missing in [environments.production.variables.host]"
)]
#[case(
    r#"{ env = "A", state = "a" }"#,
    ":53:29 \"a\" ← never looked at | `state` says nothing without `terraform` or `resource`"
)]
#[case(
    r#"{ env = "A", timeout = "9s" }"#,
    ":53:31 \"9s\" ← never looked at | `timeout` says nothing without `command`"
)]
#[case(
    r#"{ terraform = "a", state = "gs://b/c" }"#,
    ":53:35 \"gs://b/c\" ← not a place | a state of Terraform at `gs://` cannot be read | a file, or \"s3://BUCKET/KEY\"; of another backend: command = [\"terraform\", \"output\", \"-json\"]"
)]
#[case(
    r#"{ terraform = "a", state = "s3://bucket" }"#,
    ":53:35 \"s3://bucket\" ← not a place | `s3://bucket` names no object of a bucket | a file, or \"s3://BUCKET/KEY\"; of another backend: command = [\"terraform\", \"output\", \"-json\"]"
)]
#[case(
    r#"{ command = [] }"#,
    ":53:20 [] ← empty list | `command` is empty | name what is run"
)]
#[case(
    r#"{ evn = "A" }"#,
    ":53:8 { evn = \"A\" } ← nothing is asked | a look-up does not say where | one of `env`, `ssm`, `terraform`, `resource`, `cloudformation` or `command`\nbackstay.toml:53:10 evn ← unknown key | unknown key `evn` in [environments.production.variables.host] | did you mean `env`?"
)]
#[case(
    r#"{ env = "{{ nowhere }}" }"#,
    ":53:20 nowhere ← unknown variable | unknown variable `nowhere` | known: `account`, `app`, `environment`, `host`, `region`, `zone`"
)]
#[case(
    r#"{ env = "A", json = "a" }"#,
    ":53:28 \"a\" ← starts with `/` | `a` is not a JSON pointer | write \"/a\""
)]
#[case(
    r#"{ ssm = "/{{ host }}" }"#,
    ":53:16 \"/{{ host }}\" ← closes the circle | variables use each other in a circle: host → host"
)]
fn said_wrong(#[case] said: &str, #[case] expected: &str) {
    let lines = format!("host = {said}");
    let here = vec![(Place::Variable("A".to_owned()), Ok(json!("a.test")))];
    let found = host(&lines, here, Purpose::Deployment);
    assert_eq!(found, format!("backstay.toml{expected}\n"));
}

/// A name says what its value does not.
#[test]
fn called_like_a_secret() {
    let place = Place::Variable("DB_PASSWORD".to_owned());
    let lines = "host = { env = \"DB_PASSWORD\" }";
    let said = host(
        lines,
        vec![(place, Ok(json!("hunter2")))],
        Purpose::Deployment,
    );
    assert!(said.contains("it is called like a secret"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

/// The variable's own name says it, too, and nobody is asked.
#[test]
fn a_variable_called_like_a_secret() {
    for name in ["db_password", "dbPassword", "DBPassword"] {
        let lines = format!("{name} = {{ command = [\"./it\"] }}\nhost = \"a.test\"");
        let expected = format!(
            "backstay.toml:53:1 {name} ← would be shown | `{name}` is looked up, and called like a secret | {SECRET}\n"
        );
        assert_eq!(host(&lines, vec![], Purpose::Deployment), expected);
        assert_eq!(asked(&toml(&lines)), []);
    }
}

/// The places of a configuration of which nothing is known yet.
fn asked(text: &str) -> Vec<Place> {
    let here = Here {
        found: BTreeMap::new(),
        purpose: Purpose::Deployment,
    };
    wanted("backstay.toml", text, "production", &here).places
}

/// What is wrong anyway asks nobody; what only waits for an answer is not wrong.
#[test]
fn nobody_is_asked_in_vain() {
    let lines = "stage = { env = \"STAGE\" }\nhost = { env = \"{{ stage }}_HOST\" }";
    let right = toml(lines);
    assert_eq!(asked(&right), [Place::Variable("STAGE".to_owned())]);
    assert_eq!(asked(&right.replace("eu-west-1", "eu-wets-1")), []);
    assert_eq!(asked(&right.replace("s3://shop-state", "gs://shop")), []);
}

/// Several values are a list's, and nothing else's.
#[test]
fn several_values() {
    let subnets = Place::Output {
        name: "subnets".to_owned(),
        state: state(),
    };
    let lines = "host = \"a.test\"\nsubnets = { terraform = \"subnets\", state = \"s3://shop-terraform/production.tfstate\", rehearsal = [\"subnet-8\", \"subnet-9\"] }";
    let read = |toml: &str, purpose: Purpose| {
        let found = Ok(json!(["subnet-1", "subnet-2"]));
        let here = Here {
            found: BTreeMap::from([(subnets.clone(), found)]),
            purpose,
        };
        load("backstay.toml", toml, "production", &here)
    };
    let alone = toml(lines).replace("\"subnet-1\"", "\"subnet-0\", \"{{ subnets }}\"");
    let network = |purpose| {
        let app = read(&alone, purpose).unwrap().app;
        app.migration.unwrap().network.subnets
    };
    let real = ["subnet-0", "subnet-1", "subnet-2"];
    assert_eq!(network(Purpose::Deployment), real);
    let rehearsed = ["subnet-0", "subnet-8", "subnet-9"];
    assert_eq!(network(Purpose::Rehearsal), rehearsed);
    let inside = toml(lines).replace("\"subnet-1\"", "\"net-{{ subnets }}\"");
    let problems = read(&inside, Purpose::Deployment).unwrap_err();
    assert_eq!(
        picture(&problems),
        "backstay.toml:35:20 subnets ← a list | `subnets` is several values: it stands alone in a list | pick one of them where it is looked up, like json = \"/0\"\n"
    );
}
