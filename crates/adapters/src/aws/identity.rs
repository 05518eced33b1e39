//! Who is asking: STS.

use backstay_domain::ports::{Caller, PortFailure};

use super::AwsCloud;
use super::error::{Call, failure};

impl<T> AwsCloud<T> {
    pub(super) async fn who_is_asking(&self) -> Result<Caller, PortFailure> {
        let reply = self
            .sts
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| failure("sts.GetCallerIdentity", Call::Read, &error))?;
        Ok(Caller {
            account: reply.account().unwrap_or_default().to_owned(),
            principal: reply.arn().unwrap_or_default().to_owned(),
        })
    }
}
