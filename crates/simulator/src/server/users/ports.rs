//! Which ports are open: one for each listener of an active load balancer and for each distribution that is deployed.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::{mpsc, watch};

use crate::Millis;
use crate::base::here::here;
use crate::server::registry::{Address, Registry};
use crate::services::cloudfront::edges;
use crate::services::elb::Entrance;

/// So many ports after the first one are tried for what is made later.
const MOST_TRIED: u16 = 1_000;

/// Which ports users' requests are taken at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebPorts {
    /// None.
    #[default]
    Off,
    /// Those that are free.
    Any,
    /// This one and those that follow it, in the order in which what they are for is made.
    From(u16),
}

/// A text that is no [`WebPorts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`any`, `off`, or a port from 1 to 65535")]
pub struct WebPortsError;

impl FromStr for WebPorts {
    type Err = WebPortsError;

    fn from_str(text: &str) -> Result<Self, WebPortsError> {
        match text {
            "off" => Ok(Self::Off),
            "any" => Ok(Self::Any),
            port => match port.parse() {
                Ok(port) if port > 0 => Ok(Self::From(port)),
                Ok(_) | Err(_) => Err(WebPortsError),
            },
        }
    }
}

impl fmt::Display for WebPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Any => f.write_str("any"),
            Self::From(port) => write!(f, "{port}"),
        }
    }
}

/// A port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for {name}")]
pub struct WebError {
    /// The address.
    pub address: SocketAddr,
    /// What it would have been for.
    pub name: String,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// What users reach at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebKind {
    /// A listener of a load balancer.
    LoadBalancer,
    /// A distribution of CloudFront.
    Distribution,
}

/// An open port, and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebDoor {
    /// `http://…`; also for HTTPS.
    pub url: String,
    /// Account and Region.
    pub world: String,
    /// What it is.
    pub kind: WebKind,
    /// The load balancer's name, or the distribution's id.
    pub name: String,
    /// Of the listener, or of the distribution.
    pub arn: String,
    /// `HTTP` or `HTTPS`: what AWS would speak here.
    pub protocol: String,
    /// The port that AWS would listen at.
    pub port: u16,
    /// Host names that lead to it.
    pub hosts: Vec<String>,
    /// Of a listener.
    #[serde(skip)]
    pub(super) balancer_arn: Option<String>,
    #[serde(skip)]
    pub(super) address: Address,
}

impl WebDoor {
    /// What it is, for people: `load balancer front HTTPS:443`.
    #[must_use]
    pub fn title(&self) -> String {
        let kind = match self.kind {
            WebKind::LoadBalancer => "load balancer",
            WebKind::Distribution => "distribution",
        };
        format!("{kind} {} {}:{}", self.name, self.protocol, self.port)
    }
}

/// A port was opened or closed while the server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebChange {
    /// From now on.
    Opened(WebDoor),
    /// What was behind it has gone.
    Closed(WebDoor),
}

/// A port that nobody accepts connections at yet.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) door: WebDoor,
    pub(super) listener: TcpListener,
    /// Becomes true when the port is to be closed.
    pub(super) closed: watch::Receiver<bool>,
}

/// The open ports of a server.
#[derive(Debug)]
pub(in crate::server) struct Ports(Mutex<State>);

#[derive(Debug)]
struct State {
    ip: IpAddr,
    choice: WebPorts,
    /// The next one to try.
    next: u16,
    open: BTreeMap<Key, (WebDoor, watch::Sender<bool>)>,
    unattended: Vec<Opened>,
    changes: Option<mpsc::UnboundedSender<WebChange>>,
}

/// Account, Region, ARN.
type Key = (String, String, String);

impl Default for Ports {
    fn default() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), WebPorts::Off)
    }
}

impl Ports {
    pub(in crate::server) fn new(ip: IpAddr, choice: WebPorts) -> Self {
        Self(Mutex::new(State {
            ip,
            choice,
            next: match choice {
                WebPorts::From(port) => port,
                WebPorts::Off | WebPorts::Any => 0,
            },
            open: BTreeMap::new(),
            unattended: Vec::new(),
            changes: None,
        }))
    }

    /// Tells of ports that are opened or closed from now on.
    pub(in crate::server) fn changes(&self) -> mpsc::UnboundedReceiver<WebChange> {
        let (told, changes) = mpsc::unbounded_channel();
        self.state().changes = Some(told);
        changes
    }

    /// Opens the ports of what is there at the start: exactly those that were asked for.
    pub(super) fn open_first(&self, wanted: Vec<WebDoor>) -> Result<Vec<WebDoor>, WebError> {
        let mut state = self.state();
        for door in wanted {
            if state.choice == WebPorts::Off {
                break;
            }
            let address = SocketAddr::new(state.ip, state.next);
            match bind(address) {
                Ok(listener) => state.add(door, listener),
                Err(source) => {
                    let name = door.title();
                    return Err(WebError {
                        address,
                        name,
                        source,
                    });
                }
            }
        }
        Ok(state.open.values().map(|(door, _)| door.clone()).collect())
    }

    /// Opens what has come and closes what has gone. A port that somebody else has is left out.
    pub(super) fn settle(&self, wanted: Vec<WebDoor>) {
        let mut state = self.state();
        if state.choice == WebPorts::Off {
            return;
        }
        let keys: Vec<Key> = wanted.iter().map(key).collect();
        let gone = state.open.extract_if(.., |key, _| !keys.contains(key));
        let gone: Vec<_> = gone.collect();
        for (_, (door, closed)) in gone {
            // Nobody may attend to it yet.
            let _ = closed.send(true);
            state
                .unattended
                .retain(|opened| opened.door.url != door.url);
            state.tell(WebChange::Closed(door));
        }
        for door in wanted {
            match state.open.get_mut(&key(&door)) {
                // Its names may have changed.
                Some((known, _)) => known.hosts = door.hosts,
                None => state.open_later(door),
            }
        }
    }

    /// What is open now, in the order of their ports.
    pub(super) fn doors(&self) -> Vec<WebDoor> {
        let state = self.state();
        state.open.values().map(|(door, _)| door.clone()).collect()
    }

    /// The names of a door, which may have changed since it was opened.
    pub(super) fn hosts(&self, door: &WebDoor) -> Vec<String> {
        let state = self.state();
        let known = state.open.get(&key(door));
        known.map_or_else(|| door.hosts.clone(), |(known, _)| known.hosts.clone())
    }

    pub(super) fn take_unattended(&self) -> Vec<Opened> {
        std::mem::take(&mut self.state().unattended)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn open_later(&mut self, door: WebDoor) {
        for _ in 0..MOST_TRIED {
            let address = SocketAddr::new(self.ip, self.next);
            match bind(address) {
                Ok(listener) => {
                    self.add(door.clone(), listener);
                    if let Some((door, _)) = self.open.get(&key(&door)) {
                        self.tell(WebChange::Opened(door.clone()));
                    }
                    return;
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => self.go_on(),
                // It is tried again when it is looked next time.
                Err(_) => return,
            }
        }
    }

    fn add(&mut self, door: WebDoor, listener: TcpListener) {
        let Ok(address) = listener.local_addr() else {
            return;
        };
        self.go_on();
        let door = WebDoor {
            url: format!("http://{address}"),
            ..door
        };
        let (closing, closed) = watch::channel(false);
        self.unattended.push(Opened {
            door: door.clone(),
            listener,
            closed,
        });
        self.open.insert(key(&door), (door, closing));
    }

    fn go_on(&mut self) {
        if let WebPorts::From(first) = self.choice {
            self.next = self.next.checked_add(1).unwrap_or(first);
        }
    }

    fn tell(&self, change: WebChange) {
        if let Some(changes) = &self.changes {
            // Whoever listened may have stopped.
            let _ = changes.send(change);
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn key(door: &WebDoor) -> Key {
    let Address { account, region } = &door.address;
    (account.clone(), region.clone(), door.arn.clone())
}

/// Everything that has a port, world by world.
pub(super) fn wanted(worlds: &Registry, now_ms: Millis) -> Vec<WebDoor> {
    let mut wanted = Vec::new();
    for (address, slot) in worlds.all() {
        let (entrances, edges) = slot.at(now_ms, |inhabited| {
            let world = &mut inhabited.world;
            (
                here!(world.elb).entrances(),
                edges(&mut here!(world.cloudfront)),
            )
        });
        let blank = WebDoor {
            url: String::new(),
            world: format!("{}/{}", address.account, address.region),
            kind: WebKind::Distribution,
            name: String::new(),
            arn: String::new(),
            protocol: "HTTPS".to_owned(),
            port: 443,
            hosts: Vec::new(),
            balancer_arn: None,
            address,
        };
        wanted.extend(entrances.into_iter().map(|it| of_listener(it, &blank)));
        wanted.extend(edges.into_iter().map(|edge| WebDoor {
            name: edge.id,
            arn: edge.arn,
            hosts: edge.hosts,
            ..blank.clone()
        }));
    }
    wanted
}

fn of_listener(entrance: Entrance, blank: &WebDoor) -> WebDoor {
    WebDoor {
        kind: WebKind::LoadBalancer,
        name: entrance.name,
        arn: entrance.arn,
        protocol: entrance.protocol.to_owned(),
        port: entrance.port,
        hosts: entrance.hosts,
        balancer_arn: Some(entrance.balancer_arn),
        ..blank.clone()
    }
}

#[cfg(test)]
mod tests;
