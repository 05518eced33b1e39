//! ECS's own words, made readable: target groups by name, and what a health check saw of one task.

use aws_sdk_ecs::types::Service;

/// A message with the ARNs of target groups shortened to their names.
pub(super) fn plain(message: &str) -> String {
    const GROUP: &str = ":targetgroup/";
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = place_of_arn(rest) {
        let end = rest[start..]
            .find([' ', ')', ','])
            .map_or(rest.len(), |length| start + length);
        let arn = &rest[start..end];
        let name = arn
            .split_once(GROUP)
            .and_then(|(_, path)| path.split('/').next());
        out.push_str(&rest[..start]);
        out.push_str(name.unwrap_or(arn));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Where an ARN begins: looked for by its colon, which few messages have.
fn place_of_arn(message: &str) -> Option<usize> {
    let mut ends = message.match_indices(':').map(|(end, _)| end);
    ends.find_map(|end| Some(message.get(..end)?.strip_suffix("arn")?.len()))
}

/// What the load balancer's check saw of a task, from the service's events: `(task T) (port P) is unhealthy in
/// (target-group G) due to (reason R)`.
pub(super) fn unhealthy_reason(service: &Service, task: &str) -> Option<String> {
    let id = task.rsplit('/').next()?;
    let said = |message: &str| {
        let (_, rest) = message.split_once(&format!("(task {id}) "))?;
        let (port, reason) = rest.split_once(" is unhealthy in ")?;
        let (_, reason) = reason.split_once("due to (reason ")?;
        let reason = reason.trim_end_matches('.').trim_end_matches(')');
        Some(format!("{}: {reason}", port.trim_matches(['(', ')'])))
    };
    service
        .events()
        .iter()
        .filter_map(|event| event.message())
        .find_map(said)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::ServiceEvent;

    use super::*;

    #[test]
    fn target_groups_are_named() {
        let group = "arn:aws:elasticloadbalancing:r:1:targetgroup/cats/0a1b";
        assert_eq!(
            plain(&format!(
                "Task failed ELB health checks in (target-group {group}) and {group}."
            )),
            "Task failed ELB health checks in (target-group cats) and cats"
        );
        assert_eq!(
            plain("arn:aws:ecs:r:1:task/c/t is gone"),
            "arn:aws:ecs:r:1:task/c/t is gone"
        );
    }

    #[test]
    fn a_check_is_found_by_its_task() {
        let event = |task: &str, code: u16| {
            let message = format!(
                "(service s) (task {task}) (port 8002) is unhealthy in (target-group arn:x) due to (reason Health checks \
                failed with these codes: [{code}])."
            );
            ServiceEvent::builder().message(message).build()
        };
        let service = Service::builder()
            .events(event("a1", 500))
            .events(event("b2", 503))
            .build();
        let found = unhealthy_reason(&service, "arn:aws:ecs:r:1:task/c/b2");
        assert_eq!(
            found.as_deref(),
            Some("port 8002: Health checks failed with these codes: [503]")
        );
        assert_eq!(unhealthy_reason(&service, "c3"), None);
    }
}
