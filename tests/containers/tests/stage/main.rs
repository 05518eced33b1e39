//! Scenarios whose tasks run for real: the built binary deploys cat-house to a simulated cloud that starts local programs, or
//! containers of a Docker engine, and the migration is Alembic's on a PostgreSQL. `just test-containers` plays them; what a
//! machine lacks is a skip that is counted.

#[cfg(test)]
#[path = "../../../localstack/tests/stage/built.rs"]
mod built;
#[cfg(test)]
mod cloud;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod expected;
#[cfg(test)]
mod house;
#[cfg(test)]
#[expect(dead_code, reason = "nobody here reads a header")]
#[path = "../../../localstack/tests/stage/http.rs"]
mod http;
#[cfg(test)]
mod images;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod pushed;
#[cfg(test)]
#[path = "../../../../crates/cli/tests/binary/said.rs"]
mod said;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod skips;
