//! The annotated example: the reference of every key, and a test input.

/// The annotated example. It mentions every key and loads without a problem.
#[must_use]
pub fn reference() -> &'static str {
    include_str!("../reference/backstay.toml")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::reference;
    use crate::load::read;
    use crate::problem::Source;
    use crate::{FileProblem, Files, Purpose, load};

    const SERVICE: &str = r#"{"family": "f", "containerDefinitions": [{"name": "web", "image": "{{ image }}", "memory": 64, "portMappings": [{"containerPort": 8000}]}]}"#;
    const MIGRATION: &str = r#"{"family": "m", "containerDefinitions": [{"name": "migration", "image": "{{ image }}", "memory": 64}]}"#;

    const JOB: &str = r#"{"family": "j", "containerDefinitions": [{"name": "report", "image": "{{ image }}", "memory": 64}]}"#;

    /// Nobody is asked for what is looked up.
    struct Here;

    impl Files for Here {
        fn read(&self, path: &str) -> Result<String, FileProblem> {
            match path {
                "services/auth-service.json" | "services/catalog-service.json" => {
                    Ok(SERVICE.to_owned())
                }
                "jobs/nightly-report.json" | "jobs/price-import.json" => Ok(JOB.to_owned()),
                "migration.json" => Ok(MIGRATION.to_owned()),
                _ => Err(FileProblem::Missing),
            }
        }

        fn purpose(&self) -> Purpose {
            Purpose::Rehearsal
        }
    }

    #[test]
    fn it_loads_without_a_problem_in_every_environment() {
        let environments = crate::environments("backstay.toml", reference());
        assert_eq!(
            environments.as_deref(),
            Ok(["production".to_owned(), "staging".to_owned()].as_slice())
        );
        for environment in ["production", "staging"] {
            let problems = load("backstay.toml", reference(), environment, &Here).err();
            assert_eq!(problems, None);
        }
    }

    #[test]
    fn it_mentions_every_key() {
        let source = Source::new("backstay.toml", Arc::from(reference()));
        let Ok(readings) = read(&source) else {
            panic!("it is not TOML")
        };
        let mentions = readings.mentions;
        let absent: Vec<&String> = mentions
            .iter()
            .filter(|(_, found)| !**found)
            .map(|(key, _)| key)
            // Whoever has several has none without a name.
            .filter(|key| !["frontend", "environments.*.frontend"].contains(&key.as_str()))
            .collect();
        assert!(
            absent.is_empty(),
            "add to reference/backstay.toml: {absent:?}"
        );
        assert!(mentions.len() > 150, "{mentions:?}");
    }

    /// Where a line writes the very default that its comment names, leaving it out changes nothing.
    #[test]
    fn the_defaults_it_names_are_so() {
        let mut tried = 0;
        for line in reference().lines() {
            let Some((written, comment)) = line.split_once(" # ") else {
                continue;
            };
            let value = written
                .split_once('=')
                .map_or("", |(_, value)| value.trim());
            if value.is_empty() || !comment.contains(&format!("default {value}")) {
                continue;
            }
            tried += 1;
            let without = reference().replace(line, "");
            let loaded = |text: &str| load("backstay.toml", text, "production", &Here);
            assert_eq!(loaded(&without), loaded(reference()), "{line}");
        }
        assert!(tried > 8, "{tried}");
    }

    /// Small space, enumerated: no prefix of it, no file without one of its lines, no line cut short may panic.
    #[test]
    fn no_damage_to_it_panics() {
        let text = reference();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .collect();
        let whole = |lines: &[&str]| lines.join("\n");
        for index in 0..lines.len() {
            let mut damaged = lines.clone();
            damaged.remove(index);
            drop(load("backstay.toml", &whole(&damaged), "production", &Here));
            for replacement in [
                "",
                "=",
                "x = 1",
                "é = \"{{ é",
                "[environments]",
                "[[services]]",
                "app = []",
            ] {
                damaged = lines.clone();
                damaged[index] = replacement;
                drop(load("backstay.toml", &whole(&damaged), "production", &Here));
            }
            let key = lines[index].split('=').next().unwrap_or("");
            for value in [
                "1",
                "-1",
                "\"\"",
                "\"{{\"",
                "\"}}{{ }}\"",
                "\"\\u007b{ é }}\"",
                "true",
                "[]",
                "[1]",
                "{}",
                "1979-05-27",
            ] {
                let line = format!("{key} = {value}");
                damaged = lines.clone();
                damaged[index] = &line;
                drop(load("backstay.toml", &whole(&damaged), "production", &Here));
            }
        }
        for cut in text.char_indices().map(|(cut, _)| cut).step_by(23) {
            drop(load("backstay.toml", &text[..cut], "production", &Here));
        }
    }
}
