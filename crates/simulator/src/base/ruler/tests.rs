//! Patterns in rows, and why texts are none, in AWS's words.

use rstest::rstest;
use serde_json::{Value, json};

use super::flaw::Flaw;
use super::{Dialect, Pattern};

fn bus(text: &str) -> Result<Pattern, Flaw> {
    Pattern::read(text, Dialect::Bus)
}

#[test]
fn patterns() {
    let event = json!({
        "source": "aws.ecs",
        "detail": {
            "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
            "eventName": "SERVICE_DEPLOYMENT_FAILED",
            "count": 5,
            "stopped": null,
            "names": ["web", "api"],
            "containers": [{ "name": "app", "exitCode": 1 }, { "name": "log" }],
        },
    });
    let inside = |detail: Value| json!({ "detail": detail });
    for (pattern, expected) in [
        (json!({ "source": ["aws.ecs"] }), true),
        (json!({ "source": ["aws.ec2", "aws.ecs"] }), true),
        (json!({ "source": ["aws.ec2"] }), false),
        (json!({ "source": ["aws.ecs"], "account": ["1"] }), false),
        (inside(json!({ "count": [5.0] })), true),
        (inside(json!({ "count": ["5"] })), false),
        (inside(json!({ "stopped": [null] })), true),
        (inside(json!({ "names": ["api"] })), true),
        (inside(json!({ "names": ["db"] })), false),
        (inside(json!({ "containers": { "exitCode": [1] } })), true),
        (inside(json!({ "containers": { "exitCode": [2] } })), false),
        (
            inside(json!({ "eventName": [{ "prefix": "SERVICE_" }] })),
            true,
        ),
        (
            inside(json!({ "clusterArn": [{ "suffix": "/prod" }] })),
            true,
        ),
        (
            inside(json!({ "clusterArn": [{ "wildcard": "*:cluster/p*d" }] })),
            true,
        ),
        (
            inside(json!({ "clusterArn": [{ "wildcard": "*/staging" }] })),
            false,
        ),
        (
            inside(json!({ "eventName": [{ "equals-ignore-case": "service_deployment_failed" }] })),
            true,
        ),
        (inside(json!({ "eventName": [{ "exists": true }] })), true),
        (inside(json!({ "eventName": [{ "exists": false }] })), false),
        (inside(json!({ "reason": [{ "exists": false }] })), true),
        (json!({ "other": { "inner": [{ "exists": false }] } }), true),
        (
            inside(json!({ "count": [{ "numeric": [">", 0, "<=", 5] }] })),
            true,
        ),
        (inside(json!({ "count": [{ "numeric": ["<", 5] }] })), false),
        (
            inside(json!({ "eventName": [{ "numeric": ["=", 5] }] })),
            false,
        ),
        (
            inside(json!({ "eventName": [{ "anything-but": "X" }] })),
            true,
        ),
        (
            inside(
                json!({ "eventName": [{ "anything-but": ["X", "SERVICE_DEPLOYMENT_FAILED"] }] }),
            ),
            false,
        ),
        (
            inside(json!({ "eventName": [{ "anything-but": { "prefix": "SERVICE" } }] })),
            false,
        ),
        (
            inside(json!({ "reason": [{ "anything-but": "X" }] })),
            false,
        ),
        (
            json!({ "$or": [{ "source": ["x"] }, { "detail": { "count": [5] } }] }),
            true,
        ),
        (
            json!({ "$or": [{ "source": ["x"] }, { "detail": { "count": [6] } }] }),
            false,
        ),
    ] {
        let found = bus(&pattern.to_string()).unwrap().matches(&event);
        assert_eq!(found, expected, "{pattern}");
    }
    for text in [
        "",
        "[]",
        "{}",
        r#"{"source": "aws.ecs"}"#,
        r#"{"source": []}"#,
        r#"{"source": [["a"]]}"#,
        r#"{"source": [{"prefix": 1}]}"#,
        r#"{"source": [{"numeric": [">"]}]}"#,
        r#"{"source": [{"prefix": "a", "suffix": "b"}]}"#,
    ] {
        assert!(bus(text).is_err(), "{text}");
    }
    let deep = r#"{"a":"#.repeat(200) + "[1]" + &"}".repeat(200);
    assert!(bus(&deep).is_err());
}

/// LocalStack's `test_event_pattern[..._EXC]` and `test_invalid_json_event_pattern`, recorded on AWS on 05-12-2024.
#[rstest]
#[case(r#"{"int": 42}"#, r#""int" must be an object or an array"#, "11")]
#[case(
    r#"{"string": "my-value"}"#,
    r#""string" must be an object or an array"#,
    "13"
)]
#[case(r#"{"resources": []}"#, "Empty arrays are not allowed", "17")]
#[case(
    r#"{"my_key": [{"EXISTS": true}]}"#,
    "Unrecognized match type EXISTS",
    "28"
)]
#[case(
    r#"{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}"#,
    "Unrecognized match type NUMERIC",
    "36"
)]
#[case(
    r#"{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}"#,
    "Bad numeric range operator: >",
    "49"
)]
#[case(
    r#"{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}"#,
    "Value of < must be numeric",
    "50"
)]
#[case(
    r#"{"EventBusArn": [{"wildcard": 123}]}"#,
    "wildcard match pattern must be a string",
    "34"
)]
#[case(
    r#"{"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]}"#,
    "Consecutive wildcard characters at pos 26",
    "72"
)]
#[case(
    r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}"#,
    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    "66"
)]
#[case(
    r#"{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}"#,
    "prefix/suffix match pattern must be a string",
    "54"
)]
#[case(
    r#"{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}"#,
    "Value of anything-but must be an array or single string/number value.",
    "55"
)]
#[case(
    r#"{"time": [{"prefix": ["2022-07-13"]}]}"#,
    "prefix match pattern must be a string",
    "23"
)]
#[case(
    r#"{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}"#,
    "prefix match pattern must be a string",
    "43"
)]
#[case(
    "{'bad': 'quotation'}",
    "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
    "2"
)]
#[case(
    r#"{"not": closed mark""#,
    "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    "15"
)]
#[case(r#"["not", "a", "dict"]"#, "Filter is not an object", "2")]
fn what_is_no_pattern_is_told_with_its_place(
    #[case] text: &str,
    #[case] reason: &str,
    #[case] column: &str,
) {
    let told = bus(text).unwrap_err().told(text);
    let expected = format!("{reason}\n at [Source: (String)\"{text}\"; line: 1, column: {column}]");
    assert_eq!(told, expected);
}

#[rstest]
#[case(r#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required")]
#[case(
    r#"{"a": [{"cidr": "10.0.0.0/xx"}]}"#,
    "Malformed CIDR, mask bits must be an integer"
)]
#[case(
    r#"{"a": [{"cidr": "xx.11.xx/8"}]}"#,
    "Nonstandard IP address: xx.11.xx"
)]
#[case(
    r#"{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}"#,
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"
)]
fn addresses_and_stars_are_refused_without_a_place(#[case] text: &str, #[case] reason: &str) {
    assert_eq!(bus(text).unwrap_err().told(text), reason);
}

/// A list's place is told twice: `content_anything_wildcard_list_type_EXC`.
#[test]
fn what_is_wrong_in_a_list_is_placed_twice() {
    let text = r#"{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}"#;
    let place = format!("\n at [Source: (String)\"{text}\"; line: 1, column: 57]");
    assert_eq!(
        bus(text).unwrap_err().told(text),
        format!("wildcard match pattern must be a string{place}{place}")
    );
}

/// LocalStack's `event_pattern_templates`, each tried on AWS on 05-12-2024.
#[rstest]
#[case(json!({ "a": [{ "cidr": "10.0.0.0/24" }] }), json!({ "a": "10.0.0.255" }), true)]
#[case(json!({ "a": [{ "cidr": "10.0.0.0/24" }] }), json!({ "a": "10.0.1.255" }), false)]
#[case(json!({ "a": [{ "cidr": "10.0.0.0/24" }] }), json!({ "a": 123 }), false)]
#[case(json!({ "a": [{ "cidr": "2001:db8:1234:1a00::/64" }] }), json!({ "a": "2001:db8:1234:1a00:123:45:67:89" }), true)]
#[case(json!({ "a": [{ "prefix": { "equals-ignore-case": "EventB" } }] }), json!({ "a": "EvEnTb" }), true)]
#[case(json!({ "a": [{ "suffix": { "equals-ignore-case": ".png" } }] }), json!({ "a": "x.PnG" }), true)]
#[case(json!({ "a": [{ "anything-but": { "wildcard": "*/dir/*" } }] }), json!({ "a": 123 }), true)]
#[case(json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": null }), true)]
#[case(json!({ "a": [{ "anything-but": "x" }] }), json!({}), false)]
#[case(json!({ "a": { "b": { "c": ["x"] } } }), json!({ "a": { "b.c": "x" } }), true)]
#[case(json!({ "a": { "b.c": ["x"] } }), json!({ "a": { "b": { "c": "x" } } }), true)]
#[case(json!({ "a": { "b": [{ "exists": true }] } }), json!({ "a": { "b": { "c": 1 } } }), false)]
#[case(json!({ "a": [{ "exists": true }] }), json!({ "a": [] }), false)]
#[case(json!({ "a": [{ "exists": false }] }), json!({ "a": [] }), true)]
#[case(json!({ "a": [null] }), json!({ "a": [] }), false)]
#[case(json!({ "a": { "b": [{ "anything-but": ["x"] }, { "exists": false }] } }), json!({ "c": 1 }), true)]
#[case(json!({ "a": [{ "wildcard": "/x/*/dir/dir/doc.txt" }] }), json!({ "a": "/x/y/dir/dir/dir/doc.txt" }), true)]
#[case(json!({ "a": { "x": [1], "y": [2] } }), json!({ "a": [{ "x": 1, "y": 3 }, { "x": 4, "y": 2 }] }), false)]
#[case(json!({ "a": { "x": [1], "y": [2] } }), json!({ "a": [{ "x": 1, "y": 3 }, { "x": 1, "y": 2 }] }), true)]
fn what_a_pattern_lets_pass(#[case] pattern: Value, #[case] event: Value, #[case] passes: bool) {
    let read = bus(&pattern.to_string()).unwrap();
    assert_eq!(read.matches(&event), passes, "{pattern} {event}");
}

/// LocalStack's `test_policy_complexity_with_or`: 24 + 64 + 64, and 24 + 72 + 16 + 48.
#[rstest]
#[case(
    json!({
        "source": ["a", "b", "c", "d"],
        "$or": [
            { "name": [1, 2, 3, 4, 5, 6] },
            { "kind": [1, 2, 3, 4], "$or": [{ "id": [1, 2, 3, 4] }, { "space": [1, 2, 3, 4] }] },
        ],
    }),
    152
)]
#[case(
    json!({
        "$or": [{ "name": [1, 2, 3] }, { "space": [1, 2] }],
        "detail": { "scope": [1, 2], "$or": [{ "source": [1] }, { "kind": [1, 2, 3] }] },
    }),
    160
)]
fn alternatives_multiply(#[case] pattern: Value, #[case] combinations: usize) {
    let read = Pattern::read(&pattern.to_string(), Dialect::Topic).unwrap();
    assert_eq!(read.combinations(), combinations);
}

#[test]
fn alternatives_without_end_are_too_complex() {
    let one = r#""$or":[{"a":[1]},{"b":[1]}],"#.repeat(40);
    let text = format!("{{{one}\"c\":[1]}}");
    assert!(
        bus(&text)
            .unwrap_err()
            .told(&text)
            .starts_with("Rule is too complex")
    );
}
