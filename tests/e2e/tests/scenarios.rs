//! Every scenario on the wire stage: what it expects holds, and its story is told line by line.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "`just bless` asks the tests through the environment; each plays in a thread with room"
)]

use std::fs;
use std::path::{Path, PathBuf};

use backstay_cli::scenario::Scenario;
use backstay_e2e::{differences, played, redacted, roomy};
use rstest::rstest;

#[rstest]
fn scenario(#[files("../scenarios/*.md")] path: PathBuf) {
    roomy(move || as_written(&path));
}

fn as_written(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let scenario =
        Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut found = Vec::new();
    let mut story = String::new();
    for (name, variant) in scenario.variants() {
        let played = played(&variant).unwrap();
        let named = |line: String| {
            name.as_ref()
                .map_or(line.clone(), |name| format!("[{name}] {line}"))
        };
        found.extend(differences(&variant, &played).into_iter().map(named));
        story.extend(name.as_ref().map(|name| format!("[{name}]\n")));
        story.push_str(&redacted(&played));
    }
    let blessing = std::env::var_os("BACKSTAY_BLESS").is_some();
    if story != scenario.story {
        if blessing {
            let mut new = text.clone();
            new.replace_range(scenario.story_at.clone(), &story);
            fs::write(path, new).unwrap();
        } else {
            found.push("the story differs; if the new one is right, `just bless`".to_owned());
        }
    }
    assert!(
        found.is_empty(),
        "{}\n{}\n\nstory now:\n{story}\nstory as written:\n{}",
        scenario.title,
        found.join("\n"),
        scenario.story
    );
}
