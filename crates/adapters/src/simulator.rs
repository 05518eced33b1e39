//! A simulator in another process: its clock, its data plane and its build pipeline, over its control API.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use backstay_domain::ports::Clock;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::https::{asked, digested};
use crate::web::{Digested, Request, Response, Transport, TransportError};

/// How long one call of the control API may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take until it says what time it is: before that nothing has begun.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Most bytes of an answer of the control API.
const LIMIT_BYTES: usize = 1 << 20;

/// A running simulator.
#[derive(Clone, Debug)]
pub struct RemoteSimulator {
    client: reqwest::Client,
    endpoint: String,
    time: Arc<Mutex<Time>>,
}

/// Its time, as it was last told.
#[derive(Clone, Copy, Debug)]
struct Time {
    now_ms: i64,
    told: Instant,
    runs: Runs,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Runs {
    /// Virtual seconds per second.
    AtSpeed(f64),
    /// It stands still until somebody moves it on.
    ByHand,
}

/// The simulator does not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the simulator at {endpoint} does not answer: {why}")]
pub struct SimulatorError {
    endpoint: String,
    why: String,
}

#[derive(Deserialize)]
struct Now {
    now_ms: i64,
    time: String,
    #[serde(default)]
    speed: Option<f64>,
}

impl RemoteSimulator {
    /// Asks the simulator at `endpoint` what time it is.
    ///
    /// # Errors
    /// When there is none.
    pub async fn connect(endpoint: &str) -> Result<Self, SimulatorError> {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let wrong = |why: String| SimulatorError {
            endpoint: endpoint.clone(),
            why,
        };
        // It speaks plain HTTP over loopback; reqwest wants a TLS configuration all the same.
        let tls = crate::https::tls(rustls::RootCertStore::empty());
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| wrong(error.to_string()))?)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let url = format!("{endpoint}/_backstay/now");
        let now = answer(client.get(url).timeout(FIRST_ANSWER))
            .await
            .map_err(wrong)?;
        let time = Arc::new(Mutex::new(Time::of(&now)));
        Ok(Self {
            client,
            endpoint,
            time,
        })
    }

    /// Where it is: one address for every AWS service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Pushes an image, as a build pipeline would. One that is there already stays as it is.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn push(&self, image: &impl Serialize) -> Result<(), SimulatorError> {
        let wrong = |why| SimulatorError {
            endpoint: self.endpoint.clone(),
            why,
        };
        let body = serde_json::to_vec(image).map_err(|error| wrong(error.to_string()))?;
        let url = format!("{}/_backstay/images", self.endpoint);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json");
        let sent = request.body(body).send().await;
        let reply = sent.map_err(|error| wrong(error.to_string()))?;
        match reply.status().is_success() {
            true => Ok(()),
            false => Err(wrong(format!("it answers {} to a push", reply.status()))),
        }
    }

    /// For `SdkConfig::time_source`: requests are signed with the simulator's time.
    #[must_use]
    pub fn time_source(&self) -> impl TimeSource + Clone + 'static {
        self.clone()
    }

    /// For `SdkConfig::sleep_impl`: retries wait in the simulator's time.
    #[must_use]
    pub fn async_sleep(&self) -> impl AsyncSleep + Clone + 'static {
        self.clone()
    }

    fn time(&self) -> std::sync::MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves time on; nothing when the simulator does not answer: the next look will say so.
    async fn advance(&self, to_ms: i64) {
        let url = format!("{}/_backstay/advance", self.endpoint);
        let body = format!("{{\"to_ms\":{to_ms}}}");
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json");
        match answer(request.body(body)).await {
            Ok(now) => *self.time() = Time::of(&now),
            Err(why) => {
                tracing::warn!(why, "the simulator's time was not moved on");
                self.time().now_ms = to_ms;
            }
        }
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Now, String> {
    let reply = request.send().await.map_err(|error| error.to_string())?;
    let status = reply.status();
    let body = reply.bytes().await.map_err(|error| error.to_string())?;
    if !status.is_success() || body.len() > LIMIT_BYTES {
        return Err(format!("it answers {status}"));
    }
    serde_json::from_slice(&body).map_err(|error| format!("this is no simulator of ours ({error})"))
}

impl Time {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long ago the simulator told its time"
    )]
    fn of(now: &Now) -> Self {
        let runs = match (now.time.as_str(), now.speed) {
            ("manual", _) => Runs::ByHand,
            (_, speed) => Runs::AtSpeed(speed.unwrap_or(1.0)),
        };
        Self {
            now_ms: now.now_ms,
            told: Instant::now(),
            runs,
        }
    }

    fn now_ms(&self) -> i64 {
        match self.runs {
            Runs::ByHand => self.now_ms,
            Runs::AtSpeed(speed) => {
                let passed = self.told.elapsed().mul_f64(speed).as_millis();
                self.now_ms
                    .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
            }
        }
    }
}

impl Clock for RemoteSimulator {
    fn now(&self) -> Timestamp {
        let now_ms = self.time().now_ms();
        Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::MAX)
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let (now_ms, runs) = {
            let time = self.time();
            (time.now_ms(), time.runs)
        };
        let left_ms = moment.as_millisecond().saturating_sub(now_ms);
        match runs {
            _ if left_ms <= 0 => {}
            Runs::ByHand => self.advance(moment.as_millisecond()).await,
            Runs::AtSpeed(speed) => real_sleep(left_ms.unsigned_abs(), speed).await,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a clock sleeps")]
async fn real_sleep(virtual_ms: u64, speed: f64) {
    tokio::time::sleep(Duration::from_millis(virtual_ms).div_f64(speed)).await;
}

impl AsyncSleep for RemoteSimulator {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Sleep::new(async move {
            let now = Clock::now(&clock);
            clock
                .sleep_until(now.saturating_add(duration).unwrap_or(Timestamp::MAX))
                .await;
        })
    }
}

impl TimeSource for RemoteSimulator {
    fn now(&self) -> SystemTime {
        let now_ms = u64::try_from(self.time().now_ms()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_millis(now_ms)
    }
}

impl Transport for RemoteSimulator {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let broken = |error: reqwest::Error| TransportError::Broken(error.to_string());
        let reply = self.visit(request).await?;
        let status = reply.status().as_u16();
        let headers = reply
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let body: Bytes = reply.bytes().await.map_err(broken)?;
        if body.len() > request.limit_bytes {
            return Err(TransportError::TooLarge(request.limit_bytes));
        }
        Ok(Response {
            status,
            headers,
            body,
        })
    }

    async fn digest(&self, request: &Request) -> Result<Digested, TransportError> {
        digested(self.visit(request).await?, request).await
    }
}

impl RemoteSimulator {
    /// The simulated load balancers and CDN answer, not the real web.
    async fn visit(&self, request: &Request) -> Result<reqwest::Response, TransportError> {
        let mut url = reqwest::Url::parse(&format!("{}/_backstay/web", self.endpoint))
            .map_err(|_| TransportError::Address(self.endpoint.clone()))?;
        url.query_pairs_mut().append_pair("url", &request.url);
        let sent = asked(&self.client, request, url).timeout(request.timeout.max(PATIENCE));
        let reply = sent.send().await;
        let reply = reply.map_err(|error| TransportError::Broken(error.to_string()))?;
        match reply.headers().get("x-backstay-fetch-error") {
            None => Ok(reply),
            Some(why) => Err(TransportError::NoConnection(
                String::from_utf8_lossy(why.as_bytes()).into_owned(),
            )),
        }
    }
}
