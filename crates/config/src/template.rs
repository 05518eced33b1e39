//! `{{ name }}` in strings: strict, and pointing at the name. A name stands for a value now, or stays for the release.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use backstay_domain::definition::{RELEASE_PLACEHOLDERS, substitute};

use crate::problem::{Problem, Source};
use crate::section::At;
use crate::suggest;

/// Names that mean something in every configuration; own variables cannot take them.
pub(crate) const BUILT_IN: [&str; 11] = [
    "app",
    "environment",
    "region",
    "account",
    "cluster",
    "service",
    "job",
    "version",
    "image",
    "revision",
    "branch",
];

/// The names that may be used in a string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// A name without a value is known, but something is wrong with its value, which was noted already.
    values: BTreeMap<String, Option<String>>,
    /// Names that stand for several values: alone in a list, they are all of them.
    lists: BTreeMap<String, Vec<String>>,
    /// Names that stay as they are: their value comes with a release.
    kept: &'static [&'static str],
    /// Names that mean something elsewhere, with what to say about them.
    elsewhere: BTreeMap<String, String>,
}

impl Scope {
    pub(crate) fn with(mut self, name: &str, value: Option<String>) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn with_list(mut self, name: &str, items: Vec<String>) -> Self {
        self.lists.insert(name.to_owned(), items);
        self.with(name, None)
    }

    /// What a text stands for in a list, where it is the name of several values and nothing else.
    pub(crate) fn several(&self, text: &str) -> Option<&[String]> {
        let (found, _) = scan(text);
        match found.as_slice() {
            [only] if only.whole == (0..text.len()) => {
                let items = self.lists.get(&text[only.name.clone()]);
                items.map(Vec::as_slice)
            }
            _ => None,
        }
    }

    pub(crate) fn keeping(mut self, kept: &'static [&'static str]) -> Self {
        self.kept = kept;
        self
    }

    pub(crate) fn elsewhere(mut self, name: &str, explanation: impl Into<String>) -> Self {
        self.elsewhere
            .entry(name.to_owned())
            .or_insert_with(|| explanation.into());
        self
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.kept.contains(&name)
    }

    fn help(&self, name: &str) -> String {
        if let Some(explanation) = self.elsewhere.get(name) {
            return explanation.clone();
        }
        let by_release = match name {
            "image" => Some("`{{ image }}` is known in task definitions only"),
            "version" => Some(
                "`{{ version }}` is known in task definitions, in the `equals` of a check, in `args` of a build and in `tags` only",
            ),
            "branch" => Some("`{{ branch }}` is known in the `tags` of [images] only"),
            "revision" => Some("`{{ revision }}` is known in `down_command` only"),
            "service" => {
                Some("`{{ service }}` is known in services and in their task definitions only")
            }
            "job" => Some("`{{ job }}` is known in jobs and in their task definitions only"),
            _ => None,
        };
        let known: BTreeSet<&str> = self
            .values
            .keys()
            .map(String::as_str)
            .chain(self.kept.iter().copied())
            .collect();
        if !is_name(name) {
            return "a variable's name has letters, digits, `_` and `-`; braces that are meant as they are, are written literally as `{{! … }}`".to_owned();
        }
        by_release.map_or_else(|| suggest::instead_of(name, known), str::to_owned)
    }

    /// Fills in a string whose names were checked. `{{! name }}` becomes `{{ name }}`.
    pub(crate) fn fill(&self, text: &str) -> String {
        substitute(text, &|name| match name.strip_prefix(LITERAL) {
            Some(literal) => Some(format!("{{{{{literal}}}}}")),
            None => self.values.get(name).cloned().flatten(),
        })
    }

    /// Whether every variable in a string has a value here, or gets one by a release.
    pub(crate) fn has_all(&self, text: &str) -> bool {
        scan(text).0.into_iter().all(|part| {
            self.values
                .get(&text[part.name])
                .is_none_or(Option::is_some)
        })
    }

    /// What is wrong with the templates in a string that was written in `span` of a file.
    pub(crate) fn check(&self, text: &str, source: &Source, span: &Range<usize>) -> Vec<Problem> {
        let written = source.inner().get(span.clone()).unwrap_or_default();
        let start = written.find(text).map(|offset| span.start + offset);
        let place = |part: Range<usize>| match start {
            Some(start) => start + part.start..start + part.end,
            // Written with escapes: the characters do not correspond.
            None => span.clone(),
        };
        let (found, unclosed) = scan(text);
        let unknown = found
            .into_iter()
            .filter(|part| {
                let name = &text[part.name.clone()];
                !self.knows(name) || self.lists.contains_key(name)
            })
            .filter(|part| !is_literal(&text[part.name.clone()]))
            .map(|part| {
                let name = &text[part.name.clone()];
                if name.starts_with(LITERAL) {
                    let message =
                        format!("`{name}` cannot be written literally: a release fills it in");
                    return Problem::of(source, message).at(place(part.whole), "not literal");
                }
                if self.lists.contains_key(name) {
                    let message = format!("`{name}` is several values: it stands alone in a list");
                    let problem = Problem::of(source, message).at(place(part.name), "a list");
                    return problem
                        .help("pick one of them where it is looked up, like json = \"/0\"");
                }
                if name.is_empty() {
                    return Problem::of(source, "a template names no variable")
                        .at(place(part.whole), "empty");
                }
                let problem = Problem::of(source, format!("unknown variable `{name}`"));
                problem
                    .at(place(part.name), "unknown variable")
                    .help(self.help(name))
            });
        let unclosed = unclosed.map(|at| {
            let problem = Problem::of(source, "a template is not closed")
                .at(place(at..at + 2), "opened here");
            problem.help("close it with `}}`")
        });
        unknown.chain(unclosed).collect()
    }
}

/// What makes braces literal: `{{! name }}` is `{{ name }}` for whoever reads it next.
const LITERAL: char = '!';

/// Whether braces are somebody else's: escaped, or a field of Docker's templates (`{{.Name}}`), which no variable can be.
fn is_literal(name: &str) -> bool {
    let escaped = name.strip_prefix(LITERAL).map(str::trim);
    escaped.is_some_and(|name| !RELEASE_PLACEHOLDERS.contains(&name)) || name.starts_with('.')
}

/// Whether it could be a variable's name.
fn is_name(name: &str) -> bool {
    name.chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The names in a string's templates.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    let found = scan(text).0.into_iter();
    found.map(|template| &text[template.name])
}

/// One `{{ name }}`.
struct Template {
    whole: Range<usize>,
    name: Range<usize>,
}

/// The templates in a string, and where one is opened but not closed. Cuts exactly as the domain's `substitute`.
fn scan(text: &str) -> (Vec<Template>, Option<usize>) {
    let mut templates = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|offset| from + offset) {
        let Some(close) = text[open..].find("}}").map(|offset| open + offset) else {
            return (templates, Some(open));
        };
        let inside = text.get(open + 2..close).unwrap_or("");
        let name = inside.trim();
        let start = open + 2 + (inside.len() - inside.trim_start().len());
        templates.push(Template {
            whole: open..close + 2,
            name: start..start + name.len(),
        });
        from = close + 2;
    }
    (templates, None)
}

/// Fills in a string of the configuration; nothing when its templates, or the values they need, are wrong.
pub(crate) fn fill(
    text: &At<String>,
    scope: &Scope,
    source: &Source,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let wrong = scope.check(&text.value, source, &text.span);
    let right = wrong.is_empty() && scope.has_all(&text.value);
    problems.extend(wrong);
    right.then(|| scope.fill(&text.value))
}
