//! Which images are built, under which tags, and what is left to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::{Builds, Found, ImageBuild, Inputs, Next, Recipe, may_be_secret, moves, next};
use crate::{Digest, ImageTag, Repository, Version};

fn recipe() -> Recipe {
    Recipe {
        context: ".".to_owned(),
        dockerfile: "Dockerfile".to_owned(),
        target: None,
        args: BTreeMap::from([("VERSION".to_owned(), "v{{ version }}".to_owned())]),
        platforms: vec!["linux/amd64".to_owned()],
    }
}

fn image(repository: &str, users: &[&str]) -> ImageBuild {
    ImageBuild {
        repository: Repository::parse(repository).unwrap(),
        recipe: recipe(),
        users: users.iter().map(|user| (*user).to_owned()).collect(),
    }
}

fn builds(tags: &[&str]) -> Builds {
    Builds {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        images: vec![
            image("shop/api", &["api", "migration"]),
            image("shop/web", &["web"]),
        ],
    }
}

fn tags_of(tags: &[&str], version: &str, branch: Option<&str>) -> Result<Vec<String>, String> {
    let version = Version::parse(version).unwrap();
    let orders = builds(tags).orders(&BTreeSet::new(), &version, branch);
    let tags =
        |orders: Vec<crate::build::Order>| orders[0].tags.iter().map(ToString::to_string).collect();
    orders.map(tags).map_err(|invalid| invalid.found)
}

#[test]
fn tags_are_of_the_version_and_of_the_branch() {
    type Row = (
        &'static [&'static str],
        Option<&'static str>,
        &'static [&'static str],
    );
    let three = &["{{ version }}", "{{ branch }}", "latest"];
    let rows: [Row; 7] = [
        (&["{{ version }}"], None, &["a1b2c3d"]),
        (three, Some("main"), &["a1b2c3d", "main", "latest"]),
        (
            &["{{ version }}", "{{ branch }}-{{version}}"],
            Some("feature/log in#2"),
            &["a1b2c3d", "feature-log-in-2-a1b2c3d"],
        ),
        (three, Some("-.x"), &["a1b2c3d", "x", "latest"]),
        (three, None, &["a1b2c3d", "latest"]),
        (three, Some("///"), &["a1b2c3d", "latest"]),
        (three, Some("a1b2c3d"), &["a1b2c3d", "latest"]),
    ];
    for (written, branch, expected) in rows {
        let expected = expected.iter().map(|tag| (*tag).to_owned()).collect();
        assert_eq!(tags_of(written, "a1b2c3d", branch), Ok(expected));
    }
}

#[test]
fn a_tag_that_turns_out_too_long_is_none() {
    let (long, version) = ("x".repeat(100), "v".repeat(100));
    let both = format!("{version}-{long}");
    assert_eq!(
        tags_of(&["{{ version }}-{{ branch }}"], &version, Some(&long)),
        Err(both)
    );
    // A branch alone is cut, as everybody's tools do.
    let branch = "b".repeat(200);
    assert_eq!(
        tags_of(&["{{ branch }}"], "a1b2c3d", Some(&branch)),
        Ok(vec!["b".repeat(128)])
    );
}

#[test]
fn an_image_is_chosen_by_any_of_its_users() {
    let version = Version::parse("a1b2c3d").unwrap();
    let chosen = |users: &[&str]| {
        let users = users.iter().map(|user| (*user).to_owned()).collect();
        let orders = builds(&["{{ version }}"]).orders(&users, &version, None);
        let names = orders.unwrap();
        let names = names.iter().map(|order| order.repository.to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(chosen(&[]), "shop/api shop/web");
    assert_eq!(chosen(&["migration"]), "shop/api");
    assert_eq!(chosen(&["api", "migration"]), "shop/api");
    assert_eq!(chosen(&["web"]), "shop/web");
}

#[test]
fn arguments_are_of_the_version_and_so_are_inputs() {
    let of = |version: &str| {
        let version = Version::parse(version).unwrap();
        let mut orders = builds(&[])
            .orders(&BTreeSet::new(), &version, None)
            .unwrap();
        orders.remove(0).recipe
    };
    let (one, two) = (of("a1b2c3d"), of("2f9c1e7"));
    assert_eq!(one.args["VERSION"], "va1b2c3d");
    assert_ne!(Inputs::of(&one, "f"), Inputs::of(&two, "f"));
    assert_ne!(Inputs::of(&one, "f"), Inputs::of(&one, "g"));
    assert_eq!(Inputs::of(&one, "f"), Inputs::of(&of("a1b2c3d"), "f"));
    let differs = |change: fn(&mut Recipe)| {
        let mut other = one.clone();
        change(&mut other);
        Inputs::of(&other, "f") != Inputs::of(&one, "f")
    };
    assert!(differs(|other| other.target = Some("test".to_owned())));
    assert!(differs(
        |other| other.platforms = vec!["linux/arm64".to_owned()]
    ));
    assert!(differs(|other| other.args.clear()));
    // Where the files lie decides nothing: what is in them does.
    assert!(!differs(|other| other.context = "elsewhere".to_owned()));
    let tag = Inputs::of(&one, "f").tag();
    assert_eq!(tag.as_str().len(), "inputs-".len() + 32);
}

#[test]
fn what_is_there_is_not_built() {
    let digest = |n: char| Digest::parse(format!("sha256:{}", n.to_string().repeat(64))).unwrap();
    let tag = |text: &str| ImageTag::parse(text).unwrap();
    let tags = [tag("a1b2c3d"), tag("latest")];
    let (one, other) = (digest('1'), digest('2'));
    let found = |there: Option<&Digest>, known: &[(&str, &Digest)], here: Option<&str>| Found {
        there: there.cloned(),
        tags: known
            .iter()
            .map(|(name, digest)| (tag(name), (*digest).clone()))
            .collect(),
        here: here.map(str::to_owned),
    };
    let rows = [
        (found(None, &[], None), Next::Build),
        // A tag alone says nothing about what it was made of.
        (found(None, &[("a1b2c3d", &one)], None), Next::Build),
        (found(None, &[], Some("id")), Next::Keep("id".to_owned())),
        (
            found(Some(&one), &[("a1b2c3d", &one), ("latest", &one)], None),
            Next::Nothing(one.clone()),
        ),
        (
            found(Some(&one), &[("a1b2c3d", &one), ("latest", &other)], None),
            Next::Tag(one.clone(), vec![tag("latest")]),
        ),
        (
            found(Some(&one), &[], Some("id")),
            Next::Tag(one.clone(), tags.to_vec()),
        ),
    ];
    for (found, expected) in rows {
        assert_eq!(next(&tags, &found), expected, "{found:?}");
    }
}

#[test]
fn names_of_secrets_are_known_and_tags_that_move() {
    for secret in [
        "TOKEN",
        "NPM_TOKEN",
        "github-pat",
        "DB_PASSWORD",
        "dbpassword",
        "authToken",
        "TOKEN_URL",
        "sshKey",
        "API_KEY",
        "APIKEY",
        "AUTH",
        "CLIENT_SECRET",
    ] {
        assert!(may_be_secret(secret), "{secret}");
    }
    for plain in [
        "VERSION",
        "PYTHON_VERSION",
        "KEYBOARD",
        "AUTHOR",
        "PATH_PREFIX",
        "ANSWERS",
    ] {
        assert!(!may_be_secret(plain), "{plain}");
    }
    assert!(moves("latest") && moves("{{ branch }}"));
    assert!(!moves("{{ version }}") && !moves("v{{version}}-x"));
}
