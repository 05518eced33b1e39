//! The AWS SDK's connector: its request into the wire layer, the reply back after its delay, broken connections as I/O errors.

use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::Cloud;
use crate::front::{Call, NoReply, ReplyDelay, handle, reply_to};

pub(super) fn http_client(cloud: Cloud) -> SharedHttpClient {
    http_client_fn(move |settings, _| {
        SharedHttpConnector::new(Connector {
            cloud: cloud.clone(),
            read_timeout: settings.read_timeout(),
        })
    })
}

#[derive(Debug)]
struct Connector {
    cloud: Cloud,
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(answer(self.cloud.clone(), self.read_timeout, request))
    }
}

async fn answer(
    cloud: Cloud,
    read_timeout: Option<Duration>,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let request = whole(request).await?;
    let shown = cloud.tap.as_ref().and_then(|tap| {
        let call = Call::recognise(&request).ok()?;
        Some((tap, call.name()))
    });
    let answered = cloud.with_world(|world| {
        let answered = handle(world, request);
        if let Some((tap, name)) = &shown {
            tap.0(name, world);
        }
        answered
    });
    let delay = match &answered {
        Ok(response) => response
            .extensions()
            .get::<ReplyDelay>()
            .map_or(0, |delay| delay.0),
        Err(no_reply) => no_reply.after_ms(),
    };
    let delay = Duration::from_millis(delay);
    if let Some(limit) = read_timeout.filter(|limit| *limit < delay) {
        cloud.time().sleep(limit).await;
        return Err(ConnectorError::timeout("read timeout".into()));
    }
    if !delay.is_zero() {
        cloud.time().sleep(delay).await;
    }
    let answered = match answered {
        Err(NoReply::Held { number, .. }) => cloud
            .with_world(|world| reply_to(world, number))
            .ok_or(NoReply::Dropped { after_ms: 0 }),
        answered => answered,
    };
    let response = answered.map_err(|dropped| {
        ConnectorError::io(io::Error::new(io::ErrorKind::ConnectionReset, dropped).into())
    })?;
    let mut response = response.map(SdkBody::from);
    response.extensions_mut().remove::<ReplyDelay>();
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// The request with its whole body, read to its end as a socket would: the SDK watches, and takes a body that nobody reads for a
/// stalled upload.
async fn whole(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body
        .collect()
        .await
        .map_err(ConnectorError::user)?
        .to_bytes();
    Ok(http::Request::from_parts(parts, bytes))
}
