//! The frontend store over S3: immutable assets beside each other, mutable files kept under their hash and pointed at last.

mod bucket;
mod compare;
mod correct;
mod inventory;
mod keep;
mod known;
mod list;
mod looked;
mod objects;
mod place;
mod pointers;
mod publish;
mod readable;
mod shelf;
mod upload;
mod uploads;
mod view;

pub(super) use looked::Looked;
pub(super) use place::{encoded, site_path};
pub(super) use view::Confirmed;

/// Calls in flight at once.
const AT_ONCE: usize = 16;

/// Objects up to this size are held in memory while they are checked or written; larger ones are streamed and copied.
const HELD_BYTES: u64 = 1 << 20;

/// Uploads in flight at once: most files are small, and each waits for an answer most of the time.
const UPLOADS_AT_ONCE: usize = 32;
