//! Where an environment's images are pushed: what docker calls each repository, and who is logged in there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use aws_config::SdkConfig;
use backstay_adapters::aws::{Described, EcrRegistry, Owner, Tags};
use backstay_adapters::docker::{Docker, Place};
use backstay_config::CloudKind;
use backstay_domain::Repository;
use backstay_domain::build::{Found, Order, moves};

use super::cloud::clients;
use super::infrastructure::account;
use super::operator::variable;
use super::project::Project;
use crate::failure::{Failure, ImagesFailure};

/// Where one repository is.
pub struct Home {
    /// What docker calls it.
    pub address: String,
    /// Whose registry that is.
    pub registry: Registry,
}

/// Who keeps images.
pub enum Registry {
    /// ECR, or the simulator in its place: it is asked through its own API.
    Ecr {
        /// The registry.
        registry: Rc<EcrRegistry>,
        /// Whose it is; none: the caller's.
        account: Option<String>,
        /// What the repository is called there.
        name: String,
        /// What becomes of its tags.
        tags: Tags,
    },
    /// Another one: it is asked through docker.
    Other,
}

impl Home {
    /// That the tags of an order can be given to its image, as far as the registry was asked.
    ///
    /// # Errors
    /// When one is another image already, and stays so.
    pub fn takes(&self, order: &Order, found: &Found) -> Result<(), ImagesFailure> {
        let Registry::Ecr {
            tags: Tags::Stay, ..
        } = &self.registry
        else {
            return Ok(());
        };
        let taken = order.tags.iter().find(|tag| {
            let digest = found.tags.get(*tag);
            digest.is_some() && digest != found.there.as_ref()
        });
        match taken {
            Some(tag) => Err(ImagesFailure::refused(
                format!(
                    "{} is immutable, and `{tag}` is an image of other inputs there",
                    order.repository
                ),
                "deploy what is there, or choose another --version",
            )),
            None => Ok(()),
        }
    }
}

/// Docker's own settings, as the process's surroundings say.
#[must_use]
pub fn place() -> Place {
    let at_home = || Some(PathBuf::from(variable("HOME")?).join(".docker"));
    Place {
        configuration: variable("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(at_home),
    }
}

/// Finds every repository and logs docker in where Backstay has the credentials for it.
///
/// # Errors
/// When one is not there, or is not to be pushed to.
pub async fn homes(
    project: &Project,
    orders: &[Order],
    docker: &mut Docker,
) -> Result<BTreeMap<Repository, Home>, Failure> {
    let configured = &project.configured;
    let app = &configured.app;
    if let (CloudKind::Simulated, None) = (configured.cloud, &configured.simulator) {
        return Err(Failure::usage(
            format!(
                "{} {} is simulated inside of each command: there is no registry that docker could push to",
                app.name, app.environment
            ),
            format!(
                "start one with `backstay simulator serve --environment {}`, and write its address into the configuration: simulator = \"http://127.0.0.1:4577\"",
                app.environment
            ),
        ));
    }
    let mut finding = Finding {
        project,
        config: None,
        registries: BTreeMap::new(),
        logged_in: Vec::new(),
    };
    let mut homes = BTreeMap::new();
    for order in orders {
        let home = finding.home(&order.repository, docker).await?;
        homes.insert(order.repository.clone(), home);
    }
    Ok(homes)
}

struct Finding<'p> {
    project: &'p Project,
    config: Option<SdkConfig>,
    registries: BTreeMap<Option<String>, Rc<EcrRegistry>>,
    logged_in: Vec<String>,
}

impl Finding<'_> {
    async fn home(
        &mut self,
        repository: &Repository,
        docker: &mut Docker,
    ) -> Result<Home, Failure> {
        let (account, region, name) = match Owner::of(repository) {
            Owner::Ecr {
                account,
                region,
                name,
            } => (account, region, name),
            Owner::Other { host } => {
                self.is_meant(repository, &host)?;
                return Ok(Home {
                    address: repository.to_string(),
                    registry: Registry::Other,
                });
            }
        };
        self.is_simulated_here(repository, account.as_deref(), region.as_deref())?;
        let registry = self.registry(region).await?;
        let described = registry
            .repository(account.as_deref(), &name)
            .await
            .map_err(Failure::port("the registry cannot be asked"))?;
        let described = described.ok_or_else(|| self.no_repository(repository, &name))?;
        let address = self.address(&described, account.as_deref(), &name)?;
        self.tags_can_move(repository, described.tags)?;
        let host = address.split('/').next().unwrap_or_default().to_owned();
        if !self.logged_in.contains(&host) {
            let login = registry
                .login()
                .await
                .map_err(Failure::port("the registry gives no login"))?;
            docker
                .log_in(&host, &login.user, &login.password)
                .await
                .map_err(ImagesFailure::Docker)?;
            self.logged_in.push(host);
        }
        Ok(Home {
            address,
            registry: Registry::Ecr {
                registry,
                account,
                name,
                tags: described.tags,
            },
        })
    }

    async fn registry(&mut self, region: Option<String>) -> Result<Rc<EcrRegistry>, Failure> {
        if let Some(known) = self.registries.get(&region) {
            return Ok(Rc::clone(known));
        }
        let config = match self.config.take() {
            Some(config) => config,
            None => clients(self.project).await?,
        };
        let made = Rc::new(EcrRegistry::new(&config, region.as_deref()));
        self.config = Some(config);
        self.registries.insert(region, Rc::clone(&made));
        Ok(made)
    }

    /// A rehearsal must not change a registry that others use.
    fn is_meant(&self, repository: &Repository, host: &str) -> Result<(), Failure> {
        let name = host.split(':').next().unwrap_or_default();
        let on_this_machine = name == "localhost" || name.starts_with("127.");
        match self.project.configured.cloud {
            CloudKind::Simulated if !on_this_machine => {
                let environment = &self.project.configured.app.environment;
                Err(ImagesFailure::refused(
                    format!("{environment} is simulated, and {repository} is not: it would be pushed to {host}"),
                    format!("push it for an environment with `cloud = \"aws\"`, or leave it out with --service; `backstay images build {environment}` builds it"),
                )
                .into())
            }
            CloudKind::Simulated | CloudKind::Aws => Ok(()),
        }
    }

    /// Over one address there is one account and Region: those of the login.
    fn is_simulated_here(
        &self,
        repository: &Repository,
        theirs: Option<&str>,
        region: Option<&str>,
    ) -> Result<(), Failure> {
        let configured = &self.project.configured;
        let ours = account(configured);
        let elsewhere = theirs.is_some_and(|theirs| theirs != ours)
            || region.is_some_and(|region| region != configured.region);
        match configured.cloud {
            CloudKind::Simulated if elsewhere => Err(ImagesFailure::refused(
                format!(
                    "{repository} is of another account or Region than {} {}: docker reaches one registry of the simulator only",
                    ours, configured.region
                ),
                "leave the host out of `image`: then it is the environment's own registry",
            )
            .into()),
            CloudKind::Simulated | CloudKind::Aws => Ok(()),
        }
    }

    fn no_repository(&self, repository: &Repository, name: &str) -> Failure {
        ImagesFailure::refused(
            format!("there is no repository {repository}, and a push creates none"),
            format!(
                "`aws ecr create-repository --repository-name {name}` in {}, or correct `image`",
                self.project.configured.region
            ),
        )
        .into()
    }

    fn address(
        &self,
        described: &Described,
        theirs: Option<&str>,
        name: &str,
    ) -> Result<String, Failure> {
        let configured = &self.project.configured;
        if let Some(simulator) = &configured.simulator {
            let host = simulator.strip_prefix("http://").unwrap_or(simulator);
            return Ok(format!("{host}/{name}"));
        }
        let found = described.address.split('.').next().unwrap_or_default();
        match &configured.account {
            Some(wanted) if theirs.is_none() && wanted != found => Err(ImagesFailure::refused(
                format!(
                    "these credentials are of account {found}, and {} is in {wanted}",
                    configured.app.environment
                ),
                format!("get credentials of {wanted}, or correct `account`"),
            )
            .into()),
            Some(_) | None => Ok(described.address.clone()),
        }
    }

    /// What moves cannot stay.
    fn tags_can_move(&self, repository: &Repository, tags: Tags) -> Result<(), Failure> {
        let written = &self.project.configured.builds.tags;
        match written.iter().find(|tag| moves(tag)) {
            Some(tag) if tags == Tags::Stay => Err(ImagesFailure::refused(
                format!("{repository} is immutable: `{tag}` of `[images] tags` could be pushed once, and never again"),
                "leave it out of `tags`, or make the repository mutable (IMMUTABLE_WITH_EXCLUSION: but for such tags)",
            )
            .into()),
            Some(_) | None => Ok(()),
        }
    }
}
