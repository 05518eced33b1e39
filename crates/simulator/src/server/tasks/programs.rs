//! Which local program stands for an image.

use std::str::FromStr;

use crate::base::wildcard::fits;

/// `REPOSITORY=COMMAND`: a program for all images of a repository; `*` in its name is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    repository: String,
    words: Vec<String>,
}

/// A text that is no [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a repository, `=` and a command, for example `shop/*=target/debug/service`")]
pub struct NoProgram;

impl FromStr for Program {
    type Err = NoProgram;

    fn from_str(text: &str) -> Result<Self, NoProgram> {
        let (repository, command) = text.split_once('=').ok_or(NoProgram)?;
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        if repository.is_empty() || words.is_empty() {
            return Err(NoProgram);
        }
        Ok(Self {
            repository: repository.to_owned(),
            words,
        })
    }
}

/// The program of a repository: of the patterns that fit, the first.
pub(super) fn program<'a>(programs: &'a [Program], repository: &str) -> Option<&'a [String]> {
    let fits = |program: &&Program| fits(&program.repository, repository);
    programs.iter().find(fits).map(|program| &program.words[..])
}

#[cfg(test)]
mod tests {
    use super::{NoProgram, Program, program};

    #[test]
    fn programs() {
        let read = |text: &str| text.parse::<Program>();
        for text in ["", "shop", "shop=", "=sleep", "shop=  "] {
            assert_eq!(read(text), Err(NoProgram), "{text}");
        }
        let all = ["shop/api=serve --port 1", "shop/*=other"].map(|text| read(text).unwrap());
        for (repository, expected) in [
            ("shop/api", Some(vec!["serve", "--port", "1"])),
            ("shop/web", Some(vec!["other"])),
            ("store/api", None),
        ] {
            let found = program(&all, repository).map(<[String]>::to_vec);
            let expected = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(found, expected, "{repository}");
        }
    }
}
