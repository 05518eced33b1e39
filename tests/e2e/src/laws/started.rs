//! What starts jobs, as the world's own picture has it: which images, and whether it is as enabled as it was.

use backstay_domain::scheduled::Trigger;
use backstay_simulator::{Picture, SchedulePicture, image_digest};

use super::claims::What;
use super::observer::Observer;

impl Observer<'_> {
    /// What is started instead.
    pub(super) fn starts(&self, job: &str, what: &What) -> Option<String> {
        let jobs = &self.stage.setup.project.configured.app.jobs;
        let (_, known) = jobs.iter().find(|(name, _)| name.as_str() == job)?;
        let trigger = known.trigger.as_ref()?;
        let now = found(&self.surfaces.picture, trigger);
        let before = found(&self.stage.old.picture, trigger);
        let Some(now) = now else {
            return Some(format!("{job}: there is no {trigger}"));
        };
        let is = match what {
            What::Before => before.is_some_and(|before| before == now),
            What::Definition(short) => now.task_definition_arn.ends_with(short),
            What::Version(version) => {
                let digest = image_digest(known.image.as_str(), std::slice::from_ref(version));
                now.images.iter().any(|image| image.ends_with(&digest))
            }
        };
        let as_enabled = before.is_none_or(|before| before.enabled == now.enabled);
        (!is || !as_enabled).then(|| format!("{job}: it starts {now:?}"))
    }
}

fn found<'p>(picture: &'p Picture, trigger: &Trigger) -> Option<&'p SchedulePicture> {
    let mut all = picture.schedules.iter();
    let found = all.find(|(place, _)| match trigger {
        Trigger::Rule { bus, rule, .. } => place.starts_with(&format!("{bus}/{rule}/")),
        Trigger::Schedule { group, schedule } => **place == format!("{group}/{schedule}"),
    });
    found.map(|(_, picture)| picture)
}
