//! ELBv2 in virtual time.

mod stage;
mod weights;
