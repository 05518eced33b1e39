//! Values that the configuration does not say itself: where each is found, and why one is not.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where a value is looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A variable of this process's environment.
    Variable(String),
    /// A parameter of the environment's account and Region.
    Parameter(String),
    /// An output in a state of Terraform.
    Output {
        /// Its name.
        name: String,
        /// Where the state is.
        state: TerraformState,
    },
    /// A resource in a state of Terraform: its attributes.
    Resource {
        /// Its address, as Terraform writes it.
        address: String,
        /// Where the state is.
        state: TerraformState,
    },
    /// An output of a CloudFormation stack.
    Stack {
        /// The stack.
        stack: String,
        /// The output's key.
        output: String,
    },
    /// What a command prints.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
        /// How long it may take.
        within: Duration,
    },
}

/// Where Terraform keeps a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TerraformState {
    /// A file, relative to the configuration.
    File(String),
    /// An object in a bucket: the backend `s3`.
    Object {
        /// The bucket.
        bucket: String,
        /// Its key there.
        key: String,
    },
}

/// A value that was looked up, for people: what it is called, where it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    /// The variable.
    pub name: String,
    /// Where it was found.
    pub source: String,
    /// What was found.
    pub value: String,
}

/// Why a value is not found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is none.
    #[error("there is no {0}")]
    Missing(String),
    /// It is a secret, and what is looked up is shown.
    #[error("it is {0}")]
    Secret(&'static str),
    /// It took longer than it may.
    #[error("it took longer than {} s", .0.as_secs_f64())]
    Late(Duration),
    /// It could not be asked for.
    #[error("{0}")]
    Failed(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Parameter(name) => write!(f, "parameter {name}"),
            Self::Output { name, state } => write!(f, "output {name} of {state}"),
            Self::Resource { address, state } => write!(f, "{address} in {state}"),
            Self::Stack { stack, output } => write!(f, "output {output} of stack {stack}"),
            // What follows the program may hold a value.
            Self::Command { words, .. } => match words.as_slice() {
                [] => f.write_str("command"),
                [program] => write!(f, "command {program}"),
                [program, ..] => write!(f, "command {program} …"),
            },
        }
    }
}

impl fmt::Display for TerraformState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(path),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

/// Words that end the name of a secret.
const NAMES: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "PRIVATE_KEY",
    "API_KEY",
    "APIKEY",
    "SECRET_KEY",
    "ACCESS_KEY",
];

/// How tokens of well-known services begin.
const TOKENS: [&str; 12] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "dckr_pat_",
    "npm_",
    "hvs.",
];

/// Whether something that is called so is a secret, whatever its value: its last words say it.
#[must_use]
pub fn is_named_like_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace(['-', '.', '/', ' '], "_");
    NAMES.iter().any(|word| {
        let before = name.strip_suffix(word);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

/// What a value looks like that nobody should see.
#[must_use]
pub fn looks_like_a_secret(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.contains("-----BEGIN") && value.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if TOKENS.iter().any(|token| value.starts_with(token)) {
        return Some("a token");
    }
    let parts = value.split('.').count();
    if value.starts_with("eyJ") && parts == 3 && !value.contains(' ') {
        return Some("a token");
    }
    let is_key = |begins: &str| {
        let rest = value.strip_prefix(begins);
        rest.is_some_and(|rest| {
            rest.len() == 16
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
    };
    if is_key("AKIA") || is_key("ASIA") {
        return Some("an access key");
    }
    let authority = value.split_once("://").map(|(_, rest)| rest);
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next());
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
    user.and_then(|(user, _)| user.split_once(':'))
        .filter(|(_, password)| !password.is_empty())
        .map(|_| "an address with a password")
}
