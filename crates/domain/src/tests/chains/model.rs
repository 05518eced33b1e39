//! The model: a database is on a number, release n brings it to n, and of each step between two numbers it is promised whose code goes on.
//! That is all. It knows neither plans nor records.

use crate::app::WayDown;
use crate::schema::Reach;

/// What is promised of the step to each release's number, and what its way back loses.
pub(super) type Promises = [(Reach, WayDown); 3];

/// Whether the code of a release was promised to run on a schema.
pub(super) fn may_run(code: usize, schema: usize, promises: &Promises) -> bool {
    // A schema of before a release lacks what it needs.
    if schema < code {
        return false;
    }
    let mut steps = promises[code..schema].iter();
    match steps.next() {
        None => true,
        Some((Reach::Nobody, _)) => false,
        // Said of the code just before, which this is; further steps must not touch anybody.
        Some((Reach::All | Reach::JustBefore, _)) => steps.all(|(reach, _)| *reach == Reach::All),
    }
}

/// The schema that a release's code may be taken back to from a schema, going down as little as possible; nothing where no way loses
/// nothing.
pub(super) fn way_back(code: usize, schema: usize, promises: &Promises) -> Option<usize> {
    let mut on = schema;
    while !may_run(code, on, promises) {
        if on <= code || promises[on - 1].1 != WayDown::Lossless {
            return None;
        }
        on -= 1;
    }
    Some(on)
}

/// Every moment of a story: which code served on which schema. The law is that each pair was promised.
pub(super) fn broken(moments: &[(usize, usize)], promises: &Promises) -> Option<(usize, usize)> {
    let breaks = |(code, schema): &&(usize, usize)| !may_run(*code, *schema, promises);
    moments.iter().find(breaks).copied()
}

/// The model itself, where it can be read.
#[test]
fn the_model_is_what_people_mean() {
    use Reach::{All, JustBefore, Nobody};
    use WayDown::{Lossless, Lossy};
    let rows = [
        // Expand, then contract: the code of before the first runs after the first, and not after both.
        (
            [(All, Lossless), (JustBefore, Lossless), (All, Lossless)],
            (0, 1),
            true,
            Some(1),
        ),
        (
            [(All, Lossless), (JustBefore, Lossless), (All, Lossless)],
            (0, 2),
            false,
            Some(1),
        ),
        (
            [(JustBefore, Lossless), (All, Lossless), (All, Lossless)],
            (0, 3),
            true,
            Some(3),
        ),
        (
            [(All, Lossless), (All, Lossless), (Nobody, Lossless)],
            (1, 3),
            false,
            Some(2),
        ),
        (
            [(All, Lossless), (Nobody, Lossy), (All, Lossless)],
            (0, 3),
            false,
            None,
        ),
        (
            [(All, Lossless), (All, Lossless), (Nobody, Lossy)],
            (2, 3),
            false,
            None,
        ),
        (
            [(All, Lossless), (All, Lossless), (All, Lossless)],
            (2, 1),
            false,
            None,
        ),
    ];
    for (promises, (code, schema), runs, back) in rows {
        assert_eq!(
            may_run(code, schema, &promises),
            runs,
            "{code} on {schema}: {promises:?}"
        );
        assert_eq!(
            way_back(code, schema, &promises),
            back,
            "{code} on {schema}: {promises:?}"
        );
    }
    assert!(broken(&[(0, 0), (1, 1)], &[(All, Lossless); 3]).is_none());
    assert_eq!(
        broken(&[(0, 0), (1, 0)], &[(All, Lossless); 3]),
        Some((1, 0))
    );
}
