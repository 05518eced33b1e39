//! Compare and swap over S3's conditional writes: whose a write was, when nobody says.

use std::collections::BTreeSet;

use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::operation::put_object::{PutObjectError, PutObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object;
use aws_smithy_mocks::{Rule, mock};
use backstay_domain::ports::{Effect, FailureKind};
use backstay_domain::{AppName, EnvironmentName};
use rstest::rstest;

use super::*;
use crate::aws::tests::{coded, config, rules};
use crate::state::Store as _;

fn store(of: &[&Rule]) -> S3Store {
    let app = AppName::parse("shop").unwrap();
    let environment = EnvironmentName::parse("staging").unwrap();
    let store = S3Store::new(&config(), "bucket", "", &app, &environment);
    let client = aws_sdk_s3::config::Builder::from(&config()).interceptor(rules(of));
    S3Store {
        client: Regional::new(client),
        ..store
    }
}

fn written(tag: &'static str) -> PutObjectOutput {
    PutObjectOutput::builder().e_tag(tag).build()
}

fn refusal(code: &'static str) -> PutObjectError {
    PutObjectError::generic(coded(code))
}

/// A write of the cell `lease` that must be new, with these answers in turn.
macro_rules! creating {
    ($($answer:ident $what:expr),+) => {
        mock!(aws_sdk_s3::Client::put_object)
            .match_requests(|sent| {
                sent.if_none_match() == Some("*") && sent.key() == Some("shop/staging/lease")
            })
            .sequence()
            $(.$answer(move || $what))+
            .repeatedly()
            .build()
    };
}

/// What the object holds; nothing: there is none.
fn holding(bytes: Option<&'static str>) -> Rule {
    let found = mock!(aws_sdk_s3::Client::get_object)
        .match_requests(|sent| sent.key() == Some("shop/staging/lease"));
    match bytes {
        Some(bytes) => found
            .sequence()
            .output(move || {
                GetObjectOutput::builder()
                    .e_tag("\"there\"")
                    .body(ByteStream::from_static(bytes.as_bytes()))
                    .build()
            })
            .repeatedly()
            .build(),
        None => found
            .sequence()
            .error(|| GetObjectError::generic(coded("NoSuchKey")))
            .repeatedly()
            .build(),
    }
}

fn done(tag: &str) -> Swapped {
    Swapped::Done(Tag(tag.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn what_is_written_needs_no_second_look() {
    let (put, get) = (creating!(output written("\"one\"")), holding(None));
    let swapped = store(&[&put, &get]).swap("lease", None, b"ours").await;
    assert_eq!(swapped, Ok(done("\"one\"")));
    assert_eq!((put.num_calls(), get.num_calls()), (1, 0));
}

/// S3 refuses a write that it carried out already, just as anybody else's: the reply to the first was lost.
#[rstest]
#[case::ours(Some("ours"), done("\"there\""))]
#[case::theirs(Some("theirs"), Swapped::Conflict)]
#[case::gone_meanwhile(None, Swapped::Conflict)]
#[tokio::test(start_paused = true)]
async fn a_refused_write_is_ours_where_the_object_says_so(
    #[case] holds: Option<&'static str>,
    #[case] expected: Swapped,
) {
    let (put, get) = (
        creating!(error refusal("PreconditionFailed")),
        holding(holds),
    );
    let swapped = store(&[&put, &get]).swap("lease", None, b"ours").await;
    assert_eq!(swapped, Ok(expected));
    assert_eq!((put.num_calls(), get.num_calls()), (1, 1));
}

/// Nobody says what became of it: ours where the object says so, else it may still arrive.
#[rstest]
#[case::ours(Some("ours"), Ok(done("\"there\"")))]
#[case::theirs(Some("theirs"), Err((FailureKind::Unavailable, Effect::Unknown)))]
#[case::nothing_yet(None, Err((FailureKind::Unavailable, Effect::Unknown)))]
#[tokio::test(start_paused = true)]
async fn a_write_that_broke_is_looked_for(
    #[case] holds: Option<&'static str>,
    #[case] expected: Result<Swapped, (FailureKind, Effect)>,
) {
    let (put, get) = (creating!(error refusal("InternalError")), holding(holds));
    let swapped = store(&[&put, &get]).swap("lease", None, b"ours").await;
    let told = swapped.map_err(|failure| (failure.kind, failure.effect));
    assert_eq!(told, expected);
}

/// Two writes of one moment: S3 says 409 and wants to be asked again.
#[tokio::test(start_paused = true)]
async fn a_collision_is_tried_again() {
    let put = creating!(error refusal("ConditionalRequestConflict"), output written("\"two\""));
    let swapped = store(&[&put, &holding(None)])
        .swap("lease", None, b"ours")
        .await;
    assert_eq!(swapped, Ok(done("\"two\"")));
    assert_eq!(put.num_calls(), 2);
}

#[rstest]
#[case("AccessDenied", FailureKind::Denied)]
#[case("ExpiredToken", FailureKind::Unauthenticated)]
#[case("NoSuchBucket", FailureKind::NotFound)]
#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_asked_once(#[case] code: &'static str, #[case] kind: FailureKind) {
    let put = creating!(error refusal(code));
    let failure = store(&[&put]).swap("lease", None, b"ours").await;
    let failure = failure.unwrap_err();
    assert_eq!((failure.kind, failure.effect), (kind, Effect::None));
    assert_eq!(put.num_calls(), 1);
    let place = "(s3://bucket/shop/staging/lease";
    assert!(failure.message.contains(place), "{failure}");
}

/// `If-Match`: in the state that was read. Where there is no object any more, S3 answers as to a read of it.
#[rstest]
#[case("PreconditionFailed")]
#[case("NoSuchKey")]
#[tokio::test(start_paused = true)]
async fn another_state_is_a_conflict(#[case] code: &'static str) {
    let put = mock!(aws_sdk_s3::Client::put_object)
        .match_requests(|sent| {
            sent.if_match() == Some("\"read\"") && sent.if_none_match().is_none()
        })
        .sequence()
        .error(move || refusal(code))
        .build();
    let expected = Tag("\"read\"".to_owned());
    let swapped = store(&[&put, &holding(None)])
        .swap("lease", Some(&expected), b"ours")
        .await;
    assert_eq!(swapped, Ok(Swapped::Conflict));
}

#[tokio::test(start_paused = true)]
async fn every_page_of_a_log_is_read_in_order_and_what_is_not_ours_is_left_out() {
    let page = |names: &[&str], next: Option<&str>| {
        let object = |name: &&str| {
            let object = Object::builder().key(format!("shop/staging/log/{name}"));
            object.build()
        };
        ListObjectsV2Output::builder()
            .set_contents(Some(names.iter().map(object).collect()))
            .set_next_continuation_token(next.map(str::to_owned))
            .build()
    };
    let list = mock!(aws_sdk_s3::Client::list_objects_v2)
        .match_requests(|sent| sent.prefix() == Some("shop/staging/log/"))
        .then_compute_output(move |sent| match sent.continuation_token() {
            None => page(&["000002.json", "000010.json", "notes.txt"], Some("more")),
            Some("more") => page(&["000001.json", "+00003.json"], None),
            Some(other) => panic!("{other}"),
        });
    let positions = store(&[&list]).positions("log").await.unwrap();
    assert_eq!(positions, [1, 2, 10]);
    assert_eq!(list.num_calls(), 2);
}

/// A store that ignores conditions lets everybody win.
#[rstest]
#[case::keeps_both(&["PreconditionFailed", "PreconditionFailed"], None)]
#[case::ignores_none_match(&[""], Some("`If-None-Match`"))]
#[case::ignores_match(&["PreconditionFailed", ""], Some("`If-Match`"))]
#[tokio::test(start_paused = true)]
async fn conditional_writes_are_proven(
    #[case] tries: &'static [&'static str],
    #[case] ignored: Option<&str>,
) {
    let mut puts = mock!(aws_sdk_s3::Client::put_object)
        .sequence()
        .output(|| written("\"probe\""));
    for code in tries {
        puts = match *code {
            "" => puts.output(|| written("\"again\"")),
            code => puts.error(move || refusal(code)),
        };
    }
    let put = puts.build();
    let proven = store(&[&put]).prove().await;
    let said: BTreeSet<String> = proven
        .err()
        .map(|failure| failure.message)
        .into_iter()
        .collect();
    assert_eq!(said.len(), usize::from(ignored.is_some()));
    assert!(
        said.iter()
            .all(|said| said.contains(ignored.unwrap_or_default())),
        "{said:?}"
    );
    assert_eq!(put.num_calls(), tries.len() + 1);
}
