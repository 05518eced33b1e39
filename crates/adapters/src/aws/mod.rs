//! The only place that knows AWS types, ARNs and error codes. One port per file; no decisions.

/// A client whose quota of retries is its own. The SDK's is the process's, by service and Region: trouble of one connection would decide
/// how often another one tries.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .retry_partition($crate::aws::connect::own_quota())
                .build(),
        )
    };
}

mod anchors;
mod asking;
mod bucket;
mod connect;
mod credentials;
mod date;
mod definitions;
mod edge;
mod error;
mod frontend;
mod identity;
mod jobs;
mod logs;
mod memory;
mod ports;
mod raw;
mod registry;
mod schedules;
mod services;
mod state;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;
use std::path::PathBuf;

use aws_config::SdkConfig;

pub use asking::Notice;
pub use connect::{Connection, connect, https_client};
pub use credentials::Sources;
pub use registry::{Described, EcrRegistry, Kept, Login, Owner, Tags};
pub use state::S3Store;
pub use values::Values;

use crate::oci::{Logins, Registries};
use crate::outside::{Asked, Outside};
use crate::pace::{Pace, SdkTime};
use memory::Memory;

/// Where ECR is asked about what lies in another Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Elsewhere {
    InItsRegion,
    Here,
}

/// An AWS account and region, and the web as its visitors see it.
pub struct AwsCloud<T> {
    ecs: aws_sdk_ecs::Client,
    balancers: aws_sdk_elasticloadbalancingv2::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    ecr: aws_sdk_ecr::Client,
    codedeploy: aws_sdk_codedeploy::Client,
    events: aws_sdk_eventbridge::Client,
    rds: aws_sdk_rds::Client,
    scheduler: aws_sdk_scheduler::Client,
    s3: aws_sdk_s3::Client,
    cloudfront: aws_sdk_cloudfront::Client,
    sts: aws_sdk_sts::Client,
    transport: T,
    builds: PathBuf,
    time: SdkTime,
    pace: Pace,
    memory: Memory,
    buckets: bucket::Clients,
    confirmed: frontend::Confirmed,
    outside: Outside,
    looked: frontend::Looked,
    registries: Registries,
    elsewhere: Elsewhere,
    notice: Notice,
}

impl<T> AwsCloud<T> {
    /// A cloud over the clients' configuration: real, or with the HTTP client, sleep and time source of a simulator.
    /// `builds` is the directory that frontend builds are relative to.
    #[must_use]
    pub fn new(config: &SdkConfig, transport: T, builds: PathBuf) -> Self {
        Self {
            ecs: client!(aws_sdk_ecs, config),
            balancers: client!(aws_sdk_elasticloadbalancingv2, config),
            logs: client!(aws_sdk_cloudwatchlogs, config),
            ecr: client!(aws_sdk_ecr, config),
            codedeploy: client!(aws_sdk_codedeploy, config),
            events: client!(aws_sdk_eventbridge, config),
            rds: client!(aws_sdk_rds, config),
            scheduler: client!(aws_sdk_scheduler, config),
            s3: aws_sdk_s3::Client::from_conf(connect::s3(config)),
            cloudfront: client!(aws_sdk_cloudfront, config),
            sts: client!(aws_sdk_sts, config),
            transport,
            builds,
            time: SdkTime::of(config),
            pace: Pace::new(SdkTime::of(config)),
            memory: Memory::default(),
            buckets: bucket::Clients::default(),
            confirmed: frontend::Confirmed::default(),
            outside: Outside::default(),
            looked: frontend::Looked::default(),
            registries: Registries::default(),
            elsewhere: Elsewhere::InItsRegion,
            notice: Notice::default(),
        }
    }

    /// Whoever makes anchors that are not the cloud's own is asked.
    #[must_use]
    pub fn asking(mut self, asked: Asked) -> Self {
        self.outside = Outside::Asked(asked);
        self
    }

    /// Registries beside ECR are asked as whoever is logged in there.
    #[must_use]
    pub fn logged_in(mut self, logins: Logins) -> Self {
        self.registries = Registries::asked_as(logins);
        self
    }

    /// Everything is answered at one address, for one Region: a simulator's, whose worlds do not share their registries.
    #[must_use]
    pub fn at_one_address(self) -> Self {
        Self {
            elsewhere: Elsewhere::Here,
            ..self
        }
    }

    /// Where it is.
    fn region(&self) -> &str {
        let region = self.ecs.config().region();
        region.map_or("", AsRef::as_ref)
    }

    /// The same, where somebody is told what takes long.
    #[must_use]
    pub fn told(self, notice: Notice) -> Self {
        Self { notice, ..self }
    }
}

impl<T> fmt::Debug for AwsCloud<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsCloud")
            .field("region", &self.region())
            .finish_non_exhaustive()
    }
}
