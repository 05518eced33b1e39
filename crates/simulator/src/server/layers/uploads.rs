//! Uploads under way, by id. One that nobody goes on with is dropped when another begins.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Receiving;
use crate::server::registry::Address;

/// Real time, whatever the worlds' is: it is the client that has to be alive.
const ABANDONED: Duration = Duration::from_secs(60 * 60);
/// Of one server.
const MOST: usize = 1_000;

/// Which repository an upload is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Whose {
    pub(in crate::server) address: Address,
    pub(in crate::server) repository: String,
}

/// One upload. Its requests take turns; it is gone when it was taken out.
pub(in crate::server) type Upload = Arc<tokio::sync::Mutex<Option<Receiving>>>;

#[derive(Debug)]
struct Open {
    whose: Whose,
    heard: Instant,
    upload: Upload,
}

/// Every upload under way.
#[derive(Debug, Default)]
pub(in crate::server) struct Uploads(Mutex<BTreeMap<String, Open>>);

impl Uploads {
    /// Adds an upload; false when there are too many.
    pub(in crate::server) fn add(&self, id: String, whose: Whose, receiving: Receiving) -> bool {
        self.add_at(now(), id, whose, receiving)
    }

    fn add_at(&self, now: Instant, id: String, whose: Whose, receiving: Receiving) -> bool {
        let mut open = self.open();
        // One that is being received is not abandoned, however long that takes.
        let goes_on = |one: &Open| Arc::strong_count(&one.upload) > 1;
        open.retain(|_, one| goes_on(one) || now.duration_since(one.heard) < ABANDONED);
        if open.len() >= MOST {
            return false;
        }
        let upload = Arc::new(tokio::sync::Mutex::new(Some(receiving)));
        let heard = now;
        open.insert(
            id,
            Open {
                whose,
                heard,
                upload,
            },
        );
        true
    }

    /// An upload of a repository that somebody goes on with.
    pub(in crate::server) fn find(&self, id: &str, whose: &Whose) -> Option<Upload> {
        self.find_at(now(), id, whose)
    }

    fn find_at(&self, now: Instant, id: &str, whose: &Whose) -> Option<Upload> {
        let mut open = self.open();
        let one = open.get_mut(id).filter(|one| one.whose == *whose)?;
        one.heard = now;
        Some(Arc::clone(&one.upload))
    }

    pub(in crate::server) fn remove(&self, id: &str) {
        self.open().remove(id);
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a client has been silent is nothing simulated"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_goes_on_with_is_dropped_after_an_hour() {
        let home = tempfile::tempdir().unwrap();
        let files = || home.path().read_dir().unwrap().count();
        let whose = |repository: &str| Whose {
            address: Address {
                account: "123456789012".to_owned(),
                region: "sa-east-1".to_owned(),
            },
            repository: repository.to_owned(),
        };
        let uploads = Uploads::default();
        let begin = |at: Instant, id: &str| {
            let receiving = Receiving::in_file(home.path()).unwrap();
            uploads.add_at(at, id.to_owned(), whose("a"), receiving)
        };
        let start = now();
        let later = |minutes: u64| start + Duration::from_secs(minutes * 60);
        assert!(begin(start, "one") && begin(start, "two"));
        assert_eq!(files(), 2);
        assert!(uploads.find_at(later(59), "one", &whose("a")).is_some());
        assert!(uploads.find_at(later(59), "one", &whose("b")).is_none());
        assert!(begin(later(61), "three"));
        assert_eq!(files(), 2, "two is gone with its file");
        assert!(uploads.find_at(later(62), "two", &whose("a")).is_none());
        let received = uploads.find_at(later(62), "one", &whose("a"));
        assert!(begin(later(200), "four"));
        assert_eq!(files(), 2, "one is still received, three is not");
        drop(received);
    }
}
