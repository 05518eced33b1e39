//! The errors any call can meet before it reaches its service: throttled, denied, broken, not implemented.

use crate::base::arn::global_arn;
use crate::front::{Call, Service};
use crate::{ApiError, World};

/// "Rate exceeded" with the service's own throttling code (ecs-semantics F1 [DOC]; the neighbours' codes [MEM]).
pub(super) fn throttled(service: Service) -> ApiError {
    match service {
        Service::Ecs
        | Service::Ecr
        | Service::Logs
        | Service::SecretsManager
        | Service::Ssm
        | Service::Events
        | Service::AutoScaling
        | Service::Scheduler
        | Service::CodeDeploy => ApiError::client("ThrottlingException", "Rate exceeded"),
        Service::Sts
        | Service::Sns
        | Service::Rds
        | Service::CloudWatch
        | Service::Elb
        | Service::CloudFront => ApiError::client("Throttling", "Rate exceeded"),
        // [MODEL] RequestThrottled, by the code of its query protocol.
        Service::Sqs => ApiError {
            status: 403,
            ..ApiError::client("RequestThrottled", "Request is throttled.")
        },
        Service::S3 => ApiError {
            code: "SlowDown",
            message: "Please reduce your request rate.".to_owned(),
            status: 503,
        },
    }
}

/// AccessDenied in the words of IAM (ecs-semantics F1 [OBS]).
pub(super) fn denied(call: &Call, world: &World) -> ApiError {
    let action = format!("{}:{}", call.service.iam_prefix(), call.operation);
    let role = "assumed-role/deployer/simulator";
    let user = global_arn("sts", &world.region, &world.account, role);
    let message = format!(
        "User: {user} is not authorized to perform: {action} on resource: * \
         because no identity-based policy allows the {action} action"
    );
    match call.service {
        Service::Ecs
        | Service::Ecr
        | Service::Logs
        | Service::SecretsManager
        | Service::Ssm
        | Service::Events
        | Service::AutoScaling
        | Service::Scheduler
        | Service::CodeDeploy => ApiError::client("AccessDeniedException", message),
        Service::Sts
        | Service::Sns
        | Service::Rds
        | Service::CloudWatch
        | Service::Elb
        | Service::S3
        | Service::Sqs
        | Service::CloudFront => ApiError {
            code: "AccessDenied",
            message,
            status: 403,
        },
    }
}

/// Credentials that were good until now. The query protocols and REST name it without `Exception` [MEM]; S3's HEAD has no body and
/// says 400.
pub(super) fn expired(service: Service) -> ApiError {
    let message = "The security token included in the request is expired".to_owned();
    match service {
        Service::Ecs
        | Service::Ecr
        | Service::Logs
        | Service::SecretsManager
        | Service::Ssm
        | Service::Events
        | Service::AutoScaling
        | Service::Scheduler
        | Service::CodeDeploy => ApiError::client("ExpiredTokenException", message),
        Service::S3 => ApiError {
            code: "ExpiredToken",
            message: "The provided token has expired.".to_owned(),
            status: 400,
        },
        Service::Sts
        | Service::Sns
        | Service::Sqs
        | Service::Rds
        | Service::CloudWatch
        | Service::Elb
        | Service::CloudFront => ApiError {
            code: "ExpiredToken",
            message,
            status: 403,
        },
    }
}

/// The service's 500.
pub(super) fn server_error(service: Service) -> ApiError {
    let code = match service {
        Service::Ecs | Service::Ecr => "ServerException",
        Service::Logs => "ServiceUnavailableException",
        Service::SecretsManager => "InternalServiceError",
        Service::Ssm => "InternalServerError",
        Service::Events | Service::CodeDeploy => "InternalException",
        Service::Scheduler => "InternalServerException",
        Service::AutoScaling => "InternalServiceException",
        Service::Sts
        | Service::Sns
        | Service::Sqs
        | Service::Rds
        | Service::CloudWatch
        | Service::Elb
        | Service::CloudFront => "InternalFailure",
        Service::S3 => "InternalError",
    };
    ApiError {
        code,
        message: "We encountered an internal error. Please try again.".to_owned(),
        status: 500,
    }
}
