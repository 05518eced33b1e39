//! The AppSpec of an ECS deployment as JSON: what to run, where it listens, which functions judge it (E [DOC]).
//!
//! Names are understood in any case, as `aws ecs deploy` writes back whatever case its file had.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::lifecycle::EventName;

/// `Resources[0].TargetService` and `Hooks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppSpec {
    pub(crate) definition: String,
    pub(crate) container_name: String,
    pub(crate) container_port: u16,
    /// networkConfiguration, platformVersion, capacityProviderStrategy, as ECS names them.
    pub(crate) settings: BTreeMap<String, Value>,
    /// Name or ARN of a Lambda function.
    pub(crate) hooks: BTreeMap<EventName, String>,
}

/// Reads an AppSpec; the error says what is wrong with it.
pub(crate) fn parse(content: &str) -> Result<AppSpec, String> {
    if !content.trim_start().starts_with('{') {
        return Err("the simulator reads AppSpec content as JSON only, not as YAML".to_owned());
    }
    let document: Value = serde_json::from_str(content).map_err(|error| error.to_string())?;
    let mut top = Members::of(&document, "AppSpec")?;
    match top.take("version")? {
        Some(version) if version.as_f64() == Some(0.0) || version == "0.0" => {}
        Some(_) | None => return Err("version must be 0.0".to_owned()),
    }
    let resources = top.need("resources")?;
    let hooks = top.take("hooks")?;
    top.close()?;
    let properties = properties_of(resources)?;
    let mut spec = service_of(properties)?;
    if let Some(hooks) = hooks {
        spec.hooks = hooks_of(hooks)?;
    }
    Ok(spec)
}

/// The properties of the one `AWS::ECS::Service`.
fn properties_of(resources: &Value) -> Result<&Value, String> {
    let one = match resources.as_array().map(Vec::as_slice) {
        Some([one]) => one,
        Some(_) | None => return Err("Resources must be a list of one resource".to_owned()),
    };
    let named = one.as_object().filter(|named| named.len() == 1);
    let Some((name, resource)) = named.and_then(|named| named.iter().next()) else {
        return Err("a resource must have one name".to_owned());
    };
    let mut resource = Members::of(resource, name)?;
    if resource.need("type")? != "AWS::ECS::Service" {
        return Err(format!("{name} must have the Type AWS::ECS::Service"));
    }
    let properties = resource.need("properties")?;
    resource.close()?;
    Ok(properties)
}

fn service_of(properties: &Value) -> Result<AppSpec, String> {
    let mut members = Members::of(properties, "Properties")?;
    let definition = text(members.need("taskdefinition")?, "TaskDefinition")?;
    let mut balancer = Members::of(members.need("loadbalancerinfo")?, "LoadBalancerInfo")?;
    let container_name = text(balancer.need("containername")?, "ContainerName")?;
    let port = balancer.need("containerport")?;
    let container_port = port
        .as_u64()
        .or_else(|| port.as_str()?.parse().ok())
        .and_then(|port| u16::try_from(port).ok())
        .ok_or("ContainerPort must be a port number")?;
    balancer.close()?;
    let mut settings = BTreeMap::new();
    if let Some(version) = members.take("platformversion")? {
        settings.insert("platformVersion".to_owned(), version.clone());
    }
    if let Some(network) = members.take("networkconfiguration")? {
        settings.insert("networkConfiguration".to_owned(), network_of(network)?);
    }
    if let Some(strategy) = members.take("capacityproviderstrategy")? {
        settings.insert(
            "capacityProviderStrategy".to_owned(),
            strategy_of(strategy)?,
        );
    }
    members.close()?;
    Ok(AppSpec {
        definition,
        container_name,
        container_port,
        settings,
        hooks: BTreeMap::new(),
    })
}

fn network_of(network: &Value) -> Result<Value, String> {
    let mut network = Members::of(network, "NetworkConfiguration")?;
    let mut awsvpc = Members::of(network.need("awsvpcconfiguration")?, "AwsvpcConfiguration")?;
    network.close()?;
    let mut members = Map::new();
    for name in ["subnets", "securityGroups", "assignPublicIp"] {
        if let Some(value) = awsvpc.take(&name.to_lowercase())? {
            members.insert(name.to_owned(), value.clone());
        }
    }
    awsvpc.close()?;
    Ok(json!({ "awsvpcConfiguration": members }))
}

fn strategy_of(strategy: &Value) -> Result<Value, String> {
    let items = strategy
        .as_array()
        .ok_or("CapacityProviderStrategy must be a list")?;
    let one = |item: &Value| {
        let mut item = Members::of(item, "CapacityProviderStrategy")?;
        let mut members = Map::new();
        for name in ["capacityProvider", "base", "weight"] {
            if let Some(value) = item.take(&name.to_lowercase())? {
                members.insert(name.to_owned(), value.clone());
            }
        }
        item.close()?;
        Ok(Value::Object(members))
    };
    items.iter().map(one).collect()
}

fn hooks_of(hooks: &Value) -> Result<BTreeMap<EventName, String>, String> {
    let items = hooks.as_array().ok_or("Hooks must be a list")?;
    let mut found = BTreeMap::new();
    for (name, function) in items.iter().filter_map(Value::as_object).flatten() {
        let event = EventName::ALL
            .into_iter()
            .find(|event| event.is_scriptable() && event.text() == name)
            .ok_or_else(|| format!("{name} is no lifecycle event hook of an ECS deployment"))?;
        found.insert(event, text(function, name)?);
    }
    Ok(found)
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    match value.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        Some(_) | None => Err(format!("{name} must be a text")),
    }
}

/// The members of an object, taken one by one; what is left over is unknown.
struct Members<'a> {
    of: &'a str,
    left: BTreeMap<String, &'a Value>,
}

impl<'a> Members<'a> {
    fn of(value: &'a Value, of: &'a str) -> Result<Self, String> {
        let object = value
            .as_object()
            .ok_or_else(|| format!("{of} must be an object"))?;
        let left = object
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value));
        Ok(Self {
            of,
            left: left.collect(),
        })
    }

    fn take(&mut self, name: &str) -> Result<Option<&'a Value>, String> {
        Ok(self.left.remove(name).filter(|value| !value.is_null()))
    }

    fn need(&mut self, name: &str) -> Result<&'a Value, String> {
        self.take(name)?
            .ok_or_else(|| format!("{} lacks {name}", self.of))
    }

    fn close(self) -> Result<(), String> {
        match self.left.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("{} does not know {name}", self.of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(properties: &str, hooks: &str) -> String {
        format!(
            r#"{{"version":0.0,"Resources":[{{"TargetService":{{"Type":"AWS::ECS::Service","Properties":{properties}}}}}]{hooks}}}"#
        )
    }

    const PLAIN: &str = r#"{"TaskDefinition":"web:2","LoadBalancerInfo":{"ContainerName":"web","ContainerPort":80}}"#;

    #[test]
    fn what_the_docs_write_and_what_the_cli_sends_is_read() {
        let hooks = r#","Hooks":[{"BeforeInstall":"check"},{"AfterAllowTraffic":"verify"}]"#;
        let spec = parse(&document(PLAIN, hooks)).unwrap();
        assert_eq!(spec.definition, "web:2");
        assert_eq!(
            (spec.container_name.as_str(), spec.container_port),
            ("web", 80)
        );
        assert_eq!(
            spec.hooks.into_iter().collect::<Vec<_>>(),
            [
                (EventName::BeforeInstall, "check".to_owned()),
                (EventName::AfterAllowTraffic, "verify".to_owned()),
            ]
        );
        // As the help of `aws ecs deploy` writes it, and with everything.
        let cli = r#"{"version": 0.0, "resources": [{"web": {"type": "AWS::ECS::Service", "properties":
            {"taskDefinition": "web:2", "loadBalancerInfo": {"containerName": "web", "containerPort": "80"}, "platformVersion": "1.4.0",
             "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}},
             "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}}}]}"#;
        let spec = parse(cli).unwrap();
        assert_eq!(
            json!(spec.settings),
            json!({
                "capacityProviderStrategy": [{ "capacityProvider": "FARGATE", "weight": 1 }],
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"], "assignPublicIp": "ENABLED" } },
                "platformVersion": "1.4.0",
            })
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (content, part) in [
            ("version: 0.0\nResources: []".to_owned(), "not as YAML"),
            ("{".to_owned(), "EOF"),
            (r#"{"Resources":[]}"#.to_owned(), "version"),
            (
                r#"{"version":0.0,"Resources":[]}"#.to_owned(),
                "one resource",
            ),
            (document("{}", ""), "lacks taskdefinition"),
            (
                document(&PLAIN.replace("80", "\"eighty\""), ""),
                "ContainerPort",
            ),
            (
                document(&PLAIN.replace("ContainerName", "Contaner"), ""),
                "lacks containername",
            ),
            (
                document(&PLAIN.replacen('{', r#"{"Extra":1,"#, 1), ""),
                "does not know extra",
            ),
            (
                document(PLAIN, r#","Hooks":[{"AllowTraffic":"f"}]"#),
                "AllowTraffic is no lifecycle event hook",
            ),
        ] {
            let error = parse(&content).unwrap_err();
            assert!(error.contains(part), "{content}: {error}");
        }
    }
}
