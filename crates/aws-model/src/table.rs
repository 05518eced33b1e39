//! The tables that `cut.py` made, one a service, read when they are first asked for.

use std::sync::OnceLock;

use crate::load;
use crate::model::Model;

/// A service's table, and what was read of it.
struct Table {
    service: &'static str,
    bytes: &'static [u8],
    read: OnceLock<Option<Model>>,
}

/// `table!("ecs")`: what `models/ecs.json.z` holds.
macro_rules! table {
    ($service:literal) => {
        Table {
            service: $service,
            bytes: include_bytes!(concat!("../models/", $service, ".json.z")),
            read: OnceLock::new(),
        }
    };
}

static TABLES: [Table; 17] = [
    table!("application-autoscaling"),
    table!("cloudfront"),
    table!("cloudwatch"),
    table!("codedeploy"),
    table!("ecr"),
    table!("ecs"),
    table!("elbv2"),
    table!("events"),
    table!("logs"),
    table!("rds"),
    table!("s3"),
    table!("scheduler"),
    table!("secretsmanager"),
    table!("sns"),
    table!("sqs"),
    table!("ssm"),
    table!("sts"),
];

/// The model of a service, by the name that AWS's SDKs have for it.
#[must_use]
pub fn model(service: &str) -> Option<&'static Model> {
    let table = TABLES.iter().find(|table| table.service == service)?;
    let read = table
        .read
        .get_or_init(|| load::model(table.service, table.bytes));
    read.as_ref()
}

/// The services that have a model, by name.
pub fn services() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Known;

    #[test]
    fn every_table_is_read() {
        let served = |service: &'static str| {
            let model = model(service).unwrap_or_else(|| panic!("{service}"));
            model.served().count()
        };
        assert_eq!(services().map(served).sum::<usize>(), 440);
    }

    #[test]
    fn three_kinds_of_operations() {
        let ecs = model("ecs").expect("a table");
        assert!(matches!(ecs.operation("UpdateService"), Known::Served(_)));
        assert!(matches!(
            ecs.operation("RegisterContainerInstance"),
            Known::NotServed
        ));
        assert!(matches!(ecs.operation("UpdateServices"), Known::Unknown));
    }
}
