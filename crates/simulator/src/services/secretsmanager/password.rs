//! GetRandomPassword, from the here's dice.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::invalid;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetRandomPassword {
    password_length: Option<usize>,
    #[serde(default)]
    exclude_characters: String,
    #[serde(default)]
    exclude_numbers: bool,
    #[serde(default)]
    exclude_punctuation: bool,
    #[serde(default)]
    exclude_uppercase: bool,
    #[serde(default)]
    exclude_lowercase: bool,
    #[serde(default)]
    include_space: bool,
    require_each_included_type: Option<bool>,
}

/// 32 characters of every kind, one of each at least, unless it is asked otherwise [MODEL].
pub(super) fn get(
    here: &mut Here<'_, SecretsManager>,
    request: &GetRandomPassword,
) -> Result<Value, ApiError> {
    let kinds = [
        (!request.exclude_lowercase, "abcdefghijklmnopqrstuvwxyz"),
        (!request.exclude_uppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        (!request.exclude_numbers, "0123456789"),
        (
            !request.exclude_punctuation,
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        ),
        (request.include_space, " "),
    ];
    let kept = |text: &str| -> Vec<char> {
        let characters = text.chars();
        characters
            .filter(|one| !request.exclude_characters.contains(*one))
            .collect()
    };
    let kinds: Vec<Vec<char>> = kinds
        .into_iter()
        .filter(|(included, _)| *included)
        .map(|(_, text)| kept(text))
        .filter(|characters| !characters.is_empty())
        .collect();
    let length = request.password_length.unwrap_or(32);
    let all: Vec<char> = kinds.concat();
    if all.is_empty() || !(kinds.len()..=4096).contains(&length) {
        return Err(invalid(
            "The password length must be between the number of included character types and 4096.",
        ));
    }
    let required = match request.require_each_included_type.unwrap_or(true) {
        true => kinds.as_slice(),
        false => &[],
    };
    let mut password: Vec<char> = Vec::with_capacity(length);
    for kind in required {
        password.extend(drawn(here, kind));
    }
    while password.len() < length {
        password.extend(drawn(here, &all));
    }
    // The required ones must not all stand at the start.
    for at in (1..password.len()).rev() {
        let other = here.random.between(0, at as u64);
        password.swap(at, usize::try_from(other).unwrap_or(at));
    }
    Ok(json!({ "RandomPassword": password.into_iter().collect::<String>() }))
}

fn drawn(here: &mut Here<'_, SecretsManager>, from: &[char]) -> Option<char> {
    let at = here.random.next_u64() % u64::try_from(from.len()).ok()?.max(1);
    from.get(usize::try_from(at).ok()?).copied()
}
