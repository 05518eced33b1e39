//! `[simulation.jobs.*]`

use super::Document;
use crate::section::{At, Section};
use crate::suggest;

/// What starts a job on the simulated cloud.
pub(crate) struct SimulatedJob {
    pub(crate) name: At<String>,
    pub(crate) expression: Option<At<String>>,
    pub(crate) enabled: Option<At<bool>>,
}

impl SimulatedJob {
    pub(crate) fn read(name: At<String>, section: &mut Section<'_>) -> Self {
        let job = Self {
            name,
            expression: section.text("expression"),
            enabled: section.flag("enabled"),
        };
        let is_one = |text: &str| {
            ["rate(", "cron("].iter().any(|kind| text.starts_with(kind)) && text.ends_with(')')
        };
        if let Some(written) = job.expression.as_ref().filter(|it| !is_one(&it.value)) {
            let message = format!("`{}` is not a schedule expression", written.value);
            let span = written.span.clone();
            let help = "write \"rate(1 day)\" or \"cron(0 3 * * ? *)\"";
            section.problem(message, span, "`rate(…)` or `cron(…)`", help);
        }
        job
    }
}

/// Notes what is simulated of jobs that are none, or that nothing starts.
pub(super) fn names_are_known(root: &mut Section<'_>, document: &Document) {
    let jobs = document.jobs.iter();
    let known: Vec<&str> = jobs.map(|job| job.name.value.as_str()).collect();
    for simulated in &document.simulation.jobs {
        let name = &simulated.name;
        let mut jobs = document.jobs.iter();
        match jobs.find(|job| job.name.value == name.value) {
            None => {
                let help = suggest::instead_of(&name.value, known.iter().copied());
                let message = format!("`{}` is simulated but is not a job", name.value);
                root.problem(message, name.span.clone(), "unknown name", &help);
            }
            Some(job) if job.schedule.is_none() => {
                let message = format!("nothing starts the job `{}`", name.value);
                let help = format!("add [jobs.{}.schedule]", name.value);
                root.problem(message, name.span.clone(), "never looked at", &help);
            }
            Some(_) => {}
        }
    }
}
