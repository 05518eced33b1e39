//! CPU and memory: of the task, of containers, and how they go together.

use super::part::Part;
use super::rule::{Definition, Found, Rule};
use super::size::{fargate_cpus, fargate_memory, is_fargate_cpu, is_fargate_size, units};

/// Docker starts no container with less.
const LEAST_MEMORY_MIB: i64 = 6;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "task-cpu",
        known: "[MODEL, DOC]",
        find: task_cpu,
    },
    Rule {
        name: "task-memory",
        known: "[MODEL], text [INF] as that of cpu",
        find: task_memory,
    },
    Rule {
        name: "fargate-cpu-is-there",
        known: "[OBS] klothoplatform/klotho#892",
        find: fargate_cpu_is_there,
    },
    Rule {
        name: "fargate-memory-is-there",
        known: "[OBS] aws/amazon-ecs-cli#982",
        find: fargate_memory_is_there,
    },
    Rule {
        name: "fargate-cpu",
        known: "[DOC]",
        find: fargate_cpu,
    },
    Rule {
        name: "fargate-size",
        known: "[DOC, OBS] aws/amazon-ecs-cli#463",
        find: fargate_size,
    },
    Rule {
        name: "fargate-windows-size",
        known: "[MODEL], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: fargate_windows_size,
    },
    Rule {
        name: "containers-cpu-fits",
        known: "[OBS] klothoplatform/klotho#892",
        find: containers_cpu_fits,
    },
    Rule {
        name: "containers-reservation-fits",
        known: "[OBS] cloudnativedaysjp/dreamkast-infra#4766",
        find: containers_reservation_fits,
    },
    Rule {
        name: "container-memory-fits",
        known: "[OBS] pulumi/pulumi-awsx#188, #1220",
        find: container_memory_fits,
    },
    Rule {
        name: "container-cpu",
        known: "[MODEL], text [INF]",
        find: container_cpu,
    },
    Rule {
        name: "container-memory-is-there",
        known: "[OBS] cuttlesoft/ecs-deploy.py#17",
        find: container_memory_is_there,
    },
    Rule {
        name: "container-memory-least",
        known: "[MODEL], text [INF]",
        find: container_memory_least,
    },
    Rule {
        name: "container-memory-reservation",
        known: "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-02; how the text begins [INF]",
        find: container_memory_reservation,
    },
];

fn task_units(definition: &Definition<'_>, member: &str) -> Option<u64> {
    units(definition.whole.get(member)?.value)
}

fn task_cpu(definition: &Definition<'_>, found: &mut Found) {
    let Some(part) = definition.whole.get("cpu") else {
        return;
    };
    let fits = |cpu: u64| definition.is_on_fargate() || (128..=196_608).contains(&cpu);
    if !units(part.value).is_some_and(fits) {
        found.refuse(
            part.at,
            "Invalid 'cpu' setting for task.",
            "CPU units such as \"256\", or vCPUs such as \"0.25 vCPU\"",
        );
    }
}

fn task_memory(definition: &Definition<'_>, found: &mut Found) {
    let Some(part) = definition.whole.get("memory") else {
        return;
    };
    if units(part.value).is_none_or(|memory| memory == 0) {
        found.refuse(
            part.at,
            "Invalid 'memory' setting for task.",
            "MiB such as \"512\", or GB such as \"0.5 GB\"",
        );
    }
}

fn fargate_cpu_is_there(definition: &Definition<'_>, found: &mut Found) {
    fargate_needs(definition, found, "cpu");
}

fn fargate_memory_is_there(definition: &Definition<'_>, found: &mut Found) {
    fargate_needs(definition, found, "memory");
}

fn fargate_needs(definition: &Definition<'_>, found: &mut Found, member: &str) {
    if definition.is_on_fargate() && !definition.whole.has(member) {
        found.refuse(
            definition.whole.at.clone(),
            format!("Fargate requires that '{member}' be defined at the task level."),
            format!("add \"{member}\" beside \"family\", not in a container"),
        );
    }
}

fn fargate_cpu(definition: &Definition<'_>, found: &mut Found) {
    let cpu = task_units(definition, "cpu");
    if definition.is_on_fargate() && cpu.is_some_and(|cpu| !is_fargate_cpu(cpu)) {
        found.refuse(
            definition.whole.place("cpu"),
            "Invalid 'cpu' setting for task.",
            format!("Fargate has {}", fargate_cpus()),
        );
    }
}

fn fargate_size(definition: &Definition<'_>, found: &mut Found) {
    let (cpu, memory) = (
        task_units(definition, "cpu"),
        task_units(definition, "memory"),
    );
    let (Some(cpu), Some(memory)) = (cpu, memory) else {
        return;
    };
    if definition.is_on_fargate() && is_fargate_cpu(cpu) && !is_fargate_size(cpu, memory) {
        found.refuse(
            definition.whole.place("memory"),
            "No Fargate configuration exists for given values.",
            format!("with cpu {cpu} Fargate has {} MiB", fargate_memory(cpu)),
        );
    }
}

fn fargate_windows_size(definition: &Definition<'_>, found: &mut Found) {
    let cpu = task_units(definition, "cpu");
    let is_small = cpu.is_some_and(|cpu| is_fargate_cpu(cpu) && cpu < 1024);
    if definition.is_on_fargate() && definition.is_windows() && is_small {
        found.refuse(
            definition.whole.place("cpu"),
            "No Fargate configuration exists for given values.",
            "Windows containers on Fargate have at least 1 vCPU",
        );
    }
}

fn sum(definition: &Definition<'_>, member: &str) -> i64 {
    let containers = definition.containers();
    let numbers = containers
        .iter()
        .filter_map(|container| container.number(member));
    numbers.fold(0, i64::saturating_add)
}

fn is_above(sum: i64, limit: Option<u64>) -> bool {
    limit.is_some_and(|limit| u64::try_from(sum).unwrap_or(0) > limit)
}

fn containers_cpu_fits(definition: &Definition<'_>, found: &mut Found) {
    let (sum, limit) = (sum(definition, "cpu"), task_units(definition, "cpu"));
    if is_above(sum, limit) {
        found.refuse(
            definition.whole.place("cpu"),
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
            format!("the containers ask for {sum}"),
        );
    }
}

fn containers_reservation_fits(definition: &Definition<'_>, found: &mut Found) {
    let sum = sum(definition, "memoryReservation");
    if is_above(sum, task_units(definition, "memory")) {
        found.refuse(
            definition.whole.place("memory"),
            "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
            format!("the containers reserve {sum}"),
        );
    }
}

fn name<'v>(container: &Part<'v>) -> &'v str {
    container.text_or_empty("name")
}

fn container_memory_fits(definition: &Definition<'_>, found: &mut Found) {
    let Some(limit) = task_units(definition, "memory") else {
        return;
    };
    for container in definition.containers() {
        if is_above(container.number("memory").unwrap_or(0), Some(limit)) {
            found.refuse(
                container.place("memory"),
                format!(
                    "The 'memory' setting for container '{}' is greater than for the task.",
                    name(&container)
                ),
                format!("the task has {limit}"),
            );
        }
    }
}

fn container_cpu(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if container.number("cpu").is_some_and(|cpu| cpu < 0) {
            found.refuse(
                container.place("cpu"),
                format!(
                    "Invalid 'cpu' setting for container '{}'.",
                    name(&container)
                ),
                "0 or more units",
            );
        }
    }
}

fn container_memory_is_there(definition: &Definition<'_>, found: &mut Found) {
    if definition.whole.has("memory") || definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        if !container.has("memory") && !container.has("memoryReservation") {
            found.refuse(
                container.at.clone(),
                format!(
                    "Invalid setting for container '{}'. At least one of 'memory' or 'memoryReservation' must be specified.",
                    name(&container)
                ),
                "give the container memory, or the task",
            );
        }
    }
}

fn container_memory_least(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for member in ["memory", "memoryReservation"] {
            if container
                .number(member)
                .is_some_and(|memory| memory < LEAST_MEMORY_MIB)
            {
                found.refuse(
                    container.place(member),
                    format!(
                        "Invalid '{member}' setting for container '{}'.",
                        name(&container)
                    ),
                    "at least 6 MiB",
                );
            }
        }
    }
}

fn container_memory_reservation(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let (memory, reserved) = (
            container.number("memory"),
            container.number("memoryReservation"),
        );
        if let (Some(memory), Some(reserved)) = (memory, reserved)
            && reserved > memory
        {
            found.refuse(
                container.place("memoryReservation"),
                format!(
                    "Invalid setting for container '{}'. 'memory' must be greater than or equal to 'memoryReservation'.",
                    name(&container)
                ),
                format!("the container is stopped above {memory}"),
            );
        }
    }
}
