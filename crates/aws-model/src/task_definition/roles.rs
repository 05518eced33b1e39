//! What a role is needed for.

use super::image::is_in_ecr;
use super::part::Part;
use super::rule::{Definition, Found, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "roles-are-named",
        known: "[OBS] fabfuel/ecs-deploy#231",
        find: roles_are_named,
    },
    Rule {
        name: "secrets-need-execution-role",
        known: "[OBS] fabfuel/ecs-deploy#87, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: secrets_need_role,
    },
    Rule {
        name: ECR_NEEDS_EXECUTION_ROLE,
        known: "[OBS] hashicorp/terraform-provider-aws#3051",
        find: ecr_needs_role,
    },
    Rule {
        name: "fargate-awslogs-needs-execution-role",
        known: "[OBS] virtual-kubelet/virtual-kubelet#193, aws/aws-cdk#1279",
        find: awslogs_needs_role,
    },
];

/// The name of the rule that depends on where images are, which a task definition alone does not say.
pub const ECR_NEEDS_EXECUTION_ROLE: &str = "fargate-ecr-needs-execution-role";

const HINT: &str = "add executionRoleArn: the role that pulls images, writes logs and reads secrets before the containers start";

fn has_role(definition: &Definition<'_>) -> bool {
    !definition
        .whole
        .text_or_empty("executionRoleArn")
        .is_empty()
}

fn roles_are_named(definition: &Definition<'_>, found: &mut Found) {
    for member in ["executionRoleArn", "taskRoleArn"] {
        if definition.whole.text(member) == Some("") {
            found.refuse(
                definition.whole.place(member),
                "Role is not valid",
                "name a role, or leave the member out",
            );
        }
    }
}

fn secrets_need_role(definition: &Definition<'_>, found: &mut Found) {
    if has_role(definition) {
        return;
    }
    let of_logs = |container: &Part<'_>| {
        let logs = container.get("logConfiguration")?;
        let asked = !logs.items("secretOptions").is_empty();
        asked.then(|| logs.place("secretOptions"))
    };
    for container in definition.containers() {
        let own = !container.items("secrets").is_empty();
        let at = own.then(|| container.place("secrets"));
        for at in at.into_iter().chain(of_logs(&container)) {
            found.refuse(
                at,
                "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
                HINT,
            );
        }
    }
}

fn ecr_needs_role(definition: &Definition<'_>, found: &mut Found) {
    if has_role(definition) || !definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        if is_in_ecr(container.text_or_empty("image")) {
            found.refuse(
                container.place("image"),
                "Fargate requires task definition to have execution role ARN to support ECR images.",
                HINT,
            );
        }
    }
}

fn awslogs_needs_role(definition: &Definition<'_>, found: &mut Found) {
    if has_role(definition) || !definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        let Some(logs) = container.get("logConfiguration") else {
            continue;
        };
        if logs.text("logDriver") == Some("awslogs") {
            found.refuse(
                logs.place("logDriver"),
                "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
                HINT,
            );
        }
    }
}
