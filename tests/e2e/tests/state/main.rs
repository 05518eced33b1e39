//! Shared state: what every place must keep, and that nobody is misled whatever goes wrong between two writers.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests, which let time pass, ask for a real endpoint and say what they skip"
)]

mod contract;
mod damage;
mod formats;
mod journal;
mod lease;
mod ledger;
mod local;
mod lost;
mod places;
mod race;
mod records;
mod schema;
