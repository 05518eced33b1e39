//! ELBv2 in virtual time.

mod changes;
mod errors;
mod health;
mod limits;
mod network;
mod observed;
mod routing;
mod stage;
mod weights;
