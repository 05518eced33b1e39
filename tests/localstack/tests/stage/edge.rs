//! Our CloudFront in front of LocalStack's S3.

use std::fs;

use crate::app::App;
use crate::cloud::Pair;

const SITE: &str = "https://staging.gamificator.click";
/// More than a page of S3's lists, which has 1,000.
const PAGES: usize = 1_200;

#[test]
fn a_frontend_with_many_pages_is_served_from_there() {
    let app = App::new(8);
    let Some(pair) = Pair::of(
        "a_frontend_with_many_pages_is_served_from_there",
        &app,
        "manual",
    ) else {
        return;
    };
    let guide = app.directory.join("frontend/dist/guide");
    fs::create_dir_all(&guide).unwrap();
    for page in 0..PAGES {
        fs::write(
            guide.join(format!("page {page}+.txt")),
            format!("page {page}"),
        )
        .unwrap();
    }
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let page = pair
        .page(&format!("{SITE}/guide/page%20700%2B.txt"))
        .is(200);
    assert_eq!(page.body, "page 700");
    let cached = page.header("x-cache").unwrap();
    assert!(cached.ends_with("from cloudfront"), "{cached}");
    // Nothing was uploaded twice: the second deployment of the same files finds them.
    let puts = || {
        pair.control("GET calls", "")["calls"]["s3.PutObject"]
            .as_u64()
            .unwrap()
    };
    let before = puts();
    app.run(["deploy", "staging", "--version", "3c0ffee"])
        .ends_with(0);
    assert!(puts() - before < 20, "{} uploads", puts() - before);
}
