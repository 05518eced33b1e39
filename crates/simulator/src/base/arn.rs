//! ARNs and host names, in the partition of a Region ([MODEL] botocore's partitions).

use std::fmt::Display;

use backstay_aws_model::regions::partition;

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
pub(crate) fn regional_arn(
    service: &str,
    region: &str,
    account: &str,
    resource: impl Display,
) -> String {
    let partition = partition(region).name;
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

/// The ARN of something that belongs to no Region, seen from one: `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
pub(crate) fn global_arn(
    service: &str,
    from_region: &str,
    account: &str,
    resource: impl Display,
) -> String {
    let partition = partition(from_region).name;
    format!("arn:{partition}:{service}::{account}:{resource}")
}

/// What the names of hosts end in there: `amazonaws.com`.
pub(crate) fn dns_suffix(region: &str) -> &'static str {
    partition(region).dns_suffix
}

#[cfg(test)]
mod tests {
    use super::{dns_suffix, global_arn, regional_arn};

    #[test]
    fn each_region_has_its_partition() {
        assert_eq!(
            regional_arn("ecs", "cn-north-1", "1", "cluster/a"),
            "arn:aws-cn:ecs:cn-north-1:1:cluster/a"
        );
        assert_eq!(
            global_arn("iam", "us-gov-west-1", "1", "root"),
            "arn:aws-us-gov:iam::1:root"
        );
        assert_eq!(dns_suffix("cn-northwest-1"), "amazonaws.com.cn");
    }
}
