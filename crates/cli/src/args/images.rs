//! The words of `backstay images`.

use clap::{Args, Subcommand};

use super::EXIT_CODES;

/// The commands of `images`.
#[derive(Debug, Subcommand)]
pub enum Images {
    /// Build the images that `[services.*.build]` describes, for the engine of this machine. Pushes nothing.
    #[command(after_help = EXIT_CODES)]
    Build(Which),
    /// Build them and push every tag; says one digest for each image. What the registry has already is not built again.
    #[command(after_help = EXIT_CODES)]
    Push(Which),
}

/// Which images.
#[derive(Debug, Args)]
pub struct Which {
    /// The environment.
    pub environment: String,
    /// Only the image of this service (or `migration`). May be given several times.
    #[arg(long = "service", value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The version: the tag that `deploy` looks for. Default: the git commit that is checked out.
    #[arg(long, value_name = "SHA")]
    pub version: Option<String>,
    /// Build also what has not changed: the images that Dockerfiles begin with may have.
    #[arg(long)]
    pub rebuild: bool,
    /// Push even if what is checked out is not clean, or not the version's commit.
    #[arg(long)]
    pub allow_dirty: bool,
}

impl Images {
    /// Which images it is about.
    #[must_use]
    pub fn which(&self) -> &Which {
        match self {
            Self::Build(which) | Self::Push(which) => which,
        }
    }
}
