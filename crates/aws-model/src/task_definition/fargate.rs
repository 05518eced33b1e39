//! What Fargate does not have, and what only Fargate has.

use super::part::Part;
use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08";

/// Placement constraints of one task definition.
const MOST_CONSTRAINTS: usize = 10;

/// Windows that Fargate has [DOC].
const FARGATE_WINDOWS: [&str; 6] = [
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_2025_CORE",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "fargate-privileged",
        known: SEEN,
        find: privileged,
    },
    Rule {
        name: "fargate-docker-security-options",
        known: SEEN,
        find: docker_security_options,
    },
    Rule {
        name: "fargate-devices",
        known: SEEN,
        find: devices,
    },
    Rule {
        name: "fargate-shared-memory-size",
        known: "[OBS] cloudposse/terraform-aws-ecs-container-definition#143",
        find: shared_memory_size,
    },
    Rule {
        name: "fargate-max-swap",
        known: SEEN,
        find: max_swap,
    },
    Rule {
        name: "fargate-swappiness",
        known: "[MODEL], text [INF] as that of maxSwap",
        find: swappiness,
    },
    Rule {
        name: "fargate-capabilities",
        known: SEEN,
        find: capabilities,
    },
    Rule {
        name: "fargate-gpu",
        known: SEEN,
        find: gpu,
    },
    Rule {
        name: "inference-accelerators",
        known: SEEN,
        find: inference_accelerators,
    },
    Rule {
        name: "fargate-ipc-mode",
        known: "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08; in 2019 `Tasks using the Fargate launch type do not support ipcMode.` (cn-terraform/terraform-aws-ecs-fargate#2)",
        find: ipc_mode,
    },
    Rule {
        name: "fargate-pid-mode",
        known: "[OBS] aws/aws-cdk#29619, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: pid_mode,
    },
    Rule {
        name: "fargate-placement-constraints",
        known: SEEN,
        find: placement_constraints,
    },
    Rule {
        name: "placement-constraints-at-most-10",
        known: "[MODEL], text [INF]",
        find: at_most_ten_constraints,
    },
    Rule {
        name: "ephemeral-storage",
        known: "[MODEL], text [OBS] badmintoncryer/cdk-preflight, called 2026-09-13",
        find: ephemeral_storage,
    },
    Rule {
        name: "ec2-ephemeral-storage",
        known: SEEN,
        find: ephemeral_storage_on_ec2,
    },
    Rule {
        name: "fargate-windows-version",
        known: "[DOC], text [INF]",
        find: windows_version,
    },
    Rule {
        name: "arm64-is-linux",
        known: "[MODEL], text [INF]",
        find: arm64_is_linux,
    },
];

/// Refuses a member of containers, or of their Linux parameters.
fn none_on_fargate(definition: &Definition<'_>, found: &mut Found, path: &[&str], hint: &str) {
    if !definition.is_on_fargate() {
        return;
    }
    let Some(name) = path.last() else { return };
    for container in definition.containers() {
        let part = path
            .iter()
            .try_fold(container, |part, member| part.get(member))
            .filter(|part| !part.value.as_array().is_some_and(Vec::is_empty));
        if let Some(part) = part {
            found.refuse(
                part.at,
                format!("Fargate compatible task definitions do not support {name}"),
                hint,
            );
        }
    }
}

const LEAVE_OUT: &str = "leave it out, or run the task on EC2";

fn privileged(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if definition.is_on_fargate() && container.is_true("privileged") {
            found.refuse(
                container.place("privileged"),
                "Fargate requires that the 'privileged' setting be 'false'.",
                LEAVE_OUT,
            );
        }
    }
}

fn docker_security_options(definition: &Definition<'_>, found: &mut Found) {
    none_on_fargate(definition, found, &["dockerSecurityOptions"], LEAVE_OUT);
}

fn devices(definition: &Definition<'_>, found: &mut Found) {
    none_on_fargate(
        definition,
        found,
        &["linuxParameters", "devices"],
        LEAVE_OUT,
    );
}

fn shared_memory_size(definition: &Definition<'_>, found: &mut Found) {
    none_on_fargate(
        definition,
        found,
        &["linuxParameters", "sharedMemorySize"],
        LEAVE_OUT,
    );
}

fn max_swap(definition: &Definition<'_>, found: &mut Found) {
    none_on_fargate(
        definition,
        found,
        &["linuxParameters", "maxSwap"],
        LEAVE_OUT,
    );
}

fn swappiness(definition: &Definition<'_>, found: &mut Found) {
    none_on_fargate(
        definition,
        found,
        &["linuxParameters", "swappiness"],
        LEAVE_OUT,
    );
}

fn capabilities(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        let linux = container.get("linuxParameters");
        let Some(capabilities) = linux.and_then(|linux| linux.get("capabilities")) else {
            continue;
        };
        for one in capabilities.items("add") {
            let name = one.own_text();
            if name != "SYS_PTRACE" {
                found.refuse(
                    one.at.clone(),
                    format!("{name} is not allowed on Fargate."),
                    "Fargate adds no capability but SYS_PTRACE",
                );
            }
        }
    }
}

fn gpu(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        for one in container.items("resourceRequirements") {
            if one.text("type") == Some("GPU") {
                found.refuse(
                    one.at,
                    "Tasks using the Fargate launch type do not support GPU resource requirements.",
                    LEAVE_OUT,
                );
            }
        }
    }
}

fn inference_accelerators(definition: &Definition<'_>, found: &mut Found) {
    if !definition.whole.items("inferenceAccelerators").is_empty() {
        found.refuse(
            definition.whole.place("inferenceAccelerators"),
            "Unsupported field 'inferenceAccelerators'.",
            "Elastic Inference is no more: leave it out",
        );
    }
}

fn ipc_mode(definition: &Definition<'_>, found: &mut Found) {
    if let Some(mode) = definition.whole.get("ipcMode")
        && definition.is_on_fargate()
    {
        found.refuse(
            mode.at,
            "Fargate compatible task definitions do not support ipcMode",
            LEAVE_OUT,
        );
    }
}

fn pid_mode(definition: &Definition<'_>, found: &mut Found) {
    let Some(mode) = definition.whole.text("pidMode") else {
        return;
    };
    if definition.is_on_fargate() && mode != "task" {
        found.refuse(
            definition.whole.place("pidMode"),
            format!("Tasks using the Fargate launch type do not support pidMode '{mode}'. The supported value for pidMode is 'task'."),
            "write \"pidMode\": \"task\", or leave it out",
        );
    }
}

fn constraints<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    definition.whole.items("placementConstraints")
}

fn placement_constraints(definition: &Definition<'_>, found: &mut Found) {
    if definition.is_on_fargate() && !constraints(definition).is_empty() {
        found.refuse(
            definition.whole.place("placementConstraints"),
            "Fargate compatible task definitions do not support constraints",
            "a task on Fargate is placed on no instance: leave them out",
        );
    }
}

fn at_most_ten_constraints(definition: &Definition<'_>, found: &mut Found) {
    if let Some(eleventh) = constraints(definition).get(MOST_CONSTRAINTS) {
        found.refuse(
            eleventh.at.clone(),
            "Too many placement constraints.",
            "at most 10 placement constraints",
        );
    }
}

fn ephemeral_storage(definition: &Definition<'_>, found: &mut Found) {
    let storage = definition.whole.get("ephemeralStorage");
    let Some(storage) = storage else { return };
    let text = match storage.number("sizeInGiB") {
        Some(size) if size < 21 => "EphemeralStorage size should be at least 21",
        Some(size) if size > 200 => "EphemeralStorage size should be at most 200",
        Some(_) | None => return,
    };
    found.refuse(
        storage.place("sizeInGiB"),
        text,
        "21 to 200 GiB; without it a task has 20",
    );
}

fn ephemeral_storage_on_ec2(definition: &Definition<'_>, found: &mut Found) {
    let only_ec2 = definition.asks_for("EC2") && !definition.is_on_fargate();
    if let Some(storage) = definition.whole.get("ephemeralStorage")
        && only_ec2
    {
        found.refuse(
            storage.at,
            "Tasks using the EC2 launch type do not support EphemeralStorage.",
            "it is Fargate's: leave it out",
        );
    }
}

fn windows_version(definition: &Definition<'_>, found: &mut Found) {
    let Some(platform) = definition.whole.get("runtimePlatform") else {
        return;
    };
    let family = platform.text_or_empty("operatingSystemFamily");
    let is_known = !definition.is_windows() || FARGATE_WINDOWS.contains(&family);
    if definition.is_on_fargate() && !is_known {
        found.refuse(
            platform.place("operatingSystemFamily"),
            format!("Fargate does not support operatingSystemFamily '{family}'."),
            format!("LINUX, or {}", FARGATE_WINDOWS.join(", ")),
        );
    }
}

fn arm64_is_linux(definition: &Definition<'_>, found: &mut Found) {
    let Some(platform) = definition.whole.get("runtimePlatform") else {
        return;
    };
    if definition.is_windows() && platform.text("cpuArchitecture") == Some("ARM64") {
        found.refuse(
            platform.place("cpuArchitecture"),
            "The ARM64 cpuArchitecture is only supported for the LINUX operatingSystemFamily.",
            "Windows containers run on X86_64",
        );
    }
}
