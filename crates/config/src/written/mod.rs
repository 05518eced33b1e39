//! What the file says, with the place of everything. Independent of environments: nothing is substituted here.

mod anchor;
mod build;
mod check;
mod environment;
mod frontend;
mod job;
mod lookup;
mod migration;
mod placement;
mod presence;
mod service;
mod simulated_job;
mod simulation;
mod size;

pub(crate) use anchor::{Anchor, DataCheck};
pub(crate) use build::{Build, Images};
pub(crate) use check::Check;
pub(crate) use environment::{Environment, Policy};
pub(crate) use frontend::Frontend;
pub(crate) use job::{Job, Schedule};
pub(crate) use lookup::{Asked, Lookup, Variable};
pub(crate) use migration::Migration;
pub(crate) use placement::Placement;
pub(crate) use service::{Dependency, Service};
pub(crate) use simulated_job::SimulatedJob;
pub(crate) use simulation::{Answer, SimulatedTargetGroup, Simulation, Strategy};
pub(crate) use size::Size;

use crate::section::{At, Newcomers, Section};

/// What the file says, as it is in one environment.
pub(crate) struct Document {
    /// Which environment.
    pub(crate) of: Option<String>,
    pub(crate) app: Option<At<String>>,
    pub(crate) environments: Vec<Environment>,
    pub(crate) variables: Vec<(At<String>, Option<Variable>)>,
    pub(crate) policy: Policy,
    pub(crate) services: Vec<Service>,
    pub(crate) migration: Option<Migration>,
    pub(crate) images: Images,
    pub(crate) frontends: Vec<Frontend>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) checks: Vec<Check>,
    pub(crate) simulation: Simulation,
}

impl Document {
    /// `environment` is the one whose tables lie over the file's; without any, only what holds everywhere is read.
    pub(crate) fn read(root: &mut Section<'_>, environment: Option<&str>) -> Self {
        let app = root.text("app");
        let environments = root.tables("environments", Newcomers::Welcome, Environment::read);
        let document = Self {
            of: environment.map(str::to_owned),
            app: root.required("app", app),
            environments: root
                .required("environments", environments)
                .unwrap_or_default(),
            variables: root.named_values("variables", Variable::Text, Variable::read),
            policy: root.table("policy", Policy::read).unwrap_or_default(),
            services: root
                .tables("services", Newcomers::Unknown, Service::read)
                .unwrap_or_default(),
            migration: root.table("migration", Migration::read),
            images: root.table("images", Images::read).unwrap_or_default(),
            frontends: frontend::frontends(root),
            jobs: root
                .tables("jobs", Newcomers::Unknown, Job::read)
                .unwrap_or_default(),
            checks: root.named_list("checks", Check::read),
            simulation: root
                .table("simulation", Simulation::read)
                .unwrap_or_default(),
        };
        service::names_are_known(root, &document);
        job::names_are_their_own(root, &document);
        presence::environments_are_known(root, &document, environment);
        simulation::names_are_known(root, &document);
        simulated_job::names_are_known(root, &document);
        simulation::listeners_have_ports_of_their_own(root, &document);
        document
    }
}
