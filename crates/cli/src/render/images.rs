//! Images as they are built, and what became of each.

use backstay_domain::ImageTag;

use super::clean::clean;
use crate::compose::building::{Did, Done, News};

/// A line about what happens; nothing for what says nothing new.
#[must_use]
pub fn news_text(news: &News<'_>) -> Option<String> {
    Some(match news {
        News::Building(order, context) => {
            let files = match context.files {
                1 => "1 file".to_owned(),
                files => format!("{files} files"),
            };
            format!(
                "{}: building for {} ({files}, {})",
                order.repository,
                order.recipe.platforms.join(" and "),
                size(context.bytes)
            )
        }
        News::Restless(order, folders) => format!(
            "{}: {} is sent to the engine: every commit or deployment is another image; its .dockerignore leaves it out",
            order.repository,
            folders.join(" and ")
        ),
        News::Said(order, line) => format!("{}: {}", order.repository, step(&clean(line))?),
        News::Unchanged(order) => format!("{}: unchanged", order.repository),
        News::Pushing(order, references) => {
            let tags = references.iter().filter_map(|name| name.rsplit(':').next());
            let tags: Vec<&str> = tags.collect();
            format!("{}: pushing {}", order.repository, tags.join(", "))
        }
    })
}

/// What became of an image, on one line.
#[must_use]
pub fn done_text(done: &Done) -> String {
    let order = &done.order;
    let tags: Vec<&str> = order.tags.iter().map(ImageTag::as_str).collect();
    let name = match &done.digest {
        Some(digest) => format!("{}@{digest}", done.address),
        None => done.address.clone(),
    };
    format!(
        "{name} {} ({}; {})",
        did(done),
        tags.join(", "),
        order.users.join(", ")
    )
}

fn did(done: &Done) -> &'static str {
    match (done.did, &done.digest) {
        (Did::Built, Some(_)) => "built and pushed",
        (Did::Built, None) => "built",
        (Did::Kept, Some(_)) => "pushed, unchanged",
        (Did::Tagged, _) => "tagged, unchanged",
        (Did::Kept | Did::Nothing, _) => "unchanged",
    }
}

/// A step of a build, when a line begins one: BuildKit's `#7 [build 2/4] RUN make`, the engine's own `Step 2/4 : RUN make`.
fn step(line: &str) -> Option<&str> {
    if line.starts_with("Step ") {
        return Some(line);
    }
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let of_dockerfile = rest.starts_with('[') && !rest.starts_with("[internal]");
    (number.parse::<u32>().is_ok() && of_dockerfile).then_some(rest)
}

fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_and_nothing_else() {
        let rows = [
            ("#7 [build 2/4] RUN make", Some("[build 2/4] RUN make")),
            ("#9 [2/2] COPY . .", Some("[2/2] COPY . .")),
            ("#1 [internal] load .dockerignore", None),
            ("#7 0.312 hello", None),
            ("#7 DONE 0.4s", None),
            ("#x [a] b", None),
            ("Step 2/4 : RUN make", Some("Step 2/4 : RUN make")),
            (" ---> Running in 5d2c", None),
        ];
        for (line, expected) in rows {
            assert_eq!(step(line), expected, "{line}");
        }
    }

    #[test]
    fn sizes_are_read_at_a_glance() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_250_000, "1.2 MB"),
            (98_700_000_000, "98.7 GB"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(size(bytes), expected);
        }
    }
}
