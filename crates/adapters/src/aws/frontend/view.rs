//! The frontend as visitors get it, file by file: bytes and media type, through the CDN where there is one.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::observation::FrontendView;
use backstay_domain::ports::{ExpectedFile, FailureKind, PortFailure};
use futures_util::stream::{self, StreamExt};

use super::bucket::Bucket;
use super::place::{encoded, key, patience};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;
use crate::media::{essence, same_media_type};
use crate::web::{Digested, Request, Transport, TransportError};

/// Files in flight at once: nothing of them is held.
const FETCHES: usize = 32;

/// The longest look: then the rest waits for the next one, and services are looked at again meanwhile.
const LOOK: Duration = Duration::from_secs(60);

/// Files of a bucket that are read one by one; of more, those that a listing shows are not.
const MOST_READ: usize = 64;

/// Most bytes of a file whose size is not known.
const UNKNOWN_BYTES: u64 = 5 << 30;

/// What was confirmed since the last change of a frontend, by its place, so that a large build is fetched once. Within one process.
#[derive(Debug, Default)]
pub(in crate::aws) struct Confirmed(Mutex<HashMap<String, Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// What was expected.
    of: String,
    files: HashSet<String>,
}

impl Confirmed {
    /// Something changes: nothing is confirmed any more.
    pub(in crate::aws) fn forget(&self) {
        self.inner().clear();
    }

    /// The files that were not confirmed yet. Another expectation begins anew.
    fn left<'e>(
        &self,
        (place, of): (&str, &str),
        expected: &'e [ExpectedFile],
    ) -> Vec<&'e ExpectedFile> {
        let mut places = self.inner();
        let inner = places.entry(place.to_owned()).or_default();
        if inner.of != of {
            *inner = Inner {
                of: of.to_owned(),
                files: HashSet::new(),
            };
        }
        let files = expected.iter();
        files
            .filter(|file| !inner.files.contains(&file.path))
            .collect()
    }

    /// A file was seen as that expectation says; what changed meanwhile, or is another's, it says nothing of.
    fn add(&self, (place, of): (&str, &str), path: &str) {
        let mut places = self.inner();
        let inner = places.get_mut(place).filter(|inner| inner.of == of);
        if let Some(inner) = inner {
            inner.files.insert(path.to_owned());
        }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, HashMap<String, Inner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of one file in a look.
enum Looked {
    Right,
    Wrong(String),
    Unseen(PortFailure),
    /// The look was over.
    Later,
}

impl<T: Transport> AwsCloud<T> {
    /// Compares files with what is expected of them.
    pub(in crate::aws) async fn view_files(
        &self,
        frontend: &Frontend,
        expected: &[ExpectedFile],
    ) -> Result<FrontendView, PortFailure> {
        let bucket = match &frontend.url {
            Some(_) => None,
            None => Some(self.bucket_of(frontend).await),
        };
        let place = format!("{:?}", (&frontend.bucket, &frontend.prefix, &frontend.url));
        let all = fingerprint(&place, expected);
        let of = (place.as_str(), all.as_str());
        let left = self.confirmed.left(of, expected);
        let until = self.time.now() + LOOK;
        let listed = match &bucket {
            Some(bucket) if left.len() > MOST_READ => bucket.as_listed(frontend, &left).await?,
            Some(_) | None => HashSet::new(),
        };
        listed.iter().for_each(|path| self.confirmed.add(of, path));
        let left = left.into_iter().filter(|file| !listed.contains(&file.path));
        let mut looks = stream::iter(left)
            .map(async |file| {
                let looked = match self.time.now() < until {
                    true => self.view_file(frontend, bucket.as_ref(), file).await,
                    false => Looked::Later,
                };
                (file, looked)
            })
            .buffer_unordered(FETCHES);
        let mut view = FrontendView {
            files: u32::try_from(expected.len()).unwrap_or(u32::MAX),
            ..FrontendView::default()
        };
        let mut unseen = None;
        while let Some((file, looked)) = looks.next().await {
            match looked {
                Looked::Right => self.confirmed.add(of, &file.path),
                Looked::Wrong(wrong) => {
                    view.wrong.insert(file.path.clone(), wrong);
                }
                Looked::Unseen(failure) => {
                    unseen = Some(failure);
                    view.unseen += 1;
                }
                Looked::Later => view.unseen += 1,
            }
        }
        match unseen {
            Some(failure) if view.wrong.is_empty() => Err(failure),
            Some(_) | None => Ok(view),
        }
    }

    async fn view_file(
        &self,
        frontend: &Frontend,
        bucket: Option<&Bucket>,
        file: &ExpectedFile,
    ) -> Looked {
        if let Some(bucket) = bucket {
            return match bucket.object(&key(frontend, &file.path)).await {
                Err(failure) => Looked::Unseen(failure),
                Ok(None) => Looked::Wrong("not there".to_owned()),
                Ok(Some(object)) => differs(file, &object.sha256, object.content_type.as_deref()),
            };
        }
        let url = frontend.url.as_deref().unwrap_or_default();
        let size = file.size.unwrap_or(UNKNOWN_BYTES);
        let request = Request::get(
            format!("{}/{}", url.trim_end_matches('/'), encoded(&file.path)),
            patience(file.size.unwrap_or_default()),
            usize::try_from(size).unwrap_or(usize::MAX),
        );
        match self.transport.digest(&request).await {
            Ok(Digested { status, .. }) if status != 200 => {
                Looked::Wrong(format!("status {status}"))
            }
            Ok(found) => differs(file, &found.sha256, found.content_type.as_deref()),
            // Longer than the file is: it is another one, whatever follows.
            Err(TransportError::TooLarge(_)) => {
                Looked::Wrong(format!("other content: more than {size} bytes"))
            }
            Err(error) => Looked::Unseen(refusal(
                "http.GET",
                FailureKind::Unavailable,
                format!("{}: {error}", file.path),
            )),
        }
    }
}

impl Bucket {
    /// The files of which a listing shows the very bytes: size and MD5 of what is stored. The others have to be read.
    async fn as_listed(
        &self,
        frontend: &Frontend,
        files: &[&ExpectedFile],
    ) -> Result<HashSet<String>, PortFailure> {
        let keys = files.iter().map(|file| key(frontend, &file.path));
        let listed = self.beside(&frontend.prefix, &keys.collect()).await?;
        let is = |file: &&&ExpectedFile| {
            let found = listed.get(&key(frontend, &file.path));
            found.is_some_and(|found| {
                file.md5.as_ref() == Some(&found.etag) && file.size == Some(found.size)
            })
        };
        Ok(files
            .iter()
            .filter(is)
            .map(|file| file.path.clone())
            .collect())
    }
}

fn fingerprint(place: &str, expected: &[ExpectedFile]) -> String {
    let files = expected
        .iter()
        .map(|file| format!("{}\0{}\0{:?}\n", file.path, file.sha256, file.content_type));
    let all = format!("{place}\n{}", files.collect::<String>());
    sha256_hex(all.as_bytes())
}

/// A fallback page in place of a script shows in the type before it shows in the bytes (trap 35): say that.
fn differs(file: &ExpectedFile, sha256: &str, content_type: Option<&str>) -> Looked {
    let found = content_type.unwrap_or("no media type");
    if let Some(expected) = &file.content_type
        && !same_media_type(found, expected)
    {
        return Looked::Wrong(format!(
            "{} instead of {}",
            essence(found),
            essence(expected)
        ));
    }
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    match sha256 == file.sha256 {
        true => Looked::Right,
        false => Looked::Wrong(format!(
            "other content: {} instead of {}",
            short(sha256),
            short(&file.sha256)
        )),
    }
}
