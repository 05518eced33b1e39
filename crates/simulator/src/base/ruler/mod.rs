//! Event patterns, as EventBridge and SNS read them with AWS's own library (event-ruler): what is one, why a text is none, and what it lets pass.

mod address;
mod compile;
mod event;
mod flaw;
mod matcher;
mod operators;
#[cfg(test)]
mod tests;
mod tokens;

pub(crate) use compile::Dialect;
pub(crate) use event::Pattern;
