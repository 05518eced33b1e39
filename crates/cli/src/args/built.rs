//! What was built: the version of a release, and of images that have another one.

use std::path::PathBuf;

use clap::Args;

/// Which version each image has.
#[derive(Clone, Debug, Default, Args)]
pub struct Built {
    /// The version: the tag of the images. Default: the git commit that is checked out.
    #[arg(long, value_name = "SHA")]
    pub version: Option<String>,
    /// An image that has another version: by its repository, the last part of that, or who runs it. May be given several times.
    #[arg(long = "image", value_name = "IMAGE=SHA")]
    pub images: Vec<String>,
    /// A file with the versions of images, as CI writes it: JSON or TOML with a table `images`, and `version`, if it says that too.
    #[arg(long, value_name = "FILE")]
    pub versions: Option<PathBuf>,
}
