//! The frontend as visitors get it, file by file: bytes and media type, through the CDN where there is one.

use std::time::Duration;

use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::observation::FrontendView;
use backstay_domain::ports::{ExpectedFile, FailureKind, PortFailure};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::place::{encoded, key};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;
use crate::media::{essence, same_media_type};
use crate::web::{Request, Transport};

/// Files in flight at once.
const AT_ONCE: usize = 8;

/// Largest file that is compared.
const LIMIT_BYTES: usize = 64 << 20;

const TIMEOUT: Duration = Duration::from_secs(30);

impl<T: Transport> AwsCloud<T> {
    /// Compares files with what is expected of them.
    pub(in crate::aws) async fn view_files(
        &self,
        frontend: &Frontend,
        expected: &[ExpectedFile],
    ) -> Result<FrontendView, PortFailure> {
        stream::iter(expected)
            .map(async |file| Ok::<_, PortFailure>((file, self.view_file(frontend, file).await?)))
            .buffer_unordered(AT_ONCE)
            .try_fold(FrontendView::default(), async |mut view, (file, wrong)| {
                view.files += 1;
                if let Some(wrong) = wrong {
                    view.wrong.insert(file.path.clone(), wrong);
                }
                Ok(view)
            })
            .await
    }

    /// What is wrong with one file, if anything.
    async fn view_file(
        &self,
        frontend: &Frontend,
        file: &ExpectedFile,
    ) -> Result<Option<String>, PortFailure> {
        let Some(url) = &frontend.url else {
            let object = self
                .object(&frontend.bucket, &key(frontend, &file.path))
                .await?;
            return Ok(match object {
                None => Some("not there".to_owned()),
                Some(object) => differs(file, &object.body, object.content_type.as_deref()),
            });
        };
        let url = format!("{}/{}", url.trim_end_matches('/'), encoded(&file.path));
        let request = Request {
            url,
            timeout: TIMEOUT,
            limit_bytes: LIMIT_BYTES,
        };
        let answer = self.transport.send(&request).await;
        let unseen = |error: crate::web::TransportError| {
            refusal(
                "http.GET",
                FailureKind::Unavailable,
                format!("{}: {error}", file.path),
            )
        };
        let response = answer.map_err(unseen)?;
        if response.status != 200 {
            return Ok(Some(format!("status {}", response.status)));
        }
        Ok(differs(
            file,
            &response.body,
            response.header("content-type"),
        ))
    }
}

/// A fallback page in place of a script shows in the type before it shows in the bytes (trap 35): say that.
fn differs(file: &ExpectedFile, body: &[u8], content_type: Option<&str>) -> Option<String> {
    let found = content_type.unwrap_or("no media type");
    if let Some(expected) = &file.content_type
        && !same_media_type(found, expected)
    {
        return Some(format!(
            "{} instead of {}",
            essence(found),
            essence(expected)
        ));
    }
    let hash = sha256_hex(body);
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    (hash != file.sha256).then(|| {
        format!(
            "other content: {} instead of {}",
            short(&hash),
            short(&file.sha256)
        )
    })
}
