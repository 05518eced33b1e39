"""boto3 and ELBv2: load balancers, listeners, rules with weights, target groups, targets by hand."""

from simulator import client, done, refused, until

elbv2 = client("elbv2")
subnets = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]

balancer = elbv2.create_load_balancer(Name="tests", Subnets=subnets, Scheme="internet-facing", Type="application")["LoadBalancers"][0]
arn = balancer["LoadBalancerArn"]
assert balancer["State"]["Code"] == "provisioning"
elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn])
elbv2.get_waiter("load_balancer_exists").wait(LoadBalancerArns=[arn])
elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}])
found = {one["Key"]: one["Value"] for one in elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
assert found["idle_timeout.timeout_seconds"] == "30"


def group(name, **more):
    made = elbv2.create_target_group(
        Name=name, Protocol="HTTP", Port=8000, VpcId="vpc-0aaaaaaaaaaaaaaa1", TargetType="ip", HealthCheckPath="/health", **more
    )
    return made["TargetGroups"][0]["TargetGroupArn"]


blue, green = group("tests-blue"), group("tests-green", HealthCheckIntervalSeconds=10)
refused("DuplicateTargetGroupName", elbv2.create_target_group, Name="tests-blue", Protocol="HTTP", Port=1, VpcId="vpc-1", TargetType="ip")
elbv2.modify_target_group(TargetGroupArn=green, HealthyThresholdCount=3)
elbv2.modify_target_group_attributes(
    TargetGroupArn=green, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}]
)
elbv2.describe_target_group_attributes(TargetGroupArn=green)

fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}
listener = elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[fixed])["Listeners"][0]["ListenerArn"]
redirected = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
refused("DuplicateListener", elbv2.create_listener, LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[redirected])
weighted = {
    "Type": "forward",
    "ForwardConfig": {
        "TargetGroups": [{"TargetGroupArn": blue, "Weight": 90}, {"TargetGroupArn": green, "Weight": 10}],
        "TargetGroupStickinessConfig": {"Enabled": False},
    },
}
path = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}
rule = elbv2.create_rule(ListenerArn=listener, Priority=10, Conditions=[path], Actions=[weighted])["Rules"][0]["RuleArn"]
refused("PriorityInUse", elbv2.create_rule, ListenerArn=listener, Priority=10, Conditions=[path], Actions=[weighted])
host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["cats.example"]}}

other = elbv2.create_rule(ListenerArn=listener, Priority=20, Conditions=[host], Actions=[redirected])["Rules"][0]["RuleArn"]
elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": rule, "Priority": 30}])
rules = elbv2.describe_rules(ListenerArn=listener)["Rules"]
assert [one["Priority"] for one in rules] == ["20", "30", "default"], rules
weighted["ForwardConfig"]["TargetGroups"][0]["Weight"] = 0
elbv2.modify_rule(RuleArn=rule, Actions=[weighted])
elbv2.modify_listener(ListenerArn=listener, DefaultActions=[fixed])
elbv2.describe_listeners(LoadBalancerArn=arn)
elbv2.describe_listener_attributes(ListenerArn=listener)

elbv2.register_targets(TargetGroupArn=green, Targets=[{"Id": "10.0.0.10", "Port": 8000}])
[health] = elbv2.describe_target_health(TargetGroupArn=green)["TargetHealthDescriptions"]
assert health["TargetHealth"]["State"] == "initial", health
elbv2.deregister_targets(TargetGroupArn=green, Targets=[{"Id": "10.0.0.10", "Port": 8000}])
until(lambda: not elbv2.describe_target_health(TargetGroupArn=green)["TargetHealthDescriptions"], "it has drained", 600)

elbv2.add_tags(ResourceArns=[arn, rule], Tags=[{"Key": "team", "Value": "cats"}])
tags = elbv2.describe_tags(ResourceArns=[arn, rule])["TagDescriptions"]
assert [one["Tags"] for one in tags] == [[{"Key": "team", "Value": "cats"}]] * 2
elbv2.remove_tags(ResourceArns=[arn], TagKeys=["team"])

# Every kind of condition, TLS, and what else a load balancer has.
for priority, condition in enumerate(
    [
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*cat*"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["DELETE"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}, {"Value": "x"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "path-pattern", "Values": ["/old"]},
    ],
    start=100,
):
    elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[fixed])
elbv2.describe_rules(ListenerArn=listener)
acm = "arn:aws:acm:sa-east-1:123456789012:certificate/"
secure = {"LoadBalancerArn": arn, "Protocol": "HTTPS", "Port": 443, "DefaultActions": [fixed]}
refused("ValidationError", elbv2.create_listener, **secure)
tls = elbv2.create_listener(**secure, Certificates=[{"CertificateArn": acm + "1"}])["Listeners"][0]["ListenerArn"]
elbv2.add_listener_certificates(ListenerArn=tls, Certificates=[{"CertificateArn": acm + "2"}])
certificates = elbv2.describe_listener_certificates(ListenerArn=tls)["Certificates"]
assert [one["IsDefault"] for one in certificates] == [True, False]
elbv2.remove_listener_certificates(ListenerArn=tls, Certificates=[{"CertificateArn": acm + "2"}])
server = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
elbv2.modify_listener_attributes(ListenerArn=tls, Attributes=server)
elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=["sg-0aaaaaaaaaaaaaaa1"])
elbv2.set_subnets(LoadBalancerArn=arn, Subnets=subnets)
elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="dualstack")
elbv2.describe_capacity_reservation(LoadBalancerArn=arn)
elbv2.describe_account_limits()
elbv2.describe_ssl_policies(Names=["ELBSecurityPolicy-2016-08"])

refused("ResourceInUse", elbv2.delete_target_group, TargetGroupArn=green)
elbv2.delete_rule(RuleArn=other)
elbv2.delete_rule(RuleArn=rule)
elbv2.delete_target_group(TargetGroupArn=green)
elbv2.delete_listener(ListenerArn=listener)
elbv2.delete_load_balancer(LoadBalancerArn=arn)
elbv2.delete_target_group(TargetGroupArn=blue)
refused("LoadBalancerNotFound", elbv2.describe_load_balancers, Names=["tests"])
refused("TargetGroupNotFound", elbv2.describe_target_groups, TargetGroupArns=[blue])
refused("ListenerNotFound", elbv2.describe_listeners, ListenerArns=[listener])
elbv2.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn])

done()
