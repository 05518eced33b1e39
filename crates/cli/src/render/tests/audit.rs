//! Audits.

use backstay_adapters::state::journal::{Audit, Problem};
use insta::assert_snapshot;

use super::build::{ok, records};
use super::story::started;
use crate::render::audit::{Verified, audit_error, audit_text};
use crate::render::json;

fn audit(id: &str, ended_with: Option<u64>, problems: Vec<Problem>) -> Audit {
    Audit {
        deployment: ok(id.parse()),
        records: records(vec![(0, started()), (1, started())]),
        ended_with,
        problems,
    }
}

fn verified(audits: Vec<Audit>) -> Verified {
    Verified {
        app: ok("cat-house".parse()),
        environment: ok("staging".parse()),
        audits,
    }
}

fn text(verified: &Verified) -> String {
    anstream::adapter::strip_str(&audit_text(verified)).to_string()
}

#[test]
fn a_line_for_each_and_below_it_what_is_wrong() {
    let wrong = vec![
        Problem::Changed { record: 2 },
        Problem::Missing { from: 4, to: 9 },
    ];
    let mut absent = audit("d-3333cccc", None, vec![Problem::Absent]);
    absent.records.clear();
    let verified = verified(vec![
        audit("d-1111aaaa", Some(2), vec![]),
        audit("d-2222bbbb", None, wrong),
        absent,
        audit("d-4444dddd", None, vec![Problem::Torn { bytes: 31 }]),
    ]);
    assert_snapshot!(text(&verified), @"
    d-1111aaaa  2 records  sealed      intact
    d-2222bbbb  2 records  not sealed  NOT INTACT
                record 2 was changed after it was written
                records 4 to 9 are missing
    d-3333cccc  0 records  not sealed  NOT INTACT
                there is no journal
    d-4444dddd  2 records  not sealed  intact
                31 bytes of a record that was not written to its end are behind the last one

    cat-house staging: 2 of 4 journals intact
    ");
    let error = audit_error(&verified).map(|error| error.text());
    assert_snapshot!(error.unwrap_or_default(), @"
    Error: 2 journals of cat-house staging cannot be believed: d-2222bbbb, d-3333cccc
    Hint: somebody or something changed the state outside of Backstay: find out who, and put the files back from a backup or the bucket's earlier versions
    ");
    assert_snapshot!(json::audited(&verified, 5)["journals"][1], @r#"{"deployment":"d-2222bbbb","records":2,"sealed":false,"intact":false,"problems":["record 2 was changed after it was written","records 4 to 9 are missing"]}"#);
}

#[test]
fn intact_and_none() {
    let one = verified(vec![audit("d-1111aaaa", Some(2), vec![])]);
    assert_snapshot!(text(&one), @"
    d-1111aaaa  2 records  sealed      intact

    cat-house staging: 1 of 1 journal intact
    ");
    assert_eq!(audit_error(&one), None);
    assert_snapshot!(text(&verified(vec![])), @"cat-house staging: there is no journal yet");
}
