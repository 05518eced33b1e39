//! The in-process door: one world behind the AWS SDK's own traits, in virtual time.

mod connector;
mod time;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_async::rt::sleep::AsyncSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::{Millis, SimulatedTime, World};

/// A simulated account that clients in this process can call. Clones share the world.
#[derive(Clone, Debug)]
pub struct Cloud {
    world: Arc<Mutex<World>>,
    time: SimulatedTime,
    tap: Option<Tap>,
}

/// What is shown every call once it was served, by `service.Operation`, before its reply leaves.
#[derive(Clone)]
struct Tap(Arc<Shown>);

type Shown = dyn Fn(&str, &World) + Send + Sync;

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

impl Cloud {
    /// Virtual time starts at the world's now and runs `speed` virtual seconds per tokio second.
    ///
    /// Must be called inside a tokio runtime with the time driver enabled; under a paused clock, virtual time is free.
    #[must_use]
    pub fn new(world: World, speed: f64) -> Self {
        let time = SimulatedTime::starting_at(world.now_ms(), speed);
        Self {
            world: Arc::new(Mutex::new(world)),
            time,
            tap: None,
        }
    }

    /// The same cloud; `tap` is shown every call of clients made from now on, by `service.Operation`, and the world right
    /// after it, before the reply leaves. It must not call the cloud.
    #[must_use]
    pub fn tapped(self, tap: impl Fn(&str, &World) + Send + Sync + 'static) -> Self {
        Self {
            tap: Some(Tap(Arc::new(tap))),
            ..self
        }
    }

    /// Looks at the world, or changes it by hand, after everything that was due has happened.
    pub fn with_world<R>(&self, look: impl FnOnce(&mut World) -> R) -> R {
        let now_ms = self.time.now_ms();
        // A panic in another holder's closure is that test's failure; the world itself is always whole.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now_ms);
        look(&mut world)
    }

    /// Virtual now, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        self.time.now_ms()
    }

    /// The clock all parts of this cloud share.
    #[must_use]
    pub fn time(&self) -> SimulatedTime {
        self.time
    }

    /// For `SdkConfig::http_client`: every call of the real SDK arrives here.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        connector::http_client(self.clone())
    }

    /// For `SdkConfig::sleep_impl`: retries and timeouts wait in virtual time.
    #[must_use]
    pub fn async_sleep(&self) -> impl AsyncSleep + Clone + 'static {
        self.time
    }

    /// For `SdkConfig::time_source`: requests are signed with virtual now.
    #[must_use]
    pub fn time_source(&self) -> impl TimeSource + Clone + 'static {
        self.time
    }
}
