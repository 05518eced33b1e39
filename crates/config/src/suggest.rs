//! "Did you mean": the nearest known name, or the list of them.

/// Help for a name that is not among the known ones.
pub(crate) fn instead_of<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(found, &known) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("known: {}", list(&known)),
    }
}

/// The known name that is nearest, when it is near enough to be a slip of the pen, or one that was cut short.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase();
    let shortened = |name: &&&str| found.len() >= 3 && name.starts_with(&found);
    let near = known
        .iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&found, &name.to_lowercase()),
                *name,
            )
        })
        .filter(|(distance, name)| *distance <= (found.len().max(name.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name);
    near.or_else(|| known.iter().find(shortened).copied())
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
