//! What is kept of DescribeServices is what would be written, at every moment of a deployment; and what is written at once is what a tree
//! says.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::stage::{START_MS, Setting, Stage};
use crate::Weather;
use crate::services::ecs::{call, written};

/// How many members a text has, at all levels. A tree has one of those that come twice.
struct Members(usize);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members(0))
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Self;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((_, inner)) = map.next_entry::<IgnoredAny, Self>()? {
            self.0 += 1 + inner.0;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self, A::Error> {
        while let Some(inner) = list.next_element::<Self>()? {
            self.0 += inner.0;
        }
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// A text as a tree, which has lost nothing.
fn read(text: &[u8]) -> Value {
    let tree: Value = serde_json::from_slice(text).unwrap();
    let Members(in_text) = serde_json::from_slice(text).unwrap();
    let Members(in_tree) = Members::deserialize(&tree).unwrap();
    assert_eq!(in_text, in_tree, "{}", String::from_utf8_lossy(text));
    tree
}

#[test]
fn a_member_that_comes_twice_is_seen() {
    let Members(count) = serde_json::from_str(r#"{"a":1,"b":[{"a":null,"a":0.5}]}"#).unwrap();
    assert_eq!(count, 4);
}

#[test]
fn what_is_kept_is_what_would_be_written() {
    for weather in [Weather::Calm, Weather::Typical, Weather::Rough] {
        let mut stage = Stage::new(&Setting {
            weather,
            services: 2,
            ..Setting::default()
        });
        stage.deploy(":v2");
        let mut asked_in_vain = 0;
        for moment in 0..150 {
            stage.world.advance(START_MS + moment * 2_100);
            let include = if moment % 7 == 0 {
                json!(["TAGS"])
            } else {
                json!([])
            };
            let input = json!({ "cluster": "main", "services": ["web", "web2", "web3"], "include": include });
            let version = stage.world.ecs.version();
            let kept = written(&mut stage.world, "DescribeServices", &input);
            let kept = kept.expect("it is written").unwrap();
            asked_in_vain += u32::from(stage.world.ecs.version() == version);
            let whole = call(&mut stage.world, "DescribeServices", &input).unwrap();
            assert_eq!(read(&kept), whole, "{weather:?} {moment}");
        }
        // Asking changes nothing: otherwise nothing would ever be kept.
        assert_eq!(asked_in_vain, 150);
    }
}

#[test]
fn what_is_written_at_once_is_what_the_tree_says() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(":v2");
    let texts = |listed: &Value| listed.as_array().cloned().unwrap_or_default();
    let (mut tasks_seen, mut records_seen) = (0, 0);
    for moment in 0..60 {
        stage.world.advance(START_MS + moment * 5_300);
        let world = &mut stage.world;
        let listed = json!({ "cluster": "main", "serviceName": "web" });
        let mut tasks = Vec::new();
        for status in ["RUNNING", "STOPPED"] {
            let mut listed = listed.clone();
            listed["desiredStatus"] = json!(status);
            tasks.extend(texts(
                &call(world, "ListTasks", &listed).unwrap()["taskArns"],
            ));
        }
        tasks.push(json!("nobody"));
        let records = json!({ "cluster": "main", "service": "web" });
        let records = call(world, "ListServiceDeployments", &records).unwrap();
        let records = texts(&records["serviceDeployments"]).into_iter();
        let mut records: Vec<Value> = records
            .map(|record| record["serviceDeploymentArn"].clone())
            .collect();
        records.push(json!(
            "arn:aws:ecs:eu-west-1:1:service-deployment/main/web/none"
        ));
        tasks_seen += tasks.len() - 1;
        records_seen += records.len() - 1;
        for (operation, input) in [
            (
                "DescribeTasks",
                json!({ "cluster": "main", "tasks": tasks }),
            ),
            (
                "DescribeTasks",
                json!({ "cluster": "main", "tasks": tasks, "include": ["TAGS"] }),
            ),
            (
                "DescribeServiceDeployments",
                json!({ "serviceDeploymentArns": records }),
            ),
        ] {
            let text = written(world, operation, &input).expect("it is written");
            assert_eq!(
                read(&text.unwrap()),
                call(world, operation, &input).unwrap(),
                "{operation} {moment}"
            );
        }
    }
    assert!(
        tasks_seen > 100 && records_seen > 50,
        "{new}: {tasks_seen} {records_seen}"
    );
    assert!(written(&mut stage.world, "ListClusters", &json!({})).is_none());
}
