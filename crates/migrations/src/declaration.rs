//! What people say of a revision beside it: `backstay: compatible, down = lossless, because = "…"` in a comment. It settles what
//! nobody else can know, and is checked against what can be.

use crate::down::WayDown;
use crate::problem::{Place, Problem};
use crate::verdict::Compatibility;
use crate::written::Comment;

/// What a declaration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it stands.
    pub place: Place,
    /// Whether the code just before runs on the schema after it.
    pub compatibility: Option<Compatibility>,
    /// Whether the way down loses anything.
    pub way_down: Option<WayDown>,
    /// That nobody waits long: the table is small, or nobody uses it.
    pub online: bool,
    /// Why.
    pub because: String,
}

const MARK: &str = "backstay:";
const WORDS: [&str; 5] = ["compatible", "breaking", "online", "down", "because"];
const HELP: &str =
    "for example: backstay: compatible, down = lossless, because = \"nothing reads it any more\"";

/// The declaration among the comments of a revision, and what is wrong with it.
pub(crate) fn declared(comments: &[Comment]) -> (Option<Said>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut found: Option<Said> = None;
    for comment in comments {
        let Some(text) = marked(&comment.text) else {
            continue;
        };
        let place = Place::new(&comment.file, comment.line);
        match (&found, read(text, &place)) {
            (Some(first), _) => problems.push(Problem::error(
                place,
                format!("a second declaration: the first one is at {}", first.place),
                "a revision has one",
            )),
            (None, Ok(said)) => found = Some(said),
            (None, Err(message)) => problems.push(Problem::error(place, message, HELP)),
        }
    }
    (found, problems)
}

fn marked(text: &str) -> Option<&str> {
    let start = text.get(..MARK.len())?;
    start
        .eq_ignore_ascii_case(MARK)
        .then(|| text.get(MARK.len()..))?
}

fn read(text: &str, place: &Place) -> Result<Said, String> {
    let mut said = Said {
        place: place.clone(),
        compatibility: None,
        way_down: None,
        online: false,
        because: String::new(),
    };
    for part in parts(text)? {
        let (word, value) = match part.split_once('=') {
            Some((word, value)) => (word.trim(), Some(value.trim())),
            None => (part.trim(), None),
        };
        match (word, value) {
            ("compatible" | "breaking", None) if said.compatibility.is_some() => {
                return Err("it says `compatible` or `breaking` twice".to_owned());
            }
            ("compatible", None) => said.compatibility = Some(Compatibility::Compatible),
            ("breaking", None) => said.compatibility = Some(Compatibility::Breaking),
            ("online", None) if said.online => return Err(twice("online")),
            ("online", None) => said.online = true,
            ("down", Some(_)) if said.way_down.is_some() => return Err(twice("down")),
            ("because", Some(_)) if !said.because.is_empty() => return Err(twice("because")),
            ("down", Some(value)) => {
                said.way_down = Some(match value {
                    "lossless" => WayDown::Lossless,
                    "lossy" => WayDown::Lossy,
                    "absent" => WayDown::Absent,
                    other => {
                        return Err(format!(
                            "`down` is lossless, lossy or absent, not `{other}`"
                        ));
                    }
                });
            }
            ("because", Some(value)) => match value.trim_matches('"').trim() {
                "" => return Err("`because` says nothing".to_owned()),
                why => said.because = why.to_owned(),
            },
            (word, _) => return Err(not_a_word(word)),
        }
    }
    let says = said.compatibility.is_some() || said.way_down.is_some() || said.online;
    match (says, said.because.is_empty()) {
        (false, _) => Err("it declares nothing".to_owned()),
        (true, true) => Err("it does not say why: `because = \"…\"` is missing".to_owned()),
        (true, false) => Ok(said),
    }
}

fn twice(word: &str) -> String {
    format!("it says `{word}` twice")
}

fn not_a_word(word: &str) -> String {
    if word == "down" || word == "because" {
        return format!("`{word}` is written `{word} = …`");
    }
    let near = WORDS
        .iter()
        .filter(|known| strsim::damerau_levenshtein(known, word) <= 2)
        .min_by_key(|known| strsim::damerau_levenshtein(known, word));
    match near {
        Some(near) if *near != word => format!("`{word}` says nothing: did you mean `{near}`?"),
        _ => format!("`{word}` says nothing: {} do", WORDS.join(", ")),
    }
}

/// Apart at the commas that are not in quotes.
fn parts(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    match quoted {
        true => Err("a quotation mark is not closed".to_owned()),
        false => Ok(parts
            .into_iter()
            .filter(|part| !part.trim().is_empty())
            .collect()),
    }
}
