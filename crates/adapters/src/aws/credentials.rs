//! Where credentials come from, in words: the SDK's own chain, which says what it looked at when it finds none.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, SharedCredentialsProvider, future,
};
use tokio::time::timeout;

use super::asking::{NOTICE_AFTER, Notice};

/// How long whoever gives credentials may take. The SDK's own limit must be longer.
const GIVEN_WITHIN: Duration = Duration::from_secs(10);

/// Where credentials are looked for, as the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The profile, and who named it; none was named otherwise.
    pub profile: Option<String>,
    /// Whether the environment has an access key: it is used before any profile.
    pub keys: bool,
    /// The configuration file, where it is another one than usual.
    pub config_file: Option<String>,
    /// The credentials file, where it is another one than usual.
    pub credentials_file: Option<String>,
}

impl fmt::Display for Sources {
    /// What is used first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.profile, self.keys) {
            (Some(profile), true) => write!(
                f,
                "AWS_ACCESS_KEY_ID of the environment (before profile `{profile}`)"
            ),
            (None, true) => f.write_str("AWS_ACCESS_KEY_ID of the environment"),
            (Some(profile), false) => write!(f, "profile `{profile}`"),
            (None, false) => f.write_str("no profile (AWS_PROFILE is not set)"),
        }
    }
}

impl Sources {
    fn files(&self) -> String {
        format!(
            "{} and {}",
            self.config_file.as_deref().unwrap_or("~/.aws/config"),
            self.credentials_file
                .as_deref()
                .unwrap_or("~/.aws/credentials")
        )
    }

    /// Everything that was looked at.
    fn looked_at(&self) -> String {
        let profile = self.profile.as_deref().unwrap_or("default");
        format!(
            "AWS_ACCESS_KEY_ID, profile `{profile}` in {}, AWS_WEB_IDENTITY_TOKEN_FILE, the container's and the instance's metadata",
            self.files()
        )
    }
}

/// No credentials could be had.
#[derive(Debug)]
pub(crate) struct NoCredentials {
    sources: Sources,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// Nobody has any.
    Nobody,
    /// The profile is not there, or cannot be used.
    Profile(String),
    /// Whoever should give them did not.
    NotGiven(CredentialsError),
    /// Nothing in time.
    Silent,
}

impl Error for NoCredentials {}

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = &self.sources;
        match &self.why {
            Why::Nobody => write!(
                f,
                "no credentials: {sources}; looked for them in {}",
                sources.looked_at()
            ),
            Why::Profile(why) => write!(
                f,
                "no credentials: {why}; looked for them in {}",
                sources.looked_at()
            ),
            Why::NotGiven(error) => {
                write!(f, "no credentials from {sources}: {}", innermost(error))
            }
            Why::Silent => write!(
                f,
                "no credentials from {sources}: nothing in {} s",
                GIVEN_WITHIN.as_secs()
            ),
        }
    }
}

/// The last error of a chain: the others only say that there was one.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The SDK's chain, which says where it looked.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) chain: SharedCredentialsProvider,
    pub(super) sources: Sources,
    pub(super) notice: Notice,
}

impl Named {
    async fn provide(&self) -> Provided {
        let mut given = std::pin::pin!(self.chain.provide_credentials());
        let given = match timeout(NOTICE_AFTER, &mut given).await {
            Ok(given) => Ok(given),
            Err(_) => {
                (self.notice.0)(&format!(
                    "waiting for credentials from {} …; none yet",
                    self.sources
                ));
                timeout(GIVEN_WITHIN - NOTICE_AFTER, given).await
            }
        };
        let why = match given {
            Ok(Ok(credentials)) => return Ok(credentials),
            Ok(Err(error)) => self.why(error),
            Err(_) => Why::Silent,
        };
        let sources = self.sources.clone();
        Err(CredentialsError::provider_error(NoCredentials {
            sources,
            why,
        }))
    }

    fn why(&self, error: CredentialsError) -> Why {
        let chain = error
            .source()
            .and_then(|source| source.downcast_ref::<ProviderChainError<CredentialsError>>());
        let Some(chain) = chain else {
            return Why::NotGiven(error);
        };
        let profile = chain
            .attempts()
            .iter()
            .find(|attempt| attempt.name() == "Profile")
            .and_then(|attempt| attempt.error().source());
        match (profile, &self.sources.profile) {
            (Some(why), Some(_)) => Why::Profile(why.to_string()),
            (None, Some(profile)) => Why::Profile(format!("profile `{profile}` gives none")),
            (_, None) => Why::Nobody,
        }
    }
}

impl ProvideCredentials for Named {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}
