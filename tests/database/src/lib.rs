//! A private PostgreSQL and the real Alembic, for tests. In reading order: where the tools are, a server, a team's revisions.

mod alembic;
mod installed;
mod server;

pub use alembic::{Printed, Revisions};
pub use installed::{Lacking, alembic as alembic_bin, or_skip};
pub use server::{Access, Server};
