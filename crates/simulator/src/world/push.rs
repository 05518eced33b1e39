//! A build pipeline's part: pushing an image while the world runs.

use crate::base::here::here;
use crate::services::ecr::{image_digest, own_name, scan_pushed};
use crate::world::World;
use crate::world::blueprint::{ImageBlueprint, RepositoryBlueprint};

impl World {
    /// Pushes an image, creating the repository where it is missing, and gives its digest. Pushing the same tags again changes nothing,
    /// nor does it where one of them is on an image that somebody has pushed with content: that is what a pipeline has built.
    pub fn push_image(&mut self, repository: &str, image: &ImageBlueprint) -> String {
        let (now_ms, repository) = (self.now_ms, own_name(repository));
        if let Some(digest) = self.ecr.pushed_digest(repository, &image.tags) {
            return digest.to_owned();
        }
        if !self.ecr.has_repository(repository) {
            let empty = RepositoryBlueprint {
                name: repository.to_owned(),
                images: Vec::new(),
            };
            self.ecr.add_repository(&empty, now_ms);
        }
        self.ecr.push(repository, image, now_ms);
        scan_pushed(&mut here!(self.ecr), repository, &image.tags);
        image_digest(repository, &image.tags)
    }

    /// Scripts what scans of the image with this tag find, from the next look on; false when there is no such image.
    pub fn script_image_scan(
        &mut self,
        repository: &str,
        tag: &str,
        scan: crate::ImageScan,
    ) -> bool {
        self.ecr.script_scan(repository, tag, scan)
    }
}
