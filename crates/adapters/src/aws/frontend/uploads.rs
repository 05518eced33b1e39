//! How far an upload has come, for whoever waits: said every few seconds, and nothing depends on it.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use backstay_domain::ports::Publication;

use crate::aws::Notice;
use crate::pace::SdkTime;

/// Shorter ones are not worth a word.
const EVERY: Duration = Duration::from_secs(5);

/// Files on their way to a bucket.
#[derive(Debug)]
pub(super) struct Uploads<'u> {
    time: &'u SdkTime,
    notice: Notice,
    told: Cell<SystemTime>,
    arrived: Cell<Sum>,
    all: Sum,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    files: u64,
    bytes: u64,
}

impl Sum {
    fn with(self, bytes: u64) -> Self {
        Self {
            files: self.files + 1,
            bytes: self.bytes + bytes,
        }
    }
}

impl<'u> Uploads<'u> {
    pub(super) fn begin(publication: &Publication<'_>, time: &'u SdkTime, notice: Notice) -> Self {
        let files = publication.manifest.files.iter();
        let files = files.filter(|(path, _)| publication.upload.contains(*path));
        Self {
            time,
            notice,
            told: Cell::new(time.now()),
            arrived: Cell::default(),
            all: files.fold(Sum::default(), |all, (_, file)| all.with(file.size)),
        }
    }

    /// A file has arrived.
    pub(super) fn arrived(&self, bytes: u64) {
        let arrived = self.arrived.get().with(bytes);
        self.arrived.set(arrived);
        let now = self.time.now();
        let since = now.duration_since(self.told.get()).unwrap_or_default();
        if since >= EVERY && arrived.files < self.all.files {
            self.told.set(now);
            (self.notice.0)(&words(arrived, self.all));
        }
    }
}

fn words(arrived: Sum, all: Sum) -> String {
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    format!(
        "uploading the frontend: {} of {} files, {} of {} MB",
        arrived.files,
        all.files,
        megabytes(arrived.bytes),
        megabytes(all.bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_bytes_are_said() {
        let sum = |files, bytes| Sum { files, bytes };
        assert_eq!(
            words(sum(1250, 15_000_001), sum(5000, 60_000_000)),
            "uploading the frontend: 1250 of 5000 files, 16 of 60 MB"
        );
        assert_eq!(Sum::default().with(3).with(4), sum(2, 7));
    }
}
