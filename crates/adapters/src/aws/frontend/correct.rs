//! Puts an object's headers right: a copy onto itself, only while it is the object that was looked at. Nothing else of it is lost.

use aws_sdk_s3::operation::get_object_acl::GetObjectAclOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{MetadataDirective, ObjectCannedAcl, Permission};
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ManifestFile;

use super::bucket::Bucket;
use super::objects::HASH;
use super::place::encoded;
use crate::aws::error::{Call, failure, refusal};
use crate::media::cache_control;

const COPY: &str = "s3.CopyObject";

/// Grants to everybody.
const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

/// An object to make of another one's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copy<'c> {
    pub(super) from: &'c str,
    /// Only while the source has this ETag.
    pub(super) etag: &'c str,
    pub(super) to: &'c str,
    pub(super) sha256: &'c str,
    pub(super) content_type: &'c str,
    pub(super) cache_control: &'static str,
    pub(super) content_encoding: Option<&'c str>,
}

impl Bucket {
    /// What a replacing copy does not take along is given to it again: metadata, the other headers, storage class, key.
    pub(super) async fn put_right(
        &self,
        key: &str,
        head: &HeadObjectOutput,
        file: &ManifestFile,
    ) -> Result<(), PortFailure> {
        let etag = head
            .e_tag()
            .ok_or_else(|| refusal(COPY, FailureKind::Unavailable, format!("{key} has no ETag")))?;
        let mut metadata = head.metadata().cloned().unwrap_or_default();
        metadata.insert(HASH.to_owned(), file.sha256.clone());
        let sent = self
            .client
            .copy_object()
            .bucket(&self.name)
            .key(key)
            .copy_source(self.source(key))
            .copy_source_if_match(etag)
            .metadata_directive(MetadataDirective::Replace)
            .set_metadata(Some(metadata))
            .content_type(&file.content_type)
            .cache_control(cache_control(file.kind))
            .set_content_encoding(
                file.content_encoding
                    .clone()
                    .or_else(|| head.content_encoding().map(str::to_owned)),
            )
            .set_content_language(head.content_language().map(str::to_owned))
            .set_content_disposition(head.content_disposition().map(str::to_owned))
            .set_storage_class(head.storage_class().cloned())
            .set_website_redirect_location(head.website_redirect_location().map(str::to_owned))
            .set_server_side_encryption(head.server_side_encryption().cloned())
            .set_ssekms_key_id(head.ssekms_key_id().map(str::to_owned))
            .set_bucket_key_enabled(head.bucket_key_enabled())
            .set_acl(self.public(key).await)
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| failure(COPY, Call::Repeated, &error))
    }

    /// Makes an object of another one's bytes, which were hashed while they had this ETag.
    pub(super) async fn copy(&self, copy: Copy<'_>) -> Result<(), PortFailure> {
        let sent = self
            .client
            .copy_object()
            .bucket(&self.name)
            .key(copy.to)
            .copy_source(self.source(copy.from))
            .copy_source_if_match(copy.etag)
            .metadata_directive(MetadataDirective::Replace)
            .metadata(HASH, copy.sha256)
            .content_type(copy.content_type)
            .cache_control(copy.cache_control)
            .set_content_encoding(copy.content_encoding.map(str::to_owned))
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| failure(COPY, Call::Repeated, &error))
    }

    fn source(&self, key: &str) -> String {
        format!("{}/{}", self.name, encoded(key))
    }

    /// To whom an object is granted.
    pub(super) async fn grants(&self, key: &str) -> Result<GetObjectAclOutput, PortFailure> {
        let asked = self.client.get_object_acl().bucket(&self.name).key(key);
        let sent = asked.send().await;
        sent.map_err(|error| failure("s3.GetObjectAcl", Call::Read, &error))
    }

    /// A copy is private: where buckets still have ACLs, an object that everybody may read stays so. Who may not look was
    /// refused before.
    async fn public(&self, key: &str) -> Option<ObjectCannedAcl> {
        let reply = self.grants(key).await.ok()?;
        let public = reply.grants().iter().any(|grant| {
            let to = grant.grantee().and_then(|grantee| grantee.uri());
            to == Some(EVERYBODY) && grant.permission() == Some(&Permission::Read)
        });
        public.then_some(ObjectCannedAcl::PublicRead)
    }
}
