//! The registry port: images by tag, and whether what task definitions hold can still be pulled. `everywhere` sends each of them to whom
//! it belongs: ECR, of any account and Region, or another registry (`foreign`). `pushing` is for whoever builds them.

mod everywhere;
mod foreign;
mod gone;
mod images;
mod pin;
mod pushing;
mod reference;
mod resolve;
mod shelf;

pub use pushing::{Described, EcrRegistry, Kept, Login, Owner, Tags};
