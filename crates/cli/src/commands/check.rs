//! `backstay check`: everything that is wrong with the configuration, at once.

use std::path::Path;

use backstay_config::Problems;
use backstay_domain::app::Frontend;
use backstay_domain::plan::frontend_doubts;
use backstay_domain::release::Manifest;
use backstay_domain::schema::SchemaRecord;
use backstay_migrations::Severity;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

use crate::compose::project::{Project, environments};
use crate::compose::revisions::judged;
use crate::failure::Failure;
use crate::render::json;
use crate::shell::{Output, Shell};

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: Option<&str>,
    example: bool,
) -> Result<u8, Failure> {
    if example {
        shell.answer(backstay_config::reference().trim_end());
        return Ok(0);
    }
    let names = match environment {
        Some(name) => vec![name.to_owned()],
        None => environments(directory)?,
    };
    for name in &names {
        let project = Project::load_with_sources(directory, name)?;
        let manifests = project.manifests()?;
        project.state_outlives_this_run()?;
        if let Some(doubted) = project.configured.doubted() {
            return Err(doubted.into());
        }
        let judged = judged(&project, None, &SchemaRecord::default())?;
        if let Some(problems) = judged
            .as_ref()
            .and_then(|judged| judged.problems(directory))
        {
            return Err(problems.into());
        }
        let app = &project.configured.app;
        let frontends = app.frontends.iter().filter_map(|(name, frontend)| {
            let manifest = manifests.get(name)?;
            Some((name, frontend, manifest))
        });
        for (_, frontend, manifest) in frontends.clone() {
            has_its_index(frontend, manifest)?;
        }
        for note in &project.configured.notes {
            shell.warn(&format!("{} {}: {note}", app.name, app.environment));
        }
        let doubts = frontends
            .flat_map(|(name, frontend, manifest)| frontend_doubts(name, frontend, manifest));
        for doubt in doubts {
            shell.warn(&format!("{} {}: {doubt}", app.name, app.environment));
        }
        let warnings = judged
            .iter()
            .flat_map(|judged| judged.of(Severity::Warning));
        for warning in warnings {
            shell.warn(&format!(
                "{} {}: {}: {}",
                app.name, app.environment, warning.place, warning.message
            ));
        }
        let checked = json::checked(app);
        shell.give(
            || {
                let services: Vec<&str> = app.services.keys().map(|name| name.as_str()).collect();
                format!(
                    "{} {}: no problem found ({})",
                    app.name,
                    app.environment,
                    services.join(", ")
                )
            },
            || checked,
        );
    }
    Ok(0)
}

/// A build whose entry page is not there would be published and never seen.
fn has_its_index(frontend: &Frontend, manifest: &Manifest) -> Result<(), Failure> {
    const INDEX: &str = "index.html";
    let is_index = |path: &String| path == INDEX || path.ends_with("/index.html");
    let wanted = frontend.mutable.iter().any(|pattern| pattern == INDEX);
    if !wanted || manifest.files.keys().any(is_index) {
        return Ok(());
    }
    Err(Failure::usage(
        format!(
            "the frontend build in `{}` has no `{INDEX}`",
            frontend.directory
        ),
        "build the frontend first, or name its entry page in `mutable`",
    ))
}

/// Shows every problem, pointing at the character.
pub(super) fn report(shell: &Shell, problems: &Problems, exit_code: u8) {
    match shell.output() {
        Output::Json => shell.object(&json::problems(problems, exit_code)),
        Output::Text => {
            let theme = if shell.paints() {
                GraphicalTheme::unicode()
            } else {
                GraphicalTheme::unicode_nocolor()
            };
            let handler = GraphicalReportHandler::new_themed(theme).with_width(110);
            let mut text = String::new();
            for problem in problems {
                if handler
                    .render_report(&mut text, problem as &dyn Diagnostic)
                    .is_err()
                {
                    text.push_str(&problem.message);
                }
                text.push('\n');
            }
            shell.note(text.trim_end());
        }
    }
}
