//! The stage `load`: 200 requests a second from outside, while what is behind the load balancer changes. `hey` sends them; where it
//! cannot be had, each test is a skip that is counted.

#[cfg(test)]
#[path = "../../../localstack/tests/stage/built.rs"]
mod built;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
#[path = "../../../localstack/tests/stage/http.rs"]
mod http;
#[cfg(test)]
mod load;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod releases;
#[cfg(test)]
#[path = "../../../../crates/cli/tests/binary/said.rs"]
mod said;
#[cfg(test)]
mod shifting;
#[cfg(test)]
mod simulator;
