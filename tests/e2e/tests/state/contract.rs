//! One check per MUST of a store, made in every place.

use std::time::Duration;

use backstay_adapters::state::{Appended, Store, Swapped, Tag};

use crate::places::{bucket, in_bucket, in_every_place, on, paused};
use backstay_domain::ports::{Effect, FailureKind};
use backstay_simulator::{CallFault, Fault, Weather};

fn done(swapped: Swapped) -> Tag {
    match swapped {
        Swapped::Done(tag) => tag,
        Swapped::Conflict => panic!("a conflict"),
    }
}

#[test]
fn a_cell_is_written_by_who_knows_its_state() {
    in_every_place(async |place| {
        let (one, other) = (place.store(), place.store());
        assert_eq!(one.cell("lease").await.unwrap(), None);
        let first = done(one.swap("lease", None, b"1").await.unwrap());
        let again = other.swap("lease", None, b"2").await.unwrap();
        assert_eq!(again, Swapped::Conflict, "{}: created twice", place.name);
        let found = other.cell("lease").await.unwrap().unwrap();
        assert_eq!(
            (found.bytes.as_slice(), &found.tag),
            (b"1".as_slice(), &first)
        );
        let second = done(other.swap("lease", Some(&first), b"2").await.unwrap());
        assert_ne!(first, second);
        let late = one.swap("lease", Some(&first), b"3").await.unwrap();
        assert_eq!(late, Swapped::Conflict, "{}: a lost update", place.name);
        assert_eq!(one.cell("lease").await.unwrap().unwrap().bytes, b"2");
        let nothing = one.swap("other", Some(&first), b"3").await.unwrap();
        assert_eq!(
            nothing,
            Swapped::Conflict,
            "{}: it is not there",
            place.name
        );
        assert_eq!(one.cell("other").await.unwrap(), None);
    });
}

#[test]
fn who_was_not_told_of_its_success_is_told_when_it_asks_again() {
    in_every_place(async |place| {
        let store = place.store();
        let tag = done(store.swap("a", None, b"mine").await.unwrap());
        assert_eq!(done(store.swap("a", None, b"mine").await.unwrap()), tag);
        let stale = Tag::clone(&tag);
        let tag = done(store.swap("a", Some(&tag), b"next").await.unwrap());
        assert_eq!(
            done(store.swap("a", Some(&stale), b"next").await.unwrap()),
            tag
        );
        for _ in 0..2 {
            let appended = store.append("journal/d-1234", 0, b"{}").await.unwrap();
            assert_eq!(appended, Appended::Done, "{}", place.name);
        }
        assert_eq!(store.lines("journal/d-1234").await.unwrap().lines.len(), 1);
    });
}

#[test]
fn age_is_the_stores_own_and_never_too_great() {
    in_every_place(async |place| {
        let store = place.store();
        done(store.swap("lease", None, b"1").await.unwrap());
        let age = store.cell("lease").await.unwrap().unwrap().age;
        assert!(age < Duration::from_secs(1), "{}: {age:?}", place.name);
        let by = Duration::from_secs(5);
        place.let_age("lease", by).await;
        let cell = store.cell("lease").await.unwrap().unwrap();
        let (least, most) = (by - Duration::from_secs(2), by + Duration::from_millis(900));
        assert!(
            (least..most).contains(&cell.age),
            "{}: {:?}",
            place.name,
            cell.age
        );
        done(store.swap("lease", Some(&cell.tag), b"2").await.unwrap());
        let age = store.cell("lease").await.unwrap().unwrap().age;
        assert!(age < Duration::from_secs(1), "{}: {age:?}", place.name);
    });
}

#[test]
fn a_position_has_one_line() {
    in_every_place(async |place| {
        let (one, other) = (place.store(), place.store());
        let log = "journal/d-1234";
        assert_eq!(one.lines(log).await.unwrap().lines, []);
        assert_eq!(one.ends(log).await.unwrap(), None);
        for (position, line) in ["a", "b", "c"].iter().enumerate() {
            let appended = one.append(log, position as u64, line.as_bytes()).await;
            assert_eq!(appended.unwrap(), Appended::Done);
        }
        for position in 0..3 {
            let appended = other.append(log, position, b"x").await.unwrap();
            assert_eq!(appended, Appended::Conflict, "{} at {position}", place.name);
        }
        assert_eq!(other.append(log, 3, b"d").await.unwrap(), Appended::Done);
        assert_eq!(one.append(log, 3, b"e").await.unwrap(), Appended::Conflict);
        assert_eq!(one.append(log, 4, b"e").await.unwrap(), Appended::Done);
        let expected: Vec<(u64, Vec<u8>)> = (0..).zip("abcde".bytes().map(|b| vec![b])).collect();
        assert_eq!(other.lines(log).await.unwrap().lines, expected);
        let ends = other.ends(log).await.unwrap().unwrap();
        assert_eq!(
            (ends.first, ends.last, ends.count),
            (b"a".to_vec(), b"e".to_vec(), 5)
        );
    });
}

#[test]
fn names_are_sorted_and_directly_below() {
    in_every_place(async |place| {
        let store = place.store();
        assert_eq!(store.names("releases").await.unwrap(), Vec::<String>::new());
        for name in [
            "releases/000002.json",
            "releases/000001.json",
            "lease",
            "x/y",
        ] {
            done(store.swap(name, None, name.as_bytes()).await.unwrap());
        }
        for log in ["journal/d-bbbb", "journal/d-aaaa"] {
            assert_eq!(store.append(log, 0, b"{}").await.unwrap(), Appended::Done);
        }
        let names = store.names("releases").await.unwrap();
        assert_eq!(names, ["000001.json", "000002.json"], "{}", place.name);
        let names = store.names("journal").await.unwrap();
        assert_eq!(names, ["d-aaaa", "d-bbbb"], "{}", place.name);
    });
}

#[test]
fn nothing_is_forgotten_on_later_pages() {
    in_every_place(async |place| {
        let store = place.store();
        let count = if place.name == "local" { 20 } else { 1_100 };
        for position in 0..count {
            let appended = store.append("journal/d-1234", position, b"{}").await;
            assert_eq!(appended.unwrap(), Appended::Done);
        }
        let lines = store.lines("journal/d-1234").await.unwrap().lines;
        assert!(
            lines.iter().map(|(at, _)| *at).eq(0..count),
            "{}",
            place.name
        );
        let ends = store.ends("journal/d-1234").await.unwrap().unwrap();
        assert_eq!(ends.count, count);
    });
}

#[test]
fn a_place_proves_that_it_keeps_writers_apart() {
    in_every_place(async |place| {
        for _ in 0..2 {
            place.store().prove().await.unwrap();
        }
    });
}

#[test]
fn a_bucket_that_cannot_be_used_is_named() {
    paused(async {
        let cloud = bucket(Weather::Calm);
        let failure = in_bucket(&cloud, "elsewhere")
            .cell("lease")
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound, "{failure}");
        assert!(failure.message.contains("s3://elsewhere/"), "{failure}");
        let failure = in_bucket(&cloud, "elsewhere")
            .swap("lease", None, b"1")
            .await;
        let failure = failure.unwrap_err();
        assert_eq!(
            (failure.kind, failure.effect),
            (FailureKind::NotFound, Effect::None)
        );
        for operation in ["s3.GetObject", "s3.PutObject", "s3.ListObjectsV2"] {
            let cloud = bucket(Weather::Calm);
            cloud.with_world(|world| {
                world.add_fault(Fault::Call {
                    operation: operation.to_owned(),
                    containing: None,
                    skip: 0,
                    count: u32::MAX,
                    fault: CallFault::Deny,
                })
            });
            let store = on(&cloud);
            let failure = match operation {
                "s3.GetObject" => store.cell("lease").await.unwrap_err(),
                "s3.PutObject" => store.swap("lease", None, b"1").await.unwrap_err(),
                _ => store.names("journal").await.unwrap_err(),
            };
            assert_eq!(
                (failure.kind, failure.effect),
                (FailureKind::Denied, Effect::None)
            );
            assert!(failure.message.contains("s3:ListBucket"), "{failure}");
        }
    });
}
