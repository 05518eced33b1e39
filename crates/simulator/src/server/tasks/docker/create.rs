//! The arguments of `docker create` for one container.

use crate::world::containers::{Launch, LaunchContainer};

use super::{LABEL, MACHINE};
use crate::server::tasks::Surroundings;

/// What they are made from.
pub(super) struct Wanted<'a> {
    pub(super) launch: &'a Launch,
    pub(super) container: &'a LaunchContainer,
    pub(super) surroundings: &'a Surroundings,
    pub(super) network: String,
    pub(super) image: &'a str,
    pub(super) server: u32,
    pub(super) machine: &'a str,
}

/// Values of secrets are not among them: `--env NAME` takes them from the command's own environment.
pub(super) fn words(wanted: &Wanted<'_>) -> Vec<String> {
    let Wanted {
        launch,
        container,
        surroundings,
        network,
        image,
        server,
        machine,
    } = wanted;
    let mut words = vec!["create".to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    option("--label", format!("{LABEL}={server}"));
    option("--label", format!("{MACHINE}={machine}"));
    let short = launch.id.get(..12).unwrap_or(&launch.id);
    option(
        "--name",
        format!("backstay-{server}-{short}-{}", container.name),
    );
    option("--network", network.clone());
    option("--platform", launch.platform.clone());
    // Who shares another's network has its ports and names as well.
    if !network.starts_with("container:") {
        option("--add-host", "host.docker.internal:host-gateway".to_owned());
        let all = launch
            .containers
            .iter()
            .filter(|it| it.essential || it.name == container.name);
        for port in all.flat_map(|it| &it.ports) {
            option("--publish", format!("127.0.0.1::{port}"));
        }
    }
    for (name, value) in &surroundings.environment {
        option("--env", format!("{name}={value}"));
    }
    for (name, _) in &surroundings.secrets {
        option("--env", name.clone());
    }
    // The smaller one of what the container and its task may have; there is no swap on Fargate (C [DOC]).
    if let Some(mib) = [container.memory_mib, launch.memory_mib]
        .into_iter()
        .flatten()
        .min()
    {
        option("--memory", format!("{mib}m"));
        option("--memory-swap", format!("{mib}m"));
    }
    if let Some(user) = &container.user {
        option("--user", user.clone());
    }
    if let Some(directory) = &container.working_directory {
        option("--workdir", directory.clone());
    }
    if let Some(program) = container.entry_point.first() {
        option("--entrypoint", program.clone());
    }
    // ECS runs no check that only the image has (A3 [MODEL]).
    words.push("--no-healthcheck".to_owned());
    if container.read_only {
        words.push("--read-only".to_owned());
    }
    words.push((*image).to_owned());
    words.extend(container.entry_point.iter().skip(1).cloned());
    words.extend(container.command.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::{Wanted, words};
    use crate::server::tasks::Surroundings;
    use crate::world::containers::{Launch, LaunchContainer};

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn what_docker_is_told() {
        let container = LaunchContainer {
            name: "api".to_owned(),
            essential: true,
            entry_point: vec!["/bin/tini".to_owned(), "--".to_owned()],
            command: vec!["serve".to_owned()],
            ports: vec![8005],
            memory_mib: Some(256),
            user: Some("1000:1000".to_owned()),
            read_only: true,
            ..LaunchContainer::default()
        };
        let launch = Launch {
            task: "arn".to_owned(),
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            ip: "10.0.0.5".to_owned(),
            account: "123456789012".to_owned(),
            region: "sa-east-1".to_owned(),
            platform: "linux/amd64".to_owned(),
            memory_mib: Some(512),
            login: String::new(),
            app: "api".to_owned(),
            troubles: Vec::new(),
            containers: vec![container.clone()],
        };
        let (lines, _) = tokio::sync::mpsc::unbounded_channel();
        let surroundings = Surroundings {
            environment: vec![pair("APP_VERSION", "v 1")],
            secrets: vec![pair("DATABASE_URL", "postgres://hunter2")],
            beside: None,
            lines,
        };
        let mut wanted = Wanted {
            launch: &launch,
            container: &container,
            surroundings: &surroundings,
            network: "backstay-7".to_owned(),
            image: "shop/api:1",
            server: 7,
            machine: "m",
        };
        let alone = words(&wanted).join(" ");
        assert_eq!(
            alone,
            "create --label backstay.simulator=7 --label backstay.simulator.machine=m --name backstay-7-0123456789ab-api --network backstay-7 \
             --platform linux/amd64 --add-host host.docker.internal:host-gateway --publish 127.0.0.1::8005 --env APP_VERSION=v 1 --env DATABASE_URL \
             --memory 256m --memory-swap 256m --user 1000:1000 --entrypoint /bin/tini --no-healthcheck --read-only shop/api:1 \
             -- serve"
        );
        assert!(!alone.contains("hunter2"));
        wanted.network = "container:abc".to_owned();
        let beside = words(&wanted).join(" ");
        assert!(
            beside.contains("--network container:abc --platform linux/amd64 --env"),
            "{beside}"
        );
    }
}
