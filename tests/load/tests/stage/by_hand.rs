//! Releases that somebody rolls by hand behind a load balancer, as ECS does it: register, wait until healthy, deregister, wait until
//! drained, stop. And the same done wrong.

use std::thread;
use std::time::Duration;

use crate::http::ask;
use crate::load::Load;
use crate::processes::Process;
use crate::simulator::Simulator;

/// A load balancer with one target group.
struct Shop {
    simulator: Simulator,
    group: String,
    url: String,
}

impl Shop {
    fn open(delay_s: u32) -> Self {
        let simulator = Simulator::start(&["--time", "real"]);
        let made = simulator.elb(
            "CreateTargetGroup",
            "Name=web&Protocol=HTTP&Port=8080&VpcId=vpc-1&TargetType=ip&HealthCheckPath=%2Fhealth\
             &HealthCheckIntervalSeconds=5&HealthCheckTimeoutSeconds=2&HealthyThresholdCount=2&UnhealthyThresholdCount=2",
        );
        let group = of(&made.body, "TargetGroupArn");
        let made = simulator.elb(
            "CreateLoadBalancer",
            "Name=front&Subnets.member.1=subnet-1&Subnets.member.2=subnet-2",
        );
        let balancer = of(&made.body, "LoadBalancerArn");
        simulator.elb(
            "CreateListener",
            &format!("LoadBalancerArn={balancer}&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={group}"),
        );
        simulator.elb(
            "ModifyTargetGroupAttributes",
            &format!("TargetGroupArn={group}&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value={delay_s}"),
        );
        // Until it is active.
        simulator.control("POST advance", r#"{"by_ms": 600000}"#);
        let url = simulator.door("front");
        Self {
            simulator,
            group,
            url,
        }
    }

    fn register(&self, process: &Process) {
        self.simulator.elb("RegisterTargets", &self.target(process));
        self.until(process, "healthy");
    }

    fn deregister(&self, process: &Process) {
        self.simulator
            .elb("DeregisterTargets", &self.target(process));
    }

    /// Takes one out as ECS does.
    fn retire(&self, process: Process) {
        self.deregister(&process);
        self.until(&process, "unused");
        assert!(process.end().success());
    }

    fn replace(&self, old: Vec<Process>, version: &str) -> Vec<Process> {
        let replaced = old.into_iter().map(|old| {
            let new = Process::start(version);
            self.register(&new);
            self.retire(old);
            new
        });
        replaced.collect()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "looks again at a server in real time, in another process"
    )]
    #[track_caller]
    fn until(&self, process: &Process, state: &str) {
        for _ in 0..600 {
            let told = self
                .simulator
                .elb("DescribeTargetHealth", &self.target(process));
            if of(&told.body, "State") == state {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("the target at {} was never {state}", process.port);
    }

    fn target(&self, process: &Process) -> String {
        let (group, port) = (&self.group, process.port);
        format!("TargetGroupArn={group}&Targets.member.1.Id=127.0.0.1&Targets.member.1.Port={port}")
    }

    fn version(&self) -> String {
        let address = self.url.trim_start_matches("http://");
        let answer = ask(address, "GET /health", &[], b"").is(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let says = answer.json();
        says["version"].as_str().unwrap().to_owned()
    }
}

#[track_caller]
fn of(xml: &str, name: &str) -> String {
    let rest = xml.split(&format!("<{name}>")).nth(1);
    let text = rest.and_then(|rest| rest.split('<').next());
    text.unwrap_or_else(|| panic!("no {name}: {xml}"))
        .to_owned()
}

#[test]
fn a_release_and_its_way_back_fail_no_request() {
    let shop = Shop::open(5);
    let mut tasks: Vec<Process> = (0..2).map(|_| Process::start("v1")).collect();
    tasks.iter().for_each(|task| shop.register(task));
    let url = format!("{}/health", shop.url);
    let test = "a_release_and_its_way_back_fail_no_request";
    let Some(mut load) = Load::begin(test, &url, 60, 0) else {
        return;
    };
    for version in ["v2", "v1"] {
        tasks = shop.replace(tasks, version);
        assert_eq!(shop.version(), version);
    }
    assert!(
        load.is_going_on(),
        "the load has to last longer than the change"
    );
    let report = load.report();
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
}

/// The slowest request takes two seconds.
fn while_slow_requests_are_under_way(test: &'static str, delay_s: u32) -> Option<u64> {
    let shop = Shop::open(delay_s);
    let (one, other) = (Process::start("v1"), Process::start("v1"));
    shop.register(&one);
    shop.register(&other);
    let url = format!("{}/slow?ms=2000", shop.url);
    let mut load = Load::begin(test, &url, 20, 2_000)?;
    shop.retire(one);
    assert!(
        load.is_going_on(),
        "the load has to last longer than the change"
    );
    Some(load.report().failed())
}

#[test]
fn a_delay_longer_than_the_slowest_request_fails_none() {
    let test = "a_delay_longer_than_the_slowest_request_fails_none";
    let failed = while_slow_requests_are_under_way(test, 5);
    assert!(failed.is_none_or(|failed| failed == 0), "{failed:?}");
}

#[test]
fn a_delay_shorter_than_the_slowest_request_fails_some() {
    let test = "a_delay_shorter_than_the_slowest_request_fails_some";
    let failed = while_slow_requests_are_under_way(test, 1);
    assert!(failed.is_none_or(|failed| failed > 0), "{failed:?}");
}
