//! EventPattern: read, and refused in EventBridge's words.

use super::find::no_pattern;
use crate::ApiError;
use crate::base::ruler::{Dialect, Pattern};

/// A rule's pattern is at most this long [MODEL].
const LONGEST: usize = 4_096;

/// The pattern that a text is.
pub(super) fn read(text: &str) -> Result<Pattern, ApiError> {
    if text.len() > LONGEST {
        return Err(no_pattern("Event pattern is longer than 4096 characters"));
    }
    Pattern::read(text, Dialect::Bus).map_err(|flaw| no_pattern(&flaw.told(text)))
}
