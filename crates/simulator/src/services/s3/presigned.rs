//! URLs that are signed in advance: which members they must have, and that their time comes to its end.

use bytes::Bytes;
use http::Request;

use crate::wire::iso8601;
use crate::{ApiError, Millis};

/// Seven days.
const MOST_SECONDS: i64 = 604_800;
/// What a URL signed by version 4 has.
const MEMBERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];
/// What a URL signed by version 2 has.
const OLDER_MEMBERS: [&str; 3] = ["Signature", "Expires", "AWSAccessKeyId"];
pub(super) const EXPIRED: &str = "Request has expired";

/// Refuses a presigned URL that is malformed, whose time is over, or that was signed for longer than a week (LocalStack's
/// `test_s3_put_presigned_url_missing_sig_param`, `test_presigned_double_encoded_credentials`, recorded on AWS [OBS]; words of the
/// other malformed ones [MEM]; what a credential is made of [INF]). The client's clock is the world's only where that is the real time.
pub(crate) fn refusal(request: &Request<Bytes>, now_ms: Millis) -> Option<ApiError> {
    let member = |name: &str| member(request, name);
    if member("X-Amz-Signature").is_some() || member("X-Amz-Algorithm").is_some() {
        let malformed = |message: &str| {
            Some(ApiError::client(
                "AuthorizationQueryParametersError",
                message,
            ))
        };
        if !MEMBERS.iter().all(|name| member(name).is_some()) {
            return malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, \
                 X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            );
        }
        if !is_credential(&member("X-Amz-Credential").unwrap_or_default()) {
            return malformed(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/\
                 SERVICE/aws4_request\".",
            );
        }
        let Ok(seconds) = member("X-Amz-Expires").unwrap_or_default().parse::<i64>() else {
            return malformed("X-Amz-Expires should be a number");
        };
        if seconds < 0 {
            return malformed("X-Amz-Expires must be non-negative");
        }
        if seconds > MOST_SECONDS {
            return malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            );
        }
    } else if (member("Signature").is_some() || member("AWSAccessKeyId").is_some())
        && !OLDER_MEMBERS.iter().all(|name| member(name).is_some())
    {
        return Some(denied(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
        ));
    }
    let ends_ms = expiry_ms(request)?;
    (now_ms > ends_ms).then(|| denied(EXPIRED))
}

fn denied(message: &str) -> ApiError {
    ApiError {
        code: "AccessDenied",
        message: message.to_owned(),
        status: 403,
    }
}

/// `AKID/20260221/us-east-1/s3/aws4_request`.
fn is_credential(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let [key, date, region, service, end] = parts[..] else {
        return false;
    };
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let is_named = ![key, region, service].contains(&"");
    is_date && is_named && end == "aws4_request"
}

/// A member of the query.
fn member(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// When a URL's time is over, by either version of the signature.
fn expiry_ms(request: &Request<Bytes>) -> Option<Millis> {
    let member = |name: &str| member(request, name);
    if let (Some(date), Some(seconds)) = (member("X-Amz-Date"), member("X-Amz-Expires")) {
        let seconds: Millis = seconds.parse().ok()?;
        return Some(signed_ms(&date)? + seconds * 1_000);
    }
    member("AWSAccessKeyId")?;
    let seconds: Millis = member("Expires")?.parse().ok()?;
    seconds.checked_mul(1_000)
}

/// `20260221T101500Z`.
fn signed_ms(date: &str) -> Option<Millis> {
    let part = |from: usize, to: usize| date.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    let format = aws_smithy_types::date_time::Format::DateTime;
    let time = aws_smithy_types::DateTime::from_str(&text, format).ok()?;
    Millis::try_from(time.to_millis().ok()?).ok()
}

/// What S3 adds to the refusal of a URL whose time is over.
pub(super) fn members(request: &Request<Bytes>) -> Vec<(&'static str, String)> {
    let lasting = member(request, "X-Amz-Expires");
    let lasting = lasting.map(|seconds| ("X-Amz-Expires", seconds));
    let ends = expiry_ms(request).map(|ends_ms| ("Expires", iso8601(ends_ms)));
    lasting.into_iter().chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::{members, refusal};

    /// 2026-02-21T10:15:00Z.
    const SIGNED_MS: u64 = 1_771_668_900_000;

    fn request(expires: &str, without: &str) -> Request<Bytes> {
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260221%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=ab\
             &X-Amz-Date=20260221T101500Z&X-Amz-SignedHeaders=host&X-Amz-Expires={expires}"
        );
        let kept: Vec<&str> = query
            .split('&')
            .filter(|part| !part.starts_with(without))
            .collect();
        at(&format!("http://127.0.0.1/bucket/key?{}", kept.join("&")))
    }

    fn at(uri: &str) -> Request<Bytes> {
        let request = Request::builder().uri(uri);
        request.body(Bytes::new()).expect("a request")
    }

    #[test]
    fn a_url_is_good_for_its_time() {
        for (expires, after_s, without, expected) in [
            ("60", 59, "none", ""),
            ("60", 61, "none", "AccessDenied"),
            ("604800", 1, "none", ""),
            ("604801", 1, "none", "AuthorizationQueryParametersError"),
            ("-1", 1, "none", "AuthorizationQueryParametersError"),
            ("x", 1, "none", "AuthorizationQueryParametersError"),
            ("60", 1, "X-Amz-Date", "AuthorizationQueryParametersError"),
        ] {
            let found = refusal(&request(expires, without), SIGNED_MS + after_s * 1_000);
            let code = found.map_or("", |refused| refused.code);
            assert_eq!(code, expected, "{expires} {after_s} {without}");
        }
        let credential = "X-Amz-Credential=AKID%2F20260221%2Fus-east-1%2Fs3%2Faws4_request";
        for (written, is_good) in [
            ("AKID%2F20260222%2Fus-east-1%2Fs3%2Faws4_request", true),
            (
                "AKID%252F20260221%252Fus-east-1%252Fs3%252Faws4_request",
                false,
            ),
            ("AKID%2F2026022x%2Fus-east-1%2Fs3%2Faws4_request", false),
            ("AKID%2F20260221%2Fus-east-1%2Fs3%2Faws3_request", false),
        ] {
            let uri = request("60", "none").uri().to_string();
            let uri = uri.replace(credential, &format!("X-Amz-Credential={written}"));
            let found = refusal(&at(&uri), SIGNED_MS);
            assert_eq!(found.is_none(), is_good, "{written} {found:?}");
        }
        let told = members(&request("60", "none"));
        assert_eq!(told[0], ("X-Amz-Expires", "60".to_owned()));
        assert!(told[1].1.starts_with("2026-02-21T10:16:00"), "{told:?}");
    }

    #[test]
    fn the_older_signature_says_when_it_ends() {
        let request = at(&older(&OLDER));
        assert!(refusal(&request, SIGNED_MS).is_none());
        assert!(refusal(&request, SIGNED_MS + 1).is_some());
    }

    const OLDER: [&str; 3] = ["AWSAccessKeyId=AKID", "Signature=ab", "Expires=1771668900"];

    fn older(members: &[&str]) -> String {
        format!("http://127.0.0.1/bucket/key?{}", members.join("&"))
    }

    #[test]
    fn the_older_signature_has_all_its_members() {
        for without in 0..OLDER.len() {
            let mut members = OLDER.to_vec();
            members.remove(without);
            let found = refusal(&at(&older(&members)), SIGNED_MS);
            let told = found.map(|refused| (refused.code, refused.status, refused.message));
            let expected = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
            let expected = ("AccessDenied", 403, expected.to_owned());
            assert_eq!(told, Some(expected), "{members:?}");
        }
        // `Expires` alone is no signature.
        assert!(refusal(&at(&older(&OLDER[2..])), SIGNED_MS).is_none());
    }
}
