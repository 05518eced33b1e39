//! The operations we serve, as `s3s` asks for them. Those that are not here it answers with 501 NotImplemented.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
    CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteBucketInput,
    DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectTaggingInput,
    DeleteObjectTaggingOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketAclInput,
    GetBucketAclOutput, GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, GetObjectAclInput, GetObjectAclOutput, GetObjectAttributesInput,
    GetObjectAttributesOutput, GetObjectInput, GetObjectLegalHoldInput, GetObjectLegalHoldOutput,
    GetObjectOutput, GetObjectRetentionInput, GetObjectRetentionOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListBucketsInput, ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput,
    ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput, PutBucketAclInput,
    PutBucketAclOutput, PutBucketVersioningInput, PutBucketVersioningOutput, PutObjectAclInput,
    PutObjectAclOutput, PutObjectInput, PutObjectLegalHoldInput, PutObjectLegalHoldOutput,
    PutObjectOutput, PutObjectRetentionInput, PutObjectRetentionOutput, PutObjectTaggingInput,
    PutObjectTaggingOutput, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result};

use super::state::S3;
use super::{
    acl, buckets, complete, copy, list, list_versions, lock, multipart, parts, read, tagging, write,
};
use crate::Millis;

/// When and where a call is served.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) now_ms: Millis,
    pub(super) account: String,
    pub(super) region: String,
    /// The Region whose endpoint is asked, as far as the signature says so.
    pub(super) endpoint: String,
}

/// The store for the length of one call.
pub(super) struct Door {
    pub(super) store: Arc<Mutex<S3>>,
    pub(super) at: At,
}

impl Door {
    fn with<R>(&self, serve: impl FnOnce(&mut S3, &At) -> S3Result<R>) -> Answer<R> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        serve(&mut store, &self.at).map(S3Response::new)
    }
}

type Answer<R> = S3Result<S3Response<R>>;
type Answering<'a, R> = Pin<Box<dyn Future<Output = Answer<R>> + Send + 'a>>;

/// A method of the trait as `async_trait` has it, for operations that wait for nothing.
macro_rules! at_once {
    ($name:ident, $input:ty, $output:ty, $serve:path) => {
        fn $name<'life, 'async_trait>(
            &'life self,
            request: S3Request<$input>,
        ) -> Answering<'async_trait, $output>
        where
            'life: 'async_trait,
            Self: 'async_trait,
        {
            let answer = self.with(|store, at| $serve(store, request.input, at));
            Box::pin(ready(answer))
        }
    };
}

/// The same for operations that read headers which `s3s` does not know.
macro_rules! with_headers {
    ($name:ident, $input:ty, $output:ty, $serve:path) => {
        fn $name<'life, 'async_trait>(
            &'life self,
            request: S3Request<$input>,
        ) -> Answering<'async_trait, $output>
        where
            'life: 'async_trait,
            Self: 'async_trait,
        {
            let S3Request { input, headers, .. } = request;
            let answer = self.with(|store, at| $serve(store, input, &headers, at));
            Box::pin(ready(answer))
        }
    };
}

/// The same for operations with a body, which `s3s` gives as a stream.
macro_rules! with_body {
    ($name:ident, $input:ty, $output:ty, $serve:path) => {
        fn $name<'life, 'async_trait>(
            &'life self,
            mut request: S3Request<$input>,
        ) -> Answering<'async_trait, $output>
        where
            'life: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async move {
                let body = write::whole_body(request.input.body.take()).await?;
                self.with(|store, at| $serve(store, request.input, body, at))
            })
        }
    };
}

#[rustfmt::skip]
impl s3s::S3 for Door {
    at_once!(create_bucket, CreateBucketInput, CreateBucketOutput, buckets::create_bucket);
    at_once!(delete_bucket, DeleteBucketInput, DeleteBucketOutput, buckets::delete_bucket);
    at_once!(list_buckets, ListBucketsInput, ListBucketsOutput, buckets::list_buckets);
    at_once!(head_bucket, HeadBucketInput, HeadBucketOutput, buckets::head_bucket);
    at_once!(get_bucket_location, GetBucketLocationInput, GetBucketLocationOutput, buckets::location);
    at_once!(put_bucket_versioning, PutBucketVersioningInput, PutBucketVersioningOutput, buckets::put_versioning);
    at_once!(get_bucket_versioning, GetBucketVersioningInput, GetBucketVersioningOutput, buckets::versioning);
    at_once!(put_bucket_acl, PutBucketAclInput, PutBucketAclOutput, acl::put_bucket_acl);
    at_once!(get_bucket_acl, GetBucketAclInput, GetBucketAclOutput, acl::get_bucket_acl);
    at_once!(put_object_acl, PutObjectAclInput, PutObjectAclOutput, acl::put_object_acl);
    at_once!(get_object_acl, GetObjectAclInput, GetObjectAclOutput, acl::get_object_acl);
    at_once!(get_object, GetObjectInput, GetObjectOutput, read::get_object);
    at_once!(head_object, HeadObjectInput, HeadObjectOutput, read::head_object);
    with_body!(put_object, PutObjectInput, PutObjectOutput, write::put_object);
    with_headers!(copy_object, CopyObjectInput, CopyObjectOutput, copy::copy_object);
    at_once!(delete_object, DeleteObjectInput, DeleteObjectOutput, write::delete_object);
    at_once!(delete_objects, DeleteObjectsInput, DeleteObjectsOutput, write::delete_objects);
    at_once!(list_objects, ListObjectsInput, ListObjectsOutput, list::list_objects);
    at_once!(list_objects_v2, ListObjectsV2Input, ListObjectsV2Output, list::list_objects_v2);
    at_once!(list_object_versions, ListObjectVersionsInput, ListObjectVersionsOutput, list_versions::list_object_versions);
    at_once!(get_object_tagging, GetObjectTaggingInput, GetObjectTaggingOutput, tagging::get_object_tagging);
    at_once!(put_object_tagging, PutObjectTaggingInput, PutObjectTaggingOutput, tagging::put_object_tagging);
    at_once!(delete_object_tagging, DeleteObjectTaggingInput, DeleteObjectTaggingOutput, tagging::delete_object_tagging);
    at_once!(get_object_retention, GetObjectRetentionInput, GetObjectRetentionOutput, lock::get_retention);
    at_once!(put_object_retention, PutObjectRetentionInput, PutObjectRetentionOutput, lock::put_retention);
    at_once!(get_object_legal_hold, GetObjectLegalHoldInput, GetObjectLegalHoldOutput, lock::get_legal_hold);
    at_once!(put_object_legal_hold, PutObjectLegalHoldInput, PutObjectLegalHoldOutput, lock::put_legal_hold);
    at_once!(get_object_attributes, GetObjectAttributesInput, GetObjectAttributesOutput, parts::attributes);
    at_once!(create_multipart_upload, CreateMultipartUploadInput, CreateMultipartUploadOutput, multipart::create);
    with_body!(upload_part, UploadPartInput, UploadPartOutput, multipart::upload_part);
    at_once!(upload_part_copy, UploadPartCopyInput, UploadPartCopyOutput, multipart::upload_part_copy);
    at_once!(complete_multipart_upload, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, complete::complete);
    at_once!(abort_multipart_upload, AbortMultipartUploadInput, AbortMultipartUploadOutput, multipart::abort);
    at_once!(list_parts, ListPartsInput, ListPartsOutput, parts::list_parts);
    at_once!(list_multipart_uploads, ListMultipartUploadsInput, ListMultipartUploadsOutput, parts::list_uploads);
}
