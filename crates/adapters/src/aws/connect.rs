//! How a real account is reached: region, credential chain, HTTPS, retries, timeouts and our name in the user agent.

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::retry::RetryPartition;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::asking::{Asking, Notice};
use super::credentials::{Named, Sources};

/// Which account and region. What is absent comes from the environment and the AWS configuration files.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// The region.
    pub region: Option<String>,
    /// Where credentials are looked for.
    pub sources: Sources,
    /// One address for all services: a simulator, LocalStack or moto.
    pub endpoint_url: Option<String>,
    /// Who is told that nobody answers yet.
    pub notice: Notice,
}

/// How long credentials may take; [`Named`] gives up before, and says who did not give them.
const LOAD_WITHIN: Duration = Duration::from_secs(15);

/// HTTP and HTTPS for the clients.
#[must_use]
pub fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// Configures the clients. Reads the environment; sends nothing.
pub async fn connect(connection: &Connection) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Asking::new(
            https_client(),
            connection.region.clone(),
            connection.notice,
        ))
        .identity_cache(IdentityCache::lazy().load_timeout(LOAD_WITHIN).build())
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .read_timeout(Duration::from_secs(30))
                .operation_attempt_timeout(Duration::from_secs(60))
                .build(),
        );
    // The SDK puts it into the user agent as `app/backstay-VERSION`: it does not allow a slash.
    if let Ok(name) = AppName::new(concat!("backstay-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &connection.sources.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(address) = &connection.endpoint_url {
        loader = loader.endpoint_url(address);
    }
    let config = loader.load().await;
    let Some(chain) = config.credentials_provider() else {
        return config;
    };
    let named = Named {
        chain,
        sources: connection.sources.clone(),
        notice: connection.notice,
    };
    config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(named))
        .build()
}

/// As many retries as the SDK allows itself, shared with no other client.
pub(super) fn own_quota() -> RetryPartition {
    RetryPartition::custom("backstay").build()
}

/// S3 differs: one address for all buckets needs path style, and a large upload may take longer than any other call.
pub(super) fn s3(config: &SdkConfig) -> aws_sdk_s3::Config {
    let mut builder = aws_sdk_s3::config::Builder::from(config).retry_partition(own_quota());
    if config.endpoint_url().is_some() {
        builder = builder.force_path_style(true);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(
            timeouts
                .to_builder()
                .operation_attempt_timeout(Duration::from_secs(600))
                .build(),
        );
    }
    builder.build()
}
