//! A deployment configuration: how long its steps take.

use std::time::Duration;

use aws_sdk_codedeploy::types::TrafficRoutingConfig;
use backstay_domain::ports::PortFailure;

use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::aws::services::traffic::baking_steps;

impl<T> AwsCloud<T> {
    /// How long traffic stays divided by this configuration.
    pub(super) async fn steps_of_config(&self, name: &str) -> Result<Duration, PortFailure> {
        let reply = self
            .codedeploy
            .get_deployment_config()
            .deployment_config_name(name)
            .send()
            .await
            .map_err(|error| failure("codedeploy.GetDeploymentConfig", Call::Read, &error))?;
        let routing = reply.deployment_config_info();
        let routing = routing.and_then(|info| info.traffic_routing_config());
        Ok(routing.map_or(Duration::ZERO, steps))
    }
}

/// All at once without any.
fn steps(routing: &TrafficRoutingConfig) -> Duration {
    let canary = routing.time_based_canary();
    let canary = canary.map(|canary| canary.canary_interval());
    let linear = routing.time_based_linear().map(|linear| {
        baking_steps(f64::from(linear.linear_percentage())) * linear.linear_interval()
    });
    let minutes = canary.or(linear).unwrap_or(0);
    Duration::from_secs(u64::try_from(minutes).unwrap_or(0) * 60)
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{TimeBasedCanary, TimeBasedLinear};

    use super::*;

    #[test]
    fn the_last_step_lasts_no_time() {
        let canary = TimeBasedCanary::builder()
            .canary_percentage(10)
            .canary_interval(5);
        let canary = TrafficRoutingConfig::builder().time_based_canary(canary.build());
        assert_eq!(steps(&canary.build()), Duration::from_mins(5));
        let linear = TimeBasedLinear::builder()
            .linear_percentage(10)
            .linear_interval(3);
        let linear = TrafficRoutingConfig::builder().time_based_linear(linear.build());
        assert_eq!(steps(&linear.build()), Duration::from_mins(27));
        let at_once = TrafficRoutingConfig::builder().build();
        assert_eq!(steps(&at_once), Duration::ZERO);
    }
}
