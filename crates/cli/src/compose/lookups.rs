//! What a configuration looks up elsewhere: asked once, before it is read.

use std::collections::BTreeMap;
use std::path::Path;

use aws_config::SdkConfig;
use backstay_adapters::aws::{Connection, Notice, Values, connect};
use backstay_adapters::lookups::Lookups;
use backstay_config::{CloudKind, Files, Purpose, Wanted, wanted};
use backstay_domain::lookup::{Place, Trouble};
use serde_json::Value;

use super::cloud::{Time, runtime, simulator_at, sources, variable};
use super::infrastructure::ACCOUNT;
use super::simulated::served;
use crate::failure::Failure;
use crate::shell::aside;

/// What was found, by its place.
pub(super) type Found = BTreeMap<Place, Result<Value, Trouble>>;

/// What is found may say where to look next; nobody goes on for longer than that.
const MOST_ROUNDS: usize = 20;

/// Looks up what the configuration at `path` needs for an environment.
///
/// # Errors
/// When nobody can be asked at all.
pub(super) fn looked_up(
    directory: &Path,
    (path, text): (&str, &str),
    environment: &str,
    files: impl Fn(Found) -> Box<dyn Files>,
) -> Result<Found, Failure> {
    let mut found = Found::new();
    for _ in 0..MOST_ROUNDS {
        let mut next = wanted(path, text, environment, &*files(found.clone()));
        next.places.sort();
        next.places.dedup();
        if next.places.is_empty() {
            break;
        }
        if next.cloud == Some(CloudKind::Simulated) && next.simulator.is_none() {
            // Its address is looked up as well: what is asked of the cloud waits for it.
            let (waiting, others) = next.places.into_iter().partition(Place::is_of_a_cloud);
            next.places = others;
            if next.places.is_empty() {
                found.extend(nobody(waiting));
                continue;
            }
        }
        // Some of those who are asked have a runtime of their own around them.
        let asked = std::thread::scope(|scope| {
            let asking = scope.spawn(|| runtime(Time::Running)?.block_on(ask(directory, &next)));
            asking.join()
        });
        found.extend(asked.map_err(|_| Failure::Defect("a look-up fell over".to_owned()))??);
    }
    Ok(found)
}

/// What can never be asked: where the simulator is, would have to be asked there.
fn nobody(places: Vec<Place>) -> Found {
    let why = "no simulator is known: its address depends on what is looked up there";
    let trouble = || Err(Trouble::Failed(why.to_owned()));
    places.into_iter().map(|place| (place, trouble())).collect()
}

async fn ask(directory: &Path, wanted: &Wanted) -> Result<Found, Failure> {
    let config = match wanted.places.iter().any(Place::is_of_a_cloud) {
        true => clients(wanted).await?,
        false => None,
    };
    let lookups = Lookups {
        directory,
        variable: &variable,
        aws: config.as_ref().map(Values::new),
    };
    Ok(lookups.all(&wanted.places).await)
}

/// The clients of the environment's account, or of the simulator that stands for it; AWS is never asked for what is simulated.
async fn clients(wanted: &Wanted) -> Result<Option<SdkConfig>, Failure> {
    match (wanted.cloud, &wanted.simulator) {
        (Some(CloudKind::Simulated), Some(address)) => {
            let simulator = simulator_at(address).await?;
            let account = wanted.account.as_deref().unwrap_or(ACCOUNT);
            let region = wanted.region.as_deref().unwrap_or_default();
            Ok(Some(served(&simulator, account, region)))
        }
        (Some(CloudKind::Simulated), None) | (None, _) => Ok(None),
        (Some(CloudKind::Aws), _) => {
            let connection = Connection {
                region: wanted.region.clone(),
                sources: sources(),
                notice: Notice(aside),
                ..Connection::default()
            };
            Ok(Some(connect(&connection).await))
        }
    }
}

/// Where an environment is, as far as its configuration says without being looked up.
#[must_use]
pub(super) fn place(path: &str, text: &str, environment: &str) -> Wanted {
    let nothing = |_: &str| Err(backstay_config::FileProblem::Missing);
    wanted(path, text, environment, &nothing)
}

/// The files of a directory, with what was looked up.
pub(super) struct Reader<R> {
    /// How a file is read.
    pub(super) read: R,
    /// What was found.
    pub(super) found: Found,
    /// What the configuration is read for.
    pub(super) purpose: Purpose,
}

impl<R> Files for Reader<R>
where
    R: Fn(&str) -> Result<String, backstay_config::FileProblem>,
{
    fn read(&self, path: &str) -> Result<String, backstay_config::FileProblem> {
        (self.read)(path)
    }

    fn look_up(&self, place: &Place) -> Option<Result<Value, Trouble>> {
        self.found.get(place).cloned()
    }

    fn purpose(&self) -> Purpose {
        self.purpose
    }
}
