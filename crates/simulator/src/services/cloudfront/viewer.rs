//! What a viewer gets of what an edge has: the part it asked for, compressed, or only that nothing has changed.
//!
//! A pure function of the edge's answer and the viewer's request: it may take a while, and no world has to wait for it.

use std::time::Duration;

use bytes::Bytes;

use super::gzip::gzip;
use crate::WebReply;
use crate::base::visit::Visit;

/// "The file size must be between 1,000 and 10,000,000 bytes" ([DOC] Serving compressed files).
const COMPRESSED_SIZES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// File types that CloudFront compresses ([DOC] Serving compressed files).
const COMPRESSED_TYPES: &[&str] = &[
    "application/dash+xml",
    "application/eot",
    "application/font",
    "application/font-sfnt",
    "application/javascript",
    "application/json",
    "application/opentype",
    "application/otf",
    "application/pkcs7-mime",
    "application/protobuf",
    "application/rss+xml",
    "application/truetype",
    "application/ttf",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/xhtml+xml",
    "application/xml",
    "application/x-font-opentype",
    "application/x-font-truetype",
    "application/x-font-ttf",
    "application/x-httpd-cgi",
    "application/x-javascript",
    "application/x-mpegurl",
    "application/x-opentype",
    "application/x-otf",
    "application/x-perl",
    "application/x-ttf",
    "font/eot",
    "font/opentype",
    "font/otf",
    "font/ttf",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/js",
    "text/plain",
    "text/richtext",
    "text/tab-separated-values",
    "text/xml",
    "text/x-component",
    "text/x-java-source",
    "text/x-script",
    "vnd.apple.mpegurl",
];

/// Whether the behaviour compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Off,
    Gzip,
}

/// An answer, and what may still be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ViewerReply {
    reply: WebReply,
    from: From,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// A load balancer gives an answer as it is.
    Balancer,
    Edge(Compression),
}

impl ViewerReply {
    /// The same, so long after it was asked for.
    pub(crate) fn taking(mut self, after: Duration) -> Self {
        self.reply.after = after;
        self
    }

    pub(crate) fn of_balancer(reply: WebReply) -> Self {
        Self {
            reply,
            from: From::Balancer,
        }
    }

    pub(super) fn of_edge(reply: WebReply, compression: Compression) -> Self {
        Self {
            reply,
            from: From::Edge(compression),
        }
    }

    /// What this viewer gets of it.
    pub(crate) fn given_to(self, visit: &Visit) -> WebReply {
        let mut reply = match self.from {
            From::Balancer => self.reply,
            From::Edge(compression) => at_the_edge(self.reply, compression, visit),
        };
        if visit.method.eq_ignore_ascii_case("HEAD") {
            let length = reply.body.len().to_string();
            reply.headers.push(("content-length".to_owned(), length));
            reply.body = Bytes::new();
        }
        reply
    }
}

fn at_the_edge(reply: WebReply, compression: Compression, visit: &Visit) -> WebReply {
    if reply.status == 200 && is_known(&reply, visit) {
        return not_modified(reply);
    }
    if reply.status == 200
        && let Some(range) = visit.header("range").next()
        && may_be_cut(&reply, visit)
        && let Some(part) = Part::of(range, reply.body.len())
    {
        return part.cut(reply);
    }
    match compression {
        Compression::Gzip if wants_gzip(visit) && is_compressible(&reply) => compressed(reply),
        Compression::Gzip | Compression::Off => reply,
    }
}

/// If-None-Match names what the edge has, weakly compared; else If-Modified-Since names the moment it was modified (RFC 9110, 13).
fn is_known(reply: &WebReply, visit: &Visit) -> bool {
    let mut tags = visit.header("if-none-match").peekable();
    if tags.peek().is_some() {
        let Some(etag) = header(reply, "etag").map(weak) else {
            return false;
        };
        let mut named = tags.flat_map(|tags| tags.split(',')).map(str::trim);
        return named.any(|named| named == "*" || weak(named) == etag);
    }
    let modified = header(reply, "last-modified");
    modified.is_some() && visit.header("if-modified-since").next() == modified
}

fn weak(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

/// 304 has what a 200 would say of the cache, and no body (RFC 9110, 15.4.5).
fn not_modified(mut reply: WebReply) -> WebReply {
    reply.status = 304;
    reply.body = Bytes::new();
    let of_the_body = |name: &str| name.starts_with("content-") && name != "content-location";
    reply.headers.retain(|(name, _)| !of_the_body(name));
    reply
}

/// If-Range has to name the strong tag, or the moment it was modified (RFC 9110, 13.1.5).
fn may_be_cut(reply: &WebReply, visit: &Visit) -> bool {
    let Some(wanted) = visit.header("if-range").next() else {
        return true;
    };
    [header(reply, "etag"), header(reply, "last-modified")].contains(&Some(wanted))
}

/// What a Range header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// From the first to the last byte.
    Within(usize, usize),
    /// There is no such part.
    Outside,
}

impl Part {
    /// One range of bytes, of so many. Nothing for what is no range: it is ignored (RFC 9110, 14.2), and so are several at once, for
    /// which S3 sends the whole object, too ([DOC] GetObject: one range per request).
    fn of(text: &str, size: usize) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
        let number = |text: &str| text.parse::<usize>().ok();
        let (first, last) = match (first, last) {
            ("", last) => match number(last)? {
                0 => return Some(Self::Outside),
                suffix => (size.saturating_sub(suffix), size.checked_sub(1)),
            },
            (first, "") => (number(first)?, size.checked_sub(1)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                if last < first {
                    return None;
                }
                (first, Some(last.min(size.saturating_sub(1))))
            }
        };
        Some(match last {
            Some(last) if first < size => Self::Within(first, last),
            Some(_) | None => Self::Outside,
        })
    }

    /// 206 with the part, or 416 ([DOC] How CloudFront processes partial requests for an object).
    fn cut(self, mut reply: WebReply) -> WebReply {
        let size = reply.body.len();
        let told = match self {
            Self::Within(first, last) => {
                reply.status = 206;
                reply.body = reply.body.slice(first..=last);
                format!("bytes {first}-{last}/{size}")
            }
            Self::Outside => {
                reply.status = 416;
                reply.body = Bytes::new();
                format!("bytes */{size}")
            }
        };
        reply.headers.push(("content-range".to_owned(), told));
        reply
    }
}

/// Whether `gzip` is accepted; what a viewer gives the weight 0 is not.
fn wants_gzip(visit: &Visit) -> bool {
    let mut codings = visit.header("accept-encoding").flat_map(|it| it.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = matches!(parts.next(), Some("gzip" | "*"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_gzip && weight.and_then(|weight| weight.parse().ok()) != Some(0.0)
    })
}

/// "The response must not include a Content-Encoding header" ([DOC] Serving compressed files).
fn is_compressible(reply: &WebReply) -> bool {
    let content_type = header(reply, "content-type").unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default();
    let content_type = content_type.trim().to_ascii_lowercase();
    COMPRESSED_TYPES.contains(&content_type.as_str())
        && COMPRESSED_SIZES.contains(&reply.body.len())
        && header(reply, "content-encoding").is_none()
        && matches!(reply.status, 200 | 403 | 404)
}

/// A strong ETag becomes a weak one, an invalid one goes ([DOC] Serving compressed files, ETag header).
fn compressed(mut reply: WebReply) -> WebReply {
    reply.body = gzip(&reply.body);
    reply.headers.retain_mut(|(name, value)| {
        if name == "etag" && value.starts_with('"') {
            *value = format!("W/{value}");
        }
        // Parts are of what was not compressed.
        name != "accept-ranges" && (name != "etag" || value.starts_with("W/"))
    });
    let added = [("content-encoding", "gzip"), ("vary", "Accept-Encoding")];
    let added = added.map(|(name, value)| (name.to_owned(), value.to_owned()));
    reply.headers.extend(added);
    reply
}

fn header<'a>(reply: &'a WebReply, name: &str) -> Option<&'a str> {
    let mut headers = reply.headers.iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests;
