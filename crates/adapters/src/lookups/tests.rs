//! What is found where, and what is said where it is not.

use std::time::Duration;

use backstay_domain::lookup::{Place, TerraformState, Trouble};
use rstest::rstest;
use serde_json::{Value, json};

use super::Lookups;

fn state() -> Value {
    json!({
        "version": 4,
        "terraform_version": "1.9.0",
        "outputs": {
            "host": { "value": "shop.test", "type": "string" },
            "subnets": { "value": ["subnet-1", "subnet-2"], "type": ["list", "string"] },
            "database": { "value": "unseen", "type": "string", "sensitive": true },
        },
        "resources": [
            { "mode": "managed", "type": "aws_lb", "name": "main", "instances": [
                { "attributes": { "dns_name": "lb.test", "key": "unseen" }, "sensitive_attributes": [[{ "type": "get_attr", "value": "key" }]] },
            ] },
            // As Terraform before 1.10 writes them: nothing is marked.
            { "mode": "managed", "type": "random_password", "name": "db", "instances": [
                { "attributes": { "result": "unseen" }, "sensitive_attributes": [] },
            ] },
            { "mode": "managed", "type": "aws_db_instance", "name": "db", "instances": [
                { "attributes": { "address": "db.test", "password": "unseen" }, "sensitive_attributes": [] },
            ] },
            { "mode": "data", "type": "aws_ssm_parameter", "name": "p", "instances": [
                { "attributes": { "type": "SecureString", "value": "unseen" }, "sensitive_attributes": [] },
            ] },
            { "module": "module.net", "mode": "managed", "type": "aws_subnet", "name": "a", "instances": [
                { "index_key": 0, "attributes": { "id": "subnet-0" } },
                { "index_key": "b", "attributes": { "id": "subnet-b" } },
            ] },
            { "mode": "data", "type": "aws_vpc", "name": "v", "instances": [{ "attributes": { "id": "vpc-1" } }] },
        ],
    })
}

/// What is found, in a directory with a state.
async fn found(place: Place) -> Result<Value, Trouble> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.tfstate"), state().to_string()).unwrap();
    std::fs::write(directory.path().join("old.tfstate"), r#"{"version": 3}"#).unwrap();
    std::fs::write(
        directory.path().join("sealed.tfstate"),
        r#"{"encrypted_data": "x"}"#,
    )
    .unwrap();
    std::fs::write(directory.path().join("text.tfstate"), "no JSON").unwrap();
    let lookups = Lookups {
        directory: directory.path(),
        variable: &|name| (name == "HOST").then(|| "shop.test".to_owned()),
        aws: None,
    };
    lookups
        .all(std::slice::from_ref(&place))
        .await
        .remove(&place)
        .unwrap()
}

fn output(file: &str, name: &str) -> Place {
    Place::Output {
        name: name.to_owned(),
        state: TerraformState::File(file.to_owned()),
    }
}

fn resource(address: &str) -> Place {
    Place::Resource {
        address: address.to_owned(),
        state: TerraformState::File("a.tfstate".to_owned()),
    }
}

fn command(words: &[&str], within: Duration) -> Place {
    Place::Command {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        within,
    }
}

const LONG: Duration = Duration::from_secs(60);

#[rstest]
#[case(Place::Variable("HOST".to_owned()), json!("shop.test"))]
#[case(output("a.tfstate", "host"), json!("shop.test"))]
#[case(output("a.tfstate", "subnets"), json!(["subnet-1", "subnet-2"]))]
#[case(resource("aws_lb.main"), json!({ "dns_name": "lb.test" }))]
#[case(resource("module.net.aws_subnet.a[0]"), json!({ "id": "subnet-0" }))]
#[case(resource("module.net.aws_subnet.a[\"b\"]"), json!({ "id": "subnet-b" }))]
#[case(resource("data.aws_vpc.v"), json!({ "id": "vpc-1" }))]
#[case(resource("aws_db_instance.db"), json!({ "address": "db.test" }))]
#[case(command(&["echo", "shop.test"], LONG), json!("shop.test"))]
#[tokio::test]
async fn it_is_there(#[case] place: Place, #[case] expected: Value) {
    assert_eq!(found(place).await, Ok(expected));
}

#[rstest]
#[case(Place::Variable("HOTS".to_owned()), "there is no variable `HOTS`")]
#[case(
    output("a.tfstate", "hots"),
    "there is no output `hots`: there are database, host, subnets"
)]
#[case(output("a.tfstate", "database"), "it is a sensitive output")]
#[case(resource("random_password.db"), "it is a resource that holds a secret")]
#[case(
    resource("data.aws_ssm_parameter.p"),
    "it is a resource that holds a secret"
)]
#[case(output("b.tfstate", "host"), "there is no file `b.tfstate`")]
#[case(
    output("old.tfstate", "host"),
    "the state has format 3, and 4 is known"
)]
#[case(output("sealed.tfstate", "host"), "the state is encrypted")]
#[case(
    output("text.tfstate", "host"),
    "text.tfstate is no state of Terraform"
)]
#[case(
    resource("aws_lb.mian"),
    "there is no resource `aws_lb.mian`: there are aws_db_instance.db, aws_lb.main, data.aws_ssm_parameter.p, data.aws_vpc.v, module.net.aws_subnet.a[\"b\"], module.net.aws_subnet.a[0], random_password.db"
)]
#[case(command(&["nothing-that-there-is"], LONG), "there is no program `nothing-that-there-is`")]
#[case(command(&["sh", "-c", "echo secret; exit 3"], LONG), "it ended with exit code 3")]
#[case(command(&["true"], LONG), "it printed nothing")]
#[case(command(&["sleep", "60"], Duration::from_millis(50)), "it took longer than 0.05 s")]
#[tokio::test]
async fn it_is_not(#[case] place: Place, #[case] expected: &str) {
    let trouble = found(place).await.unwrap_err();
    assert_eq!(trouble.to_string(), expected);
}
