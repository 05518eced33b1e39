//! Rust source reduced to its code: comments and the contents of literals blanked out, lines kept.

/// `text` without comments and without what is inside strings and characters. Line breaks stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let (length, keep) = match literal_or_comment(rest, before) {
            Some(length) => (length, false),
            None => (next.len_utf8(), true),
        };
        let (piece, tail) = rest.split_at(length);
        if keep {
            code.push_str(piece);
        } else {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        before = piece.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    code
}

/// The words that identifiers are made of, in lower case: `EcsClient::task_arn` is `ecs`, `client`, `task`, `arn`.
/// A name that is written together in small letters stays one word; a whole `CamelCase` name is one as well.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for name in line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|name| !name.is_empty())
    {
        words.push(name.to_lowercase());
        for part in name.split('_') {
            let mut word = String::new();
            for c in part.chars() {
                if c.is_uppercase() && !word.is_empty() && !word.ends_with(char::is_uppercase) {
                    words.push(word.to_lowercase());
                    word.clear();
                }
                word.push(c);
            }
            words.push(word.to_lowercase());
        }
    }
    words.dedup();
    words
}

/// The length of the comment or literal that `rest` begins with.
fn literal_or_comment(rest: &str, before: char) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('"') {
        return Some(quoted(rest, '"'));
    }
    let in_a_name = before.is_alphanumeric() || before == '_';
    if !in_a_name && (rest.starts_with("r\"") || rest.starts_with("r#") || rest.starts_with("br")) {
        return raw_string(rest);
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    None
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let here = rest.get(at..).unwrap_or_default();
        let (step, change) = match here {
            _ if here.starts_with("/*") => (2, 1),
            _ if here.starts_with("*/") => (2, -1),
            _ => (here.chars().next().map_or(1, char::len_utf8), 0),
        };
        at += step;
        depth = depth.saturating_add_signed(change);
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &str, end: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes_at = rest.find('r')? + 1;
    let hashes = rest
        .get(hashes_at..)?
        .chars()
        .take_while(|c| *c == '#')
        .count();
    let body = rest.get(hashes_at + hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.chars().skip(1);
    match (chars.next()?, chars.next()?) {
        ('\\', _) => Some(quoted(rest, '\'')),
        (c, '\'') => Some(1 + c.len_utf8() + 1),
        _ => None,
    }
}

#[test]
fn comments_and_literals_are_not_code() {
    let rows = [
        ("let a = 1; // arn", "let a = 1;"),
        ("/* x /* y */ z */ a", "a"),
        (r#"say("ecs \" arn") + b"#, "say( ) + b"),
        ("say(r#\"a\"b\"#); c", "say( ); c"),
        ("fn f<'a>(x: &'a str) { '\"' }", "fn f<'a>(x: &'a str) { }"),
        (r"match c { '\'' => d }", "match c { => d }"),
        ("for r in rows", "for r in rows"),
        ("r#type", "r#type"),
    ];
    for (text, expected) in rows {
        let found: Vec<String> = code(text).split_whitespace().map(str::to_owned).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
    assert_eq!(
        code("a\n\"b\nc\"\nd").lines().count(),
        4,
        "lines stay where they are"
    );
}

#[test]
fn identifiers_are_split_into_words() {
    let rows: [(&str, &[&str]); 4] = [
        ("task_arn", &["task_arn", "task", "arn"]),
        ("EcsClient", &["ecsclient", "ecs", "client"]),
        ("std::fs", &["std", "fs"]),
        ("warning", &["warning"]),
    ];
    for (line, expected) in rows {
        assert_eq!(words(line), expected, "{line}");
    }
}
