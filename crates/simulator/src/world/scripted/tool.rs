//! Migrations by a tool that is not Alembic: what the app's configuration says that its commands do.

use serde::{Deserialize, Serialize};

use super::Database;
use crate::MigrationTool;

/// What a command of the tool does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ByTool {
    /// To the image's newest revision.
    Up,
    /// To this one; empty: to where nothing was migrated yet.
    Down(String),
    /// Prints where the database is.
    Current,
}

impl MigrationTool {
    /// Which of its commands a container was given; none of them: nothing is known of it.
    pub(crate) fn doing(&self, command: &[String]) -> Option<ByTool> {
        if command == self.up {
            return Some(ByTool::Up);
        }
        if self.current.as_deref() == Some(command) {
            return Some(ByTool::Current);
        }
        let down = self.down.as_ref()?;
        let mut revision = None;
        let fits = |(said, word): (&String, &String)| match said.split_once(REVISION) {
            None => said == word,
            Some((before, after)) => {
                let rest = word.strip_prefix(before);
                let found = rest.and_then(|rest| rest.strip_suffix(after));
                revision = found.map(str::to_owned);
                found.is_some()
            }
        };
        let is_it = down.len() == command.len() && down.iter().zip(command).all(fits);
        is_it.then(|| ByTool::Down(revision.unwrap_or_default()))
    }

    /// How it says where the database is; nothing where nothing was migrated yet.
    fn told(&self, revision: &str) -> Vec<String> {
        match revision {
            "" => Vec::new(),
            revision => vec![self.prints.replace("${REVISION}", revision)],
        }
    }
}

const REVISION: &str = "{{ revision }}";

impl Database {
    /// What the tool does, and what it prints; or why it fails.
    pub(super) fn obey_tool(
        &mut self,
        doing: &ByTool,
        head: Option<String>,
    ) -> Result<Vec<String>, String> {
        let Some(tool) = &self.tool else {
            return Ok(Vec::new());
        };
        match doing {
            ByTool::Current => Ok(tool.told(&self.revision)),
            ByTool::Up => {
                let Some(head) = head.filter(|head| *head != self.revision) else {
                    return Ok(vec!["nothing to migrate".to_owned()]);
                };
                if self.earlier.contains(&head) {
                    return Err(format!("{} is not known to this image", self.revision));
                }
                let from = std::mem::replace(&mut self.revision, head);
                let line = format!("migrated from {from:?} to {:?}", self.revision);
                self.earlier.push(from);
                Ok(vec![line])
            }
            ByTool::Down(to) => {
                let to = match tool.empty.as_deref() == Some(to.as_str()) {
                    true => String::new(),
                    false => to.clone(),
                };
                if to == self.revision {
                    return Ok(vec!["nothing to undo".to_owned()]);
                }
                match self.earlier.iter().position(|earlier| *earlier == to) {
                    Some(place) => self.earlier.truncate(place),
                    None => return Err(format!("there is no revision {to:?} below")),
                }
                let from = std::mem::replace(&mut self.revision, to);
                Ok(vec![format!("undone: {from:?} to {:?}", self.revision)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ByTool, Database};
    use crate::MigrationTool;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn flyway() -> Database {
        Database {
            tool: Some(MigrationTool {
                up: words("flyway migrate"),
                current: Some(words("flyway info")),
                down: Some(vec![
                    "flyway".to_owned(),
                    "-target={{ revision }}".to_owned(),
                    "undo".to_owned(),
                ]),
                empty: Some("0".to_owned()),
                prints: "Schema version: ${REVISION}".to_owned(),
            }),
            ..Database::at("base")
        }
    }

    #[test]
    fn the_apps_own_commands_are_known_by_what_they_say() {
        let tool = flyway().tool.unwrap();
        for (line, expected) in [
            ("flyway migrate", Some(ByTool::Up)),
            ("flyway info", Some(ByTool::Current)),
            ("flyway -target=7 undo", Some(ByTool::Down("7".to_owned()))),
            ("flyway -target=0 undo", Some(ByTool::Down("0".to_owned()))),
            ("flyway repair", None),
            ("flyway undo", None),
        ] {
            assert_eq!(tool.doing(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn it_goes_up_says_where_it_is_and_goes_down() {
        let mut database = flyway();
        let mut obey =
            |doing: ByTool, head: &str| database.obey_tool(&doing, Some(head.to_owned()));
        assert_eq!(obey(ByTool::Current, "7"), Ok(Vec::new()));
        assert!(obey(ByTool::Up, "7").is_ok());
        assert!(obey(ByTool::Up, "8").is_ok());
        let told = Ok(vec!["Schema version: 8".to_owned()]);
        assert_eq!(obey(ByTool::Current, "8"), told);
        // An older image does not know what a newer one has made of the schema.
        assert!(obey(ByTool::Up, "7").is_err());
        assert!(obey(ByTool::Down("9".to_owned()), "8").is_err());
        assert!(obey(ByTool::Down("7".to_owned()), "8").is_ok());
        let told = Ok(vec!["Schema version: 7".to_owned()]);
        assert_eq!(obey(ByTool::Current, "8"), told);
        assert!(obey(ByTool::Down("0".to_owned()), "8").is_ok());
        assert_eq!(obey(ByTool::Current, "8"), Ok(Vec::new()));
    }
}
