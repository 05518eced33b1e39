//! Task definitions travel as documents, not as typed values.
//!
//! Why: ECS speaks plain JSON, so a task definition document *is* the body of RegisterTaskDefinition and a member of
//! DescribeTaskDefinition's answer. A translation into the SDK's typed builders would have to know every member of every
//! shape, and would silently drop those that are newer than the SDK: the registered definition would differ from the
//! release, and a definition read back would hash differently from the one that was sent. So the request's body is
//! replaced before it is signed, and the answer's body is kept before it is thrown away. AWS validates the document.
//! The cost is two interceptors, which depend only on the wire format of two operations.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use serde_json::Value;

/// Replaces a request's body; to be called before signing.
pub(super) fn replace_body(request: &mut HttpRequest, body: &str) {
    request
        .headers_mut()
        .insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

/// Keeps the body of a successful answer.
#[derive(Clone, Default)]
pub(super) struct AnswerBody(Arc<Mutex<Option<Bytes>>>);

impl AnswerBody {
    /// The answer as JSON, once the call has returned.
    pub(super) fn json(&self) -> Option<Value> {
        let body = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        serde_json::from_slice(&body).ok()
    }
}

// Never the body: it may hold values that are secret.
impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerBody")
    }
}

#[dyn_dispatch_hint]
impl Intercept for AnswerBody {
    fn name(&self) -> &'static str {
        "AnswerBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context
            .response()
            .body()
            .bytes()
            .map(Bytes::copy_from_slice);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}
