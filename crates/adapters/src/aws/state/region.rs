//! A bucket may be in another Region than the cluster. S3 says in which, and is asked again there.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::Region;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// A client for the bucket's Region, once S3 has named it. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Regional {
    client: Arc<Mutex<aws_sdk_s3::Client>>,
    named: Named,
}

impl Regional {
    pub(super) fn new(config: aws_sdk_s3::config::Builder) -> Self {
        let named = Named::default();
        let config = config.interceptor(named.clone()).build();
        Self {
            client: Arc::new(Mutex::new(aws_sdk_s3::Client::from_conf(config))),
            named,
        }
    }

    pub(super) fn client(&self) -> aws_sdk_s3::Client {
        self.client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether S3 has named another Region since it was asked here: the next client asks there.
    pub(super) fn moves(&self) -> Moved {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let here = client.config().region().map(ToString::to_string);
        match self
            .named
            .take()
            .filter(|there| here.as_ref() != Some(there))
        {
            None => Moved::Stays,
            Some(there) => {
                let config = client.config().to_builder().region(Region::new(there));
                *client = aws_sdk_s3::Client::from_conf(config.build());
                Moved::Elsewhere
            }
        }
    }
}

/// Where the bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// Where it was asked for, as far as S3 said.
    Stays,
    /// In another Region, which is asked from now on.
    Elsewhere,
}

/// The Region that the last refusal named.
#[derive(Clone, Default)]
struct Named(Arc<Mutex<Option<String>>>);

impl Named {
    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Named")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Named {
    fn name(&self) -> &'static str {
        "BucketRegion"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let region = response.headers().get("x-amz-bucket-region");
        if !response.status().is_success() && region.is_some() {
            let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *named = region.map(str::to_owned);
        }
        Ok(())
    }
}
