//! Members of a service that are answered as they came: what they are when not given, and whether a change deploys (A1 [MODEL]).

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::lookup::invalid;
use crate::services::ecs::{Service, TaskDefinition};
use crate::{ApiError, World};

/// One member.
struct Setting {
    name: &'static str,
    /// What it is when CreateService does not say; empty: absent.
    default: &'static str,
    /// A change starts a deployment.
    deploys: bool,
    /// DescribeServices shows it on the service, not only on its deployments [MODEL].
    on_service: bool,
}

const fn setting(
    name: &'static str,
    default: &'static str,
    deploys: bool,
    on_service: bool,
) -> Setting {
    Setting {
        name,
        default,
        deploys,
        on_service,
    }
}

/// The docs of the members of UpdateService say which of them start a deployment (A1 [MODEL]).
const SETTINGS: &[Setting] = &[
    setting("networkConfiguration", "", true, true),
    setting("platformVersion", "\"LATEST\"", true, true),
    setting("serviceRegistries", "[]", true, true),
    setting("serviceConnectConfiguration", "", true, false),
    setting("volumeConfigurations", "", true, false),
    setting("vpcLatticeConfigurations", "", true, false),
    setting("availabilityZoneRebalancing", "\"ENABLED\"", false, true),
    setting("enableECSManagedTags", "false", false, true),
    setting("enableExecuteCommand", "false", false, true),
    setting("placementConstraints", "[]", false, true),
    setting("placementStrategy", "[]", false, true),
    setting("propagateTags", "\"NONE\"", false, true),
];

/// The settings of a service by member name.
pub(crate) type Settings = BTreeMap<String, Value>;

/// Takes the settings out of a request; the rest is for its typed input.
pub(super) fn split(body: &Value) -> (Value, Settings) {
    let mut rest = body.as_object().cloned().unwrap_or_default();
    let given = SETTINGS.iter().filter_map(|setting| {
        let value = rest.remove(setting.name)?;
        (!value.is_null()).then(|| (setting.name.to_owned(), value))
    });
    let given: Settings = given.collect();
    (Value::Object(rest), given)
}

/// The settings of a new service.
pub(super) fn with_defaults(mut given: Settings) -> Settings {
    for setting in SETTINGS {
        if let Ok(value) = serde_json::from_str(setting.default) {
            given.entry(setting.name.to_owned()).or_insert(value);
        }
    }
    given
}

/// Changes the settings of a service; whether that starts a deployment: only a different value does (A1 [MODEL]).
pub(super) fn change(service: &mut Service, given: Settings) -> bool {
    let mut deploys = false;
    for (name, value) in given {
        let starts = SETTINGS
            .iter()
            .any(|setting| setting.name == name && setting.deploys);
        deploys |= starts && service.settings.get(&name) != Some(&value);
        service.settings.insert(name, value);
    }
    deploys
}

/// The settings of a service that belong to a revision and come back with it.
pub(crate) fn of_revision(settings: &Settings) -> Settings {
    let deployed = SETTINGS.iter().filter(|setting| setting.deploys);
    deployed
        .filter_map(|setting| Some((setting.name.to_owned(), settings.get(setting.name)?.clone())))
        .collect()
}

/// What a reply shows on the service itself.
pub(super) struct OfService<'a>(pub(super) &'a Settings);

impl Serialize for OfService<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = SETTINGS.iter().filter(|setting| setting.on_service);
        let shown = shown.filter_map(|setting| self.0.get_key_value(setting.name));
        serializer.collect_map(shown)
    }
}

/// What a reply shows on a deployment of the service: its revision's.
pub(super) struct OfDeployment<'a>(pub(super) Option<&'a Settings>);

impl Serialize for OfDeployment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.into_iter().flatten();
        // Only the service has them [MODEL].
        serializer.collect_map(all.filter(|(name, _)| *name != "serviceRegistries"))
    }
}

/// What ECS refuses of a service's settings.
pub(super) fn check(
    settings: &Settings,
    definition: &TaskDefinition,
    doing: &str,
) -> Result<(), ApiError> {
    for (member, what) in [
        ("placementConstraints", "constraints"),
        ("placementStrategy", "strategies"),
    ] {
        let given = settings.get(member).and_then(Value::as_array);
        if given.is_some_and(|list| !list.is_empty()) {
            // [MEM]
            return Err(invalid(format!(
                "Placement {what} are not supported with FARGATE launch type."
            )));
        }
    }
    let executes = settings.get("enableExecuteCommand") == Some(&json!(true));
    if executes && definition.document.get("taskRoleArn").is_none() {
        // F1 [OBS].
        return Err(invalid(format!(
            "The service couldn't be {doing} because a valid taskRoleArn is not being used. Specify a valid task role in your \
             task definition and try again."
        )));
    }
    Ok(())
}

/// A quota of every account: 5,000 tasks per service (F3 [DOC]); the text is [INF].
pub(super) fn desired_count(world: &World, count: u32) -> Result<u32, ApiError> {
    const MOST: u32 = 5_000;
    if count <= MOST {
        return Ok(count);
    }
    Err(ApiError::client(
        "InvalidParameterException",
        format!(
            "The desired count exceeds the limit of {MOST} tasks per service in {}.",
            world.region
        ),
    ))
}
