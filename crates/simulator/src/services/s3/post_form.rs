//! An upload by a browser's form ([DOC] Browser-based uploads using POST): what it says becomes a PutObject, if its policy lets it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::naming::{path_style, place};
use super::post_policy;
use crate::{ApiError, Millis};

/// Nothing but this follows the file [DOC]: "the file or content must be the last field".
const FILE: &str = "file";
/// Fields that are headers of the object, besides those that begin with `x-amz-`.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];
/// Fields that say who has signed, and nothing of the object.
const OF_THE_SIGNATURE: [&str; 6] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
    "x-ignore",
];

/// Fields that would make another request of it, or say of its body what is not so: none of them is a field of a form [DOC].
const OF_OTHER_REQUESTS: [&str; 3] = [
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-decoded-content-length",
];

/// Whether a field is a header of the object.
fn is_header(name: &str) -> bool {
    let is_other = OF_OTHER_REQUESTS.iter().any(|it| name.starts_with(it));
    let is_one = HEADERS.contains(&name) || name.starts_with("x-amz-");
    is_one && !is_other && !OF_THE_SIGNATURE.contains(&name)
}

/// A form, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    /// Names in lower case, in order, without the file.
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Bytes,
    file_name: String,
    /// What the browser says of the file.
    file_type: Option<String>,
}

/// Whether a request is such an upload.
pub(super) fn is_upload(request: &Request<Bytes>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let path = path_style(request);
    let (bucket, key) = place(&path);
    request.method() == Method::POST
        && request.uri().query().is_none()
        && !bucket.is_empty()
        && key.is_empty()
        && kind.starts_with("multipart/form-data")
}

/// The key that an upload is for.
pub(super) fn key_of(request: &Request<Bytes>) -> Option<String> {
    Form::read(request).ok()?.key()
}

/// Whether somebody has signed it: then its policy is asked, and not the bucket's. One that cannot be read is refused as such.
pub(super) fn is_signed(request: &Request<Bytes>) -> bool {
    let is_signed = |form: Form| {
        let has = |name: &str| form.field(name).is_some();
        has("policy") && (has("x-amz-signature") || has("signature"))
    };
    is_upload(request) && Form::read(request).map_or(true, is_signed)
}

/// In a request's extensions: whoever has signed it has done so by the world's clock, so that its time comes to an end here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByOurClock;

/// What becomes of the answer of the PutObject that an upload is.
#[derive(Clone, Debug)]
pub(super) struct Afterwards {
    bucket: String,
    key: String,
    host: String,
    redirect: Option<String>,
    status: u16,
}

/// The PutObject that an upload is.
pub(super) fn as_put(
    request: &Request<Bytes>,
    now_ms: Millis,
) -> Result<(Request<Bytes>, Afterwards), ApiError> {
    let ours = request.extensions().get::<ByOurClock>();
    let now_ms = ours.map(|_| now_ms);
    let form = Form::read(request)?;
    let path = path_style(request);
    let (bucket, _) = place(&path);
    let key = form.key().ok_or_else(|| {
        ApiError::client(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
        )
    })?;
    if key.is_empty() {
        return Err(ApiError::client(
            "InvalidArgument",
            "User key must have a length greater than 0.",
        ));
    }
    if let Some(policy) = form.field("policy") {
        post_policy::lets(policy, &form, bucket, &key, now_ms)?;
    }
    let named = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC);
    let mut put = Request::builder()
        .method(Method::PUT)
        .uri(format!("http://s3.localhost/{bucket}/{named}"))
        .body(form.file.clone())
        .map_err(|_| ApiError::client("InvalidURI", "Couldn't parse the specified URI."))?;
    let headers = put.headers_mut();
    let file_type = form
        .file_type
        .as_deref()
        .filter(|_| form.field("content-type").is_none());
    let of_file = file_type.map(|kind| ("content-type", kind));
    let fields = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in fields.chain(of_file) {
        if !is_header(name) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    if let Some(acl) = form
        .field("acl")
        .and_then(|acl| HeaderValue::from_str(acl).ok())
    {
        headers.insert("x-amz-acl", acl);
    }
    let redirect = form
        .field("success_action_redirect")
        .or_else(|| form.field("redirect"));
    let status = form.field("success_action_status").unwrap_or_default();
    Ok((
        put,
        Afterwards {
            bucket: bucket.to_owned(),
            key,
            host: crate::wire::host(request).to_owned(),
            redirect: redirect.map(str::to_owned),
            // "If the value is set to another one, 204" [DOC].
            status: match status {
                "200" => 200,
                "201" => 201,
                _ => 204,
            },
        },
    ))
}

impl Afterwards {
    /// The answer to the form: a redirection, a document that names the object, or nothing.
    pub(super) fn of(&self, stored: Response<Bytes>) -> Response<Bytes> {
        if !stored.status().is_success() {
            return stored;
        }
        let mut answer = Response::new(Bytes::new());
        for (name, value) in stored.headers() {
            let name_text = name.as_str();
            if name == ETAG || name_text.starts_with("x-amz-") {
                answer.headers_mut().insert(name, value.clone());
            }
        }
        let etag = stored.headers().get(ETAG);
        let etag = etag
            .and_then(|etag| etag.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let place = format!("http://{}/{}/{}", self.host, self.bucket, self.key);
        if let Some(redirect) = &self.redirect
            && let Ok(mut url) = url::Url::parse(redirect)
        {
            url.query_pairs_mut()
                .append_pair("bucket", &self.bucket)
                .append_pair("key", &self.key)
                .append_pair("etag", &etag);
            if let Ok(url) = HeaderValue::from_str(url.as_str()) {
                answer.headers_mut().insert(LOCATION, url);
            }
            *answer.status_mut() = StatusCode::SEE_OTHER;
            return answer;
        }
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::NO_CONTENT);
        if let Ok(place) = HeaderValue::from_str(&place) {
            answer.headers_mut().insert(LOCATION, place);
        }
        if self.status == 201 {
            let document = crate::wire::Xml::new()
                .text("Location", &place)
                .text("Bucket", &self.bucket)
                .text("Key", &self.key)
                .text("ETag", &etag);
            let kind = HeaderValue::from_static("application/xml");
            answer.headers_mut().insert(CONTENT_TYPE, kind);
            *answer.body_mut() = document.bare("PostResponse").into();
        }
        answer
    }
}

impl Form {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(its, _)| its == name);
        found.map(|(_, value)| value.as_str())
    }

    /// With the name of the file filled in.
    fn key(&self) -> Option<String> {
        let key = self.field("key")?;
        Some(key.replace("${filename}", &self.file_name))
    }

    fn read(request: &Request<Bytes>) -> Result<Self, ApiError> {
        let malformed = || {
            ApiError::client(
                "MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.",
            )
        };
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .ok_or_else(malformed)?;
        let (_, boundary) = kind.split_once("boundary=").ok_or_else(malformed)?;
        let boundary = boundary
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"');
        let mut form = Self::default();
        let mut has_file = false;
        for part in parts(request.body(), boundary).ok_or_else(malformed)? {
            let (head, content) = split_at(&part, b"\r\n\r\n").ok_or_else(malformed)?;
            let head = String::from_utf8_lossy(&head).into_owned();
            let parameter = |name: &str| {
                let marker = format!("; {name}=\"");
                let (_, rest) = head.split_once(&marker)?;
                Some(rest.split_once('"')?.0.to_owned())
            };
            let name = parameter("name")
                .ok_or_else(malformed)?
                .to_ascii_lowercase();
            if name == FILE {
                let mut lines = head.lines().filter_map(|line| line.split_once(':'));
                let kind = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                form.file_type = kind.map(|(_, kind)| kind.trim().to_owned());
                form.file_name = parameter("filename").unwrap_or_default();
                form.file = content;
                has_file = true;
                break;
            }
            // Of two one would be held against the policy, and the other one stored. The words [INF].
            if form.field(&name).is_some() {
                return Err(ApiError::client(
                    "InvalidArgument",
                    format!("The form has more than one field with the name {name}."),
                ));
            }
            form.fields
                .push((name, String::from_utf8_lossy(&content).into_owned()));
        }
        if has_file {
            return Ok(form);
        }
        Err(ApiError::client(
            "InvalidArgument",
            "POST requires exactly one file upload per request.",
        ))
    }
}

/// What stands between the boundaries.
fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Bytes>> {
    let delimiter = format!("--{boundary}");
    let (_, mut rest) = split_at(body, delimiter.as_bytes())?;
    let next = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let rest_of_line = rest.strip_prefix(b"\r\n")?.len();
        let content = rest.slice(rest.len() - rest_of_line..);
        let (part, after) = split_at(&content, next.as_bytes())?;
        parts.push(part);
        rest = after;
    }
    Some(parts)
}

fn split_at(bytes: &Bytes, delimiter: &[u8]) -> Option<(Bytes, Bytes)> {
    let at = bytes
        .windows(delimiter.len())
        .position(|window| window == delimiter)?;
    Some((bytes.slice(..at), bytes.slice(at + delimiter.len()..)))
}
