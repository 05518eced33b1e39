//! Cross-origin requests: what a browser asks before it sends one, and the headers of the answers it may read ([DOC] CORS; answers as
//! LocalStack's suite recorded them on AWS [OBS]).

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use serde::Deserialize;

use super::naming::{path_style, place};
use super::settings::Setting;
use super::state::S3;
use crate::ApiError;
use crate::base::wildcard::fits;

const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

#[derive(Debug, Default, Deserialize)]
struct Configuration {
    #[serde(rename = "CORSRule", default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    #[serde(rename = "AllowedOrigin", default)]
    origins: Vec<String>,
    #[serde(rename = "AllowedMethod", default)]
    methods: Vec<String>,
    #[serde(rename = "AllowedHeader", default)]
    headers: Vec<String>,
    #[serde(rename = "ExposeHeader", default)]
    exposed: Vec<String>,
    max_age_seconds: Option<u32>,
}

/// What a cross-origin request is about.
struct Asked<'a> {
    origin: &'a str,
    method: &'a str,
    /// In lower case.
    headers: Vec<String>,
}

/// The answer to OPTIONS.
pub(super) fn preflight(own: &S3, request: &Request<Bytes>) -> Result<Response<Bytes>, ApiError> {
    let headers = request.headers();
    let Some(origin) = text(headers, &ORIGIN) else {
        let message = "Insufficient information. Origin request header needed.";
        return Err(ApiError::client("BadRequest", message));
    };
    const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    let method = text(headers, &ACCESS_CONTROL_REQUEST_METHOD);
    let Some(method) = method.filter(|method| METHODS.contains(method)) else {
        let given = method.unwrap_or("null");
        let message = format!("Invalid Access-Control-Request-Method: {given}");
        return Err(ApiError::client("BadRequest", message));
    };
    let path = path_style(request);
    let (bucket, _) = place(&path);
    let Some(configuration) = configuration(own, bucket) else {
        return Err(forbidden(
            "CORSResponse: CORS is not enabled for this bucket.",
        ));
    };
    let wanted = text(headers, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let wanted = wanted.split(',').map(|name| name.trim().to_lowercase());
    let asked = Asked {
        origin,
        method,
        headers: wanted.filter(|name| !name.is_empty()).collect(),
    };
    let rule = configuration.rules.iter().find(|rule| rule.lets(&asked));
    let rule = rule.ok_or_else(|| {
        forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / \
             Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
        )
    })?;
    let mut response = Response::new(Bytes::new());
    let told = response.headers_mut();
    rule.tell(told, origin);
    if !asked.headers.is_empty() {
        put(
            told,
            ACCESS_CONTROL_ALLOW_HEADERS,
            &asked.headers.join(", "),
        );
    }
    if let Some(seconds) = rule.max_age_seconds {
        put(told, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    Ok(response)
}

/// The headers by which a browser lets a page read the answer to a request that came from another origin.
pub(crate) fn allow(own: &S3, asked: &Request<Bytes>, response: &mut Response<Bytes>) {
    let Some(origin) = text(asked.headers(), &ORIGIN) else {
        return;
    };
    let path = path_style(asked);
    let (bucket, _) = place(&path);
    let request = Asked {
        origin,
        method: asked.method().as_str(),
        headers: Vec::new(),
    };
    let configuration = configuration(own, bucket).unwrap_or_default();
    let rule = configuration.rules.iter().find(|rule| rule.lets(&request));
    if let Some(rule) = rule {
        rule.tell(response.headers_mut(), origin);
    }
}

fn configuration(own: &S3, bucket: &str) -> Option<Configuration> {
    let text = own.made.get(bucket)?.settings.get(&Setting::Cors)?;
    quick_xml::de::from_str(text).ok()
}

impl Rule {
    fn lets(&self, asked: &Asked<'_>) -> bool {
        let is_named = |name: &String| {
            let mut headers = self.headers.iter();
            headers.any(|allowed| fits(&allowed.to_lowercase(), name))
        };
        self.origins
            .iter()
            .any(|allowed| fits(allowed, asked.origin))
            && self.methods.iter().any(|allowed| allowed == asked.method)
            && asked.headers.iter().all(is_named)
    }

    fn tell(&self, headers: &mut HeaderMap, origin: &str) {
        match self.origins.iter().any(|allowed| allowed == "*") {
            true => put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            false => {
                put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                put(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
            }
        }
        put(
            headers,
            ACCESS_CONTROL_ALLOW_METHODS,
            &self.methods.join(", "),
        );
        if !self.exposed.is_empty() {
            put(
                headers,
                ACCESS_CONTROL_EXPOSE_HEADERS,
                &self.exposed.join(", "),
            );
        }
        put(headers, VARY, VARIES);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(message: &str) -> ApiError {
    ApiError {
        code: "AccessForbidden",
        message: message.to_owned(),
        status: 403,
    }
}
