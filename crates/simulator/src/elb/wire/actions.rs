//! The actions of listeners and rules.

use crate::World;
use crate::elb::{Action, Forward};
use crate::wire::Xml;

pub(super) fn actions_xml<'a>(
    world: &'a World,
    actions: &'a [Action],
) -> impl Iterator<Item = Xml> + 'a {
    actions.iter().zip(1..).map(|(action, order)| match action {
        Action::Fixed(status) => fixed(*status, order),
        Action::Forward(forward) => forward_xml(world, forward, order),
    })
}

/// A single group is also told at the top, where it was before there were weights [MODEL].
fn forward_xml(world: &World, forward: &Forward, order: u32) -> Xml {
    let arn = |name: &str| {
        let group = world.elb.groups.get(name);
        group.map_or("", |group| group.arn.as_str())
    };
    let tuples = forward.groups.iter().map(|it| {
        Xml::new()
            .text("TargetGroupArn", arn(&it.group))
            .text("Weight", it.weight)
    });
    let stickiness = forward.stickiness.map_or_else(
        || Xml::new().text("Enabled", false),
        |it| {
            Xml::new()
                .text("Enabled", it.enabled)
                .maybe("DurationSeconds", it.duration_seconds)
        },
    );
    let config = Xml::new()
        .members("TargetGroups", tuples)
        .nested("TargetGroupStickinessConfig", &stickiness);
    let only = match forward.groups.as_slice() {
        [only] => Some(arn(&only.group)),
        _ => None,
    };
    Xml::new()
        .text("Type", "forward")
        .maybe("TargetGroupArn", only)
        .text("Order", order)
        .nested("ForwardConfig", &config)
}

fn fixed(status: u16, order: u32) -> Xml {
    let config = Xml::new().text("StatusCode", status);
    Xml::new()
        .text("Type", "fixed-response")
        .text("Order", order)
        .nested("FixedResponseConfig", &config)
}
