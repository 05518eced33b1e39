//! Which files of a frontend are uploaded, corrected, pointed to and forgotten.

use std::collections::BTreeSet;

use super::frontend::completed;
use super::story::{Story, check, row, well};
use super::world::{app, frontend, plan_of, survey, try_plan};
use crate::app::App;
use crate::decide::forgets;
use crate::journal::{Act, Finding, Side};
use crate::plan::{Forget, FrontendChange, LARGEST_FILE_BYTES, Plan};
use crate::survey::PublishedFiles;

/// The plan of `new` over a bucket that was edited.
fn planned(edit: impl FnOnce(&mut PublishedFiles)) -> Result<Plan, String> {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let mut survey = survey(&app);
    edit(survey.of_the_frontend());
    try_plan(&app, &survey).map_err(|refusals| {
        let words = refusals.0.iter().map(ToString::to_string);
        words.collect::<Vec<_>>().join("; ")
    })
}

/// Nothing of the build is missing, and its page is live.
fn all_there(published: &mut PublishedFiles) {
    let new = super::world::manifest(&super::world::version("new"));
    published.absent.clear();
    published.live = [(
        "index.html".to_owned(),
        new.files["index.html"].sha256.clone(),
    )]
    .into();
}

#[test]
fn what_changes_is_said_file_by_file() {
    let change = |edit: fn(&mut PublishedFiles)| {
        let frontend = planned(edit).unwrap().of_the_frontend();
        let names = |paths: &BTreeSet<String>| paths.iter().cloned().collect::<Vec<_>>().join(" ");
        let correct = frontend.correct.keys().cloned().collect();
        format!(
            "{:?}, up: {}, right: {}, moves: {}, forget: {}",
            frontend.change,
            names(&frontend.upload),
            names(&correct),
            names(&frontend.moving()),
            forgets(&frontend, Side::New).files.join(" "),
        )
    };
    assert_eq!(
        change(|_| {}),
        "Publish, up: app-new.js index.html, right: , moves: index.html, forget: index.html"
    );
    assert_eq!(
        change(all_there),
        "Unchanged, up: , right: , moves: , forget: "
    );
    let added = |published: &mut PublishedFiles| {
        all_there(published);
        published.absent = ["app-new.js".to_owned()].into();
    };
    assert_eq!(
        change(added),
        "Add, up: app-new.js, right: , moves: , forget: "
    );
    let wrong_headers = |published: &mut PublishedFiles| {
        all_there(published);
        published.headers = [("app-new.js".to_owned(), "text/plain".to_owned())].into();
    };
    assert_eq!(
        change(wrong_headers),
        "Add, up: , right: app-new.js, moves: , forget: app-new.js"
    );
}

#[test]
fn files_that_cannot_be_published_are_refused_all_by_name() {
    let changed = planned(|published| {
        published.changed = (0..25).map(|n| format!("locales/{n:02}.json")).collect();
    });
    let said = changed.unwrap_err();
    assert!(
        said.starts_with(
            "25 files changed under a name that visitors keep for ever: locales/00.json, "
        ) && said.ends_with("locales/19.json and 5 more"),
        "{said}"
    );
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let mut large = super::world::release(&app, "new");
    let files = &mut large.the_frontend().files;
    files.get_mut("app-new.js").unwrap().size = LARGEST_FILE_BYTES + 1;
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    let refusals = crate::plan::plan(deployment, &app, large, &survey(&app)).unwrap_err();
    assert_eq!(refusals.to_string(), "1 file larger than 5 GiB: app-new.js");
    let mut largest = super::world::release(&app, "new");
    let files = &mut largest.the_frontend().files;
    files.get_mut("app-new.js").unwrap().size = LARGEST_FILE_BYTES;
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    crate::plan::plan(deployment, &app, largest, &survey(&app)).unwrap();
    // Nor could one that is live be kept, and brought back.
    let kept = planned(|published| published.too_large = ["index.html".to_owned()].into());
    assert_eq!(kept.unwrap_err(), "1 file larger than 5 GiB: index.html");
}

#[test]
fn a_pattern_that_means_nothing_is_told() {
    let mut site = frontend();
    site.mutable.push("robots.text".to_owned());
    site.media_types = [("about".to_owned(), "text/html".to_owned())].into();
    let app = App {
        frontends: crate::frontends::alone(site),
        ..app()
    };
    let warnings: Vec<String> = plan_of(&app)
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "`robots.text` in `mutable` of [frontend] means no file of the build",
            "`about` in `media_types` of [frontend] means no file of the build",
        ]
    );
}

#[test]
fn many_files_are_forgotten_by_folder_and_the_way_back_needs_no_more() {
    let of = |paths: Vec<String>| {
        let forget = Forget::of(&paths.into_iter().collect());
        let folders: Vec<String> = forget.folders.iter().map(|it| format!("/{it}*")).collect();
        format!("{} files, {}", forget.files.len(), folders.join(" "))
    };
    let pages = |folder: &str, count: usize| {
        (0..count)
            .map(|n| format!("{folder}/{n}/index.html"))
            .collect::<Vec<_>>()
    };
    let root = |count: usize| (0..count).map(|n| format!("{n}.html")).collect::<Vec<_>>();
    assert_eq!(of(vec![]), "0 files, ");
    assert_eq!(of(pages("items", 150)), "150 files, ");
    assert_eq!(of(pages("items", 151)), "0 files, /items/*");
    assert_eq!(
        of([pages("items", 1600), pages("shop", 19), root(3)].concat()),
        "22 files, /items/*"
    );
    let rest = |count: usize| of([pages("items", 100), root(count)].concat());
    assert_eq!(rest(300), "300 files, /items/*");
    assert_eq!(rest(301), "0 files, /*");
    assert_eq!(of(root(301)), "0 files, /*");
    let many: Vec<String> = (0..6).flat_map(|n| pages(&format!("f{n}"), 100)).collect();
    assert_eq!(of(many), "0 files, /*");
    let fewer: Vec<String> = (0..5).flat_map(|n| pages(&format!("f{n}"), 100)).collect();
    assert_eq!(of(fewer), "0 files, /f0/* /f1/* /f2/* /f3/* /f4/*");
    let frontend = plan_of(&App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    })
    .of_the_frontend();
    assert_eq!(forgets(&frontend, Side::New), forgets(&frontend, Side::Old));
}

#[test]
fn a_plan_of_an_earlier_version_forgets_as_it_did() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let plan = plan_of(&app).of_the_frontend();
    let mut written = serde_json::to_value(plan).unwrap();
    for member in ["upload", "correct", "forget"] {
        written.as_object_mut().unwrap().remove(member);
    }
    written["before"]["gone.html"] = "abc".into();
    let read: crate::plan::FrontendPlan = serde_json::from_value(written).unwrap();
    assert_eq!(read.change, FrontendChange::Publish);
    assert_eq!(forgets(&read, Side::New).files, ["index.html"]);
    assert_eq!(forgets(&read, Side::Old).files, ["gone.html", "index.html"]);
}

#[test]
fn headers_that_were_put_right_are_forgotten_and_not_taken_back() {
    let plan = planned(|published| {
        all_there(published);
        published.headers = [("app-new.js".to_owned(), "text/plain".to_owned())].into();
    });
    let live = Story::of(plan.unwrap()).later(3600).all_live();
    let asked = live.clone().done(Act::Invalidate {
        frontend: Default::default(),
        side: Side::New,
    });
    let forgotten = asked.clone().find(Finding::Invalidated {
        frontend: Default::default(),
        side: Side::New,
    });
    let services = ["catalog", "proxy", "auth"];
    let put_back = services
        .into_iter()
        .fold(forgotten.clone().turned_back(), Story::put_back);
    let home = services
        .into_iter()
        .fold(put_back.find(Finding::Undone), Story::home);
    check(vec![
        row("no page moves", &live, well, "act: invalidate the CDN"),
        row("forgotten", &asked, completed, "find: invalidated new"),
        row("right", &forgotten, well, "find: new frontend proven 1/1"),
        row(
            "on the way back",
            &home,
            well,
            "find: old frontend proven 1/1",
        ),
    ]);
}

#[test]
fn a_page_that_is_a_folder_s_index_has_two_addresses() {
    let of = |paths: &[&str]| Forget {
        files: paths.iter().map(|path| (*path).to_owned()).collect(),
        folders: Vec::new(),
    };
    let rows: [(&[&str], usize); 6] = [
        (&[], 0),
        (&["about.html"], 1),
        (&["index.html"], 2),
        (&["shop/index.html"], 2),
        (&["shop/my-index.html"], 1),
        (&["index.html", "a.js", "b.js"], 4),
    ];
    for (paths, expected) in rows {
        let forget = of(paths);
        assert_eq!(forget.count(), expected, "{paths:?}");
        assert_eq!(forget.is_empty(), paths.is_empty(), "{paths:?}");
        let folders = vec!["shop/".to_owned(), "items/".to_owned()];
        let with = Forget { folders, ..forget };
        assert_eq!(with.count(), expected + 2, "{paths:?}");
        assert!(!with.is_empty(), "{paths:?}");
    }
    // As many addresses as are forgotten one by one: not one more.
    let pages = |count: usize| (0..count).map(|n| format!("{n}/my-index.html")).collect();
    assert_eq!(Forget::of(&pages(300)).files.len(), 300);
    assert_eq!(Forget::of(&pages(301)).folders, [""]);
}

#[test]
fn pages_are_the_recorded_release_s_only_where_they_are_its_very_bytes() {
    let published =
        |edit: fn(&mut PublishedFiles)| planned(edit).unwrap().of_the_frontend().published;
    let old = super::world::version("old");
    assert_eq!(published(|_| ()), Some(old));
    assert_eq!(published(all_there), None, "those of the new one");
    assert_eq!(published(|there| there.live.clear()), None);
}

#[test]
fn a_file_of_which_nobody_knows_what_it_is_is_told() {
    let mut site = frontend();
    site.media_types = [("CNAME".to_owned(), "text/plain".to_owned())].into();
    let app = App {
        frontends: crate::frontends::alone(site),
        ..app()
    };
    let mut release = super::world::release(&app, "new");
    let manifest = release.the_frontend();
    let mut add = |path: &str, content_type: &str| {
        let mut file = manifest.files["index.html"].clone();
        file.content_type = content_type.to_owned();
        manifest.files.insert(path.to_owned(), file);
    };
    add("docs/about", "application/octet-stream");
    add("docs/LICENSE", "text/plain");
    add("docs.v2/data.bin", "application/octet-stream");
    add("docs.v2/raw", "application/octet-stream");
    add("CNAME", "application/octet-stream");
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    let plan = crate::plan::plan(deployment, &app, release, &survey(&app)).unwrap();
    let unknown = |warning: &crate::plan::Warning| match warning {
        crate::plan::Warning::NoMediaType(path) => Some(path.clone()),
        _ => None,
    };
    let about: Vec<String> = plan.warnings.iter().filter_map(unknown).collect();
    assert_eq!(about, ["docs.v2/raw", "docs/about"]);
}

/// The plan of `new` where the release before it had the same script, and where that stands.
fn over_the_same_script(edit: impl FnOnce(&mut crate::survey::Survey)) -> Result<Plan, String> {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let mut survey = survey(&app);
    let recorded = survey.recorded.as_mut().unwrap();
    let old = recorded.the_frontend();
    let new = super::world::manifest(&super::world::version("new"));
    let mut add = |path: &str| {
        let script = new.files["app-new.js"].clone();
        old.files.insert(path.to_owned(), script);
    };
    ["app-new.js", "a.js", "b.js", "c.js"]
        .iter()
        .for_each(|path| add(path));
    let mut release = super::world::release(&app, "new");
    let files = &mut release.the_frontend().files;
    for path in ["a.js", "b.js", "c.js"] {
        files.insert(path.to_owned(), new.files["app-new.js"].clone());
    }
    survey.of_the_frontend().absent = ["index.html".to_owned()].into();
    survey.of_the_frontend().standing = crate::survey::Standing::Stands;
    edit(&mut survey);
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    crate::plan::plan(deployment, &app, release, &survey).map_err(|refusals| {
        let words = refusals.0.iter().map(ToString::to_string);
        words.collect::<Vec<_>>().join("; ")
    })
}

#[test]
fn what_stands_is_not_proven_file_by_file_again() {
    let asked = |edit: fn(&mut crate::survey::Survey)| {
        let frontend = over_the_same_script(edit).unwrap().of_the_frontend();
        let files = crate::decide::expected_files(&frontend, Side::New);
        let said = frontend.as_built(u32::try_from(files.len()).unwrap(), Side::New);
        (
            files.len(),
            files.iter().any(|it| it.path == "index.html"),
            said,
        )
    };
    assert_eq!(
        asked(|_| ()),
        (
            2,
            true,
            "2/2 files as built, 3 as published with old".to_owned()
        )
    );
    let all = (5, true, "5/5 files as built".to_owned());
    assert_eq!(
        asked(|survey| survey.of_the_frontend().standing = Default::default()),
        all
    );
    assert_eq!(asked(|survey| survey.recorded = None), all);
    // What is uploaded, or put right, is proven.
    let (files, ..) = asked(|survey| {
        survey.of_the_frontend().absent.insert("a.js".to_owned());
    });
    assert_eq!(files, 3);
    let (files, ..) = asked(|survey| {
        survey
            .of_the_frontend()
            .headers
            .insert("b.js".to_owned(), "text/plain".to_owned());
    });
    assert_eq!(files, 3);
    // Nor does anything stand that is served in another way.
    let (files, ..) = asked(|survey| {
        let recorded = survey.recorded.as_mut().unwrap().the_frontend();
        recorded.files.get_mut("c.js").unwrap().content_encoding = Some("br".to_owned());
    });
    assert_eq!(files, 3);
}

#[test]
fn a_place_of_another_app_is_refused() {
    let owned = |app: &str, environment: &str| {
        over_the_same_script(|survey| {
            survey.of_the_frontend().owner = Some(crate::survey::Owner {
                app: crate::AppName::parse(app).unwrap(),
                environment: crate::EnvironmentName::parse(environment).unwrap(),
            });
        })
        .map(|_| ())
    };
    let ours = app();
    assert_eq!(owned(ours.name.as_str(), ours.environment.as_str()), Ok(()));
    assert_eq!(
        owned("blog", "production"),
        Err("s3://site/ holds the frontend of blog in production".to_owned())
    );
    let said = owned(ours.name.as_str(), "elsewhere").unwrap_err();
    assert!(said.ends_with("in elsewhere"), "{said}");
}

#[test]
fn paths_that_no_build_has_are_refused() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let refused = |path: &str| {
        let mut release = super::world::release(&app, "new");
        let files = &mut release.the_frontend().files;
        let script = files["app-new.js"].clone();
        files.insert(path.to_owned(), script);
        let deployment = crate::DeploymentId::parse("d-test").unwrap();
        let planned = crate::plan::plan(deployment, &app, release, &survey(&app));
        planned.map(|_| ()).map_err(|refusals| refusals.to_string())
    };
    assert_eq!(refused("a/..b/.c"), Ok(()));
    for path in [
        "../other/index.html",
        "a/../b",
        "/etc/passwd",
        "a//b",
        "./a",
        "_backstay/manifest.json",
        "a\nb",
    ] {
        let said = refused(path).unwrap_err();
        assert!(said.starts_with("1 file outside of the site: "), "{said}");
    }
}
