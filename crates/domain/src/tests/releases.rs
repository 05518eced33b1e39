//! A release's id changes when, and only when, what it runs changes.

use super::world::{images, manifest, release, version, whole_app};
use crate::app::App;
use crate::release::{FileKind, Release};

#[test]
fn the_same_content_has_the_same_id() {
    assert_eq!(release(&whole_app(), "new"), release(&whole_app(), "new"));
    let id = release(&whole_app(), "new").id;
    assert!(id.as_str().starts_with("r-"), "{id}");
}

#[test]
fn other_content_has_another_id() {
    let base = whole_app();
    let version = version("new");
    let id =
        |app: &App, edit: &dyn Fn(&mut crate::release::Images, &mut crate::release::Manifest)| {
            let (mut images, mut manifest) = (images(app, &version), manifest(&version));
            edit(&mut images, &mut manifest);
            let manifest = crate::release::Manifest::new(manifest.files.into_iter().collect());
            Release::assemble(app, &version, &images, crate::frontends::alone(manifest))
                .unwrap()
                .id
        };
    let same = id(&base, &|_, _| {});
    let image = id(&base, &|images, _| {
        let one = images.by_repository.values_mut().next().unwrap();
        one.digest = super::world::digest("another build");
    });
    let file = id(&base, &|_, manifest| {
        let index = manifest.files.get_mut("index.html").unwrap();
        index.sha256 = "00".repeat(32);
    });
    let configured = id(
        &App {
            config_fingerprint: "c1".to_owned(),
            ..base.clone()
        },
        &|_, _| {},
    );
    let mut command = base.clone();
    let auth = command
        .services
        .get_mut(&super::world::name("auth"))
        .unwrap();
    auth.definition.0["containerDefinitions"][0]["command"] = serde_json::json!(["serve"]);
    let command = id(&command, &|_, _| {});
    let unmigrated = id(
        &App {
            migration: None,
            ..base.clone()
        },
        &|_, _| {},
    );
    let fewer = {
        let mut app = base.clone();
        app.services.remove(&super::world::name("proxy"));
        id(&app, &|_, _| {})
    };
    let other_version = release(&base, "old").id;
    let ids = [
        image,
        file,
        configured,
        command,
        unmigrated,
        fewer,
        other_version,
    ];
    for (position, other) in ids.iter().enumerate() {
        assert_ne!(&same, other, "{position}");
    }
    // Platforms and the kind of a file say nothing about what runs.
    let described = id(&base, &|images, manifest| {
        images
            .by_repository
            .values_mut()
            .for_each(|image| image.platforms.clear());
        manifest
            .files
            .values_mut()
            .for_each(|file| file.kind = FileKind::Mutable);
    });
    assert_eq!(same, described);
}

#[test]
fn missing_images_are_named_together() {
    let app = whole_app();
    let mut images = images(&app, &version("new"));
    images.by_repository.clear();
    let missing =
        Release::assemble(&app, &version("new"), &images, Default::default()).unwrap_err();
    let missing: Vec<&str> = missing
        .iter()
        .map(|repository| repository.as_str())
        .collect();
    assert_eq!(
        missing,
        ["shop/auth", "shop/catalog", "shop/proxy", "shop/migration"]
    );
}
