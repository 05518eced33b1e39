//! The app's migrations as a release has them: read at the version's commit where git knows it, else from what lies here.

mod files;

use std::collections::BTreeSet;
use std::path::Path;

use backstay_config::{MigrationTool, Problem, Problems, Revisions, Source};
use backstay_domain::Version;
use backstay_domain::app;
use backstay_domain::schema::{Applied, Reach, Repeats, Revision, SchemaRecord};
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
    /// It is on a revision, and these are its own and those before.
    On(String, BTreeSet<String>),
    /// It is on a revision that the files do not have.
    Elsewhere(String),
}

impl Database {
    fn of(record: &SchemaRecord, directory: &Directory) -> Self {
        let Some(revision) = record.revision() else {
            return Self::Unknown;
        };
        let Some(name) = revision.name() else {
            return Self::Empty;
        };
        let before = directory.ancestors(name);
        match before.is_empty() {
            true => Self::Elsewhere(name.to_owned()),
            false => {
                let before = before.into_iter().map(str::to_owned).collect();
                Self::On(name.to_owned(), before)
            }
        }
    }

    /// Whether a revision is applied; nothing where nobody knows.
    #[must_use]
    pub fn has(&self, revision: &str) -> Option<bool> {
        match self {
            Self::Unknown | Self::Elsewhere(_) => None,
            Self::Empty => Some(false),
            Self::On(_, applied) => Some(applied.contains(revision)),
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

    /// What the version applies to a database that is on this revision; nothing where its files do not have that.
    #[must_use]
    pub fn applied_on(&self, on: &Revision) -> Option<Vec<Applied>> {
        let reached = match on.name() {
            None => BTreeSet::new(),
            Some(name) => {
                self.directory.revision(name)?;
                self.directory.ancestors(name)
            }
        };
        let all = self.directory.revisions.iter();
        let left = all.filter(|one| !reached.contains(one.id.as_str()));
        Some(left.map(applied).collect())
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
    let database = Database::of(record, &directory);
    Ok(Some(Judged {
        revisions,
        origin,
        files,
        directory,
        database,
    }))
}

/// A revision in the domain's words. What is seen to take nothing from anybody holds for all earlier code; what people declare, for
/// the code just before.
fn applied(one: &backstay_migrations::Revision) -> Applied {
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
        repeats: match one.repeats {
            true => Repeats::WhenChanged,
            false => Repeats::Once,
        },
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

/// The commit that a version names; without a version, nothing but what lies here is meant.
fn commit(project: &Project, version: Option<&Version>) -> Result<String, &'static str> {
    let version = version.ok_or("no version was given")?;
    let inside = git(&project.directory, &["rev-parse", "--is-inside-work-tree"]);
    inside.ok_or("this is no git checkout")?;
    let sha = resolved(&project.directory, version.as_str());
    sha.ok_or("the version is no commit that this checkout knows")
}
