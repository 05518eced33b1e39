//! The application whose deployments are explored: two services, a migration, a frontend, three releases. And what is true
//! of its code and its schema, whoever says what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backstay_domain::app::{
    App, Capacity, Compatibility, Frontend, Migration, Policy, Service, ServiceLocator,
    TaskNetwork, WayDown,
};
use backstay_domain::definition::{Definition, DefinitionTemplate, sha256_hex};
use backstay_domain::ledger::{Arrival, Entry, Runs};
use backstay_domain::release::{FileKind, Images, Manifest, ManifestFile, Release, ResolvedImage};
use backstay_domain::{
    AppName, DefinitionRef, Digest, EnvironmentName, Repository, ServiceName, Version,
};
use jiff::Timestamp;
use serde_json::json;

use crate::fixed;

/// The services, in order.
pub const SERVICES: [&str; 2] = ["api", "web"];
/// The families of task definitions: the services', then the migration's.
pub const FAMILIES: [&str; 3] = ["api", "web", "migration"];
/// The family of the migration.
pub const MIGRATION: usize = 2;
/// How many releases there are.
pub const RELEASES: u8 = 3;

/// Whose code something runs, or whose page something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A release's, by its number.
    Release(u8),
    /// Somebody else's.
    Foreign,
}

/// What a release's migration adds to the schema, as its people declare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Nothing: its image is new, its migrations are not.
    Nothing,
    /// A revision on which the code before it runs.
    Compatible,
    /// A revision on which it does not; it can be undone without loss.
    Lossless,
    /// A revision on which it does not; it cannot be undone.
    Absent,
}

/// How the services are rolled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Both at once.
    Together,
    /// `web` depends on `api`.
    Chained,
}

/// What differs between the applications that are explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What the migrations of the second and the third release add.
    pub steps: [Step; 2],
    /// How the services are rolled out.
    pub order: Order,
    /// Seconds between two looks.
    pub poll: u32,
}

/// The application in all its releases.
#[derive(Debug)]
pub struct Setup {
    /// What differs.
    pub terms: Terms,
    apps: Vec<App>,
    manifests: Vec<Manifest>,
    definitions: BTreeMap<(usize, Code), Definition>,
    /// The release that is live when a history begins, as the ledger has it.
    pub first: Entry,
}

impl Setup {
    /// The application under these terms.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        let apps: Vec<App> = (1..=RELEASES).map(|number| app(&terms, number)).collect();
        let manifests: Vec<Manifest> = (1..=RELEASES).map(manifest).collect();
        let mut definitions = BTreeMap::new();
        for (family, name) in FAMILIES.into_iter().enumerate() {
            for number in 1..=RELEASES {
                let rendered =
                    template(name).render(&version(number), &image(name, number).reference);
                definitions.insert((family, Code::Release(number)), rendered);
            }
            let foreign = template(name).render(&fixed(Version::parse("theirs")), "theirs:1");
            definitions.insert((family, Code::Foreign), foreign);
        }
        let release = Release::assemble(
            &apps[0],
            &version(1),
            &images(1),
            backstay_domain::frontends::alone(manifests[0].clone()),
        );
        let first = first(fixed(release));
        Self {
            terms,
            apps,
            manifests,
            definitions,
            first,
        }
    }

    /// The application as it is configured for a release.
    #[must_use]
    pub fn app(&self, number: u8) -> &App {
        &self.apps[usize::from(number) - 1]
    }

    /// A release's frontend.
    #[must_use]
    pub fn manifest(&self, number: u8) -> &Manifest {
        &self.manifests[usize::from(number) - 1]
    }

    /// What a family's task definition with this code says.
    #[must_use]
    pub fn definition(&self, family: usize, code: Code) -> &Definition {
        &self.definitions[&(family, code)]
    }

    /// Whose code a task definition has.
    #[must_use]
    pub fn code(&self, family: usize, definition: &Definition) -> Option<Code> {
        let mut all = self.definitions.iter();
        all.find(|((of, _), known)| *of == family && known.hash == definition.hash)
            .map(|((_, code), _)| *code)
    }

    /// The schema's revision that a release was made for.
    #[must_use]
    pub fn head(&self, number: u8) -> u8 {
        let steps = self.terms.steps.iter().take(usize::from(number) - 1);
        1 + u8::try_from(steps.filter(|step| **step != Step::Nothing).count()).unwrap_or(0)
    }

    /// Whether code was declared to run on a revision of the schema: the one it was made for, and the next one after that
    /// where just that step is declared compatible. It does not chain.
    #[must_use]
    pub fn declared(&self, code: Code, revision: u8) -> bool {
        let Code::Release(number) = code else {
            return true;
        };
        let head = self.head(number);
        revision == head
            || (revision == head + 1 && self.step_to(revision) == Some(Step::Compatible))
    }

    /// The step that leads to a revision.
    fn step_to(&self, revision: u8) -> Option<Step> {
        let mut steps = self
            .terms
            .steps
            .into_iter()
            .filter(|step| *step != Step::Nothing);
        steps.nth(usize::from(revision).checked_sub(2)?)
    }
}

/// A service's name.
#[must_use]
pub fn service(index: usize) -> ServiceName {
    fixed(ServiceName::parse(SERVICES[index]))
}

/// Which service this is.
#[must_use]
pub fn index(name: &ServiceName) -> usize {
    usize::from(name.as_str() == SERVICES[1])
}

/// A release's version.
#[must_use]
pub fn version(number: u8) -> Version {
    fixed(Version::parse(format!("v{number}")))
}

/// A release's number.
#[must_use]
pub fn number(version: &Version) -> u8 {
    let digits = version.as_str().trim_start_matches('v');
    digits.parse().unwrap_or(1)
}

/// The handle of a family's revision.
#[must_use]
pub fn revision(family: usize, number: u8) -> DefinitionRef {
    fixed(DefinitionRef::parse(format!(
        "{}:{number}",
        FAMILIES[family]
    )))
}

/// Hash of a release's page.
#[must_use]
pub fn page(code: Code) -> String {
    let of = match code {
        Code::Release(number) => format!("index v{number}"),
        Code::Foreign => "theirs".to_owned(),
    };
    sha256_hex(of.as_bytes())
}

/// The images of a release.
#[must_use]
pub fn images(number: u8) -> Images {
    let image = |name: &str| {
        let image = image(name, number);
        (image.repository.clone(), image)
    };
    Images {
        by_repository: FAMILIES.into_iter().map(image).collect(),
        versions: BTreeMap::new(),
        pins: BTreeMap::new(),
    }
}

/// The digest that the tasks of a family run.
#[must_use]
pub fn digest(family: &str, code: Code) -> Digest {
    let of = match code {
        Code::Release(number) => format!("{family} v{number}"),
        Code::Foreign => format!("{family} theirs"),
    };
    fixed(Digest::parse(format!(
        "sha256:{}",
        sha256_hex(of.as_bytes())
    )))
}

fn image(family: &str, number: u8) -> ResolvedImage {
    let digest = digest(family, Code::Release(number));
    ResolvedImage {
        repository: repository(family),
        reference: format!("registry.test/{family}@{digest}"),
        digest,
        platforms: Vec::new(),
    }
}

fn repository(family: &str) -> Repository {
    fixed(Repository::parse(family))
}

fn template(family: &str) -> DefinitionTemplate {
    DefinitionTemplate(json!({
        "family": family,
        "containerDefinitions": [{"name": "main", "image": "{{ image }}"}],
    }))
}

fn app(terms: &Terms, number: u8) -> App {
    let services = SERVICES.into_iter().map(|name| {
        let depends_on: BTreeSet<ServiceName> = match (name, terms.order) {
            ("web", Order::Chained) => [service(0)].into(),
            (_, Order::Together | Order::Chained) => BTreeSet::new(),
        };
        let locator = ServiceLocator {
            name: fixed(ServiceName::parse(name)),
            cluster: "main".to_owned(),
            cluster_name: name.to_owned(),
        };
        let service = Service {
            locator: locator.clone(),
            definition: template(name),
            image: repository(name),
            depends_on,
            drained: BTreeSet::new(),
            desired_count: None,
            timeout: Duration::from_secs(180),
            probe: None,
        };
        (locator.name, service)
    });
    App {
        name: fixed(AppName::parse("shop")),
        environment: fixed(EnvironmentName::parse("staging")),
        services: services.collect(),
        migration: Some(migration(terms, number)),
        frontends: backstay_domain::frontends::alone(frontend()),
        jobs: BTreeMap::new(),
        checks: Vec::new(),
        policy: Policy {
            poll: Duration::from_secs(u64::from(terms.poll)),
            ..Policy::default()
        },
        config_fingerprint: "c".to_owned(),
        looked_up: Vec::new(),
    }
}

fn migration(terms: &Terms, number: u8) -> Migration {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let step = match number {
        1 => Step::Nothing,
        later => terms.steps[usize::from(later) - 2],
    };
    let (compatibility, way_down) = match step {
        Step::Nothing | Step::Compatible => (Compatibility::Compatible, WayDown::Lossless),
        Step::Lossless => (Compatibility::Breaking, WayDown::Lossless),
        Step::Absent => (Compatibility::Breaking, WayDown::Absent),
    };
    Migration {
        cluster: "main".to_owned(),
        definition: template("migration"),
        image: repository("migration"),
        container: "main".to_owned(),
        command: words("upgrade head"),
        current_command: Some(words("current")),
        down_command: Some(vec!["downgrade".to_owned(), "{{ revision }}".to_owned()]),
        empty_revision: None,
        compatibility,
        way_down,
        timeout: Duration::from_secs(120),
        network: TaskNetwork::default(),
        capacity: Capacity::default(),
        anchor: None,
        checks: Vec::new(),
    }
}

fn frontend() -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "site".to_owned(),
        prefix: String::new(),
        distribution: Some("E1".to_owned()),
        url: Some("https://shop.test".to_owned()),
        mutable: vec!["index.html".to_owned()],
        region: None,
        media_types: BTreeMap::new(),
    }
}

fn manifest(number: u8) -> Manifest {
    let file = |sha256: String, kind| ManifestFile {
        sha256,
        size: 1,
        content_type: "text/html".to_owned(),
        kind,
        md5: None,
        content_encoding: None,
    };
    let script = sha256_hex(format!("script v{number}").as_bytes());
    Manifest::new(BTreeMap::from([
        (
            "index.html".to_owned(),
            file(page(Code::Release(number)), FileKind::Mutable),
        ),
        (format!("v{number}.js"), file(script, FileKind::Immutable)),
    ]))
}

fn first(release: Release) -> Entry {
    let runs = release.services.keys().map(|name| {
        let runs = Runs {
            definition: revision(index(name), 1),
            version: Some(version(1)),
        };
        (name.clone(), runs)
    });
    Entry {
        runs: runs.collect(),
        deployment: None,
        at: Some(Timestamp::UNIX_EPOCH),
        arrival: Arrival::Deployed,
        schema_before: None,
        anchor: None,
        migration_definition: Some(revision(MIGRATION, 1)),
        jobs: BTreeMap::new(),
        release,
    }
}
