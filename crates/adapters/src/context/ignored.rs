//! What a `.dockerignore` leaves out: its patterns, as docker reads them. The last one that means a path, or a folder above it, decides.

/// The patterns of a `.dockerignore`.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    sense: Sense,
    /// The folders that it begins with, before anything that stands for several names.
    start: Vec<String>,
    pattern: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    LeaveOut,
    Keep,
}

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `*`: anything inside one name.
    Star,
    /// `**` at the end, or inside a name: anything.
    Anything,
    /// `**/`: any number of folders. It is two parts: before its first character, and inside of it.
    Folders,
    InFolders,
    /// `?`
    One,
    /// `[a-z]`, `[^a-z]`
    Class {
        inside: bool,
        ranges: Vec<(char, char)>,
    },
    Char(char),
}

impl Ignored {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self {
            rules: lines.filter_map(Rule::parse).collect(),
        }
    }

    /// Whether a path (relative, with slashes) is left out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        let mut sense = Sense::Keep;
        for rule in &self.rules {
            if rule.sense != sense && rule.means(path) {
                sense = rule.sense;
            }
        }
        sense == Sense::LeaveOut
    }

    /// Whether something below a folder that is left out may be kept all the same.
    pub(super) fn may_keep_below(&self, folder: &str) -> bool {
        let kept = self.rules.iter().filter(|rule| rule.sense == Sense::Keep);
        kept.into_iter().any(|rule| {
            let mut both = rule.start.iter().zip(folder.split('/'));
            both.all(|(one, other)| one == other)
        })
    }
}

impl Rule {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let (sense, path) = match line.strip_prefix('!') {
            Some(rest) => (Sense::Keep, rest.trim()),
            None => (Sense::LeaveOut, line),
        };
        let mut names: Vec<&str> = Vec::new();
        for name in path.split('/') {
            match name {
                "" | "." => {}
                ".." => drop(names.pop()),
                name => names.push(name),
            }
        }
        if names.is_empty() {
            return None;
        }
        let plain = |name: &&&str| !name.contains(['*', '?', '[', '\\']);
        Some(Self {
            sense,
            start: names
                .iter()
                .take_while(plain)
                .map(|name| (*name).to_owned())
                .collect(),
            pattern: parts(&names.join("/")),
        })
    }

    fn means(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        above.chain([path]).any(|path| matches(&self.pattern, path))
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => match chars.next_if_eq(&'/') {
                Some(_) => parts.extend([Part::Folders, Part::InFolders]),
                None => parts.push(Part::Anything),
            },
            '*' => parts.push(Part::Star),
            '?' => parts.push(Part::One),
            '[' => parts.push(class(&mut chars)),
            '\\' => parts.push(Part::Char(chars.next().unwrap_or('\\'))),
            c => parts.push(Part::Char(c)),
        }
    }
    parts
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Part {
    let inside = chars.next_if_eq(&'^').is_none();
    let mut ranges = Vec::new();
    while let Some(from) = chars.next().filter(|c| *c != ']') {
        let to = match chars.next_if_eq(&'-') {
            Some(_) => chars.next().unwrap_or(from),
            None => from,
        };
        ranges.push((from, to));
    }
    Part::Class { inside, ranges }
}

/// Every place of the pattern that the text may have come to, character by character: time does not explode.
fn matches(pattern: &[Part], text: &str) -> bool {
    let mut at = vec![false; pattern.len() + 1];
    reach(pattern, &mut at, 0);
    for c in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (place, part) in pattern.iter().enumerate().filter(|(place, _)| at[*place]) {
            match part {
                Part::Star if c != '/' => reach(pattern, &mut next, place),
                Part::Anything => reach(pattern, &mut next, place),
                Part::InFolders => {
                    reach(pattern, &mut next, place);
                    if c == '/' {
                        reach(pattern, &mut next, place + 1);
                    }
                }
                Part::One if c != '/' => reach(pattern, &mut next, place + 1),
                Part::Class { inside, ranges } if c != '/' => {
                    let found = ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
                    if found == *inside {
                        reach(pattern, &mut next, place + 1);
                    }
                }
                Part::Char(known) if *known == c => reach(pattern, &mut next, place + 1),
                Part::Star | Part::Folders | Part::One | Part::Class { .. } | Part::Char(_) => {}
            }
        }
        at = next;
    }
    at.last() == Some(&true)
}

/// Comes to a place, and to those behind parts that may stand for nothing.
fn reach(pattern: &[Part], at: &mut [bool], place: usize) {
    at[place] = true;
    match pattern.get(place) {
        Some(Part::Star | Part::Anything) => reach(pattern, at, place + 1),
        Some(Part::Folders) => {
            at[place + 1] = true;
            reach(pattern, at, place + 2);
        }
        Some(Part::InFolders | Part::One | Part::Class { .. } | Part::Char(_)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What moby's own tests say of the same patterns, and what its documentation promises.
    #[test]
    fn patterns_mean_what_docker_means() {
        let rows = [
            // (lines, path, left out)
            ("target*", "target", true),
            ("target*", "target/debug/app", true),
            ("target*", "src/target", false),
            ("/target", "target", true),
            ("target/", "target/x", true),
            ("./a/../b", "b", true),
            ("**", "any/thing", true),
            ("**/", "any", true),
            ("**/", "any/thing", true),
            ("**/target", "target", true),
            ("**/target", "a/b/target/x", true),
            ("**/target", "a/btarget", false),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir", false),
            ("**/dir2/*", "dir1/dir2/file", true),
            ("**/*.md", "a/b/c.md", true),
            ("*.md", "a/c.md", false),
            ("*/*.md", "a/c.md", true),
            ("a**b", "axxx/yyyb", true),
            ("?.txt", "a.txt", true),
            ("?.txt", "ab.txt", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("*\n!README.md", "README.md", false),
            ("*\n!README.md", "other.md", true),
            ("docs\n!docs/keep", "docs/keep/x", false),
            ("docs\n!docs/keep\n**/x", "docs/keep/x", true),
            (
                "*.md\n!README*.md\nREADME-secret.md",
                "README-secret.md",
                true,
            ),
            ("# comment\n\n  .git  ", ".git/config", true),
            ("#a", "#a", false),
            ("!", "a", false),
            (".", "a", false),
            ("\u{feff}a", "a", true),
            ("ü*", "übung", true),
        ];
        for (lines, path, expected) in rows {
            let ignored = Ignored::parse(lines);
            assert_eq!(ignored.leaves_out(path), expected, "{lines:?} of {path}");
        }
    }

    #[test]
    fn a_folder_that_is_left_out_is_looked_into_only_for_what_may_be_kept() {
        let ignored = Ignored::parse("*\n!src/deep/keep\n!other/*/x");
        for (folder, expected) in [
            ("src", true),
            ("src/deep", true),
            ("src/other", false),
            ("target", false),
            ("other/any", true),
        ] {
            assert_eq!(ignored.may_keep_below(folder), expected, "{folder}");
        }
        assert!(Ignored::parse("*\n!**/x").may_keep_below("any/where"));
    }

    #[test]
    fn many_stars_take_no_time() {
        let ignored = Ignored::parse(&("**/*a".repeat(20) + "*b"));
        assert!(!ignored.leaves_out(&"a/".repeat(500)));
    }
}
