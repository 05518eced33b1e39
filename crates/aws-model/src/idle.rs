//! What stands in AWS's model and is idle on AWS, with the evidence: it is left out when a table is read.

/// What of a shape is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// That this member must be there.
    Required(&'a str),
    /// Length or range.
    Limits,
    /// The pattern.
    Pattern,
}

/// Service, shape, what, and how it is known.
const IDLE: [(&str, &str, What<'static>, &str); 0] = [];

/// Whether AWS does not ask for it.
pub(crate) fn is_idle(service: &str, shape: &str, what: What<'_>) -> bool {
    IDLE.iter().any(|(its_service, its_shape, its, _)| {
        *its_service == service && *its_shape == shape && *its == what
    })
}
