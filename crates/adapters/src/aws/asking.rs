//! Every request to a real account passes here: it says whom it waits for when no answer comes, gives up a host that nobody is
//! behind, and names the host in what it reports.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::time::timeout;

use crate::clock::Stopwatch;

/// After so much silence somebody is told.
pub(super) const NOTICE_AFTER: Duration = Duration::from_secs(2);

/// One attempt of a request. The SDK repeats it on another connection.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(10);

/// All attempts at a host that answers nothing at all.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Who asks again after this begins anew: a deployment looks again for minutes, a command that only begins does not.
const ANEW_AFTER: Duration = Duration::from_secs(4);

/// Requests with more bytes than this are uploads: how long they take says nothing about whether somebody is there.
const UPLOAD_BYTES: u64 = 64 * 1024;

/// Who is told that nobody answers yet.
#[derive(Clone, Copy)]
pub struct Notice(pub fn(&str));

impl Default for Notice {
    fn default() -> Self {
        Self(|_| {})
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notice")
    }
}

/// A request that was not answered.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {whom}")]
pub(crate) struct NoAnswer {
    /// The host, and the Region that it belongs to.
    whom: String,
    #[source]
    source: BoxError,
}

/// Why a request was given up here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Silence {
    /// The attempt took too long; another one may follow.
    #[error("nothing in {} s", ATTEMPT_WITHIN.as_secs())]
    Attempt,
    /// All of them did.
    #[error("nothing in {} s, however often it was asked", ANSWER_WITHIN.as_secs())]
    Host,
    /// It was not even sent.
    #[error("it has just been silent for {} s", ANSWER_WITHIN.as_secs())]
    NotAsked,
}

/// An HTTP client that watches how long hosts stay silent.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    inner: SharedHttpClient,
    watch: Watch,
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    watch: Watch,
}

#[derive(Clone, Debug)]
struct Watch {
    region: Option<String>,
    notice: Notice,
    /// Hosts that have not answered since they were asked last.
    silent: Arc<Mutex<BTreeMap<String, Round>>>,
}

/// Attempts at a host without an answer between them.
#[derive(Debug)]
struct Round {
    began: Stopwatch,
    /// Since the last one began or ended.
    moved: Stopwatch,
    in_flight: u32,
    told: bool,
}

impl Asking {
    pub(super) fn new(inner: SharedHttpClient, region: Option<String>, notice: Notice) -> Self {
        let watch = Watch {
            region,
            notice,
            silent: Arc::default(),
        };
        Self { inner, watch }
    }
}

impl HttpClient for Asking {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            watch: self.watch.clone(),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri());
        let size = request.body().content_length();
        let upload = size.is_none_or(|bytes| bytes > UPLOAD_BYTES);
        let (inner, watch) = (self.inner.clone(), self.watch.clone());
        HttpConnectorFuture::new(async move {
            let asked = Asked::begin(&watch, host);
            let left = ANSWER_WITHIN.saturating_sub(asked.silent_for());
            if left.is_zero() && !upload {
                let silent = asked.no_answer(Silence::NotAsked.into());
                return Err(ConnectorError::user(silent));
            }
            let mut answer = inner.call(request);
            let within = match upload {
                true => Duration::MAX,
                false => ATTEMPT_WITHIN.min(left),
            };
            let quietly = asked.until_told().min(within);
            let answer = match timeout(quietly, &mut answer).await {
                Ok(answer) => Ok(answer),
                Err(gone) if quietly == within => Err(gone),
                Err(_) => timeout(within - quietly, asked.tell(answer)).await,
            };
            match answer {
                Ok(Ok(response)) => {
                    asked.answered();
                    Ok(response)
                }
                Ok(Err(error)) => Err(asked.named(error)),
                Err(_) if left > ATTEMPT_WITHIN => Err(ConnectorError::timeout(
                    asked.no_answer(Silence::Attempt.into()),
                )),
                // The SDK does not repeat it.
                Err(_) => Err(ConnectorError::user(asked.no_answer(Silence::Host.into()))),
            }
        })
    }
}

/// A request on its way.
struct Asked<'w> {
    watch: &'w Watch,
    host: String,
}

impl<'w> Asked<'w> {
    fn begin(watch: &'w Watch, host: String) -> Self {
        let mut silent = watch.silent();
        let round = silent.entry(host.clone()).or_insert_with(Round::new);
        if round.in_flight == 0 && round.moved.elapsed() > ANEW_AFTER {
            *round = Round::new();
        }
        round.in_flight += 1;
        round.moved = Stopwatch::started();
        drop(silent);
        Self { watch, host }
    }

    fn silent_for(&self) -> Duration {
        let silent = self.watch.silent();
        silent
            .get(&self.host)
            .map_or(Duration::ZERO, |round| round.began.elapsed())
    }

    /// How long nobody has to be told yet; a host is told of once.
    fn until_told(&self) -> Duration {
        let silent = self.watch.silent();
        match silent.get(&self.host) {
            Some(round) if round.told => Duration::MAX,
            Some(round) => NOTICE_AFTER.saturating_sub(round.began.elapsed()),
            None => NOTICE_AFTER,
        }
    }

    async fn tell<T>(&self, answer: impl Future<Output = T>) -> T {
        let first = match self.watch.silent().get_mut(&self.host) {
            Some(round) => !std::mem::replace(&mut round.told, true),
            None => false,
        };
        if first {
            (self.watch.notice.0)(&format!("asking {} …; no answer yet", self.host));
        }
        answer.await
    }

    fn answered(&self) {
        self.watch.silent().remove(&self.host);
    }

    fn no_answer(&self, source: BoxError) -> BoxError {
        let whom = match &self.watch.region {
            Some(region) => format!("{} (Region {region})", self.host),
            None => self.host.clone(),
        };
        NoAnswer { whom, source }.into()
    }

    /// The same error, with the host's name.
    fn named(&self, error: ConnectorError) -> ConnectorError {
        let (io, timeout, user) = (error.is_io(), error.is_timeout(), error.is_user());
        let (kind, connection) = (error.as_other(), error.connection_metadata().cloned());
        let source = self.no_answer(error.into_source());
        let named = match (io, timeout, user) {
            (true, _, _) => ConnectorError::io(source),
            (_, true, _) => ConnectorError::timeout(source),
            (_, _, true) => ConnectorError::user(source),
            (false, false, false) => ConnectorError::other(source, kind),
        };
        match connection {
            Some(connection) => named.with_connection(connection),
            None => named,
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if let Some(round) = self.watch.silent().get_mut(&self.host) {
            round.in_flight = round.in_flight.saturating_sub(1);
            round.moved = Stopwatch::started();
        }
    }
}

impl Round {
    fn new() -> Self {
        Self {
            began: Stopwatch::started(),
            moved: Stopwatch::started(),
            in_flight: 0,
            told: false,
        }
    }
}

impl Watch {
    fn silent(&self) -> MutexGuard<'_, BTreeMap<String, Round>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn host(uri: &str) -> String {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;
    use std::error::Error as _;
    use std::io;

    thread_local! {
        static TOLD: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
    }

    fn note(text: &str) {
        TOLD.with_borrow_mut(|told| told.push(text.to_owned()));
    }

    fn told() -> Vec<String> {
        TOLD.take()
    }

    /// Answers after so long, or never, or refuses the connection.
    #[derive(Clone, Copy, Debug)]
    enum Host {
        After(Duration),
        Refuses,
    }

    impl HttpConnector for Host {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let host = *self;
            HttpConnectorFuture::new(async move {
                match host {
                    Host::After(time) => {
                        crate::clock::pause(time).await;
                        let status = 200.try_into().map_err(|_| unreachable())?;
                        Ok(HttpResponse::new(status, SdkBody::empty()))
                    }
                    Host::Refuses => Err(unreachable()),
                }
            })
        }
    }

    fn unreachable() -> ConnectorError {
        ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionRefused).into())
    }

    fn at(host: Host) -> Connector {
        Connector {
            inner: SharedHttpConnector::new(host),
            watch: Watch {
                region: Some("sa-east-1".to_owned()),
                notice: Notice(note),
                silent: Arc::default(),
            },
        }
    }

    async fn ask(connector: &Connector, bytes: usize) -> (Result<(), String>, u64) {
        let began = Stopwatch::started();
        let mut request = HttpRequest::new(SdkBody::from(vec![0; bytes]));
        request
            .set_uri("https://sts.sa-east-1.amazonaws.com/?x")
            .unwrap();
        let answer = connector.call(request).await.map(|_| ()).map_err(|error| {
            let source = error.source().unwrap();
            let inner = source.source().unwrap();
            format!("{source}: {inner}; user: {}", error.is_user())
        });
        (
            answer,
            (began.elapsed() + Duration::from_millis(50)).as_secs(),
        )
    }

    const WHOM: &str = "no answer from sts.sa-east-1.amazonaws.com (Region sa-east-1)";
    const TOLD_ONCE: &str = "asking sts.sa-east-1.amazonaws.com …; no answer yet";

    #[tokio::test(start_paused = true)]
    async fn after_two_seconds_it_says_whom_it_asks() {
        let quick = at(Host::After(Duration::from_millis(1900)));
        assert_eq!(ask(&quick, 0).await, (Ok(()), 1));
        assert_eq!(told(), [""; 0]);
        let slow = at(Host::After(Duration::from_secs(5)));
        assert_eq!(ask(&slow, 0).await, (Ok(()), 5));
        assert_eq!(told(), [TOLD_ONCE]);
        assert_eq!(ask(&slow, 0).await, (Ok(()), 5));
        assert_eq!(told(), [TOLD_ONCE], "it has answered in between");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answers_is_given_up_whatever_is_repeated() {
        let never = at(Host::After(Duration::MAX));
        let said = |why, user| Err(format!("{WHOM}: {why}; user: {user}"));
        assert_eq!(ask(&never, 0).await, (said("nothing in 10 s", false), 10));
        let host = "nothing in 20 s, however often it was asked";
        assert_eq!(ask(&never, 0).await, (said(host, true), 10));
        let silent = "it has just been silent for 20 s";
        assert_eq!(ask(&never, 0).await, (said(silent, true), 0));
        assert_eq!(told(), [TOLD_ONCE]);
        crate::clock::pause(Duration::from_secs(5)).await;
        assert_eq!(ask(&never, 0).await, (said("nothing in 10 s", false), 10));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_takes_as_long_as_it_takes() {
        let slow = at(Host::After(Duration::from_secs(300)));
        assert_eq!(ask(&slow, 1 << 20).await, (Ok(()), 300));
        assert_eq!(told(), [TOLD_ONCE]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_names_the_host_and_stays_what_it_is() {
        let (said, _) = ask(&at(Host::Refuses), 0).await;
        assert_eq!(
            said,
            Err(format!("{WHOM}: connection refused; user: false"))
        );
    }
}
