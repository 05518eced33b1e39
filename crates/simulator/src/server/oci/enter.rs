//! Who enters which registry: the login's token, and the world that its registry is in.

use std::sync::Arc;
use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Request, StatusCode};

use super::refusal::Refusal;
use super::target::Target;
use super::{Broken, authorization, host};
use crate::Millis;
use crate::base::here::{Here, here};
use crate::front::{Blow, Call, NoReply, Protocol, Service, strike};
use crate::server::journal::CallRecord;
use crate::server::layers::bring_in;
use crate::server::registry::{Address, NoWorld, Slot};
use crate::server::request::{Shared, guarded};
use crate::services::ecr::Ecr;
use crate::services::ecr::{FETCH_TOKEN, Pass, Stopped};

/// A client inside a registry.
pub(super) struct Entered<'a> {
    pub(super) shared: &'a Shared,
    slot: Arc<Slot>,
    pub(super) address: Address,
}

impl<'a> Entered<'a> {
    /// The token has to be one of GetAuthorizationToken; a layer's download URL carries its own.
    pub(super) fn by<B>(shared: &'a Shared, request: &Request<B>) -> Result<Self, Refusal> {
        let now_ms = shared.clock.now_ms();
        let asked = registry_of(host(request));
        let of_url = super::Query::of(request);
        let pass = match of_url.get(FETCH_TOKEN) {
            Some(token) => Pass::of_token(token),
            None => Pass::shown(authorization(request)),
        };
        let pass = pass.map_err(|stopped| stopped_here(stopped, host(request)))?;
        if pass.is_over(now_ms) {
            return Err(stopped_here(Stopped::Expired, host(request)));
        }
        let address = match asked {
            Some(asked) if asked.region != pass.region => {
                return Err(stopped_here(Stopped::BadToken, host(request)));
            }
            Some(asked) => asked,
            None => Address {
                account: pass.account,
                region: pass.region,
            },
        };
        let (account, region) = (
            Some(address.account.as_str()),
            Some(address.region.as_str()),
        );
        let slot = shared.worlds.slot(account, region, now_ms);
        let slot = slot.map_err(|no_world| no_registry(&no_world))?;
        Ok(Self {
            shared,
            slot,
            address,
        })
    }

    /// Looks at the registry, or changes it.
    pub(super) fn with<R, E: Into<Refusal>>(
        &self,
        look: impl FnOnce(&mut Here<'_, Ecr>) -> Result<R, E>,
    ) -> Result<R, Refusal> {
        let now_ms = self.shared.clock.now_ms();
        let looked = guarded(|| {
            self.slot.at(now_ms, |inhabited| {
                inhabited.changed = true;
                let world = &mut inhabited.world;
                look(&mut here!(world.ecr))
            })
        });
        looked?.map_err(Into::into)
    }

    /// Layers that came through ECR's API lie with the others from now on.
    pub(super) fn bring_in(&self) -> Result<(), Refusal> {
        Ok(bring_in(&self.shared.layers, &self.slot)?)
    }

    /// A call by the operation that it is behind ECR's API.
    pub(super) fn call(operation: &str) -> Call {
        Call {
            service: Service::Ecr,
            protocol: Protocol::Json11,
            operation: operation.to_owned(),
        }
    }

    /// Notes a call for people who look at what a client did.
    pub(super) fn note(&self, call: &Call, status: Option<u16>) {
        let now_ms = self.shared.clock.now_ms();
        self.slot.at(now_ms, |inhabited| {
            inhabited.journal.add(CallRecord {
                at_ms: inhabited.world.now_ms,
                operation: call.name(),
                status,
            });
        });
    }

    /// Counts a call, and lets faults strike it.
    pub(super) fn strike(&self, call: &Call, target: &Target<'_>) -> Result<Delay, Broken> {
        let text = target.name().unwrap_or_default();
        let now_ms = self.shared.clock.now_ms();
        let struck = self.slot.at(now_ms, |inhabited| {
            inhabited.changed = true;
            strike(&mut inhabited.world, call, text)
        });
        let after_ms = struck.delay_ms;
        match struck.by {
            None => Ok(Delay {
                after_ms,
                lost: false,
            }),
            Some(Blow::ReplyLost) => Ok(Delay {
                after_ms,
                lost: true,
            }),
            Some(Blow::Dropped) => Err(Broken::NoReply(NoReply::Dropped { after_ms })),
            Some(Blow::Refused(error)) => Err(Broken::Refused(error.into())),
        }
    }
}

/// How long a reply takes, and whether it gets lost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delay {
    after_ms: Millis,
    lost: bool,
}

impl Delay {
    pub(super) async fn passes(self, shared: &Shared) -> Result<(), NoReply> {
        let Self { after_ms, lost } = self;
        shared.clock.wait(Duration::from_millis(after_ms)).await;
        match lost {
            true => Err(NoReply::Dropped { after_ms }),
            false => Ok(()),
        }
    }
}

/// The registry that a host names: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with or without a port.
pub(super) fn registry_of(host: &str) -> Option<Address> {
    let host = host.split(':').next().unwrap_or(host);
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let region = rest
        .strip_suffix(".amazonaws.com")
        .or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
    Some(Address {
        account: account.to_owned(),
        region: region.to_owned(),
    })
}

/// Nobody who shows nothing gets a challenge ([OBS], `Not Authorized`). A wrong token is 400 ([OBS], aws/aws-cli 5317: a token of
/// another Region), one whose time is over 403 without a challenge ([OBS], flipt-io/flipt 3043).
fn stopped_here(stopped: Stopped, host: &str) -> Refusal {
    match stopped {
        Stopped::NotAuthorized => {
            let unauthorized = StatusCode::UNAUTHORIZED;
            let mut refusal = Refusal::new(unauthorized, "UNAUTHORIZED", "Not Authorized");
            let challenge =
                format!("Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                refusal.headers.push((WWW_AUTHENTICATE, challenge));
            }
            refusal
        }
        Stopped::BadToken => Refusal::bad("DENIED", "Your Authorization Token is invalid."),
        Stopped::Expired => Refusal::new(
            StatusCode::FORBIDDEN,
            "DENIED",
            "Your authorization token has expired. Reauthenticate and try again.",
        ),
    }
}

fn no_registry(no_world: &NoWorld) -> Refusal {
    match no_world {
        NoWorld::Account(_) | NoWorld::Region(_) => {
            Refusal::missing("NAME_UNKNOWN", no_world.to_string())
        }
        NoWorld::TooMany => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNKNOWN",
            no_world.to_string(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::registry_of;

    #[test]
    fn hosts_that_name_a_registry() {
        for (host, expected) in [
            (
                "123456789012.dkr.ecr.sa-east-1.amazonaws.com",
                Some(("123456789012", "sa-east-1")),
            ),
            (
                "123456789012.dkr.ecr.sa-east-1.amazonaws.com:4577",
                Some(("123456789012", "sa-east-1")),
            ),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                Some(("123456789012", "cn-north-1")),
            ),
            ("127.0.0.1:4577", None),
            ("api.ecr.sa-east-1.amazonaws.com", None),
        ] {
            let named = registry_of(host);
            let named = named
                .as_ref()
                .map(|one| (one.account.as_str(), one.region.as_str()));
            assert_eq!(named, expected, "{host}");
        }
    }
}
