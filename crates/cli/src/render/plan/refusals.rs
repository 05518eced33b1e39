//! Why a deployment is not started, each reason with what to do about it.

use backstay_domain::plan::Refusals;

use crate::render::clean::clean;
use crate::render::people::PeopleError;

/// All reasons, numbered, each with its hint.
#[must_use]
pub fn refusals_text(refusals: &Refusals) -> String {
    let mut out = "Refused before any change:\n".to_owned();
    for (number, refusal) in (1..).zip(&refusals.0) {
        out.push_str(&format!("{number:>3}. {}\n", clean(&refusal.to_string())));
        out.push_str(&format!("     Hint: {}\n", clean(&refusal.hint())));
    }
    out
}

/// The same as an error: one reason is the message itself, several are its causes.
#[must_use]
pub fn refusals_error(refusals: &Refusals) -> PeopleError {
    match refusals.0.as_slice() {
        [one] => PeopleError::new(format!("refused before any change: {one}")).hint(one.hint()),
        many => PeopleError {
            causes: many
                .iter()
                .map(|refusal| format!("{refusal} ({})", refusal.hint()))
                .collect(),
            ..PeopleError::new(format!("refused before any change: {refusals}"))
        },
    }
}
