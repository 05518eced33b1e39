//! Whatever happens to a journal's bytes is detected, or did no harm: what can be read is what was written.

use std::fs;
use std::path::Path;

use backstay_adapters::state::journal::{Audit, StoreJournal, audit, read};
use backstay_adapters::state::{AnyStore, Appended, Store as _};
use backstay_domain::journal::Record;
use backstay_domain::ports::Journal as _;
use proptest::prelude::*;

use crate::places::{Place, paused};
use crate::records::{abandoned, deployment, renumber, short};

/// The bytes of a journal, and of the note of its end.
type Written = (Vec<u8>, Option<Vec<u8>>);

/// What happens to a journal.
#[derive(Clone, Debug)]
enum Damage {
    Flip {
        byte: prop::sample::Index,
        bit: u8,
    },
    Cut {
        at: prop::sample::Index,
    },
    Remove {
        line: prop::sample::Index,
    },
    Repeat {
        line: prop::sample::Index,
    },
    Swap {
        one: prop::sample::Index,
        other: prop::sample::Index,
    },
}

fn damage() -> impl Strategy<Value = Damage> {
    use prop::sample::Index;
    prop_oneof![
        4 => (any::<Index>(), 0..8u8).prop_map(|(byte, bit)| Damage::Flip { byte, bit }),
        2 => any::<Index>().prop_map(|at| Damage::Cut { at }),
        1 => any::<Index>().prop_map(|line| Damage::Remove { line }),
        1 => any::<Index>().prop_map(|line| Damage::Repeat { line }),
        1 => any::<(Index, Index)>().prop_map(|(one, other)| Damage::Swap { one, other }),
    ]
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    match damage {
        Damage::Flip { byte, bit } => {
            let at = byte.index(bytes.len());
            bytes[at] ^= 1 << bit;
            return bytes;
        }
        Damage::Cut { at } => {
            bytes.truncate(at.index(bytes.len()));
            return bytes;
        }
        Damage::Remove { line } => {
            lines.remove(line.index(lines.len()));
        }
        Damage::Repeat { line } => {
            let at = line.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Damage::Swap { one, other } => {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
        }
    }
    lines.concat()
}

/// A journal on disk, ended or interrupted.
fn written(directory: &Path, records: &[Record]) -> Vec<u8> {
    let id = &records[0].deployment;
    paused(async {
        let store = AnyStore::local(directory);
        let journal = StoreJournal::create(store, 3, id).await.unwrap();
        for record in records {
            journal.append(record).await.unwrap();
        }
    });
    fs::read(path(directory, records)).unwrap()
}

fn path(directory: &Path, records: &[Record]) -> std::path::PathBuf {
    directory.join(format!("journal/{}.jsonl", records[0].deployment))
}

fn audited(directory: &Path, records: &[Record], bytes: &[u8]) -> (Audit, Option<Vec<Record>>) {
    fs::write(path(directory, records), bytes).unwrap();
    let (store, id) = (AnyStore::local(directory), &records[0].deployment);
    paused(async {
        let audit = audit(&store, id).await.unwrap();
        (audit, read(&store, id).await.ok())
    })
}

fn play(ended: bool, damage: &Damage) -> Result<(), TestCaseError> {
    let whole = deployment();
    let records = if ended {
        whole
    } else {
        &whole[..whole.len() - 1]
    };
    let directory = tempfile::tempdir().unwrap();
    let bytes = written_once(ended, directory.path(), records);
    let changed = damaged(&bytes, damage);
    let (audit, read) = audited(directory.path(), records, &changed);
    let prefix = |found: &[Record]| records.starts_with(found);
    prop_assert!(
        prefix(&audit.records),
        "records that were never written: {:?}",
        audit.problems
    );
    if let Some(read) = &read {
        prop_assert!(prefix(read), "read what was never written");
    }
    if changed == bytes {
        prop_assert_eq!(audit.problems, vec![]);
        return Ok(());
    }
    if ended {
        prop_assert!(!audit.problems.is_empty(), "not detected");
    } else if audit.problems.is_empty() {
        // Whole records at the end of a deployment that was interrupted: as if it had been interrupted earlier.
        prop_assert!(bytes.starts_with(&changed), "not detected");
    }
    Ok(())
}

/// The bytes of a journal are the same every time: they are written once, and put where a test wants them.
fn written_once(ended: bool, directory: &Path, records: &[Record]) -> Vec<u8> {
    use std::sync::OnceLock;
    static ONCE: [OnceLock<Written>; 2] = [OnceLock::new(), OnceLock::new()];
    let seal = |directory: &Path| directory.join(format!("ended/{}", records[0].deployment));
    let (bytes, noted) = ONCE[usize::from(ended)].get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let bytes = written(directory.path(), records);
        (bytes, fs::read(seal(directory.path())).ok())
    });
    for folder in ["journal", "ended"] {
        fs::create_dir_all(directory.join(folder)).unwrap();
    }
    assert_eq!(noted.is_some(), ended, "only an end is noted");
    if let Some(noted) = noted {
        fs::write(seal(directory), noted).unwrap();
    }
    bytes.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_to_a_finished_journal_is_detected(damage in damage()) {
        play(true, &damage)?;
    }

    #[test]
    fn damage_to_an_interrupted_journal_is_detected_or_harmless(damage in damage()) {
        play(false, &damage)?;
    }
}

#[test]
fn every_bit_of_a_record_and_of_the_note_counts() {
    let records = &[abandoned()];
    let directory = tempfile::tempdir().unwrap();
    let bytes = written(directory.path(), records);
    let seal = format!("ended/{}", records[0].deployment);
    let seal = directory.path().join(seal);
    let noted = fs::read(&seal).unwrap();
    for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << bit;
        let (audit, _) = audited(directory.path(), records, &bytes);
        assert!(!audit.problems.is_empty(), "bit {bit} of byte {at}");
    }
    for (at, bit) in (0..noted.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut noted = noted.clone();
        noted[at] ^= 1 << bit;
        fs::write(&seal, &noted).unwrap();
        let (audit, _) = audited(directory.path(), records, &bytes);
        assert!(!audit.is_sound(), "bit {bit} of byte {at} of the note");
    }
    let bits = 8 * (bytes.len() + noted.len());
    println!("{bits} single bits flipped");
}

/// Objects of a bucket can be lost and put in each other's place one by one: every way to do that to three of them.
#[test]
fn however_objects_are_lost_and_mixed_up_it_is_detected_or_harmless() {
    let mut records = short();
    records.remove(2);
    renumber(&mut records);
    let id = &records[0].deployment;
    let log = format!("journal/{id}");
    paused(async {
        let place = Place::simulated();
        let journal = StoreJournal::create(place.store(), 1, id).await.unwrap();
        for record in &records {
            journal.append(record).await.unwrap();
        }
        let lines = place.store().lines(&log).await.unwrap().lines;
        let seal = place
            .store()
            .cell(&format!("ended/{id}"))
            .await
            .unwrap()
            .unwrap();
        for ways in 0..4_usize.pow(3) {
            let digit = |position: u32| ways / 4_usize.pow(position) % 4;
            let kept: Vec<Option<usize>> = (0..3).map(|p| digit(p).checked_sub(1)).collect();
            for ended in [true, false] {
                let store = Place::simulated().store();
                for (position, line) in (0..)
                    .zip(&kept)
                    .filter_map(|(at, line)| Some((at, (*line)?)))
                {
                    let appended = store.append(&log, position, &lines[line].1).await.unwrap();
                    assert_eq!(appended, Appended::Done);
                }
                if ended {
                    let _ = store
                        .swap(&format!("ended/{id}"), None, &seal.bytes)
                        .await
                        .unwrap();
                }
                let audit = audit(&store, id).await.unwrap();
                assert!(
                    records.starts_with(&audit.records),
                    "{kept:?}: {:?}",
                    audit.problems
                );
                let whole = kept.iter().flatten().count();
                let prefix = (0..3).all(|at| kept[at] == (at < whole).then_some(at));
                let harmless = prefix && (whole == 3 || !ended && whole > 0);
                assert_eq!(
                    audit.problems.is_empty(),
                    harmless,
                    "{kept:?}, ended: {ended}"
                );
            }
        }
    });
}
