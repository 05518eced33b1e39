//! Values that a configuration does not say itself: one place at a time, without a decision. What a command printed is in no failure.

mod terraform;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use backstay_domain::lookup::{Place, TerraformState, Trouble};
use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::timeout;

use crate::aws::Values;
use crate::docker::child;

/// A state is some megabytes, where it is large.
const MOST_BYTES: usize = 64 << 20;

/// Terraform's states that were read.
type States<'s> = BTreeMap<&'s TerraformState, Result<Value, Trouble>>;

/// Where values are looked up.
pub struct Lookups<'a> {
    /// The configuration's directory: commands run there.
    pub directory: &'a Path,
    /// This process's environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The environment's account and Region, where they are needed.
    pub aws: Option<Values>,
}

impl Lookups<'_> {
    async fn look_up(&self, place: &Place, states: &States<'_>) -> Result<Value, Trouble> {
        let state = |state: &TerraformState| match states.get(state) {
            Some(found) => found.as_ref().map_err(Clone::clone),
            None => Err(Trouble::Failed(format!("{state} was not read"))),
        };
        match place {
            Place::Variable(name) => {
                let found = (self.variable)(name);
                let found = found.ok_or_else(|| Trouble::Missing(format!("variable `{name}`")))?;
                Ok(Value::String(found))
            }
            Place::Parameter(name) => self.aws()?.parameter(name).await,
            Place::Stack { stack, output } => self.aws()?.output(stack, output).await,
            Place::Output { name, state: of } => terraform::output(state(of)?, name),
            Place::Resource { address, state: of } => terraform::resource(state(of)?, address),
            Place::Command { words, within } => self.run(words, *within).await,
        }
    }

    /// What is found at each place, text or what JSON there is, or why there is nothing. All are asked at once; a state is read once,
    /// so that its values belong together.
    pub async fn all(&self, places: &[Place]) -> BTreeMap<Place, Result<Value, Trouble>> {
        let states: BTreeSet<&TerraformState> = places
            .iter()
            .filter_map(|place| match place {
                Place::Output { state, .. } | Place::Resource { state, .. } => Some(state),
                Place::Variable(_)
                | Place::Parameter(_)
                | Place::Stack { .. }
                | Place::Command { .. } => None,
            })
            .collect();
        let states = states.into_iter();
        let states = states.map(async |state| (state, self.state(state).await));
        let states: States<'_> = join_all(states).await.into_iter().collect();
        let all = places
            .iter()
            .map(async |place| (place.clone(), self.look_up(place, &states).await));
        join_all(all).await.into_iter().collect()
    }

    fn aws(&self) -> Result<&Values, Trouble> {
        let nobody = || Trouble::Failed("there is no cloud to ask".to_owned());
        self.aws.as_ref().ok_or_else(nobody)
    }

    async fn state(&self, state: &TerraformState) -> Result<Value, Trouble> {
        let bytes = match state {
            TerraformState::Object { bucket, key } => self.aws()?.object(bucket, key).await?,
            TerraformState::File(path) => file(&self.directory.join(path), path)?,
        };
        if bytes.len() > MOST_BYTES {
            return Err(Trouble::Failed("it is larger than 64 MiB".to_owned()));
        }
        let read = serde_json::from_slice(&bytes);
        read.map_err(|_| Trouble::Failed(format!("{state} is no state of Terraform")))
    }

    async fn run(&self, words: &[String], within: Duration) -> Result<Value, Trouble> {
        let failed = |message: String| Trouble::Failed(message);
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| failed("it is empty".to_owned()))?;
        let program = match program.contains('/') {
            true => std::path::absolute(self.directory)
                .unwrap_or_else(|_| self.directory.to_owned())
                .join(program),
            false => PathBuf::from(program),
        };
        let mut process = Command::new(program);
        process.args(arguments).current_dir(self.directory);
        let mut quiet = |_: &str| ();
        let ended = timeout(within, child::run(&mut process, b"", &mut quiet)).await;
        let ended = ended.map_err(|_| Trouble::Late(within))?;
        let ended = ended.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Trouble::Missing(format!(
                "program `{}`",
                words.first().map_or("", String::as_str)
            )),
            _ => failed(error.to_string()),
        })?;
        match ended.status.code() {
            Some(0) => {}
            Some(code) => return Err(failed(format!("it ended with exit code {code}"))),
            None => return Err(failed("it was killed".to_owned())),
        }
        if !ended.whole {
            return Err(failed("it printed more than can be kept".to_owned()));
        }
        match ended.stdout.trim_end() {
            "" => Err(failed("it printed nothing".to_owned())),
            text => Ok(Value::String(text.to_owned())),
        }
    }
}

fn file(path: &Path, written: &str) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Trouble::Missing(format!("file `{written}`")),
        _ => Trouble::Failed(error.to_string()),
    })
}
