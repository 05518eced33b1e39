//! A site of hundreds of pages that move twice within minutes: what the CDN forgets, and what it is waited for.

#![expect(
    clippy::unwrap_used,
    reason = "the site is written to a folder of its own"
)]

use std::fs;
use std::path::Path;

use backstay_cli::scenario::Scenario;
use backstay_e2e::{differences, fixtures, played_below, redacted, roomy};
use rstest::rstest;

/// More addresses than the CDN is told one by one.
const PAGES: usize = 800;

/// The app `shop` below a folder of its own, with a page in each of so many folders.
fn site(below: &Path) {
    let shop = below.join("shop");
    fs::create_dir_all(shop.join("dist/items")).unwrap();
    for name in ["backstay.toml", "web.json"] {
        fs::copy(fixtures().join("shop").join(name), shop.join(name)).unwrap();
    }
    let mut text = fs::read_to_string(shop.join("backstay.toml")).unwrap();
    text.push_str("mutable = [\"*.html\"]\n");
    fs::write(shop.join("backstay.toml"), text).unwrap();
    fs::write(shop.join("dist/index.html"), "<title>shop</title>\n").unwrap();
    for page in 0..PAGES {
        let folder = shop.join(format!("dist/items/{page:05}"));
        fs::create_dir(&folder).unwrap();
        let text = format!("<title>item {page}</title>\n");
        fs::write(folder.join("index.html"), text).unwrap();
    }
}

/// All pages move, then all move back, then forward again: each time one folder and the entry page's two addresses are
/// forgotten, so that nothing has to be waited for.
const TWICE: &str = r#"
[[then]]
rollback = "last"
expect = { code = 0, live = "a1b2c3d", calls = { "cloudfront.CreateInvalidation" = 1 } }
[[then]]
rollback = "2f9c1e7"
expect = { code = 0, live = "2f9c1e7", calls = { "cloudfront.CreateInvalidation" = 1 } }
"#;

/// Somebody keeps the CDN busy for eight minutes, which is longer than other calls are tried again: on the way there, and on the
/// way back.
const BUSY: &str = r#"
[[faults]]
frontend = "cdn-busy"
lasting = "8m"
[[then]]
rollback = "last"
expect = { code = 0, live = "a1b2c3d" }
[[then.faults]]
frontend = "cdn-busy"
lasting = "8m"
"#;

#[rstest]
#[case::twice_within_minutes(TWICE, 1)]
#[case::while_others_keep_it_busy(BUSY, 17)]
fn hundreds_of_pages_move(#[case] play: &str, #[case] invalidations: u32) {
    let text = format!(
        "# Hundreds of pages\n\n```toml given\napp = \"shop\"\nenvironment = \"test\"\nlive = \"a1b2c3d\"\n```\n\
         ```toml play\ndeploy = \"2f9c1e7\"\n{play}```\n\
         ```toml expect\noutcome = \"live\"\nlive = \"2f9c1e7\"\ncalls = {{ \"cloudfront.CreateInvalidation\" = {invalidations} }}\n```\n\
         ```story\n```\n"
    );
    roomy(move || {
        let home = tempfile::tempdir().unwrap();
        site(home.path());
        let scenario = Scenario::parse(&text).unwrap();
        let played = played_below(&scenario, home.path()).unwrap();
        let found = differences(&scenario, &played);
        assert!(
            found.is_empty(),
            "{}\n{}",
            found.join("\n"),
            redacted(&played)
        );
    });
}
