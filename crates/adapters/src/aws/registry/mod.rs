//! The registry port over ECR: images by tag, and whether what task definitions hold can still be pulled. `pushing` is for whoever
//! builds them.

mod gone;
mod images;
mod pin;
mod platforms;
mod pushing;
mod reference;
mod resolve;
mod shelf;

pub use pushing::{Described, EcrRegistry, Kept, Login, Owner, Tags};
