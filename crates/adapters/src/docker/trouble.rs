//! Why docker did not do it. Docker has one exit code for everything: what went wrong is in its words, and this is the only place
//! that reads them. What is not known here is shown as it was said.

/// What docker's words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No engine answers.
    NoEngine,
    /// This user may not speak to the engine.
    Socket,
    /// The disk of the engine or of the registry is full.
    DiskFull,
    /// There is no login, or it is over.
    Login,
    /// The registry knows who it is, and says no.
    Denied,
    /// The tag is there and cannot be moved.
    Immutable,
    /// The registry has no such repository.
    NoRepository,
    /// Too many pulls without a login.
    Limited,
    /// The registry does not answer.
    Unreachable,
    /// The registry speaks without TLS, and the engine does not.
    Plaintext,
    /// The builder cannot build for several platforms.
    Driver,
    /// A program of another architecture was started.
    Emulation,
    /// An image that the Dockerfile begins with is not there.
    NoBase,
    /// Anything else: the Dockerfile's own commands, usually.
    Other,
}

/// In this order: what is more exact comes first.
const WORDS: [(&str, Trouble); 35] = [
    (
        "permission denied while trying to connect to the docker",
        Trouble::Socket,
    ),
    ("dial unix", Trouble::NoEngine),
    ("cannot connect to the docker daemon", Trouble::NoEngine),
    ("is the docker daemon running", Trouble::NoEngine),
    ("error during connect", Trouble::NoEngine),
    ("failed to connect to the docker api", Trouble::NoEngine),
    ("cannot connect to podman", Trouble::NoEngine),
    ("no space left on device", Trouble::DiskFull),
    ("disk quota exceeded", Trouble::DiskFull),
    ("insufficient storage", Trouble::DiskFull),
    ("authorization token has expired", Trouble::Login),
    ("no basic auth credentials", Trouble::Login),
    ("authentication required", Trouble::Login),
    ("unauthorized", Trouble::Login),
    (
        "denied: requested access to the resource is denied",
        Trouble::Login,
    ),
    ("401 unauthorized", Trouble::Login),
    (
        "cannot be overwritten because the repository is immutable",
        Trouble::Immutable,
    ),
    ("tag invalid", Trouble::Immutable),
    ("repository with name", Trouble::NoRepository),
    ("name unknown", Trouble::NoRepository),
    ("toomanyrequests", Trouble::Limited),
    ("multi-platform build is not supported", Trouble::Driver),
    (
        "multiple platforms feature is currently not supported",
        Trouble::Driver,
    ),
    ("exec format error", Trouble::Emulation),
    ("pull access denied", Trouble::NoBase),
    ("failed to resolve source metadata", Trouble::NoBase),
    ("failed to load metadata", Trouble::NoBase),
    ("manifest unknown", Trouble::NoBase),
    (
        "server gave http response to https client",
        Trouble::Plaintext,
    ),
    ("no such host", Trouble::Unreachable),
    ("connection refused", Trouble::Unreachable),
    ("i/o timeout", Trouble::Unreachable),
    ("tls: failed to verify", Trouble::Unreachable),
    ("access denied", Trouble::Denied),
    ("denied", Trouble::Denied),
];

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::NoEngine,
        Self::Socket,
        Self::DiskFull,
        Self::Login,
        Self::Denied,
        Self::Immutable,
        Self::NoRepository,
        Self::Limited,
        Self::Unreachable,
        Self::Plaintext,
        Self::Driver,
        Self::Emulation,
        Self::NoBase,
        Self::Other,
    ];

    /// What the last lines say.
    pub(super) fn of(last: &[String]) -> Self {
        let text = last.join("\n").to_lowercase();
        let found = WORDS.iter().find(|(words, _)| text.contains(words));
        found.map_or(Self::Other, |(_, trouble)| *trouble)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        Trouble::NoEngine
    )]
    #[case(
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version\": dial unix /var/run/docker.sock: connect: permission denied",
        Trouble::Socket
    )]
    #[case(
        "#9 ERROR: failed to copy: write /x: no space left on device",
        Trouble::DiskFull
    )]
    #[case("no basic auth credentials", Trouble::Login)]
    #[case(
        "denied: Your authorization token has expired. Reauthenticate and try again.",
        Trouble::Login
    )]
    #[case("unauthorized: authentication required", Trouble::Login)]
    #[case(
        "denied: User: arn:aws:iam::1:user/a is not authorized to perform: ecr:InitiateLayerUpload on resource: x",
        Trouble::Denied
    )]
    #[case("denied: permission_denied: write_package", Trouble::Denied)]
    #[case(
        "tag invalid: The image tag 'v1' already exists in the 'a' repository and cannot be overwritten because the repository is immutable.",
        Trouble::Immutable
    )]
    #[case(
        "name unknown: The repository with name 'a' does not exist in the registry with id '1'",
        Trouble::NoRepository
    )]
    #[case(
        "ERROR: Multi-platform build is not supported for the docker driver.",
        Trouble::Driver
    )]
    #[case(
        "ERROR: multiple platforms feature is currently not supported for docker driver",
        Trouble::Driver
    )]
    #[case("exec /bin/sh: exec format error", Trouble::Emulation)]
    #[case(
        "ERROR: failed to solve: nope: failed to resolve source metadata for docker.io/library/nope:latest",
        Trouble::NoBase
    )]
    #[case(
        "pull access denied for nope, repository does not exist or may require 'docker login'",
        Trouble::NoBase
    )]
    #[case("http: server gave HTTP response to HTTPS client", Trouble::Plaintext)]
    #[case("dial tcp: lookup ghcr.io: no such host", Trouble::Unreachable)]
    #[case(
        "The command '/bin/sh -c make' returned a non-zero code: 2",
        Trouble::Other
    )]
    fn words(#[case] said: &str, #[case] expected: Trouble) {
        let last = ["before".to_owned(), said.to_owned(), "after".to_owned()];
        assert_eq!(Trouble::of(&last), expected);
    }
}
