//! Patterns as AWS has them in paths and ARNs: `*` is any text, `?` any character; case matters.

/// Whether a whole text fits a pattern. Never slower than their lengths multiplied.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // Where the last star stood, and what it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while let Some(wanted) = text.get(from) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(sign) if *sign == '?' || sign == wanted => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((stood, swallowed)) => {
                    star = Some((stood, swallowed + 1));
                    at = stood + 1;
                    from = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|sign| *sign == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("/api/*", "/api/v1", true),
            ("/api/*", "/api", false),
            ("*.js", "/a/b.js", true),
            ("*.js", "/a/b.json", false),
            ("a?c*e", "abcde", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3", false),
            ("?", "\u{e4}", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
