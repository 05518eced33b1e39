//! Listing: the positions of a log, the names in a folder. Always to the last page.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use backstay_domain::ports::PortFailure;

use super::S3Store;
use crate::aws::error::{Call, failure};

const LIST: &str = "s3.ListObjectsV2";

impl S3Store {
    /// The positions of a log's lines, in order. What is named otherwise is not ours.
    pub(super) async fn positions(&self, log: &str) -> Result<Vec<u64>, PortFailure> {
        let below = self.key(&format!("{log}/"));
        let mut positions = Vec::new();
        for page in self.pages(&below).await? {
            positions.extend(page.contents().iter().filter_map(|object| {
                let name = object.key()?.strip_prefix(&below)?;
                let number = name.strip_suffix(".json")?;
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                number.parse::<u64>().ok().filter(|_| digits)
            }));
        }
        positions.sort_unstable();
        Ok(positions)
    }

    pub(super) async fn names_below(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        let below = self.key(&format!("{folder}/"));
        let mut names = Vec::new();
        for page in self.pages(&below).await? {
            let objects = page.contents().iter().filter_map(|object| object.key());
            let folders = page
                .common_prefixes()
                .iter()
                .filter_map(|folder| folder.prefix()?.strip_suffix('/'));
            let found = objects.chain(folders);
            names.extend(
                found
                    .filter_map(|key| key.strip_prefix(&below))
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned),
            );
        }
        names.sort_unstable();
        Ok(names)
    }

    async fn pages(&self, below: &str) -> Result<Vec<ListObjectsV2Output>, PortFailure> {
        let mut pages: Vec<ListObjectsV2Output> = Vec::new();
        loop {
            let token = pages
                .last()
                .and_then(|page| page.next_continuation_token())
                .map(str::to_owned);
            if token.is_none() && !pages.is_empty() {
                return Ok(pages);
            }
            let page = self.patiently(|| self.page(below, token.clone())).await;
            pages.push(page.map_err(self.about(below))?);
        }
    }

    async fn page(
        &self,
        below: &str,
        token: Option<String>,
    ) -> Result<ListObjectsV2Output, PortFailure> {
        self.client
            .client()
            .list_objects_v2()
            .bucket(&*self.bucket)
            .prefix(below)
            .delimiter("/")
            .set_continuation_token(token)
            .send()
            .await
            .map_err(|error| failure(LIST, Call::Read, &error))
    }
}
