//! HTTP checks over the real transport, against a real socket.

use std::time::Duration;

use backstay_adapters::aws::AwsCloud;
use backstay_adapters::https::HttpsTransport;
use backstay_adapters::web::{Request, Transport, TransportError};
use backstay_domain::Version;
use backstay_domain::app::Check;
use backstay_domain::definition::sha256_hex;
use backstay_domain::observation::CheckResult;
use backstay_domain::ports::{FailureKind, Web};
use rstest::rstest;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::scripted::Aws;

async fn site() -> MockServer {
    let site = MockServer::start().await;
    let rows = [
        (
            "/version",
            ResponseTemplate::new(200).set_body_string(r#"{"release": {"id": "2f9c1e7"}, "n": 3}"#),
        ),
        (
            "/old",
            ResponseTemplate::new(200).set_body_string(r#"{"release": {"id": "a1b2c3d"}}"#),
        ),
        (
            "/html",
            ResponseTemplate::new(200).set_body_string("<html>"),
        ),
        ("/down", ResponseTemplate::new(503)),
        (
            "/moved",
            ResponseTemplate::new(302).insert_header("location", "/version"),
        ),
        (
            "/slow",
            ResponseTemplate::new(200).set_delay(Duration::from_secs(30)),
        ),
        (
            "/large",
            ResponseTemplate::new(200).set_body_bytes(vec![b'x'; (1 << 20) + 1]),
        ),
    ];
    for (at, answer) in rows {
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(answer)
            .mount(&site)
            .await;
    }
    site
}

fn check(url: String, json: Option<(&str, &str)>) -> Check {
    Check {
        name: "release".to_owned(),
        url,
        status: 200,
        json: json.map(|(pointer, text)| (pointer.to_owned(), text.to_owned())),
        attempts: 1,
        interval: Duration::ZERO,
        timeout: Duration::from_millis(300),
    }
}

const RELEASE: Option<(&str, &str)> = Some(("/release/id", "{{ version }}"));

#[rstest]
#[case("/version", RELEASE, Ok("status 200, /release/id is 2f9c1e7"))]
#[case("/version", Some(("/n", "3")), Ok("status 200, /n is 3"))]
#[case("/version", None, Ok("status 200"))]
#[case("/version", Some(("/nothing", "x")), Err("the body has no /nothing"))]
#[case("/old", RELEASE, Err("/release/id is a1b2c3d instead of 2f9c1e7"))]
#[case("/html", RELEASE, Err("status 200, but the body is not JSON"))]
#[case("/down", RELEASE, Err("status 503 instead of 200"))]
#[case("/moved", RELEASE, Err("status 302 instead of 200"))]
#[case("/slow", RELEASE, Err("no answer within 0.3 s"))]
#[case("/large", None, Err("the answer is larger than 1048576 bytes"))]
#[tokio::test]
async fn checks(
    #[case] at: &str,
    #[case] json: Option<(&str, &str)>,
    #[case] expected: Result<&str, &str>,
) {
    let site = site().await;
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let cloud = AwsCloud::new(&aws.config(), HttpsTransport::new().unwrap(), ".".into());
    let seen = cloud
        .check(
            &check(format!("{}{at}", site.uri()), json),
            &Version::parse("2f9c1e7").unwrap(),
        )
        .await;
    let expected = match expected {
        Ok(seen) => CheckResult::Passed(seen.to_owned()),
        Err(seen) if seen.starts_with("no answer") => CheckResult::Unreached(seen.to_owned()),
        Err(seen) => CheckResult::Failed(seen.to_owned()),
    };
    assert_eq!(seen.unwrap(), expected);
}

#[tokio::test]
async fn nobody_there_is_a_failed_attempt_and_no_address_a_mistake() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let transport = HttpsTransport::new().unwrap();
    let ask = |url: &str| Request::get(url.to_owned(), Duration::from_secs(5), 10);
    let refused = transport
        .send(&ask(&format!("http://{closed}/")))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, TransportError::NoConnection(_)),
        "{refused:?}"
    );
    for address in ["not an address", "ftp://x.org/"] {
        assert!(matches!(
            transport.send(&ask(address)).await,
            Err(TransportError::Address(_))
        ));
    }
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let cloud = AwsCloud::new(&aws.config(), transport, ".".into());
    let version = Version::parse("v1").unwrap();
    let seen = cloud
        .check(&check(format!("http://{closed}/"), None), &version)
        .await
        .unwrap();
    assert!(matches!(seen, CheckResult::Unreached(_)));
    let failure = cloud
        .check(&check("nonsense".to_owned(), None), &version)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
}

#[tokio::test]
async fn a_large_body_is_hashed_as_it_comes_and_cut_off_at_its_limit() {
    let site = site().await;
    let large = |limit_bytes: usize| {
        Request::get(
            format!("{}/large", site.uri()),
            Duration::from_secs(5),
            limit_bytes,
        )
    };
    let transport = HttpsTransport::new().unwrap();
    let found = transport.digest(&large((1 << 20) + 1)).await.unwrap();
    let whole = vec![b'x'; (1 << 20) + 1];
    assert_eq!((found.status, found.sha256), (200, sha256_hex(&whole)));
    let more = transport.digest(&large(1 << 20)).await;
    assert!(matches!(more, Err(TransportError::TooLarge(_))), "{more:?}");
}
