//! The simulated AWS services: how each is named, how it speaks, where it lives. One row per service; no rules of AWS.

/// A simulated AWS service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    AutoScaling,
    CloudFront,
    CloudWatch,
    CodeDeploy,
    Ecr,
    Ecs,
    Elb,
    Events,
    Logs,
    Rds,
    S3,
    Scheduler,
    SecretsManager,
    Sns,
    Sqs,
    Ssm,
    Sts,
}

/// How a request and its reply are written (ecs-semantics 0, [MODEL]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json10,
    Json11,
    /// Smithy RPC v2: the operation is in the path, the body is CBOR.
    Cbor,
    Query,
    RestJson,
    RestXml,
}

/// What the wire has to know of a service.
struct Row {
    service: Service,
    /// As call counters, faults and AWS's SDKs name it.
    name: &'static str,
    /// As IAM actions and signing scopes name it.
    iam_prefix: &'static str,
    /// The API in `X-Amz-Target`; empty where the service speaks no JSON.
    target: &'static str,
    /// What it speaks unless a request says otherwise.
    protocol: Protocol,
    /// Of its XML documents.
    namespace: &'static str,
    /// An account has it once, not once per Region.
    global: bool,
}

const ROWS: [Row; 17] = [
    row(
        Service::Ecs,
        "ecs",
        "ecs",
        Protocol::Json11,
        "AmazonEC2ContainerServiceV20141113",
    ),
    row(
        Service::Ecr,
        "ecr",
        "ecr",
        Protocol::Json11,
        "AmazonEC2ContainerRegistry_V20150921",
    ),
    row(
        Service::Logs,
        "logs",
        "logs",
        Protocol::Json11,
        "Logs_20140328",
    ),
    row(
        Service::SecretsManager,
        "secretsmanager",
        "secretsmanager",
        Protocol::Json11,
        "secretsmanager",
    ),
    row(Service::Ssm, "ssm", "ssm", Protocol::Json11, "AmazonSSM"),
    row(
        Service::Events,
        "events",
        "events",
        Protocol::Json11,
        "AWSEvents",
    ),
    row(
        Service::AutoScaling,
        "application-autoscaling",
        "application-autoscaling",
        Protocol::Json11,
        "AnyScaleFrontendService",
    ),
    row(
        Service::Scheduler,
        "scheduler",
        "scheduler",
        Protocol::RestJson,
        "",
    ),
    Row {
        namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
        ..row(Service::Sqs, "sqs", "sqs", Protocol::Json10, "AmazonSQS")
    },
    row(
        Service::CodeDeploy,
        "codedeploy",
        "codedeploy",
        Protocol::Json11,
        "CodeDeploy_20141006",
    ),
    Row {
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
        ..row(
            Service::CloudWatch,
            "cloudwatch",
            "monitoring",
            Protocol::Query,
            "GraniteServiceVersion20100801",
        )
    },
    Row {
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        ..row(Service::Sts, "sts", "sts", Protocol::Query, "")
    },
    Row {
        namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
        ..row(Service::Sns, "sns", "sns", Protocol::Query, "")
    },
    Row {
        namespace: "http://rds.amazonaws.com/doc/2014-10-31/",
        ..row(Service::Rds, "rds", "rds", Protocol::Query, "")
    },
    Row {
        namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        ..row(
            Service::Elb,
            "elbv2",
            "elasticloadbalancing",
            Protocol::Query,
            "",
        )
    },
    Row {
        namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
        global: true,
        ..row(Service::S3, "s3", "s3", Protocol::RestXml, "")
    },
    Row {
        namespace: "http://cloudfront.amazonaws.com/doc/2020-05-31/",
        global: true,
        ..row(
            Service::CloudFront,
            "cloudfront",
            "cloudfront",
            Protocol::RestXml,
            "",
        )
    },
];

const fn row(
    service: Service,
    name: &'static str,
    iam_prefix: &'static str,
    protocol: Protocol,
    target: &'static str,
) -> Row {
    Row {
        service,
        name,
        iam_prefix,
        target,
        protocol,
        namespace: "",
        global: false,
    }
}

impl Service {
    fn row(self) -> &'static Row {
        let found = ROWS.iter().find(|row| row.service == self);
        // A test holds that every service has its row.
        found.unwrap_or(&ROWS[0])
    }

    /// As call counters or IAM name it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let row = ROWS
            .iter()
            .find(|row| row.name == name || row.iam_prefix == name)?;
        Some(row.service)
    }

    /// Every name.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        ROWS.iter().map(|row| row.name)
    }

    /// From the service part of the signing scope.
    pub(crate) fn from_scope(scope: &str) -> Option<Self> {
        let row = ROWS.iter().find(|row| row.iam_prefix == scope)?;
        Some(row.service)
    }

    /// From the API that `X-Amz-Target`, or the path of a CBOR request, names.
    pub(crate) fn from_target(api: &str) -> Option<Self> {
        let row = ROWS
            .iter()
            .find(|row| !row.target.is_empty() && row.target == api)?;
        Some(row.service)
    }

    /// From the version that a query request names; every query API has one of its own.
    pub(crate) fn from_version(version: &str) -> Option<Self> {
        let is_it = |row: &&Row| {
            let named = row.namespace.trim_end_matches('/').rsplit('/').next();
            row.protocol == Protocol::Query && named == Some(version)
        };
        ROWS.iter().find(is_it).map(|row| row.service)
    }

    /// As call counters, faults and AWS's SDKs name it.
    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// As IAM actions and signing scopes name it.
    pub(crate) fn iam_prefix(self) -> &'static str {
        self.row().iam_prefix
    }

    /// What it speaks unless a request says otherwise.
    pub(crate) fn usual_protocol(self) -> Protocol {
        self.row().protocol
    }

    /// The two whose newer clients send CBOR; both understand JSON as well ([MODEL]).
    pub(crate) fn speaks_cbor(self) -> bool {
        matches!(self, Self::CloudWatch | Self::CodeDeploy)
    }

    /// Of its XML documents.
    pub(crate) fn namespace(self) -> &'static str {
        self.row().namespace
    }

    /// An account has it once, not once per Region.
    pub(crate) fn is_global(self) -> bool {
        self.row().global
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_one_row_of_its_own() {
        for row in &ROWS {
            assert_eq!(row.service.name(), row.name);
            assert_eq!(Service::from_scope(row.iam_prefix), Some(row.service));
        }
        // The last of the enum: all services are there.
        assert_eq!(ROWS.len(), Service::Sts as usize + 1);
    }
}
