//! The headers that S3 keeps with an object and gives back.

use std::collections::{BTreeMap, HashMap};

use s3s::dto::{
    CopyObjectInput, CreateMultipartUploadInput, PutObjectInput, ServerSideEncryption, StorageClass,
};
use serde::{Deserialize, Serialize};

/// Headers that S3 keeps and gives back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredHeaders {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    /// `x-amz-meta-*`.
    pub(crate) metadata: BTreeMap<String, String>,
    /// None is STANDARD.
    #[serde(default)]
    pub(super) storage_class: Option<String>,
    #[serde(default)]
    pub(super) website_redirect: Option<String>,
    /// None is AES256: since 2023 every object is encrypted so [DOC].
    #[serde(default)]
    pub(super) encryption: Option<String>,
    #[serde(default)]
    pub(super) kms_key: Option<String>,
}

/// What an object without a Content-Type is given [DOC].
const USUAL_TYPE: &str = "binary/octet-stream";

/// PutObject, CreateMultipartUpload and a replacing CopyObject have the same members for the same headers.
macro_rules! headers_of {
    ($name:ident, $input:ty) => {
        pub(super) fn $name(input: &mut $input) -> StoredHeaders {
            let content_type = input.content_type.take();
            StoredHeaders {
                content_type: content_type.or_else(|| Some(USUAL_TYPE.to_owned())),
                cache_control: input.cache_control.take(),
                content_encoding: input.content_encoding.take(),
                content_disposition: input.content_disposition.take(),
                content_language: input.content_language.take(),
                metadata: ordered(input.metadata.take()),
                storage_class: input.storage_class.take().map(|it| it.as_str().to_owned()),
                website_redirect: input.website_redirect_location.take(),
                encryption: input
                    .server_side_encryption
                    .take()
                    .map(|it| it.as_str().to_owned()),
                kms_key: input.ssekms_key_id.take(),
            }
        }
    };
}

headers_of!(of_put, PutObjectInput);
headers_of!(of_upload, CreateMultipartUploadInput);
headers_of!(of_copy, CopyObjectInput);

fn ordered(metadata: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    metadata.unwrap_or_default().into_iter().collect()
}

impl StoredHeaders {
    /// As every answer about an object has it.
    pub(super) fn encrypted(&self) -> Option<ServerSideEncryption> {
        Some(match &self.encryption {
            Some(encryption) => ServerSideEncryption::from(encryption.clone()),
            None => ServerSideEncryption::from_static(ServerSideEncryption::AES256),
        })
    }

    /// As answers to reads have it: STANDARD is not said [DOC].
    pub(super) fn unusual_class(&self) -> Option<StorageClass> {
        let class = self.storage_class.as_ref();
        class
            .filter(|class| *class != StorageClass::STANDARD)
            .map(|class| StorageClass::from(class.clone()))
    }

    /// As lists have it.
    pub(super) fn class(&self) -> &str {
        self.storage_class
            .as_deref()
            .unwrap_or(StorageClass::STANDARD)
    }
}
