//! Registries outside of the account: which are there for everybody, and what a task says of one that is not.

/// Hosts of registries that are known to be there; a name that begins with a dot stands for every host below it.
const KNOWN: [&str; 26] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "public.ecr.aws",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    ".gcr.io",
    ".pkg.dev",
    "mcr.microsoft.com",
    ".azurecr.io",
    "registry.k8s.io",
    "registry.gitlab.com",
    "nvcr.io",
    "docker.elastic.co",
    ".jfrog.io",
    "cgr.dev",
    "icr.io",
    ".icr.io",
    ".ocir.io",
    "container-registry.oracle.com",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "registry.connect.redhat.com",
    "lscr.io",
    "registry.hub.docker.com",
];

/// Whether an image comes from a registry that is known to be there; Docker Hub's images have no host.
pub(super) fn is_reached(image: &str) -> bool {
    registry_of(image).is_none_or(is_known)
}

/// Whether a registry is known to be at this host.
pub(crate) fn is_known(host: &str) -> bool {
    KNOWN.iter().any(|known| match known.starts_with('.') {
        true => host.ends_with(known),
        false => host == *known,
    })
}

/// The registry's host, where the name has one: it has a dot or a port, or is `localhost`.
pub(crate) fn registry_of(image: &str) -> Option<&str> {
    let (first, _) = image.split_once('/')?;
    (first.contains(['.', ':']) || first == "localhost").then_some(first)
}

/// What a task says of an image whose registry nobody runs: the words of deepfence/terraform-aws-cloud-scanner#13 [OBS], whose host was
/// there and did not answer; that there is none is the resolver's word [INF].
pub(super) fn no_such_host(image: &str) -> String {
    let host = registry_of(image).unwrap_or_default();
    let rest = image.get(host.len() + 1..).unwrap_or_default();
    let (name, reference) = match rest.split_once('@') {
        Some((name, digest)) => (name, digest),
        None => rest.rsplit_once(':').unwrap_or((rest, "latest")),
    };
    let name = name.split(':').next().unwrap_or(name);
    let bare = host.split(':').next().unwrap_or(host);
    format!(
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: failed to do request: \
         Head \"https://{host}/v2/{name}/manifests/{reference}\": dial tcp: lookup {bare}: no such host"
    )
}

#[cfg(test)]
mod tests {
    use super::{is_reached, no_such_host};

    #[test]
    fn registries_that_are_there() {
        for (image, expected) in [
            ("nginx", true),
            ("library/nginx:1", true),
            ("ghcr.io/acme/api:1", true),
            ("europe-west1-docker.pkg.dev/a/b/c", true),
            ("public.ecr.aws/datadog/agent:7", true),
            ("registry.nobody.example/api:1", false),
            ("localhost:5000/api", false),
            ("notghcr.io/acme/api", false),
        ] {
            assert_eq!(is_reached(image), expected, "{image}");
        }
    }

    #[test]
    fn what_is_said_of_one_that_is_not() {
        for (image, expected) in [
            (
                "registry.nobody.example:5000/team/api:1",
                "Head \"https://registry.nobody.example:5000/v2/team/api/manifests/1\": dial tcp: lookup registry.nobody.example: no such host",
            ),
            (
                "registry.nobody.example/api@sha256:ab",
                "Head \"https://registry.nobody.example/v2/api/manifests/sha256:ab\": dial tcp: lookup registry.nobody.example: no such host",
            ),
            (
                "registry.nobody.example/api",
                "Head \"https://registry.nobody.example/v2/api/manifests/latest\": dial tcp: lookup registry.nobody.example: no such host",
            ),
        ] {
            let found = no_such_host(image);
            assert!(found.ends_with(expected), "{found}");
        }
    }
}
