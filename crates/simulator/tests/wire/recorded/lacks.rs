//! What the simulated cloud does not answer although AWS did, and why.

/// Members of an operation's answer.
pub(crate) struct Lack {
    operations: &'static [&'static str],
    /// A path, with all that is below it.
    pub(crate) members: &'static str,
    /// Why not.
    _why: &'static str,
}

impl Lack {
    pub(crate) fn covers(&self, operation: &str, member: &str) -> bool {
        let below = member.strip_prefix(self.members);
        let here = below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        here && self.operations.contains(&operation)
    }
}

const fn lack(
    operations: &'static [&'static str],
    members: &'static str,
    why: &'static str,
) -> Lack {
    Lack {
        operations,
        members,
        _why: why,
    }
}

pub(crate) const LACKS: &[Lack] = &[];
