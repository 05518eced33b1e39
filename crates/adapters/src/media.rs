//! Media types of frontend files by name. A table of our own: a build that meets a guess must not change its release.

use backstay_domain::app::Frontend;
use backstay_domain::pattern;
use backstay_domain::release::FileKind;

/// Extension and media type.
const TYPES: [(&str, &str); 110] = [
    ("3gp", "video/3gpp"),
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("atom", "application/atom+xml"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("br", "application/x-brotli"),
    ("bz2", "application/x-bzip2"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("eot", "application/vnd.ms-fontobject"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("gpx", "application/gpx+xml"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("json5", "application/json5"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("kml", "application/vnd.google-earth.kml+xml"),
    ("kmz", "application/vnd.google-earth.kmz"),
    ("ktx2", "image/ktx2"),
    ("log", "text/plain; charset=utf-8"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mid", "audio/midi"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpd", "application/dash+xml"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mtl", "model/mtl"),
    ("ndjson", "application/x-ndjson"),
    ("obj", "model/obj"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("pmtiles", "application/vnd.pmtiles"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("rar", "application/vnd.rar"),
    ("rss", "application/rss+xml"),
    ("rtf", "application/rtf"),
    ("sh", "application/x-sh"),
    ("stl", "model/stl"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("toml", "application/toml"),
    ("ts", "video/mp2t"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("ttc", "font/collection"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("usdz", "model/vnd.usdz+zip"),
    ("vcf", "text/vcard; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("xml", "application/xml"),
    ("xsl", "application/xml"),
    ("xslt", "application/xslt+xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
    ("zlib", "application/zlib"),
    ("zst", "application/zstd"),
];

/// Files that others expect under a name without an extension, by pattern.
const NAMES: [(&str, &str); 21] = [
    ("**/.well-known/acme-challenge/*", TEXT),
    ("**/.well-known/host-meta", "application/xrd+xml"),
    ("**/.well-known/matrix/*", "application/json"),
    ("**/.well-known/nodeinfo", "application/json"),
    (
        "**/.well-known/oauth-authorization-server",
        "application/json",
    ),
    ("**/.well-known/openid-configuration", "application/json"),
    ("**/.well-known/webfinger", "application/jrd+json"),
    ("AUTHORS", TEXT),
    ("CHANGELOG", TEXT),
    ("CNAME", TEXT),
    ("COPYING", TEXT),
    ("LICENCE", TEXT),
    ("LICENSE", TEXT),
    ("NOTICE", TEXT),
    ("README", TEXT),
    ("VERSION", TEXT),
    ("_headers", TEXT),
    ("_redirects", TEXT),
    ("apple-app-site-association", "application/json"),
    ("apple-developer-domain-association", TEXT),
    ("apple-developer-merchantid-domain-association", TEXT),
];

const TEXT: &str = "text/plain; charset=utf-8";

/// What a file of unknown kind is.
const BYTES: &str = "application/octet-stream";

/// Other names that the same type has or had: what other tools write is right, too. The first is ours.
const ALIASES: [&[&str]; 22] = [
    &[
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "application/ecmascript",
        "text/ecmascript",
        "text/x-javascript",
    ],
    &[
        "image/x-icon",
        "image/vnd.microsoft.icon",
        "image/ico",
        "image/icon",
    ],
    &["image/jpeg", "image/jpg", "image/pjpeg"],
    &["image/bmp", "image/x-ms-bmp", "image/x-bmp"],
    &[
        "font/woff",
        "application/font-woff",
        "application/x-font-woff",
    ],
    &[
        "font/woff2",
        "application/font-woff2",
        "application/x-font-woff2",
    ],
    &[
        "font/ttf",
        "application/x-font-ttf",
        "application/x-font-truetype",
        "application/font-sfnt",
        "font/sfnt",
    ],
    &[
        "font/otf",
        "application/x-font-opentype",
        "application/vnd.ms-opentype",
    ],
    &["application/vnd.ms-fontobject", "font/eot"],
    &["application/xml", "text/xml"],
    &[
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        "text/x-yaml",
    ],
    &["application/gzip", "application/x-gzip"],
    &["application/zip", "application/x-zip-compressed"],
    &["application/rtf", "text/rtf"],
    &["application/vnd.apple.mpegurl", "application/x-mpegurl"],
    &["application/octet-stream", "binary/octet-stream"],
    &["text/markdown", "text/x-markdown"],
    &["audio/mpeg", "audio/mp3"],
    &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
    &["audio/flac", "audio/x-flac"],
    &["audio/mp4", "audio/x-m4a"],
    &["video/mp4", "video/x-m4v"],
];

/// The media type of a file: as the configuration says, else by its extension or its name; unknown ones are bytes.
#[must_use]
pub fn media_type<'t>(frontend: &'t Frontend, path: &str) -> &'t str {
    let said = frontend.media_types.iter();
    let said = said.filter(|(pattern, _)| pattern::matches(pattern, path));
    match said.max_by_key(|(pattern, _)| (pattern.len(), *pattern)) {
        Some((_, media_type)) => media_type,
        None => usual(path),
    }
}

/// The media type of a file about which the configuration says nothing.
pub(crate) fn usual(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    let known = TYPES.binary_search_by(|(known, _)| (*known).cmp(extension.as_str()));
    if let Some((_, media_type)) = known.ok().and_then(|index| TYPES.get(index)) {
        return media_type;
    }
    let named = NAMES
        .iter()
        .find(|(pattern, _)| pattern::matches(pattern, path));
    named.map_or(BYTES, |(_, media_type)| media_type)
}

/// How long browsers and the CDN may keep a file: for ever where its content never changes, else it is asked for every time.
#[must_use]
pub fn cache_control(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Immutable => "public, max-age=31536000, immutable",
        FileKind::Mutable => "no-cache",
    }
}

/// Whether two media types are the same kind of thing: parameters, case and other names of it do not count.
#[must_use]
pub fn same_media_type(one: &str, other: &str) -> bool {
    let (one, other) = (essence(one), essence(other));
    let known = |name: &str| {
        let is_it = |alias: &&str| alias.eq_ignore_ascii_case(name);
        ALIASES.iter().find(|aliases| aliases.iter().any(&is_it))
    };
    one.eq_ignore_ascii_case(other)
        || known(one).is_some_and(|aliases| {
            aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(other))
        })
}

/// A media type without its parameters.
#[must_use]
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or(media_type).trim()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn said(types: &[(&str, &str)]) -> Frontend {
        let types = types
            .iter()
            .map(|(pattern, kind)| ((*pattern).to_owned(), (*kind).to_owned()));
        Frontend {
            directory: "dist".to_owned(),
            bucket: "b".to_owned(),
            prefix: String::new(),
            distribution: None,
            url: None,
            mutable: Vec::new(),
            region: None,
            media_types: types.collect(),
        }
    }

    #[test]
    fn types_follow_the_extension_or_the_name() {
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
            ("app.js.br", "application/x-brotli"),
            ("app.js.gz", "application/gzip"),
            ("sound.ogg", "audio/ogg"),
            ("book.epub", "application/epub+zip"),
            ("openapi.yaml", "application/yaml"),
            ("feed.rss", "application/rss+xml"),
            ("feed.atom", "application/atom+xml"),
            ("events.ics", "text/calendar"),
            ("CNAME", "text/plain"),
            ("vendor/lib/LICENSE", "text/plain"),
            (".well-known/apple-app-site-association", "application/json"),
            ("apple-app-site-association", "application/json"),
            (".well-known/matrix/server", "application/json"),
            ("app/.well-known/openid-configuration", "application/json"),
            (".well-known/security.txt", "text/plain"),
            ("v1.2/data", "application/octet-stream"),
            (".DS_Store", "application/octet-stream"),
            ("about", "application/octet-stream"),
        ];
        for (path, expected) in rows {
            assert_eq!(essence(media_type(&said(&[]), path)), expected, "{path}");
        }
    }

    #[test]
    fn the_configuration_decides_and_the_longest_pattern_first() {
        let types = said(&[
            ("about", "text/html; charset=utf-8"),
            ("pages/*", "text/html"),
            ("pages/raw-*", "text/plain"),
            ("*.ts", "text/x-typescript"),
        ]);
        let rows = [
            ("about", "text/html; charset=utf-8"),
            ("pages/team", "text/html"),
            ("pages/raw-team", "text/plain"),
            ("src/main.ts", "text/x-typescript"),
            ("pages/deep/team", "application/octet-stream"),
        ];
        for (path, expected) in rows {
            assert_eq!(media_type(&types, path), expected, "{path}");
        }
    }

    #[test]
    fn parameters_case_and_other_names_do_not_count() {
        let same = [
            ("text/HTML;charset=UTF-8", "text/html"),
            ("application/javascript", "text/javascript; charset=utf-8"),
            ("application/x-javascript", "application/javascript"),
            ("image/vnd.microsoft.icon", "image/x-icon"),
            ("application/font-woff2", "font/woff2"),
            ("text/xml", "application/xml"),
            ("binary/octet-stream", "application/octet-stream"),
        ];
        for (one, other) in same {
            assert!(
                same_media_type(one, other) && same_media_type(other, one),
                "{one}"
            );
        }
        for (one, other) in [
            ("text/html", "text/javascript"),
            ("binary/octet-stream", "application/json"),
            ("image/svg+xml", "application/xml"),
        ] {
            assert!(!same_media_type(one, other), "{one}");
        }
        let all: Vec<&&str> = ALIASES.iter().flat_map(|aliases| aliases.iter()).collect();
        let distinct: BTreeMap<_, _> = all.iter().map(|alias| (**alias, ())).collect();
        assert_eq!(all.len(), distinct.len(), "an alias means one type");
    }
}
