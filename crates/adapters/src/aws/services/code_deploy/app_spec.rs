//! The AppSpec of a deployment: which task definition, behind which container, with which hooks.

use aws_sdk_codedeploy::types::{RevisionLocation, RevisionLocationType};
use aws_sdk_ecs::types::TaskSet;
use serde_json::{Value, json};

/// What a group deployed last, and what the next AppSpec is made of: its hooks judge the next deployment as well.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::aws) enum Revision {
    /// None: the service is as it was created.
    None,
    /// An AppSpec that can be read.
    AppSpec(Value),
    /// One that cannot be; where it lies.
    Elsewhere(String),
}

impl Revision {
    /// As CodeDeploy answers it.
    pub(super) fn of(location: Option<&RevisionLocation>) -> Self {
        let Some(location) = location else {
            return Self::None;
        };
        let content = location.app_spec_content().and_then(|it| it.content());
        let content = content.or_else(|| location.string().and_then(|it| it.content()));
        match content.map(read) {
            Some(Some(spec)) => Self::AppSpec(spec),
            Some(None) => {
                Self::Elsewhere("an AppSpec that is not of one service, in JSON".to_owned())
            }
            None => match location.revision_type() {
                Some(RevisionLocationType::S3) => Self::Elsewhere("an AppSpec in S3".to_owned()),
                Some(kind) => Self::Elsewhere(format!("an AppSpec of the kind {}", kind.as_str())),
                None => Self::None,
            },
        }
    }

    /// The task definition that it names.
    pub(super) fn definition(&self) -> Option<&str> {
        match self {
            Self::AppSpec(spec) => {
                let properties = member(resource(spec)?, "properties")?;
                member(properties, "taskDefinition")?.as_str()
            }
            Self::None | Self::Elsewhere(_) => None,
        }
    }

    /// The AppSpec of a deployment of `definition`: the last one with another task definition, or one for the task set that is there.
    pub(super) fn next(&self, definition: &str, primary: &TaskSet) -> Option<String> {
        let mut spec = match self {
            Self::AppSpec(spec) => spec.clone(),
            Self::None => first(primary)?,
            Self::Elsewhere(_) => return None,
        };
        let resources = member_mut(&mut spec, "resources")?;
        let named = resources.get_mut(0)?.as_object_mut()?;
        let properties = member_mut(named.values_mut().next()?, "properties")?;
        *member_mut(properties, "taskDefinition")? = Value::from(definition);
        Some(spec.to_string())
    }
}

/// Of one service only: whatever else there is, is not ours to change.
fn read(content: &str) -> Option<Value> {
    let spec: Value = serde_json::from_str(content).ok()?;
    let properties = member(resource(&spec)?, "properties")?;
    let named = member(properties, "taskDefinition")?.is_string();
    named.then_some(spec)
}

/// The one resource, whatever it is called.
fn resource(spec: &Value) -> Option<&Value> {
    let [one] = member(spec, "resources")?.as_array()?.as_slice() else {
        return None;
    };
    one.as_object()?.values().next()
}

/// A member by its name, in any case: `aws ecs deploy` writes what its file has.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    let (_, found) = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found)
}

fn member_mut<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let mut members = value.as_object_mut()?.iter_mut();
    let (_, found) = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found)
}

fn first(primary: &TaskSet) -> Option<Value> {
    let balancer = primary.load_balancers().first()?;
    Some(json!({
        "version": 0.0,
        "Resources": [{
            "TargetService": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "TaskDefinition": "",
                    "LoadBalancerInfo": {
                        "ContainerName": balancer.container_name()?,
                        "ContainerPort": balancer.container_port()?,
                    },
                },
            },
        }],
    }))
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{AppSpecContent, S3Location};
    use aws_sdk_ecs::types::LoadBalancer;

    use super::*;

    fn content(text: &str) -> RevisionLocation {
        RevisionLocation::builder()
            .revision_type(RevisionLocationType::AppSpecContent)
            .app_spec_content(AppSpecContent::builder().content(text).build())
            .build()
    }

    fn primary() -> TaskSet {
        let balancer = LoadBalancer::builder()
            .container_name("web")
            .container_port(80);
        TaskSet::builder().load_balancers(balancer.build()).build()
    }

    #[test]
    fn the_first_one_is_made_of_the_task_set() {
        let spec = Revision::None.next("arn:web:2", &primary()).unwrap();
        assert_eq!(
            spec,
            r#"{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"arn:web:2","LoadBalancerInfo":{"ContainerName":"web","ContainerPort":80}}}}]}"#
        );
        let read = Revision::of(Some(&content(&spec)));
        assert_eq!(read.definition(), Some("arn:web:2"));
    }

    /// Hooks that judged the last deployment judge the next one.
    #[test]
    fn hooks_and_all_else_stay() {
        let last = r#"{"version":1,"resources":[{"MyService":{"type":"AWS::ECS::Service","properties":{"taskDefinition":"arn:web:1","loadBalancerInfo":{"containerName":"web","containerPort":80},"platformVersion":"1.4.0"}}}],"Hooks":[{"BeforeAllowTraffic":"smoke"}]}"#;
        let next = Revision::of(Some(&content(last))).next("arn:web:2", &primary());
        assert_eq!(next, Some(last.replace("arn:web:1", "arn:web:2")));
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        let bucket = RevisionLocation::builder()
            .revision_type(RevisionLocationType::S3)
            .s3_location(S3Location::builder().bucket("specs").build())
            .build();
        for (location, expected) in [
            (bucket, "an AppSpec in S3"),
            (
                content("version: 0.0"),
                "an AppSpec that is not of one service, in JSON",
            ),
            (
                content(r#"{"Resources":[]}"#),
                "an AppSpec that is not of one service, in JSON",
            ),
        ] {
            let revision = Revision::of(Some(&location));
            assert_eq!(revision, Revision::Elsewhere(expected.to_owned()));
            assert_eq!(revision.next("arn:web:2", &primary()), None);
        }
        assert_eq!(Revision::of(None), Revision::None);
    }
}
