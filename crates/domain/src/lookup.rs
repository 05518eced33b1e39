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

impl Place {
    /// Whether the environment's cloud is asked.
    #[must_use]
    pub fn is_of_a_cloud(&self) -> bool {
        match self {
            Self::Parameter(_) | Self::Stack { .. } => true,
            Self::Output { state, .. } | Self::Resource { state, .. } => match state {
                TerraformState::Object { .. } => true,
                TerraformState::File(_) => false,
            },
            Self::Variable(_) | Self::Command { .. } => false,
        }
    }
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
const NAMES: [&[&str]; 13] = [
    &["password"],
    &["passwd"],
    &["passphrase"],
    &["pass"],
    &["pat"],
    &["secret"],
    &["token"],
    &["credential"],
    &["credentials"],
    &["private", "key"],
    &["api", "key"],
    &["secret", "key"],
    &["access", "key"],
];

/// The same, run together with what is before them.
const RUN_TOGETHER: [&str; 5] = ["password", "secret", "token", "apikey", "credential"];

/// Words of names whose value is one often enough to hide it.
const DOUBTFUL: [&str; 2] = ["auth", "key"];

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

/// Whether something that is called so is a secret, whatever its value: its last words say it. What shows values refuses it.
#[must_use]
pub fn is_named_like_a_secret(name: &str) -> bool {
    let words = words(name);
    let is_end = |end: &[&str]| {
        let from = words.len().checked_sub(end.len());
        from.is_some_and(|from| words[from..].iter().eq(end))
    };
    let last = words.last();
    NAMES.iter().any(|end| is_end(end))
        || last.is_some_and(|last| RUN_TOGETHER.iter().any(|end| last.ends_with(end)))
}

/// Whether something that is called so may be a secret: a word anywhere in its name says it. What can do without the value hides it.
#[must_use]
pub fn may_be_secret(name: &str) -> bool {
    let says_so = |word: &String| {
        let named = NAMES.iter().any(|end| end == &[word.as_str()]);
        named || DOUBTFUL.contains(&word.as_str())
    };
    let lower = name.to_lowercase();
    is_named_like_a_secret(name)
        || words(name).iter().any(says_so)
        || RUN_TOGETHER.iter().any(|part| lower.contains(part))
}

/// The words of a name in small letters, without numbers at their ends: `DB_PASSWORD`, `db-password2` and `DBPassword` have the same.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        // `dbPassword`, and `DBPassword`.
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    let words = words.iter();
    let words = words.map(|word| word.trim_end_matches(char::is_numeric).to_owned());
    words.filter(|word| !word.is_empty()).collect()
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
