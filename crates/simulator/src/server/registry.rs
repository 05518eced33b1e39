//! The worlds of a server, by account and Region. A world is only ever held for the length of one synchronous call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::journal::CallJournal;
use crate::front::Service;
use crate::world::containers::Containers;
use crate::world::elsewhere::Elsewhere;
use crate::{Millis, World};

/// A server makes no more of them: each Region that a client invents is one.
const MOST_WORLDS: usize = 1_000;

/// The worlds that a server starts with.
#[derive(Clone, Debug)]
pub struct Worlds {
    default: World,
    seed: u64,
}

impl Worlds {
    /// One world, whose account and Region are the default ones. Others are made empty when they are first asked for, with its
    /// weather and a seed that comes from `seed`.
    #[must_use]
    pub fn starting_with(default: World, seed: u64) -> Self {
        Self { default, seed }
    }
}

/// Account and Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) account: String,
    pub(super) region: String,
}

impl Address {
    pub(super) fn of(world: &World) -> Self {
        Self {
            account: world.account.clone(),
            region: world.region.clone(),
        }
    }
}

/// Whether a text can be an account's number.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be a Region's name.
pub(super) fn is_region(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(is_part)
}

/// Why there is no world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoWorld {
    #[error("{0:?} is no account: it must have twelve digits")]
    Account(String),
    #[error("{0:?} is no Region's name")]
    Region(String),
    #[error("there are {MOST_WORLDS} worlds already")]
    TooMany,
}

/// A world and what the server remembers of it.
#[derive(Debug)]
pub(super) struct Inhabited {
    pub(super) world: World,
    pub(super) journal: CallJournal,
    /// It is no longer what was saved last.
    pub(super) changed: bool,
}

/// The place of one world.
#[derive(Debug)]
pub(super) struct Slot(Mutex<Inhabited>);

impl Slot {
    fn new(world: World) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inhabited {
            world,
            journal: CallJournal::default(),
            changed: true,
        })))
    }

    /// Looks at the world, or changes it, after everything that was due has happened.
    pub(super) fn at<R>(&self, now_ms: Millis, look: impl FnOnce(&mut Inhabited) -> R) -> R {
        // A panic of one request must not take the world from the others.
        let mut inhabited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inhabited.world.advance(now_ms);
        look(&mut inhabited)
    }
}

/// By account, then by Region: found without building a key.
type ByAccount = BTreeMap<String, BTreeMap<String, Arc<Slot>>>;

#[derive(Debug)]
struct Known {
    default: Address,
    worlds: ByAccount,
}

/// All worlds of a server.
#[derive(Debug)]
pub(super) struct Registry {
    known: RwLock<Known>,
    /// What a reset goes back to.
    first: World,
    seed: u64,
    /// Services that another server keeps for all worlds.
    elsewhere: Vec<Service>,
    /// Who runs the containers of all worlds.
    containers: Containers,
}

impl Registry {
    /// The worlds to start with; those that were saved take the place of fresh ones.
    pub(super) fn new(
        start: Worlds,
        saved: Vec<World>,
        elsewhere: Vec<Service>,
        containers: Containers,
    ) -> Self {
        let registry = Self {
            known: RwLock::new(Known {
                default: Address::of(&start.default),
                worlds: ByAccount::new(),
            }),
            first: start.default.clone(),
            seed: start.seed,
            elsewhere,
            containers,
        };
        {
            let mut known = registry
                .known
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for world in std::iter::once(start.default).chain(saved) {
                insert(&mut known.worlds, registry.connected(world));
            }
        }
        registry
    }

    /// With what is no part of it: who keeps its services, and who runs its containers.
    fn connected(&self, mut world: World) -> World {
        world.elsewhere = Elsewhere::of(self.elsewhere.iter().copied());
        world.containers = self.containers.clone();
        world.order_all_that_run();
        world
    }

    /// Whether another server keeps this service.
    pub(super) fn is_elsewhere(&self, service: Service) -> bool {
        self.elsewhere.contains(&service)
    }

    /// Whether another server keeps any.
    pub(super) fn has_elsewhere(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// The default world as it is.
    pub(super) fn default_world(&self) -> World {
        let default = self.all().into_iter().next();
        default.map_or_else(
            || self.first.clone(),
            |(_, slot)| slot.at(0, |inhabited| inhabited.world.clone()),
        )
    }

    /// When the server was started without a state.
    pub(super) fn first_moment_ms(&self) -> Millis {
        self.first.now_ms
    }

    /// The latest moment that any world has seen, or is to begin at.
    pub(super) fn latest_ms(&self) -> Millis {
        let seen = self.all().into_iter();
        seen.map(|(_, slot)| slot.at(0, |inhabited| inhabited.world.now_ms))
            .fold(self.first.now_ms, Millis::max)
    }

    /// The world of an account and Region; the default ones where none is named.
    pub(super) fn slot(
        &self,
        account: Option<&str>,
        region: Option<&str>,
        now_ms: Millis,
    ) -> Result<Arc<Slot>, NoWorld> {
        let address = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let account = account.unwrap_or(&known.default.account);
            let region = region.unwrap_or(&known.default.region);
            if let Some(slot) = known
                .worlds
                .get(account)
                .and_then(|in_it| in_it.get(region))
            {
                return Ok(Arc::clone(slot));
            }
            Address {
                account: account.to_owned(),
                region: region.to_owned(),
            }
        };
        self.made(address, now_ms)
    }

    /// The world of another Region of the account that has this bucket, when the one of this Region has not.
    pub(super) fn with_bucket(
        &self,
        account: Option<&str>,
        region: Option<&str>,
        bucket: &str,
    ) -> Option<Arc<Slot>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let account = account.unwrap_or(&known.default.account);
        let region = region.unwrap_or(&known.default.region);
        let regions = known.worlds.get(account).filter(|_| !bucket.is_empty())?;
        let has = |slot: &Arc<Slot>| slot.at(0, |inhabited| inhabited.world.s3.has(bucket));
        if regions.get(region).is_some_and(has) {
            return None;
        }
        let mut others = regions.iter().filter(|(other, _)| other.as_str() != region);
        others
            .find(|(_, slot)| has(slot))
            .map(|(_, slot)| Arc::clone(slot))
    }

    fn made(&self, address: Address, now_ms: Millis) -> Result<Arc<Slot>, NoWorld> {
        if !is_account(&address.account) {
            return Err(NoWorld::Account(address.account));
        }
        if !is_region(&address.region) {
            return Err(NoWorld::Region(address.region));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let there = known.worlds.values().map(BTreeMap::len).sum::<usize>();
        let in_account = known.worlds.entry(address.account.clone()).or_default();
        if let Some(slot) = in_account.get(&address.region) {
            return Ok(Arc::clone(slot));
        }
        if there >= MOST_WORLDS {
            return Err(NoWorld::TooMany);
        }
        let world = World::new(
            &address.account,
            &address.region,
            seed_of(&address, self.seed),
            self.first.weather,
            now_ms,
        );
        let slot = Slot::new(self.connected(world));
        in_account.insert(address.region, Arc::clone(&slot));
        Ok(slot)
    }

    /// Every world, the default one first.
    pub(super) fn all(&self) -> Vec<(Address, Arc<Slot>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(Address, Arc<Slot>)> = known
            .worlds
            .iter()
            .flat_map(|(account, regions)| {
                regions.iter().map(move |(region, slot)| {
                    let address = Address {
                        account: account.clone(),
                        region: region.clone(),
                    };
                    (address, Arc::clone(slot))
                })
            })
            .collect();
        all.sort_by_key(|(address, _)| *address != known.default);
        all
    }

    /// Puts a world in the place of its account's and Region's and makes it the default one.
    pub(super) fn restore(&self, world: World) -> Result<(), NoWorld> {
        let world = self.connected(world);
        let address = Address::of(&world);
        if !is_account(&address.account) {
            return Err(NoWorld::Account(address.account));
        }
        if !is_region(&address.region) {
            return Err(NoWorld::Region(address.region));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.default = address;
        insert(&mut known.worlds, world);
        Ok(())
    }

    /// Only the first world, as it was at the start.
    pub(super) fn reset(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.default = Address::of(&self.first);
        known.worlds = ByAccount::new();
        insert(&mut known.worlds, self.connected(self.first.clone()));
    }
}

fn insert(worlds: &mut ByAccount, world: World) {
    let Address { account, region } = Address::of(&world);
    worlds
        .entry(account)
        .or_default()
        .insert(region, Slot::new(world));
}

/// Every world has dice of its own (FNV-1a over its address, from the server's seed).
fn seed_of(address: &Address, seed: u64) -> u64 {
    let bytes = address.account.bytes().chain(address.region.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
