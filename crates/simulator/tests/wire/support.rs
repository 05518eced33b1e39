//! A cloud and the SDK's clients for it.

use backstay_simulator::{
    BucketBlueprint, Cloud, ImageBlueprint, ObjectBlueprint, RepositoryBlueprint, Weather, World,
};

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: u64 = 1_767_225_600_000;

/// An account with one repository, one bucket and one distribution.
pub(crate) fn cloud() -> Cloud {
    let mut world = World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS);
    world.create_repository(&RepositoryBlueprint {
        name: "cat-house/auth".to_owned(),
        images: vec![
            image(&["a1b2c3d"], &["linux/amd64"]),
            image(&["2f9c1e7", "latest"], &["linux/amd64", "linux/arm64"]),
        ],
    });
    world.create_bucket(&bucket());
    Cloud::new(world, 1.0)
}

/// A bucket with one page.
pub(crate) fn bucket() -> BucketBlueprint {
    BucketBlueprint {
        name: "cat-house-web".to_owned(),
        region: None,
        objects: vec![object(
            "index.html",
            "text/html",
            Some("no-cache"),
            b"<html>one</html>",
        )],
    }
}

pub(crate) fn image(tags: &[&str], platforms: &[&str]) -> ImageBlueprint {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    ImageBlueprint {
        tags: owned(tags),
        platforms: owned(platforms),
        schema_head: None,
    }
}

pub(crate) fn object(
    key: &str,
    content_type: &str,
    cache_control: Option<&str>,
    body: &[u8],
) -> ObjectBlueprint {
    ObjectBlueprint {
        key: key.to_owned(),
        content_type: content_type.to_owned(),
        cache_control: cache_control.map(str::to_owned),
        body: body.to_vec(),
    }
}

/// The SDK's client of a service, with nothing changed but its connector and clocks.
macro_rules! client {
    ($sdk:ident, $cloud:expr) => {
        $crate::support::client!($sdk, $cloud, $cloud.http_client())
    };
    ($sdk:ident, $cloud:expr, $connector:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new("sa-east-1"))
                .credentials_provider($sdk::config::Credentials::new(
                    "AKIDSIMULATED",
                    "secret",
                    None,
                    None,
                    "tests",
                ))
                .http_client($connector)
                .sleep_impl($cloud.async_sleep())
                .time_source($cloud.time_source())
                .build(),
        )
    };
}
pub(crate) use client;

/// What S3 wants of whoever makes a bucket outside of us-east-1.
pub(crate) fn in_its_region() -> aws_sdk_s3::types::CreateBucketConfiguration {
    aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::SaEast1)
        .build()
}
