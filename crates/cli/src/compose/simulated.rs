//! The simulated cloud as the adapters see it: the real SDK over the in-process connector, in virtual time.

use std::path::PathBuf;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use backstay_adapters::aws::{AwsCloud, https_client};
use backstay_adapters::simulator::RemoteSimulator;
use backstay_adapters::web::{Method, Request, Response, Transport, TransportError};
use backstay_domain::app::address;
use backstay_domain::ports::Clock;
use backstay_simulator::{Cloud, FetchError, WebRequest};
use jiff::Timestamp;

/// The adapters over a simulated cloud.
pub type SimulatedAws = AwsCloud<SimulatedWeb>;

/// The real adapters and the real SDK over a simulated cloud.
#[must_use]
pub fn aws(cloud: &Cloud, region: &str, builds: PathBuf) -> SimulatedAws {
    AwsCloud::new(
        &sdk_config(cloud, region),
        SimulatedWeb(cloud.clone()),
        builds,
    )
}

/// The SDK over a simulated cloud in this process.
#[must_use]
pub fn sdk_config(cloud: &Cloud, region: &str) -> SdkConfig {
    base(region, "AKIASIMULATED0000000")
        .into_builder()
        .http_client(cloud.http_client())
        .sleep_impl(SharedAsyncSleep::new(cloud.async_sleep()))
        .time_source(SharedTimeSource::new(cloud.time_source()))
        .build()
}

/// The SDK over a simulated cloud in another process, whose accounts are chosen by access key.
#[must_use]
pub fn served(simulator: &RemoteSimulator, account: &str, region: &str) -> SdkConfig {
    base(region, account)
        .into_builder()
        .http_client(https_client())
        .endpoint_url(simulator.endpoint())
        .sleep_impl(SharedAsyncSleep::new(simulator.async_sleep()))
        .time_source(SharedTimeSource::new(simulator.time_source()))
        .build()
}

fn base(region: &str, access_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, "simulated", None, None, "simulator");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(5)
                .with_use_static_exponential_base(true),
        )
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

/// The simulated cloud's data plane: its load balancers and its CDN.
#[derive(Clone)]
pub struct SimulatedWeb(pub Cloud);

impl Transport for SimulatedWeb {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let headers = request.headers.iter();
        let sent = WebRequest {
            method: match request.method {
                Method::Get => "GET",
                Method::Head => "HEAD",
                Method::Form(_) => "POST",
            }
            .to_owned(),
            url: request.url.clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.0.clone()))
                .collect(),
        };
        match self.0.fetch(sent).await {
            Ok(reply) if reply.body.len() > request.limit_bytes => {
                Err(TransportError::TooLarge(request.limit_bytes))
            }
            Ok(reply) => Ok(Response {
                status: reply.status,
                headers: reply.headers,
                body: reply.body,
            }),
            Err(FetchError::NoSuchHost(host)) => Err(TransportError::NoConnection(format!(
                "no such host: {host}"
            ))),
            Err(FetchError::BadUrl(url)) => Err(TransportError::Address(address(&url))),
        }
    }
}

/// Virtual time.
#[derive(Clone)]
pub struct SimulatedClock(pub Cloud);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let ms = i64::try_from(self.0.now_ms()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let left = moment.duration_since(self.now());
        if let Ok(left) = Duration::try_from(left) {
            self.0.time().sleep(left).await;
        }
    }
}
