//! Registries of others, as whoever looks up an image reaches them: by Docker's protocol, without a login. Pure.
//!
//! A repository that was pushed to has what was pushed. Of any other of a well-known registry everybody has an image, as tasks pull it;
//! where tasks pull for real nobody here can tell.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use crate::base::visit::Visit;
use crate::services::ecr::distribution::Manifest;
use crate::services::ecr::{NoManifest, public_manifest};
use crate::services::ecs::is_known;
use crate::{WebReply, World};

impl World {
    /// What somebody else's registry answers; nothing when there is none at this host.
    pub(crate) fn at_registry(&self, visit: &Visit) -> Option<WebReply> {
        let rest = visit.path.strip_prefix("/v2/")?;
        let port = match (visit.scheme.as_str(), visit.port) {
            ("https", 443) | ("http", 80) => String::new(),
            (_, port) => format!(":{port}"),
        };
        let host = format!("{}{port}", visit.host);
        let (known, has) = (is_known(&host), self.ecr.has_registry(&host));
        if !known && !has {
            return None;
        }
        if rest.is_empty() {
            return Some(reply(200, &[], Bytes::new()));
        }
        Some(match rest.rsplit_once("/manifests/") {
            Some((name, reference)) => self.manifest_of((&host, name), reference),
            None => error(404, "BLOB_UNKNOWN", "this registry has manifests only"),
        })
    }

    fn manifest_of(&self, named: (&str, &str), reference: &str) -> WebReply {
        match self.ecr.foreign_manifest(named, reference, self.now_ms) {
            Ok(manifest) => given(manifest),
            Err(NoManifest::Unknown) => error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
            Err(NoManifest::NoRepository) if self.containers.run_for_real() => error(
                401,
                "UNAUTHORIZED",
                "tasks pull this from the registry itself, which the simulator does not ask",
            ),
            Err(NoManifest::NoRepository) if is_known(named.0) => {
                given(public_manifest(named, reference))
            }
            Err(NoManifest::NoRepository) => {
                error(404, "NAME_UNKNOWN", "repository name not known to registry")
            }
        }
    }
}

fn given(manifest: Manifest) -> WebReply {
    let headers = [
        ("content-type", manifest.media_type.as_str()),
        ("docker-content-digest", manifest.digest.as_str()),
    ];
    reply(200, &headers, Bytes::from(manifest.text))
}

fn error(status: u16, code: &str, message: &str) -> WebReply {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    let headers = [("content-type", "application/json")];
    reply(status, &headers, Bytes::from(body.to_string()))
}

fn reply(status: u16, headers: &[(&str, &str)], body: Bytes) -> WebReply {
    let version = ("docker-distribution-api-version", "registry/2.0");
    let headers = headers.iter().chain([&version]);
    WebReply {
        status,
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body,
        after: Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

    use super::*;
    use crate::world::small_account::small_account;
    use crate::{ImageBlueprint, image_digest};

    fn pushed(world: &mut World, name: &str) -> String {
        let image = ImageBlueprint {
            tags: vec!["v1".to_owned()],
            platforms: vec!["linux/arm64".to_owned()],
            schema_head: None,
        };
        world.push_image(name, &image)
    }

    #[rstest]
    #[case("ghcr.io/acme/api", "ghcr.io", "acme/api")]
    #[case("docker.io/acme/api", "registry-1.docker.io", "acme/api")]
    #[case("docker.io/api", "registry-1.docker.io", "library/api")]
    #[case("registry.acme.example/api", "registry.acme.example", "api")]
    fn what_was_pushed_is_there_and_nothing_else(
        #[case] whole: &str,
        #[case] host: &str,
        #[case] name: &str,
    ) {
        let mut world = small_account();
        let digest = pushed(&mut world, whole);
        assert_eq!(digest, image_digest(whole, &["v1".to_owned()]));
        let ask = |reference: &str| {
            let path = format!("/v2/{name}/manifests/{reference}");
            world.at_registry(&Visit::get(host, &path)).unwrap()
        };
        for reference in ["v1", &digest] {
            let reply = ask(reference);
            assert_eq!(reply.status, 200);
            let told = ("docker-content-digest".to_owned(), digest.clone());
            assert!(reply.headers.contains(&told), "{:?}", reply.headers);
            let index: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(index["manifests"][0]["platform"]["architecture"], "arm64");
        }
        let none = ask("v2");
        assert_eq!(none.status, 404);
        let said: Value = serde_json::from_slice(&none.body).unwrap();
        assert_eq!(said["errors"][0]["code"], "MANIFEST_UNKNOWN");
    }

    #[rstest]
    #[case("ghcr.io", "/v2/", Some(200))]
    #[case("public.ecr.aws", "/v2/datadog/agent/manifests/7", Some(200))]
    #[case("ghcr.io", "/v2/acme/api/blobs/sha256:ab", Some(404))]
    #[case("ghcr.io", "/acme/api", None)]
    #[case("registry.nobody.example", "/v2/api/manifests/v1", None)]
    fn of_well_known_registries_everybody_has_images(
        #[case] host: &str,
        #[case] path: &str,
        #[case] status: Option<u16>,
    ) {
        let world = small_account();
        let reply = world.at_registry(&Visit::get(host, path));
        assert_eq!(reply.map(|reply| reply.status), status);
    }

    #[test]
    fn a_whole_name_of_ecr_is_the_accounts_own() {
        let mut world = small_account();
        let name = "999999999999.dkr.ecr.eu-west-1.amazonaws.com/shared/api";
        let digest = pushed(&mut world, name);
        assert_eq!(digest, image_digest("shared/api", &["v1".to_owned()]));
        let image = world.ecr.image(&format!("{name}@{digest}"));
        assert_eq!(
            image.map(|image| image.digest.as_str()),
            Some(digest.as_str())
        );
    }
}
