//! Task definitions as documents. Two are told apart by what was sent; what a cloud adds to an answer is never a change.

mod canonical;
mod containers;
mod document;
mod hash;
mod members;
mod read_back;
mod template;

#[cfg(test)]
mod tests;

pub use containers::{ContainerImage, container_documents};
pub use document::{Definition, DefinitionHash};
pub(crate) use hash::ordered_text;
pub use hash::sha256_hex;
pub use template::{
    DefinitionTemplate, RELEASE_PLACEHOLDERS, map_strings, placeholders, substitute,
};
