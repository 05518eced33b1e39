//! The mutants as `cargo mutants` lists them: what is changed, where, and into what.

use serde_json::Value;

/// A place in a file as `cargo mutants` writes it: line and column, from 1, in characters.
pub(crate) type Place = (usize, usize);

/// One small change.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    /// The switch that turns it on; from 1.
    pub(crate) number: u32,
    /// What `cargo mutants` calls it: the place and the change.
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) file: String,
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) genre: String,
    pub(crate) replacement: String,
    /// The return type of the function around it.
    pub(crate) returns: String,
}

/// The list, from the output of `cargo mutants --list --json`.
///
/// # Errors
/// What is not there.
pub(crate) fn parse(json: &[u8]) -> Result<Vec<Mutant>, String> {
    let all: Vec<Value> = serde_json::from_slice(json)
        .map_err(|error| format!("`cargo mutants --list --json` said no list: {error}"))?;
    let numbered = (1..).zip(&all);
    numbered
        .map(|(number, one)| {
            mutant(number, one).ok_or_else(|| format!("a mutant has another form: {one}"))
        })
        .collect()
}

fn mutant(number: u32, value: &Value) -> Option<Mutant> {
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let place = |end: &str| {
        let place = value.get("span")?.get(end)?;
        let number = |name: &str| usize::try_from(place.get(name)?.as_u64()?).ok();
        Some((number("line")?, number("column")?))
    };
    let returns = value.pointer("/function/return_type");
    Some(Mutant {
        number,
        name: text("name")?,
        package: text("package")?,
        file: text("file")?,
        from: place("start")?,
        to: place("end")?,
        genre: text("genre")?,
        replacement: text("replacement")?,
        returns: returns
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    })
}
