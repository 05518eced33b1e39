//! Media types of frontend files by extension. A table of our own: a build that meets a guess must not change its release.

/// Extension and media type.
const TYPES: [(&str, &str); 34] = [
    ("avif", "image/avif"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("eot", "application/vnd.ms-fontobject"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// The media type of a file by its extension; unknown ones are bytes.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match TYPES.binary_search_by(|(known, _)| (*known).cmp(extension.as_str())) {
        Ok(index) => TYPES.get(index).map_or(BYTES, |(_, media_type)| media_type),
        Err(_) => BYTES,
    }
}

/// What a file of unknown kind is.
const BYTES: &str = "application/octet-stream";

/// Whether two media types are the same kind of thing: parameters and case do not count.
#[must_use]
pub fn same_media_type(one: &str, other: &str) -> bool {
    essence(one).eq_ignore_ascii_case(essence(other))
}

/// A media type without its parameters.
#[must_use]
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or(media_type).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_the_extension() {
        assert!(
            TYPES.is_sorted_by_key(|(extension, _)| *extension),
            "the search needs order"
        );
        let rows = [
            ("assets/app-1f3c.js", "text/javascript"),
            ("assets/worker.MJS", "text/javascript"),
            ("index.html", "text/html"),
            ("app.js.map", "application/json"),
            ("site.webmanifest", "application/manifest+json"),
            ("fonts/inter.woff2", "font/woff2"),
            ("module.wasm", "application/wasm"),
            ("CNAME", "application/octet-stream"),
            ("v1.2/data", "application/octet-stream"),
            (".well-known/security.txt", "text/plain"),
        ];
        for (path, expected) in rows {
            assert!(
                same_media_type(media_type(path), expected),
                "{path}: {}",
                media_type(path)
            );
        }
    }

    #[test]
    fn parameters_and_case_do_not_count() {
        assert!(same_media_type("text/HTML;charset=UTF-8", "text/html"));
        assert!(!same_media_type("text/html", "text/javascript"));
    }
}
