//! Pulling a task's images: which digest each container gets, or why the task cannot start (A10, C).

use std::collections::BTreeMap;

use super::registries::{is_reached, no_such_host};
use super::{Digests, StartFailure, TaskDefinition};
use crate::World;
use crate::base::agenda::TaskSerial;
use crate::services::ecr::Image;

impl World {
    /// Pulls all images of a task. Digests that an earlier task of the deployment resolved are reused.
    pub(crate) fn pull(
        &mut self,
        serial: TaskSerial,
    ) -> Result<BTreeMap<String, String>, StartFailure> {
        let known = match self
            .ecs
            .deployment_of(serial)
            .map(|deployment| deployment.digests.clone())
        {
            Some(Digests::Known(digests)) => digests,
            Some(Digests::Pending { .. } | Digests::GivenUp) | None => BTreeMap::new(),
        };
        let Some(task) = self.ecs.task(serial) else {
            return Ok(BTreeMap::new());
        };
        if let Some(failure) = &task.behaviour.failure {
            return Err(failure.clone());
        }
        if let Some(problem) = self.unreadable_secret(&task.definition) {
            return Err(StartFailure::SecretUnavailable(problem));
        }
        self.resolve(&task.definition, &known)
    }

    /// Resolves every image of a task definition to the digest that would run.
    pub(crate) fn resolve(
        &self,
        definition: &TaskDefinition,
        known: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, StartFailure> {
        let mut digests = BTreeMap::new();
        for container in &definition.containers {
            let reference = match known.get(&container.name) {
                Some(digest) => format!("{}@{digest}", without_tag(&container.image)),
                None => container.image.clone(),
            };
            // What the archive holds cannot be pulled (ecs-semantics I [MODEL]); the runtime's words for it are not known.
            let pullable = |image: &&Image| image.is_pullable(self.now_ms);
            match self.ecr.image(&reference).filter(pullable) {
                Some(image) if image.runs_on(&definition.platform) => {
                    digests.insert(container.name.clone(), image.digest.clone());
                }
                Some(_) => return Err(StartFailure::WrongArchitecture),
                // Images of public registries that no blueprint mentions are taken to exist [INF].
                None if is_unknown_foreign(self, &container.image) => {
                    let engine_pulls = self.containers.run_for_real();
                    if !engine_pulls && !is_reached(&container.image) {
                        return Err(StartFailure::Runtime(no_such_host(&container.image)));
                    }
                }
                None => return Err(StartFailure::ImageMissing),
            }
        }
        Ok(digests)
    }
}

/// The reference without tag and digest.
pub(crate) fn without_tag(image: &str) -> &str {
    let named = image.split('@').next().unwrap_or(image);
    let name_start = named.rfind('/').map_or(0, |slash| slash + 1);
    match named[name_start..].find(':') {
        Some(colon) => &named[..name_start + colon],
        None => named,
    }
}

fn is_unknown_foreign(world: &World, image: &str) -> bool {
    !image.contains(".dkr.ecr.") && !world.ecr.has_repository(without_tag(image))
}

#[cfg(test)]
mod tests {
    use super::without_tag;

    #[test]
    fn references_without_tags() {
        for (image, expected) in [
            ("nginx", "nginx"),
            ("nginx:1", "nginx"),
            ("localhost:5000/api", "localhost:5000/api"),
            ("localhost:5000/api:2@sha256:ab", "localhost:5000/api"),
            (
                "1.dkr.ecr.sa-east-1.amazonaws.com/a/b@sha256:ab",
                "1.dkr.ecr.sa-east-1.amazonaws.com/a/b",
            ),
        ] {
            assert_eq!(without_tag(image), expected);
        }
    }
}
