//! The registry port over ECR: images by tag, and whether what task definitions hold can still be pulled.

mod gone;
mod images;
mod platforms;
mod reference;
mod resolve;
