//! What a rule finds: where, in ECS's own words, and what to do about it.

use super::Pointer;

/// One thing that is wrong with a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is not kept.
    pub rule: &'static str,
    /// Where.
    pub at: Pointer,
    /// ECS's error code.
    pub code: Code,
    /// What ECS says.
    pub text: String,
    /// What to do about it, for people.
    pub hint: String,
    /// When it is refused.
    pub refused: Refused,
}

/// The error codes of RegisterTaskDefinition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// `ClientException`.
    Client,
    /// `InvalidParameterException`.
    InvalidParameter,
}

impl Code {
    /// As it is on the wire.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Client => "ClientException",
            Self::InvalidParameter => "InvalidParameterException",
        }
    }
}

/// When something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By RegisterTaskDefinition.
    AtRegistration,
    /// Registered, but no container of it can start, or what was asked for does not happen.
    Later,
}
