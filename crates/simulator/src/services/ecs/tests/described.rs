//! What is kept of DescribeServices is what would be written, at every moment of a deployment.

use serde_json::{Value, json};

use super::stage::{START_MS, Setting, Stage};
use crate::Weather;
use crate::services::ecs::{call, describe_services};

#[test]
fn what_is_kept_is_what_would_be_written() {
    for weather in [Weather::Calm, Weather::Typical, Weather::Rough] {
        let mut stage = Stage::new(&Setting {
            weather,
            services: 2,
            ..Setting::default()
        });
        stage.deploy(":v2");
        let mut asked_in_vain = 0;
        for moment in 0..150 {
            stage.world.advance(START_MS + moment * 2_100);
            let include = if moment % 7 == 0 {
                json!(["TAGS"])
            } else {
                json!([])
            };
            let input = json!({ "cluster": "main", "services": ["web", "web2", "web3"], "include": include });
            let version = stage.world.ecs.version();
            let kept = describe_services(&mut stage.world, &input).unwrap();
            asked_in_vain += u32::from(stage.world.ecs.version() == version);
            let whole = call(&mut stage.world, "DescribeServices", &input).unwrap();
            let kept: Value = serde_json::from_slice(&kept).unwrap();
            assert_eq!(kept, whole, "{weather:?} {moment}");
        }
        // Asking changes nothing: otherwise nothing would ever be kept.
        assert_eq!(asked_in_vain, 150);
    }
}
