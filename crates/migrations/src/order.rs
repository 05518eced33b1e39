//! Which revision follows which: parents first. Two of one name, parents that are not there, circles, several ends.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{Place, Problem, Severity};
use crate::written::{Found, Written};

/// Revisions in the order in which they are applied.
pub(crate) struct Ordered {
    pub(crate) revisions: Vec<Written>,
    /// Those that no other one follows.
    pub(crate) heads: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn ordered(found: Found) -> Ordered {
    let mut problems = found.problems;
    let revisions = unique(found.revisions, &mut problems);
    let places: BTreeMap<&str, usize> = revisions
        .iter()
        .enumerate()
        .map(|(place, revision)| (revision.id.as_str(), place))
        .collect();
    let labels: BTreeMap<&str, usize> = revisions
        .iter()
        .enumerate()
        .flat_map(|(place, revision)| {
            revision
                .labels
                .iter()
                .map(move |label| (label.as_str(), place))
        })
        .collect();
    let mut waits = vec![0_usize; revisions.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); revisions.len()];
    let mut is_parent = vec![false; revisions.len()];
    for (place, revision) in revisions.iter().enumerate() {
        let parents = revision.parents.iter().map(|reference| (reference, true));
        let needs = revision.needs.iter().map(|reference| (reference, false));
        for (reference, parent) in parents.chain(needs) {
            let id = reference.id.as_str();
            let known = places.get(id).or_else(|| labels.get(id)).copied();
            let Some(known) = known else {
                problems.push(missing(revision, id, reference.line, &places));
                continue;
            };
            is_parent[known] |= parent;
            followers[known].push(place);
            waits[place] += 1;
        }
    }
    let mut ready: BTreeSet<usize> = (0..revisions.len())
        .filter(|one| waits[*one] == 0)
        .collect();
    let mut order = Vec::with_capacity(revisions.len());
    while let Some(place) = ready.pop_first() {
        order.push(place);
        for follower in &followers[place] {
            waits[*follower] -= 1;
            if waits[*follower] == 0 {
                ready.insert(*follower);
            }
        }
    }
    let stuck: BTreeSet<usize> = (0..revisions.len()).filter(|one| waits[*one] > 0).collect();
    if let Some(circle) = circle(&revisions, &places, &stuck) {
        problems.push(circle);
    }
    let heads: Vec<usize> = order
        .iter()
        .copied()
        .filter(|place| !is_parent[*place])
        .collect();
    problems.extend(several(&revisions, &heads, &places));
    let heads = heads
        .iter()
        .map(|place| revisions[*place].id.clone())
        .collect();
    // What is in a circle can never be applied; it is told of all the same.
    order.extend(stuck);
    let mut taken: Vec<Option<Written>> = revisions.into_iter().map(Some).collect();
    let revisions = order
        .into_iter()
        .filter_map(|place| taken[place].take())
        .collect();
    Ordered {
        revisions,
        heads,
        problems,
    }
}

/// Of two with one name the first stays.
fn unique(revisions: Vec<Written>, problems: &mut Vec<Problem>) -> Vec<Written> {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    let mut kept = Vec::with_capacity(revisions.len());
    for revision in revisions {
        let place = Place::new(&revision.up.file, revision.line);
        match seen.get(&revision.id) {
            Some(first) => problems.push(Problem::error(
                place,
                format!(
                    "`{}` is also the name of the revision at {first}",
                    revision.id
                ),
                "give one of them another name",
            )),
            None => {
                seen.insert(revision.id.clone(), place);
                kept.push(revision);
            }
        }
    }
    kept
}

fn missing(revision: &Written, id: &str, line: usize, places: &BTreeMap<&str, usize>) -> Problem {
    let near = places
        .keys()
        .filter(|known| **known != revision.id)
        .filter(|known| known.starts_with(id) || strsim::damerau_levenshtein(known, id) <= 2)
        .min_by_key(|known| strsim::damerau_levenshtein(known, id));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the file was not committed, or its name was changed".to_owned(),
    };
    Problem::error(
        Place::new(&revision.up.file, line),
        format!(
            "`{}` comes after `{id}`, which no file declares",
            revision.id
        ),
        help,
    )
}

/// One circle, of those that keep revisions from being ordered.
fn circle(
    revisions: &[Written],
    places: &BTreeMap<&str, usize>,
    stuck: &BTreeSet<usize>,
) -> Option<Problem> {
    let mut at = *stuck.first()?;
    let mut path = Vec::new();
    // Each of them waits for another one of them: going back long enough comes around.
    while !path.contains(&at) {
        path.push(at);
        let revision = &revisions[at];
        let before = revision.parents.iter().chain(&revision.needs);
        at = before
            .filter_map(|reference| places.get(reference.id.as_str()))
            .copied()
            .find(|place| stuck.contains(place))?;
    }
    let start = path.iter().position(|place| *place == at)?;
    let mut names: Vec<&str> = path[start..]
        .iter()
        .map(|place| revisions[*place].id.as_str())
        .collect();
    names.push(names.first()?);
    let revision = &revisions[at];
    let line = revision
        .parents
        .first()
        .map_or(revision.line, |parent| parent.line);
    Some(Problem::error(
        Place::new(&revision.up.file, line),
        format!(
            "revisions come after each other in a circle: {}",
            names.join(" after ")
        ),
        "one of them has another parent",
    ))
}

/// Several heads: `head` names none of them. Where each has a label that tells it apart, that is meant.
fn several(
    revisions: &[Written],
    heads: &[usize],
    places: &BTreeMap<&str, usize>,
) -> Option<Problem> {
    let [_, .., last] = heads else {
        return None;
    };
    let labels: Vec<BTreeSet<&str>> = heads
        .iter()
        .map(|head| labels_of(revisions, *head, places))
        .collect();
    let told_apart = labels.iter().all(|own| {
        own.iter()
            .any(|label| !labels.iter().all(|of| of.contains(label)))
    });
    let names: Vec<String> = heads
        .iter()
        .map(|head| {
            let revision = &revisions[*head];
            format!("`{}` ({}:{})", revision.id, revision.up.file, revision.line)
        })
        .collect();
    let revision = &revisions[*last];
    let place = Place::new(&revision.up.file, revision.line);
    let message = format!("there are {} heads: {}", heads.len(), names.join(", "));
    Some(match told_apart {
        true => Problem {
            severity: Severity::Warning,
            ..Problem::error(
                place,
                message,
                "`upgrade heads` brings all of them; `head` does not",
            )
        },
        false => Problem::error(
            place,
            message,
            "join them by `alembic merge heads`; `upgrade head` refuses until then",
        ),
    })
}

fn labels_of<'r>(
    revisions: &'r [Written],
    head: usize,
    places: &BTreeMap<&str, usize>,
) -> BTreeSet<&'r str> {
    let mut labels = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut next = vec![head];
    while let Some(place) = next.pop() {
        if seen.insert(place) {
            let revision = &revisions[place];
            labels.extend(revision.labels.iter().map(String::as_str));
            let parents = revision.parents.iter();
            next.extend(parents.filter_map(|parent| places.get(parent.id.as_str())));
        }
    }
    labels
}
