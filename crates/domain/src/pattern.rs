//! Names of files as people write them in the configuration: a name, a path, or a glob. Nothing here looks at a disk.

use crate::release::Manifest;

/// Whether a file's path (without a leading slash) is meant. A pattern without a slash is compared with the file's name, at any
/// depth; one with a slash with the whole path. `*` stands for anything but a slash, `**` for any number of folders.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches('/');
    if pattern.contains('/') {
        let (pattern, path): (Vec<&str>, Vec<&str>) =
            (pattern.split('/').collect(), path.split('/').collect());
        return folders(&pattern, &path);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    segment(pattern.as_bytes(), name.as_bytes())
}

/// What is wrong with a pattern, if anything.
#[must_use]
pub fn problem(pattern: &str) -> Option<&'static str> {
    if pattern.trim().is_empty() {
        Some("empty pattern")
    } else if pattern.starts_with('/') {
        Some("relative to `directory`: leave out the first `/`")
    } else if pattern.ends_with('/') {
        Some("a folder: add `*` for the files in it, `**` for all below it")
    } else if pattern.split('/').any(str::is_empty) {
        Some("two slashes in a row")
    } else if pattern
        .split('/')
        .any(|part| part.contains("**") && part != "**")
    {
        Some("`**` stands for whole folders: between slashes, and alone")
    } else if pattern.split('/').any(|part| matches!(part, "." | "..")) {
        Some("a path inside `directory`")
    } else {
        None
    }
}

/// Those of `patterns` that mean no file of a build: usually a misspelt name.
#[must_use]
pub fn idle<'p>(
    patterns: impl IntoIterator<Item = &'p String>,
    manifest: &Manifest,
) -> Vec<&'p str> {
    let means_nothing =
        |pattern: &&'p String| !manifest.files.keys().any(|path| matches(pattern, path));
    let idle = patterns.into_iter().filter(means_nothing);
    idle.map(String::as_str).collect()
}

fn folders(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([], _) | (_, []) => false,
        (["**"], _) => true,
        (["**", rest @ ..], [_, below @ ..]) => folders(rest, path) || folders(pattern, below),
        ([part, rest @ ..], [name, below @ ..]) => {
            segment(part.as_bytes(), name.as_bytes()) && folders(rest, below)
        }
    }
}

/// Greedy from the left: only the last star may have to give up what it took.
fn segment(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while of < name.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, of));
                at += 1;
            }
            (Some(byte), _) if Some(byte) == name.get(of) => {
                at += 1;
                of += 1;
            }
            (_, Some((star_at, star_of))) => {
                star = Some((star_at, star_of + 1));
                at = star_at + 1;
                of = star_of + 1;
            }
            (_, None) => return false,
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_expect() {
        let rows = [
            // (pattern, path, means it)
            ("index.html", "index.html", true),
            ("index.html", "docs/index.html", true),
            ("index.html", "my-index.html", false),
            ("config/app.json", "config/app.json", true),
            ("config/app.json", "other/config/app.json", false),
            ("*.json", "a/b/c.json", true),
            ("*.json", "c.json.map", false),
            ("*", "any/file", true),
            ("locales/*/*.json", "locales/en/common.json", true),
            ("locales/*/*.json", "locales/common.json", false),
            ("locales/*/*.json", "locales/en/x/common.json", false),
            ("locales/**", "locales/en/x/common.json", true),
            ("locales/**", "locales", false),
            ("**/x.json", "x.json", true),
            ("**/x.json", "a/b/x.json", true),
            ("**/x.json", "a/b/yx.json", false),
            ("a/**/z/*.js", "a/z/1.js", true),
            ("a/**/z/*.js", "a/b/z/z/1.js", true),
            ("folder/*", "folder/about", true),
            ("folder/*", "folder/deep/about", false),
            ("sw-*.js", "sw-1.js", true),
            ("*-a-*-b", "x-a-a-y-b", true),
            ("*-a-*-b", "x-a-b", false),
            ("[slug].js", "[slug].js", true),
            ("[slug].js", "s.js", false),
            ("ü*.js", "übung.js", true),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(matches(pattern, path), expected, "{pattern} of {path}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for wrong in [
            "", " ", "/a", "a/", "a//b", "a**", "x/**y/z", "../a", "a/./b",
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
        for right in [
            "a",
            "*.js",
            "**",
            "**/a",
            "a/**",
            "locales/*/*.json",
            ".well-known/*",
        ] {
            assert_eq!(problem(right), None, "{right}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "**/".repeat(6) + "*a*a*a*a*a*b";
        let path = "d/".repeat(20) + &"a".repeat(200);
        assert!(!matches(&pattern, &path));
    }
}
