//! A load balancer in front of programs of this machine: what it is told over its API, and what users get through it.

use std::net::SocketAddr;

use backstay_simulator::server::Pace;
use backstay_simulator::{Weather, World};
use serde_json::{Value, json};

use crate::raw::{Answer, Line};
use crate::support::{ACCOUNT, HOST, REGION, START_MS, Served, options};
use crate::target::Target;

const SCOPE: &str = "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/elasticloadbalancing/aws4_request, \
                     SignedHeaders=host, Signature=0\r\ncontent-type: application/x-www-form-urlencoded\r\n";

/// `front` forwards `/*` to `web`, whose targets are registered by hand.
pub(crate) struct Balanced {
    pub(crate) served: Served,
    pub(crate) door: SocketAddr,
}

impl Balanced {
    /// In manual time.
    pub(crate) fn new() -> Self {
        Self::with(Pace::Manual, json!({}))
    }

    /// With other settings of the target group.
    pub(crate) fn with(pace: Pace, group: Value) -> Self {
        let served = Served::of(world(&group), options(pace)).unwrap();
        let door = served.door("front");
        Self { served, door }
    }

    /// With a program that is healthy already.
    pub(crate) fn in_front_of(target: &Target) -> Self {
        let balanced = Self::new();
        balanced.register(target.address);
        balanced.until(target.address, "healthy");
        balanced
    }

    /// A call of ELBv2.
    #[track_caller]
    pub(crate) fn call(&self, action: &str, parameters: &str) -> String {
        let group = format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/");
        let parameters = match parameters.contains("{web}") {
            true => parameters.replace("{web}", &self.find("DescribeTargetGroups", &group)),
            false => parameters.to_owned(),
        };
        let body = format!("Action={action}&Version=2015-12-01&{parameters}");
        let mut line = Line::to(self.served.address);
        let answer = line.ask("POST", "/", SCOPE, &body).unwrap();
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{action}: {text}");
        text
    }

    /// The ARN that begins so, in the answer of a call.
    fn find(&self, action: &str, begins: &str) -> String {
        let answer = self.call(action, "");
        let at = answer.find(begins).unwrap_or_else(|| panic!("{answer}"));
        answer[at..].split('<').next().unwrap().to_owned()
    }

    pub(crate) fn register(&self, target: SocketAddr) {
        self.call("RegisterTargets", &of(target));
    }

    pub(crate) fn deregister(&self, target: SocketAddr) {
        self.call("DeregisterTargets", &of(target));
    }

    /// State and reason of a target.
    pub(crate) fn health(&self, target: SocketAddr) -> String {
        let told = self.call("DescribeTargetHealth", &of(target));
        let text = |name: &str| {
            let rest = told.split(&format!("<{name}>")).nth(1)?;
            rest.split('<').next()
        };
        let all = ["State", "Reason", "Description"].map(text);
        all.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Lets an interval pass again and again, until a target is in this state.
    #[track_caller]
    pub(crate) fn until(&self, target: SocketAddr, state: &str) {
        until(|| {
            let found = self.health(target);
            if found != state {
                self.advance_s(5);
            }
            (found == state).then_some(()).ok_or(found)
        });
    }

    pub(crate) fn advance_s(&self, seconds: u64) {
        let by = json!({ "by_ms": seconds * 1_000 });
        self.served.get("POST", "advance", &by);
    }

    /// What a user gets at the load balancer's own port.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut line = Line::to(self.door);
        line.ask("GET", path, "", "").unwrap()
    }

    /// What CloudWatch says the load balancer has counted.
    pub(crate) fn counted(&self, metric: &str) -> f64 {
        let arn = self.find(
            "DescribeLoadBalancers",
            &format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/front/"),
        );
        let (_, balancer) = arn.split_once(":loadbalancer/").unwrap();
        let input = json!({
            "Namespace": "AWS/ApplicationELB", "MetricName": metric, "Period": 86_400, "Statistics": ["Sum"],
            "Dimensions": [{ "Name": "LoadBalancer", "Value": balancer }],
            "StartTime": START_MS / 1_000 - 60, "EndTime": START_MS / 1_000 + 86_340,
        });
        let headers = "x-amz-target: GraniteServiceVersion20100801.GetMetricStatistics\r\n\
                       content-type: application/x-amz-json-1.0\r\n";
        let mut line = Line::to(self.served.address);
        let answer = line.ask("POST", "/", headers, &input.to_string()).unwrap();
        let points = answer.json()["Datapoints"].clone();
        let sums = points
            .as_array()
            .unwrap_or_else(|| panic!("{points}"))
            .iter();
        sums.filter_map(|point| point["Sum"].as_f64()).sum()
    }
}

fn of(target: SocketAddr) -> String {
    let (ip, port) = (target.ip(), target.port());
    format!("TargetGroupArn={{web}}&Targets.member.1.Id={ip}&Targets.member.1.Port={port}")
}

/// Asks again until it is so; programs of this machine take their own time.
#[track_caller]
pub(crate) fn until<T>(mut look: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    for _ in 0..4_000 {
        match look() {
            Ok(found) => return found,
            Err(why) => last = why,
        }
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    panic!("it never came so far: {last}");
}

fn world(group: &Value) -> World {
    let mut web = json!({
        "name": "web", "port": 8000, "health_check_path": "/health", "health_check_interval_seconds": 5,
        "health_check_timeout_seconds": 2, "healthy_threshold": 2, "unhealthy_threshold": 2,
        "deregistration_delay_seconds": 30,
    });
    web.as_object_mut()
        .unwrap()
        .extend(group.as_object().unwrap().clone());
    let blueprint = json!({
        "account": ACCOUNT, "region": REGION, "cluster": "main",
        "target_groups": [web],
        "load_balancers": [{ "name": "front", "hosts": [HOST], "rules": [
            { "path": "/teapot", "fixed_status": 418 },
            { "path": "/*", "target_group": "web" },
        ] }],
    });
    let mut world = World::new(ACCOUNT, REGION, 7, Weather::Calm, START_MS);
    world
        .provision(&serde_json::from_value(blueprint).unwrap())
        .unwrap();
    world
}
