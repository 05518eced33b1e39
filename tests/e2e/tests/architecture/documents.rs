//! What documents say of the code is what the code has: the reading order, where things are added.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::tree::{our_files, read, root, verdict};

/// `lib.rs` and ARCHITECTURE.md tell the domain in the same order.
#[test]
fn the_domain_is_read_in_the_order_of_the_map() {
    let library = read(&root().join("crates/domain/src/lib.rs"));
    let modules: Vec<String> = library.lines().filter_map(module).collect();
    let rows = rows(&section("### `crates/domain`"));
    let told: Vec<String> = rows
        .iter()
        .filter_map(|row| row.first())
        .filter_map(|cell| cell.strip_prefix('`')?.split('`').next())
        .map(|name| name.trim_end_matches('/').to_owned())
        .filter(|name| name != "module")
        .collect();
    let mut wrong = Vec::new();
    for name in modules.iter().filter(|name| !told.contains(name)) {
        wrong.push(format!(
            "ARCHITECTURE.md does not tell what `{name}` of the domain holds"
        ));
    }
    for name in told.iter().filter(|name| !modules.contains(name)) {
        wrong.push(format!(
            "ARCHITECTURE.md tells of `{name}`, which the domain does not have"
        ));
    }
    let same = modules.iter().filter(|name| told.contains(name));
    let told = told.iter().filter(|name| modules.contains(name));
    if !same.clone().eq(told.clone()) {
        let order: Vec<&String> = told.collect();
        wrong.push(format!(
            "domain/src/lib.rs has another order than ARCHITECTURE.md: {order:?}"
        ));
    }
    verdict(&wrong);
}

/// `mod name;`, whoever sees it; not that of the tests.
fn module(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
    (name != "tests").then(|| name.to_owned())
}

/// Every path and every type that the table names is there.
#[test]
fn where_to_add_things_names_what_there_is() {
    let types = types();
    let mut wrong = Vec::new();
    for row in rows(&section("## Where to add things")) {
        let mut places = vec![root(), root().join("crates")];
        for name in row.iter().skip(1).flat_map(|cell| quoted(cell)) {
            let is_path = name.contains('/') || Path::new(&name).extension().is_some();
            if is_path {
                match found(&name, &places) {
                    Some(path) => places.extend(path.ancestors().skip(1).map(Path::to_owned)),
                    None => wrong.push(format!(
                        "ARCHITECTURE.md, where to add things: there is no {name}"
                    )),
                }
            } else if name.starts_with(char::is_uppercase) && !types.contains(&name) {
                wrong.push(format!(
                    "ARCHITECTURE.md, where to add things: nothing is called {name}"
                ));
            }
        }
    }
    verdict(&wrong);
}

/// A path as the table writes it: from a crate, or from where the path before it in the same row lies.
fn found(name: &str, places: &[PathBuf]) -> Option<PathBuf> {
    let beside = places
        .iter()
        .flat_map(|place| [place.join(name), place.join("src").join(name)]);
    let mut all = beside.filter(|path| path.starts_with(root()));
    all.find(|path| path.exists())
}

fn types() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in our_files() {
        for line in read(&file).lines().map(str::trim_start) {
            let words = line
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            let name = ["enum ", "struct ", "trait ", "type "]
                .iter()
                .find_map(|kind| words.strip_prefix(kind));
            let name = name.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            found.extend(name.map(str::to_owned));
        }
    }
    found
}

fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// The part of ARCHITECTURE.md under a heading.
fn section(heading: &str) -> String {
    let text = read(&root().join("ARCHITECTURE.md"));
    let at = text.find(heading).unwrap_or_else(|| panic!("no {heading}"));
    let rest = &text[at + heading.len()..];
    let end = rest.find("\n#").unwrap_or(rest.len());
    rest[..end].to_owned()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    rows.map(|line| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}
