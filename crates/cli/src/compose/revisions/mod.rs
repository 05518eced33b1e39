//! The app's migrations as a release has them: read at the version's commit where git knows it, else from what lies here.

mod before;
pub use before::Before;

mod files;

use std::collections::BTreeSet;
use std::path::Path;

use backstay_config::{MigrationTool, Problem, Problems, Revisions, Source};
use backstay_domain::Version;
use backstay_domain::app;
use backstay_domain::schema::{Applied, Foreseen, Reach, Repeats, Revision, SchemaRecord};
use backstay_migrations::{
    By, Compatibility, Directory, Files, Place, Severity, Tool, WayDown, read,
};

use self::files::{of_commit, of_disk, other_here};
use super::operator::{git, resolved};
use super::project::Project;
use crate::failure::Failure;

/// Migrations, read and judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which tool, and where.
    pub revisions: Revisions,
    /// Where the files came from.
    pub origin: Origin,
    /// What was read.
    pub files: Files,
    /// What they do.
    pub directory: Directory,
    /// What is on the database, where it is known.
    pub database: Database,
}

/// Where the files of migrations came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Of a commit.
    Commit {
        /// Its whole name.
        sha: String,
        /// Files here that are not as the commit has them.
        other: Vec<String>,
    },
    /// From the disk.
    WorkingTree {
        /// Why not of a commit.
        because: &'static str,
    },
}

/// What is on the database, as the schema record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// Nobody has read it.
    Unknown,
    /// It is empty.
    Empty,
    /// It is on a revision.
    On {
        /// Which.
        revision: String,
        /// Its own and those before, as far as they are known to be applied.
        applied: BTreeSet<String>,
        /// Those before it of which nobody knows: files may have come between those that were there.
        unknown: BTreeSet<String>,
    },
    /// It is on a revision that the files do not have.
    Elsewhere(String),
}

impl Database {
    fn of(
        record: &SchemaRecord,
        tool: MigrationTool,
        directory: &Directory,
        known: Option<&Before>,
    ) -> Self {
        let Some(revision) = record.revision() else {
            return Self::Unknown;
        };
        let Some(name) = revision.name() else {
            return Self::Empty;
        };
        let before = directory.ancestors(name);
        if before.is_empty() {
            return Self::Elsewhere(name.to_owned());
        }
        let applied = match tool {
            MigrationTool::Alembic => before.clone(),
            MigrationTool::Prisma | MigrationTool::Flyway | MigrationTool::Sql => {
                before::applied(directory, name, known).unwrap_or_else(|| {
                    let own = directory.revision(name).map(|one| one.id.as_str());
                    own.into_iter().collect()
                })
            }
        };
        // What came between while a migration that ended well is known to have run is not applied.
        let unknown = match known {
            Some(known) if known.directory.revision(name).is_some() => BTreeSet::new(),
            Some(_) | None => before.difference(&applied).copied().collect(),
        };
        let owned = |of: BTreeSet<&str>| of.into_iter().map(str::to_owned).collect();
        Self::On {
            revision: name.to_owned(),
            applied: owned(applied),
            unknown: owned(unknown),
        }
    }

    /// Whether a revision is applied; nothing where nobody knows.
    #[must_use]
    pub fn has(&self, revision: &str) -> Option<bool> {
        match self {
            Self::Unknown | Self::Elsewhere(_) => None,
            Self::Empty => Some(false),
            Self::On {
                applied, unknown, ..
            } => match unknown.contains(revision) {
                true => None,
                false => Some(applied.contains(revision)),
            },
        }
    }
}

impl Judged {
    /// What keeps a deployment from its migrations, pointing at the lines; nothing where nothing does.
    #[must_use]
    pub fn problems(&self, shown: &Path) -> Option<Problems> {
        let errors = self.of(Severity::Error);
        let problems: Vec<Problem> = errors
            .iter()
            .map(|problem| self.pointing(problem, shown))
            .collect();
        (!problems.is_empty()).then(|| Problems::in_order(problems, ""))
    }

    /// What the version applies to a database that is on this revision; nothing where its files do not have that, or nobody can
    /// tell. `before` are the files of the version whose migration ran last.
    #[must_use]
    pub fn applied_on(&self, on: &Revision, before: Option<&Before>) -> Option<Vec<Applied>> {
        // What lies here may be another version's.
        if matches!(self.origin, Origin::WorkingTree { because } if because == NO_COMMIT) {
            return None;
        }
        let all = self.directory.revisions.iter();
        let repeats = |one: &backstay_migrations::Revision| match one.repeats {
            true => Repeats::WhenChanged,
            false => Repeats::Once,
        };
        let left = match (on.name(), self.revisions.tool) {
            (None, _) => all.map(|one| (one, repeats(one))).collect(),
            (Some(name), MigrationTool::Alembic) => {
                self.directory.revision(name)?;
                let reached = self.directory.ancestors(name);
                let left = all.filter(|one| !reached.contains(one.id.as_str()));
                left.map(|one| (one, repeats(one))).collect()
            }
            (Some(name), MigrationTool::Prisma | MigrationTool::Flyway | MigrationTool::Sql) => {
                before::left((&self.files, &self.directory), name, before)?
            }
        };
        let left = left.into_iter();
        Some(left.map(|(one, repeats)| applied(one, repeats)).collect())
    }

    /// What the version's files say before its migration runs. That being on the last revision leaves nothing to do holds of Alembic's:
    /// its revisions are a graph, and nothing beside them is run.
    #[must_use]
    pub fn foreseen(&self, on: &Revision, before: Option<&Before>) -> Option<Foreseen> {
        let applies = self.applied_on(on, before)?;
        let head = match (self.revisions.tool, applies.last()) {
            (MigrationTool::Alembic, Some(last)) => Some(last.revision.clone()),
            (MigrationTool::Alembic, None) => Some(on.clone()),
            (MigrationTool::Prisma | MigrationTool::Flyway | MigrationTool::Sql, _) => None,
        };
        Some(Foreseen { applies, head })
    }

    /// Problems of one severity.
    #[must_use]
    pub fn of(&self, severity: Severity) -> Vec<&backstay_migrations::Problem> {
        let all = self.directory.problems.iter();
        all.filter(|problem| problem.severity == severity).collect()
    }

    fn pointing(&self, problem: &backstay_migrations::Problem, shown: &Path) -> Problem {
        let file = &problem.place.file;
        let bytes = self.files.get(file).map(Vec::as_slice);
        let text = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let path = shown.join(&self.revisions.directory).join(file);
        let before: usize = text
            .split_inclusive('\n')
            .take(problem.place.line - 1)
            .map(str::len)
            .sum();
        let line = text.get(before..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let start = before + line.len() - line.trim_start().len();
        let span = start..before + line.len();
        let source = Source::new(path.display().to_string(), text.into());
        Problem::of(&source, &problem.message)
            .at(span, "here")
            .help(&problem.help)
    }
}

/// The app's migrations as a version has them; nothing where the configuration does not say where they are. `record` is what is
/// known of the database.
///
/// # Errors
/// When the files cannot be read.
pub fn judged(
    project: &Project,
    version: Option<&Version>,
    record: &SchemaRecord,
) -> Result<Option<Judged>, Failure> {
    let Some(revisions) = project.configured.revisions.clone() else {
        return Ok(None);
    };
    let (files, links, origin) = match commit(project, version) {
        Ok(sha) => {
            let (files, links) = of_commit(&project.directory, &sha, &revisions.directory)?;
            let other = other_here(&project.directory, &sha, &revisions.directory);
            (files, links, Origin::Commit { sha, other })
        }
        Err(because) => {
            let (files, links) = of_disk(&project.directory.join(&revisions.directory))?;
            (files, links, Origin::WorkingTree { because })
        }
    };
    let mut directory = read(tool(revisions.tool), &files);
    directory
        .problems
        .extend(links.iter().map(|link| {
            backstay_migrations::Problem {
                place: Place::new(link, 1),
                message:
                    "a symbolic link is not followed: what it names is not part of the release"
                        .to_owned(),
                help: "put the file itself here".to_owned(),
                severity: Severity::Error,
            }
        }));
    if directory.revisions.is_empty() && directory.problems.is_empty() {
        let (directory, tool) = (&revisions.directory, tool(revisions.tool).name());
        return Err(Failure::usage(
            format!("there is no migration of {tool} in `{directory}`"),
            "name the directory of the app's migrations in [migration]",
        ));
    }
    let known = record
        .revision()
        .and_then(|on| before(project, &revisions, record, &on));
    let database = Database::of(record, revisions.tool, &directory, known.as_ref());
    Ok(Some(Judged {
        revisions,
        origin,
        files,
        directory,
        database,
    }))
}

/// The files of the version whose migration ran last and led to this revision, where git knows it.
#[must_use]
pub fn before(
    project: &Project,
    revisions: &Revisions,
    record: &SchemaRecord,
    on: &Revision,
) -> Option<Before> {
    let last = before::last(record, on)?;
    let sha = commit(project, Some(&last.version)).ok()?;
    let (files, _) = of_commit(&project.directory, &sha, &revisions.directory).ok()?;
    let directory = read(tool(revisions.tool), &files);
    Some(Before { files, directory })
}

/// A revision in the domain's words. What is seen to take nothing from anybody holds for all earlier code; what people declare, for
/// the code just before.
fn applied(one: &backstay_migrations::Revision, repeats: Repeats) -> Applied {
    let code = &one.compatibility;
    Applied {
        revision: Revision::new(&one.id),
        title: one.title.clone(),
        reach: match (code.value, code.by) {
            (Compatibility::Compatible, By::Linted) => Reach::All,
            (Compatibility::Compatible, By::Declared | By::Nobody) => Reach::JustBefore,
            (Compatibility::Breaking, _) => Reach::Nobody,
        },
        way_down: match one.way_down.value {
            WayDown::Lossless => app::WayDown::Lossless,
            WayDown::Lossy => app::WayDown::Lossy,
            WayDown::Absent => app::WayDown::Absent,
        },
        because: match code.by {
            By::Declared => format!("declared: {} ({})", code.why, code.place),
            By::Linted | By::Nobody => format!("{} ({})", code.why, code.place),
        },
        repeats,
    }
}

fn tool(tool: MigrationTool) -> Tool {
    match tool {
        MigrationTool::Alembic => Tool::Alembic,
        MigrationTool::Prisma => Tool::Prisma,
        MigrationTool::Flyway => Tool::Flyway,
        MigrationTool::Sql => Tool::Sql,
    }
}

/// What lies here may be another version's.
const NO_COMMIT: &str = "the version is no commit that this checkout knows";

/// The commit that a version names; without a version, nothing but what lies here is meant.
fn commit(project: &Project, version: Option<&Version>) -> Result<String, &'static str> {
    let version = version.ok_or("no version was given")?;
    let inside = git(&project.directory, &["rev-parse", "--is-inside-work-tree"]);
    inside.ok_or("this is no git checkout")?;
    let sha = resolved(&project.directory, version.as_str());
    sha.ok_or(NO_COMMIT)
}
