//! Which documents are the same definition, and which are not.

use serde_json::{Value, json};

use super::canonical::{FREE_FORM, has_no_order, order_free_text};
use super::{Definition, ordered_text, substitute};

#[test]
fn read_back_definitions_hash_like_the_ones_that_were_sent() {
    let sent = json!({"family": "f", "cpu": "1 vCPU", "memory": "2 GB", "containerDefinitions": [
        {"name": "web", "image": "i", "portMappings": [{"containerPort": 80}],
         "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]}]});
    let read = json!({"family": "f", "cpu": "1024", "memory": "2048", "revision": 7, "status": "ACTIVE",
        "taskDefinitionArn": "x", "volumes": [], "containerDefinitions": [
        {"name": "web", "image": "i", "essential": true, "cpu": 0, "mountPoints": [], "volumesFrom": [],
         "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
         "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]});
    assert_eq!(Definition::new(sent), Definition::new(read));
}

#[test]
fn what_has_meaning_changes_the_hash() {
    let base = json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i"}]});
    let changed = [
        json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "j"}]}),
        json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "essential": false}]}),
        json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "command": []}]}),
        json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "cpu": 10}]}),
    ];
    for other in changed {
        assert_ne!(
            Definition::new(base.clone()).hash,
            Definition::new(other.clone()).hash,
            "{other}"
        );
    }
}

#[test]
fn the_order_of_members_does_not_change_the_hash() {
    let named = |names: [&str; 2]| {
        let members = names.map(|name| (name.to_owned(), json!({"z": 1, "a": name})));
        Value::Object(members.into_iter().collect())
    };
    let text = r#"{"a":{"a":"a","z":1},"b":{"a":"b","z":1}}"#;
    assert_eq!(ordered_text(&named(["a", "b"])), text);
    assert_eq!(ordered_text(&named(["b", "a"])), text);
    assert_eq!(
        ordered_text(&json!([{"b": "\"", "a": null}])),
        r#"[{"a":null,"b":"\""}]"#
    );
}

/// As it is said, and slower: the document with every list whose order has no meaning in one order.
fn in_one_order(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(_) if FREE_FORM.contains(&name) => value.clone(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), in_one_order(name, member)))
            .collect(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| in_one_order("", item)).collect();
            if has_no_order(name) {
                items.sort_by_cached_key(ordered_text);
            }
            Value::Array(items)
        }
        _ => value.clone(),
    }
}

#[test]
fn what_is_hashed_is_the_document_in_one_order() {
    let odd = json!({
        "tags": [{"key": "b"}, {"key": "a", "value": "\"\u{7f}\u{1}\\é"}], "n": [1.5, -2, null, true, false],
        "command": ["b", "a"], "tmpfs": [["z", "y"], ["x"]], "add": "no list", "drop": [[2, 1], 3],
        "dockerLabels": {"tags": ["b", "a"], "z": {"drop": [2, 1]}}, "labels": ["b", "a"],
        "containerDefinitions": [{"secrets": [{"name": "b"}, {"name": "a"}]}, {"name": "a"}],
    });
    for document in [sent(), odd, json!([[2, 1], {"tags": [2, 1]}]), json!("\n")] {
        assert_eq!(
            order_free_text(&document),
            ordered_text(&in_one_order("", &document)),
            "{document}"
        );
    }
}

#[test]
fn what_was_hashed_here_is_not_hashed_again_and_all_else_is() {
    let here = Definition::new(sent());
    let text = serde_json::to_string(&here).unwrap();
    let read: Definition = serde_json::from_str(&text.replace(&here.hash.0, "0000")).unwrap();
    assert_eq!(read.hash.0, "0000");
    assert_eq!(read.hash_anew(), here.hash);
    assert_eq!(read.anew().hash, here.hash);
    assert_eq!(here.hash_anew(), here.hash);
    assert_eq!(here.anew().document, here.document);
}

#[test]
fn what_people_named_is_no_default() {
    let log = json!({"protocol": "tcp", "cpu": 0, "tags": []});
    let definition = Definition::new(json!({"family": "f", "containerDefinitions": [
        {"name": "web", "image": "i", "logConfiguration": {"options": log}, "dockerLabels": {"essential": true}}]}));
    let web = &definition.document["containerDefinitions"][0];
    assert_eq!(web["logConfiguration"]["options"], log);
    assert_eq!(web["dockerLabels"], json!({"essential": true}));
}

#[test]
fn substitution_is_literal_and_leaves_unknown_names() {
    let value = |name: &str| (name == "version").then(|| "{{ image }}".to_owned());
    assert_eq!(
        substitute("a {{version}} b {{ other }} {{", &value),
        "a {{ image }} b {{ other }} {{"
    );
}

/// One container that says much, as it is sent.
fn sent() -> Value {
    json!({"family": "f", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "tags": [{"key": "team", "value": "shop"}, {"key": "cost", "value": "7"}],
        "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
        "containerDefinitions": [
            {"name": "log", "image": "log:1"},
            {"name": "web", "image": "i", "command": ["serve", "--all"],
             "dependsOn": [{"containerName": "log", "condition": "START"}],
             "healthCheck": {"command": ["CMD", "true"]},
             "portMappings": [{"containerPort": 80}],
             "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
             "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
             "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}}]})
}

/// Whether the answer `change` makes of what was sent may stand for it.
fn stands(change: impl Fn(&mut Value)) -> bool {
    let mut answer = sent();
    change(&mut answer);
    let sent = Definition::new(sent());
    sent.read_back(&answer).says_what(&sent)
}

#[test]
fn what_a_cloud_adds_is_no_difference() {
    let rows = [
        ("", "enableFaultInjection", json!(false)),
        ("", "taskDefinitionArn", json!("f:1")),
        (
            "",
            "compatibilities",
            json!(["EC2", "FARGATE", "MANAGED_INSTANCES"]),
        ),
        ("", "futureMember", json!("AUTOMATIC")),
        (
            "/containerDefinitions/1",
            "futureMember",
            json!({"mode": "on"}),
        ),
        (
            "/containerDefinitions/1/healthCheck",
            "futureMember",
            json!(7),
        ),
        ("/containerDefinitions/1/healthCheck", "interval", json!(30)),
        ("/containerDefinitions/1/healthCheck", "timeout", json!(5)),
        ("/containerDefinitions/1/healthCheck", "retries", json!(3)),
        (
            "/containerDefinitions/1/healthCheck",
            "startPeriod",
            json!(0),
        ),
        (
            "/volumes/0/efsVolumeConfiguration",
            "rootDirectory",
            json!("/"),
        ),
        (
            "/containerDefinitions/1/portMappings/0",
            "hostPort",
            json!(80),
        ),
        (
            "/containerDefinitions/1/portMappings/0",
            "hostPort",
            json!(0),
        ),
        (
            "/containerDefinitions/1/portMappings/0",
            "protocol",
            json!("tcp"),
        ),
        ("/containerDefinitions/0", "essential", json!(true)),
        ("/containerDefinitions/0", "command", json!([])),
        ("/containerDefinitions/1", "ulimits", json!([])),
        ("/containerDefinitions/1", "user", json!("")),
        ("/containerDefinitions/1", "linuxParameters", json!(null)),
        (
            "/containerDefinitions/1",
            "linuxParameters",
            json!({"devices": [], "initProcessEnabled": false}),
        ),
    ];
    for (place, member, value) in rows {
        let stands = stands(|answer| {
            let at = answer.pointer_mut(place).unwrap();
            at[member] = value.clone();
        });
        assert!(stands, "{place}/{member}: {value}");
    }
}

#[test]
fn a_member_that_says_something_is_a_difference() {
    let rows = [
        ("/containerDefinitions/0", "command", json!(["serve"])),
        (
            "/containerDefinitions/1",
            "command",
            json!(["--all", "serve"]),
        ),
        ("", "taskRoleArn", json!("role")),
        ("/containerDefinitions/1/healthCheck", "interval", json!(60)),
        (
            "/volumes/0/efsVolumeConfiguration",
            "rootDirectory",
            json!("/data"),
        ),
        (
            "/containerDefinitions/1/portMappings/0",
            "hostPort",
            json!(8080),
        ),
        ("/containerDefinitions/0", "essential", json!(false)),
        ("/containerDefinitions/0", "stopTimeout", json!(0)),
        ("", "enableFaultInjection", json!(true)),
        (
            "/containerDefinitions/1/logConfiguration/options",
            "mode",
            json!("non-blocking"),
        ),
        ("/containerDefinitions/0", "image", json!("log:2")),
        ("/containerDefinitions/0", "dockerLabels", json!({"a": "b"})),
    ];
    for (place, member, value) in rows {
        let stands = stands(|answer| {
            let at = answer.pointer_mut(place).unwrap();
            at[member] = value.clone();
        });
        assert!(!stands, "{place}/{member}: {value}");
    }
}

#[test]
fn an_entry_that_was_not_sent_is_a_difference() {
    let rows = [
        (
            "/containerDefinitions/1/environment",
            json!({"name": "C", "value": "3"}),
        ),
        (
            "/containerDefinitions",
            json!({"name": "agent", "image": "a"}),
        ),
        ("/tags", json!({"key": "owner", "value": "x"})),
        ("/containerDefinitions/1/command", json!("--verbose")),
    ];
    for (list, entry) in rows {
        let stands = stands(|answer| {
            let list = answer.pointer_mut(list).and_then(Value::as_array_mut);
            list.unwrap().push(entry.clone());
        });
        assert!(!stands, "{list}: {entry}");
    }
}

#[test]
fn order_counts_only_where_it_means_something() {
    for list in [
        "/containerDefinitions",
        "/containerDefinitions/1/environment",
        "/tags",
    ] {
        let turn = |answer: &mut Value| {
            let list = answer.pointer_mut(list).and_then(Value::as_array_mut);
            list.unwrap().reverse();
        };
        assert!(stands(turn), "{list}");
        let mut turned = sent();
        turn(&mut turned);
        assert_eq!(Definition::new(turned).hash, Definition::new(sent()).hash);
    }
}

#[test]
fn tags_of_the_cloud_itself_are_not_ours_and_any_other_makes_another_definition() {
    let tag = |key: &str| json!({"key": key, "value": "x"});
    let push = |answer: &mut Value, key: &str| {
        answer["tags"].as_array_mut().unwrap().push(tag(key));
    };
    assert!(stands(|answer| push(answer, "aws:cloudformation:stack")));
    let mut tagged = sent();
    push(&mut tagged, "owner");
    assert_ne!(Definition::new(tagged).hash, Definition::new(sent()).hash);
}

#[test]
fn what_means_nothing_may_be_left_out_of_the_answer() {
    let mut wanted = sent();
    wanted["containerDefinitions"][0]["interactive"] = json!(false);
    let wanted = Definition::new(wanted);
    assert!(wanted.read_back(&sent()).says_what(&wanted));
}

#[test]
fn the_app_is_the_container_that_carries_its_image() {
    let hex = "a".repeat(64);
    let definition = Definition::new(json!({"family": "f", "containerDefinitions": [
        {"name": "log", "image": "public.ecr.aws/log@sha256:b"},
        {"name": "web", "image": format!("registry:5000/shop/web:v1@sha256:{hex}")}]}));
    let digest = format!("sha256:{hex}");
    assert_eq!(definition.digest_of("shop/web"), Some(digest.as_str()));
    assert_eq!(
        definition.digest_of("registry:5000/shop/web"),
        Some(digest.as_str())
    );
    assert_eq!(definition.digest_of("hop/web"), None);
    assert!(definition.is_pinned());
}
