//! A build pipeline's part: pushing an image while the world runs.

use crate::blueprint::{ImageBlueprint, RepositoryBlueprint};
use crate::ecr::scan_pushed;
use crate::world::World;

impl World {
    /// Pushes an image, creating the repository where it is missing. Pushing the same tags again changes nothing.
    pub fn push_image(&mut self, repository: &str, image: &ImageBlueprint) {
        let now_ms = self.now_ms;
        if !self.ecr.has_repository(repository) {
            let empty = RepositoryBlueprint {
                name: repository.to_owned(),
                images: Vec::new(),
            };
            self.ecr.add_repository(&empty, now_ms);
        }
        self.ecr.push(repository, image, now_ms);
        scan_pushed(self, repository, &image.tags);
    }
}
