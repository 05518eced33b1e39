//! Volumes, and where containers mount them.

use std::collections::BTreeSet;

use super::naming::{MOST_CHARACTERS, is_plain};
use super::part::Part;
use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "volume-name",
        known: "[MODEL], text [INF] as that of container names",
        find: name,
    },
    Rule {
        name: "volume-names-differ",
        known: "[INF] as container names",
        find: names_differ,
    },
    Rule {
        name: "mounted-volume-is-there",
        known: "[OBS] ansible/ansible#35751, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: is_there,
    },
    Rule {
        name: "mount-has-path",
        known: "[INF]",
        find: mount_has_path,
    },
    Rule {
        name: "volumes-from-is-there",
        known: "[MODEL], text [INF]",
        find: from_is_there,
    },
    Rule {
        name: "efs-iam-is-encrypted",
        known: SEEN,
        find: efs_iam,
    },
    Rule {
        name: "efs-access-point-is-encrypted",
        known: "[MODEL], text [INF]",
        find: efs_access_point,
    },
    Rule {
        name: "efs-access-point-root",
        known: SEEN,
        find: efs_root,
    },
    Rule {
        name: "efs-port-is-encrypted",
        known: SEEN,
        find: efs_port,
    },
    Rule {
        name: "one-volume-at-launch",
        known: "[MODEL], text [INF]",
        find: one_at_launch,
    },
    Rule {
        name: "fargate-host-path",
        known: "[OBS] cloudposse/terraform-aws-ecs-alb-service-task#174, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: fargate_host_path,
    },
    Rule {
        name: "fargate-docker-volume",
        known: SEEN,
        find: fargate_docker_volume,
    },
];

fn volumes<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    definition.whole.items("volumes")
}

fn name(definition: &Definition<'_>, found: &mut Found) {
    for volume in volumes(definition) {
        let name = volume.text_or_empty("name");
        let text = if name.is_empty() {
            "Volume.name should not be null or empty."
        } else if !is_plain(name) {
            "Volume.name contains invalid characters."
        } else if name.len() > MOST_CHARACTERS {
            "Volume.name should be 255 characters or less"
        } else {
            continue;
        };
        found.refuse(
            volume.place("name"),
            text,
            "1 to 255 letters, digits, hyphens and underscores",
        );
    }
}

fn names_differ(definition: &Definition<'_>, found: &mut Found) {
    let mut names = BTreeSet::new();
    for volume in volumes(definition) {
        let Some(name) = volume.text("name") else {
            continue;
        };
        if !names.insert(name) {
            found.refuse(
                volume.place("name"),
                "Volume names must be unique within a task definition",
                format!("there is a volume `{name}` already"),
            );
        }
    }
}

fn mounts<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    let containers = definition.containers();
    let mounts = containers
        .iter()
        .flat_map(|container| container.items("mountPoints"));
    mounts.collect()
}

fn is_there(definition: &Definition<'_>, found: &mut Found) {
    let volumes = volumes(definition);
    let known: Vec<&str> = volumes
        .iter()
        .filter_map(|volume| volume.text("name"))
        .collect();
    for mount in mounts(definition) {
        let name = mount.text_or_empty("sourceVolume");
        if !known.contains(&name) {
            let hint = match known.as_slice() {
                [] => "the task definition has no volumes".to_owned(),
                known => format!("volumes: {}", known.join(", ")),
            };
            found.refuse(
                mount.place("sourceVolume"),
                format!("Unknown volume '{name}'."),
                hint,
            );
        }
    }
}

fn mount_has_path(definition: &Definition<'_>, found: &mut Found) {
    for mount in mounts(definition) {
        if mount.text_or_empty("containerPath").is_empty() {
            found.refuse(
                mount.place("containerPath"),
                "MountPoint.containerPath should not be null or empty.",
                "say where the container sees the volume",
            );
        }
    }
}

fn from_is_there(definition: &Definition<'_>, found: &mut Found) {
    let containers = definition.containers();
    let known: Vec<&str> = containers
        .iter()
        .filter_map(|one| one.text("name"))
        .collect();
    for from in containers
        .iter()
        .flat_map(|container| container.items("volumesFrom"))
    {
        let name = from.text_or_empty("sourceContainer");
        if !known.contains(&name) {
            found.refuse(
                from.place("sourceContainer"),
                format!("Unknown container '{name}'."),
                format!("containers: {}", known.join(", ")),
            );
        }
    }
}

/// The EFS configurations of volumes.
fn efs<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    let volumes = volumes(definition);
    let all = volumes
        .iter()
        .filter_map(|volume| volume.get("efsVolumeConfiguration"));
    all.collect()
}

fn is_encrypted(efs: &Part<'_>) -> bool {
    efs.text("transitEncryption") == Some("ENABLED")
}

const ENCRYPT: &str = "write \"transitEncryption\": \"ENABLED\"";

fn efs_iam(definition: &Definition<'_>, found: &mut Found) {
    for efs in efs(definition) {
        let Some(authorization) = efs.get("authorizationConfig") else {
            continue;
        };
        if authorization.text("iam") == Some("ENABLED") && !is_encrypted(&efs) {
            found.refuse(
                authorization.place("iam"),
                "EFS IAM authorization requires TransitEncryption to be enabled.",
                ENCRYPT,
            );
        }
    }
}

fn efs_access_point(definition: &Definition<'_>, found: &mut Found) {
    for efs in efs(definition) {
        let Some(authorization) = efs.get("authorizationConfig") else {
            continue;
        };
        if authorization.has("accessPointId") && !is_encrypted(&efs) {
            found.refuse(
                authorization.place("accessPointId"),
                "EFS access points require TransitEncryption to be enabled.",
                ENCRYPT,
            );
        }
    }
}

fn efs_root(definition: &Definition<'_>, found: &mut Found) {
    for efs in efs(definition) {
        let by_access_point = efs
            .get("authorizationConfig")
            .is_some_and(|authorization| authorization.has("accessPointId"));
        if by_access_point && efs.text("rootDirectory").is_some_and(|root| root != "/") {
            found.refuse(
                efs.place("rootDirectory"),
                "When using an EFS access point, the root directory must either be set to \"/\" or be omitted.",
                "leave rootDirectory out: the access point has one",
            );
        }
    }
}

fn efs_port(definition: &Definition<'_>, found: &mut Found) {
    for efs in efs(definition) {
        if efs.has("transitEncryptionPort") && !is_encrypted(&efs) {
            found.refuse(
                efs.place("transitEncryptionPort"),
                "TransitEncryptionPort requires that TransitEncryption is enabled.",
                ENCRYPT,
            );
        }
    }
}

fn one_at_launch(definition: &Definition<'_>, found: &mut Found) {
    let volumes = volumes(definition);
    let mut at_launch = volumes
        .iter()
        .filter(|volume| volume.is_true("configuredAtLaunch"));
    if let Some(second) = at_launch.nth(1) {
        found.refuse(
            second.place("configuredAtLaunch"),
            "Only one volume can be configured at launch.",
            "a task definition has at most one volume that is configured at launch",
        );
    }
}

fn fargate_host_path(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for volume in volumes(definition) {
        let host = volume.get("host");
        if let Some(path) = host.and_then(|host| host.get("sourcePath")) {
            found.refuse(
                path.at,
                "Fargate compatible task definitions do not support sourcePath",
                "a task on Fargate has no host: leave `host` out, or use an EFS volume",
            );
        }
    }
}

fn fargate_docker_volume(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for volume in volumes(definition) {
        if let Some(docker) = volume.get("dockerVolumeConfiguration") {
            found.refuse(
                docker.at,
                "Fargate compatible task definitions do not support dockerVolumeConfiguration",
                "leave it out: a volume without configuration lives as long as the task",
            );
        }
    }
}
