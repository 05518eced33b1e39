//! A rehearsal of people's own app: what they say on the command line, on a throw-away cloud that runs another version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use backstay_domain::Version;

use super::{AskedFault, Setup, asked_fault};
use crate::args::Rehearse;
use crate::compose::embedded::FIRST_VERSION;
use crate::compose::project::Project;
use crate::failure::Failure;

/// The version that is rehearsed when the app is no git checkout.
const SOME_VERSION: &str = "2f9c1e7";

impl Setup {
    /// The setup that somebody asks for, for an app of his own.
    ///
    /// # Errors
    /// When a version or a fault is unknown.
    pub fn of_app(project: Project, asked: &Rehearse) -> Result<Self, Failure> {
        let named = asked.version.as_deref();
        let version = project.version(named).or_else(|failure| match named {
            Some(_) => Err(failure),
            None => project.version(Some(SOME_VERSION)),
        })?;
        let live = project.version(Some(FIRST_VERSION))?;
        let mut setup = Self {
            live: Some((project.clone(), different(live, &version))),
            recorded: true,
            not_pushed: Vec::new(),
            weather: asked.weather,
            seed: asked.seed,
            interrupt: None,
            services: BTreeMap::new(),
            then: Vec::new(),
            project,
            version,
            faults: Vec::new(),
            asked: Vec::new(),
        };
        for text in &asked.faults {
            let fault = asked_fault(text, &setup.project.configured);
            let fault = fault.map_err(|error| Failure::usage(error.message, error.hint))?;
            setup.suffers(text.clone(), fault);
        }
        Ok(setup)
    }

    /// Something more goes wrong, by the name that it was asked for with.
    pub fn suffers(&mut self, name: String, fault: AskedFault) {
        match &fault {
            AskedFault::World(_) => {}
            AskedFault::NotPushed(repository) => self.not_pushed.push(repository.clone()),
            AskedFault::Interrupted(after) => self.interrupt = Some(*after),
        }
        self.asked.push((name, fault));
    }
}

/// Rehearsing the very version that the throw-away cloud would start with needs another start.
fn different(live: Version, deployed: &Version) -> Version {
    if live == *deployed {
        Version::parse("0000000").unwrap_or(live)
    } else {
        live
    }
}

/// Where a scenario's app is: scenarios name apps below `fixtures`, which is looked for beside the scenarios, then below the
/// current directory.
#[must_use]
pub fn fixtures(directory: &Path, scenario: &Path) -> PathBuf {
    let beside = scenario
        .ancestors()
        .map(|ancestor| ancestor.join("fixtures"))
        .find(|found| found.is_dir());
    beside.unwrap_or_else(|| directory.join("fixtures"))
}
