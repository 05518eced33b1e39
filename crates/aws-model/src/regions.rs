//! The Regions that AWS's model names.

use crate::model::Kind;
use crate::table::model;

/// The Region that a bucket lies in when nothing is said.
const UNSAID: &str = "us-east-1";
/// The old name of eu-west-1.
const OLD_NAME: &str = "EU";

/// A partition of AWS: Regions with names, accounts and addresses of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The second part of every ARN.
    pub name: &'static str,
    /// What the names of its hosts end in.
    pub dns_suffix: &'static str,
    /// How its Regions begin, before the direction.
    beginnings: &'static [&'static str],
}

/// botocore's partitions (`[MODEL]`).
const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        beginnings: &["cn"],
    },
    Partition {
        name: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        beginnings: &["us-gov"],
    },
    Partition {
        name: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        beginnings: &["us-iso"],
    },
    Partition {
        name: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        beginnings: &["us-isob"],
    },
    Partition {
        name: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        beginnings: &["eu-isoe"],
    },
    Partition {
        name: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        beginnings: &["us-isof"],
    },
    Partition {
        name: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        beginnings: &["eusc-de"],
    },
    AWS,
];

/// Where most Regions are.
const AWS: Partition = Partition {
    name: "aws",
    dns_suffix: "amazonaws.com",
    beginnings: &["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"],
};

/// The partition of a Region; `aws` for a name that no Region has.
#[must_use]
pub fn partition(region: &str) -> Partition {
    let beginning = region.rsplitn(3, '-').nth(2).unwrap_or_default();
    let found = PARTITIONS
        .iter()
        .find(|it| it.beginnings.contains(&beginning));
    found.copied().unwrap_or(AWS)
}

/// How the names of Regions begin, before the direction.
pub fn beginnings() -> impl Iterator<Item = &'static str> {
    PARTITIONS
        .iter()
        .flat_map(|partition| partition.beginnings)
        .copied()
}

/// Whether an ARN is of a service, in whatever partition.
#[must_use]
pub fn is_arn_of(arn: &str, service: &str) -> bool {
    let mut parts = arn.split(':');
    let is_partition = |name: &str| PARTITIONS.iter().any(|it| it.name == name);
    parts.next() == Some("arn")
        && parts.next().is_some_and(is_partition)
        && parts.next() == Some(service)
}

/// Where a bucket can be asked to lie (`[MODEL]`): every Region but us-east-1, and `EU`.
pub fn bucket_locations() -> impl Iterator<Item = &'static str> {
    let shape = model("s3").and_then(|model| model.shape_named("BucketLocationConstraint"));
    let values = match shape.map(|shape| &shape.kind) {
        Some(Kind::Text(text)) => text.values.as_slice(),
        _ => &[],
    };
    values.iter().map(String::as_str)
}

/// The Regions of the partitions that S3's model knows.
pub fn regions() -> impl Iterator<Item = &'static str> {
    let named = bucket_locations().filter(|name| *name != OLD_NAME);
    named.chain([UNSAID])
}

#[cfg(test)]
mod tests {
    use super::{bucket_locations, is_arn_of, partition, regions};

    #[test]
    fn they_are_in_the_table() {
        assert!(bucket_locations().any(|name| name == "EU"));
        assert!(bucket_locations().all(|name| name != "us-east-1"));
        assert!(regions().any(|name| name == "us-east-1"));
        assert!(regions().any(|name| name == "sa-east-1"));
        assert!(regions().all(|name| name != "EU"));
    }

    #[test]
    fn every_region_has_its_partition() {
        for (region, name, suffix) in [
            ("sa-east-1", "aws", "amazonaws.com"),
            ("us-east-1", "aws", "amazonaws.com"),
            ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("nowhere", "aws", "amazonaws.com"),
        ] {
            let found = partition(region);
            assert_eq!((found.name, found.dns_suffix), (name, suffix), "{region}");
        }
        for region in regions() {
            let is_of = |name: &str| partition(region).name == name;
            assert_eq!(region.starts_with("cn-"), is_of("aws-cn"), "{region}");
            assert_eq!(
                region.starts_with("us-gov-"),
                is_of("aws-us-gov"),
                "{region}"
            );
        }
    }

    #[test]
    fn an_arn_is_of_its_service_in_any_partition() {
        for (arn, expected) in [
            ("arn:aws:sns:sa-east-1:1:t", true),
            ("arn:aws-cn:sns:cn-north-1:1:t", true),
            ("arn:aws-us-gov:sqs:us-gov-west-1:1:q", false),
            ("arn:elsewhere:sns:x:1:t", false),
            ("sns", false),
        ] {
            assert_eq!(is_arn_of(arn, "sns"), expected, "{arn}");
        }
    }
}
