//! The operations we serve, as `s3s` asks for them. Those that are not here it answers with 501 NotImplemented.

use std::sync::{Arc, Mutex, PoisonError};

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput,
    GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListBucketsInput, ListBucketsOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput,
    PutObjectOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::store::{Bucket, Object, S3};
use super::{buckets, list, read, write};
use crate::Millis;

/// The store for the length of one call.
pub(super) struct Door {
    pub(super) store: Arc<Mutex<S3>>,
    pub(super) now_ms: Millis,
    pub(super) account: String,
    pub(super) region: String,
}

impl Door {
    fn with<R>(&self, serve: impl FnOnce(&mut S3) -> R) -> R {
        serve(&mut self.store.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl s3s::S3 for Door {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.with(|store| buckets::create_bucket(store, request.input, self.now_ms))
            .map(S3Response::new)
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.with(|store| buckets::delete_bucket(store, &request.input))
            .map(|()| S3Response::new(DeleteBucketOutput::default()))
    }

    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = &request.input;
        self.with(|store| buckets::list_buckets(store, input, &self.account, &self.region))
            .map(S3Response::new)
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.with(|store| buckets::head_bucket(store, &request.input.bucket, &self.region))
            .map(S3Response::new)
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.with(|store| buckets::location(store, &request.input.bucket, &self.region))
            .map(S3Response::new)
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        self.with(|store| read::get_object(store, &request.input))
            .map(S3Response::new)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.with(|store| read::head_object(store, &request.input))
            .map(S3Response::new)
    }

    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let body = write::whole_body(request.input.body.take()).await?;
        self.with(|store| write::put_object(store, request.input, body, self.now_ms))
            .map(S3Response::new)
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        self.with(|store| write::copy_object(store, request.input, self.now_ms))
            .map(S3Response::new)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.with(|store| write::delete_object(store, &request.input))
            .map(S3Response::new)
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.with(|store| write::delete_objects(store, request.input))
            .map(S3Response::new)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.with(|store| list::list_objects_v2(store, request.input))
            .map(S3Response::new)
    }
}

pub(super) fn bucket<'a>(store: &'a mut S3, name: &str) -> S3Result<&'a mut Bucket> {
    store
        .buckets
        .get_mut(name)
        .ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
}

pub(super) fn object<'a>(store: &'a mut S3, bucket_name: &str, key: &str) -> S3Result<&'a Object> {
    let missing = || s3_error!(NoSuchKey, "The specified key does not exist.");
    bucket(store, bucket_name)?.get(key).ok_or_else(missing)
}
