//! Where a task that runs to its end is placed: its subnets, its security groups, on what it runs.

use backstay_domain::app::PublicAddress;

use crate::section::{At, Section};

/// Where a task that runs to its end is placed.
pub(crate) struct Placement {
    pub(crate) subnets: Vec<At<String>>,
    pub(crate) security_groups: Vec<At<String>>,
    pub(crate) public_address: PublicAddress,
    pub(crate) launch_type: Option<&'static str>,
    pub(crate) capacity_provider: Option<At<String>>,
}

impl Placement {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let mut listed = |key| {
            section
                .texts(key)
                .map(|list| list.value)
                .unwrap_or_default()
        };
        let (subnets, security_groups) = (listed("subnets"), listed("security_groups"));
        let public_address = section.choice(
            "public_address",
            &[
                ("disabled", PublicAddress::Disabled),
                ("enabled", PublicAddress::Enabled),
            ],
        );
        Self {
            subnets,
            security_groups,
            public_address: public_address.unwrap_or_default(),
            launch_type: section.choice(
                "launch_type",
                &[
                    ("fargate", "FARGATE"),
                    ("ec2", "EC2"),
                    ("external", "EXTERNAL"),
                ],
            ),
            capacity_provider: section.text("capacity_provider"),
        }
    }
}
