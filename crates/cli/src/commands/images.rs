//! `backstay images`: the app's images, built and pushed.

use std::collections::BTreeSet;
use std::path::Path;

use backstay_config::Configured;

use crate::args::{Images, Which};
use crate::compose::branch::branch;
use crate::compose::building::{Goal, News, Unchanged, Wanted, images};
use crate::compose::checkout::{Source, made_from};
use crate::compose::cloud::{Time, runtime};
use crate::compose::project::Project;
use crate::compose::signals;
use crate::failure::{Failure, ImagesFailure};
use crate::render::images::{done_text, news_text};
use crate::render::json;
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, command: &Images) -> Result<u8, Failure> {
    let which = command.which();
    let project = Project::load_with_sources(directory, &which.environment)?;
    let version = project.version(which.version.as_deref())?;
    let users = users(&project.configured, which)?;
    let goal = match command {
        Images::Build(_) => Goal::Build,
        Images::Push(_) => Goal::Push,
    };
    if goal == Goal::Push {
        let source = match which.allow_dirty {
            true => Source::Any,
            false => Source::Exact,
        };
        made_from(&project, &version, source)?;
    }
    let branch = branch(&project.directory);
    let wanted = Wanted {
        project: &project,
        users: &users,
        version: &version,
        branch: branch.as_deref(),
        goal,
        unchanged: match which.rebuild {
            true => Unchanged::Rebuild,
            false => Unchanged::Reuse,
        },
    };
    let mut tell = |news: News<'_>| match (shell.output(), &news, news_text(&news)) {
        (Output::Text, News::Restless(..), Some(text)) => shell.warn(&text),
        (Output::Text, _, Some(text)) => shell.note(&text),
        (Output::Text, _, None) | (Output::Json, _, _) => {}
    };
    let done = runtime(Time::Running)?.block_on(async {
        tokio::select! {
            done = images(&wanted, &mut tell) => done,
            signal = signals::first() => Err(match signal {
                Ok(signal) => ImagesFailure::Stopped(signal).into(),
                Err(source) => Failure::File { path: "the event loop".into(), source },
            }),
        }
    })?;
    for image in &done {
        shell.give(|| done_text(image), || json::image(image, &version));
    }
    Ok(0)
}

/// Those that were named, each of which has an image that is built here.
fn users(configured: &Configured, which: &Which) -> Result<BTreeSet<String>, Failure> {
    let builds = &configured.builds;
    let known: Vec<&str> = builds.users().collect();
    if known.is_empty() {
        return Err(Failure::usage(
            format!("no image of {} is built here", configured.app.name),
            "say how in [services.NAME.build]; `backstay check --example` shows every key",
        ));
    }
    for name in &which.services {
        if !known.contains(&name.as_str()) {
            let is_service = configured
                .app
                .services
                .keys()
                .any(|service| service.as_str() == name);
            let message = match is_service {
                true => format!("`{name}` has no `build`: its image is made elsewhere"),
                false => format!("there is no service `{name}` in {}", which.environment),
            };
            let distance = |known: &&&str| strsim::damerau_levenshtein(name, known);
            let near = known
                .iter()
                .filter(|known| !is_service && distance(known) <= (name.len() / 3).max(1))
                .min_by_key(distance);
            let hint = match near {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("images are built for {}", known.join(", ")),
            };
            return Err(Failure::usage(message, hint));
        }
    }
    Ok(which.services.iter().cloned().collect())
}
