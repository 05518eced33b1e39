//! What the file says, with the place of everything. Independent of environments: nothing is substituted here.

mod build;
mod check;
mod environment;
mod frontend;
mod migration;
mod service;
mod simulation;

pub(crate) use build::{Build, Images};
pub(crate) use check::Check;
pub(crate) use environment::Environment;
pub(crate) use frontend::Frontend;
pub(crate) use migration::Migration;
pub(crate) use service::{Dependency, Service};
pub(crate) use simulation::{Answer, SimulatedTargetGroup, Simulation};

use crate::section::{At, Section};

/// What the file says.
pub(crate) struct Document {
    pub(crate) app: Option<At<String>>,
    pub(crate) environments: Vec<Environment>,
    pub(crate) services: Vec<Service>,
    pub(crate) migration: Option<Migration>,
    pub(crate) images: Images,
    pub(crate) frontend: Option<Frontend>,
    pub(crate) checks: Vec<Check>,
    pub(crate) simulation: Simulation,
}

impl Document {
    pub(crate) fn read(root: &mut Section<'_>) -> Self {
        let app = root.text("app");
        let environments = root.tables("environments", Environment::read);
        let document = Self {
            app: root.required("app", app),
            environments: root
                .required("environments", environments)
                .unwrap_or_default(),
            services: root.tables("services", Service::read).unwrap_or_default(),
            migration: root.table("migration", Migration::read),
            images: root.table("images", Images::read).unwrap_or_default(),
            frontend: root.table("frontend", Frontend::read),
            checks: root.list("checks", Check::read),
            simulation: root
                .table("simulation", Simulation::read)
                .unwrap_or_default(),
        };
        service::names_are_known(root, &document);
        simulation::names_are_known(root, &document);
        simulation::listeners_have_ports_of_their_own(root, &document);
        document
    }
}
