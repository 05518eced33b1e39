//! `backstay images` as docker hears it: command lines, and what is not built again. `unbuilt` is what goes wrong; `building` plays it
//! with a real engine.

use crate::docker::{DIGEST, SECRET, Shop, WELL};

#[test]
fn docker_is_told_what_the_configuration_says() {
    let shop = Shop::with(WELL);
    let said = shop.push(&[]).ends_with(0);
    assert_eq!(
        shop.told(),
        "version --format {{.Server.Version}}
buildx version
image ls --no-trunc --quiet --filter label=backstay.inputs=HASH
buildx imagetools inspect --format {{json .Manifest}} registry.test/shop/web:inputs-HASH32
buildx build --progress plain --file ~/app/Dockerfile --platform linux/amd64 --label backstay.inputs=HASH \
         --target runtime --build-arg NPM_TOKEN --build-arg RELEASE=a1b2c3d \
         --tag registry.test/shop/web:a1b2c3d --tag registry.test/shop/web:latest \
         --tag registry.test/shop/web:inputs-HASH32 --load ~/app/.
  NPM_TOKEN=hunter2-8c1f0d
image push registry.test/shop/web:a1b2c3d
image push registry.test/shop/web:latest
image push registry.test/shop/web:inputs-HASH32
"
    );
    assert_eq!(
        said.stdout,
        format!(
            "registry.test/shop/web@{DIGEST} built and pushed (a1b2c3d, latest; web, worker)\n"
        )
    );
    assert!(!said.stderr.contains(SECRET), "{}", said.stderr);
}

#[test]
fn what_the_registry_has_is_not_built() {
    let there = WELL.replace(
        r#"echo "ERROR: not found" >&2; exit 1"#,
        r#"case "$*" in *:latest) digest=sha256:2222222222222222222222222222222222222222222222222222222222222222 ;; *) digest=DIGEST ;; esac; echo "{\"digest\":\"$digest\"}""#,
    );
    let shop = Shop::with(&there);
    let said = shop.push(&["--output", "json"]).ends_with(0);
    let image = said.last_object();
    assert_eq!(image["did"], "tagged");
    assert_eq!(image["digest"], DIGEST);
    assert_eq!(said.stderr, "");
    let told = shop.told();
    assert!(!told.contains("buildx build"), "{told}");
    assert!(
        told.ends_with(&format!(
            "image pull --quiet registry.test/shop/web@{DIGEST}
image tag registry.test/shop/web@{DIGEST} registry.test/shop/web:latest
image push registry.test/shop/web:latest
"
        )),
        "{told}"
    );
    // Where every tag means it, nothing at all is done.
    let all = there.replace("*:latest)", "*:nothing)");
    let said = Shop::with(&all).push(&[]).ends_with(0);
    assert!(said.stdout.contains(" unchanged ("), "{said:?}");
    // It is built all the same when that is asked for.
    let shop = Shop::with(&all);
    let said = shop.push(&["--rebuild"]).ends_with(0);
    assert!(said.stdout.contains("built and pushed"), "{said:?}");
    assert!(!shop.told().contains("imagetools"), "{}", shop.told());
}

#[test]
fn several_platforms_are_built_into_the_registry() {
    let docker = format!(
        "{WELL}
case \"$*\" in *--metadata-file*)
    file=$(printf '%s' \"$*\" | sed 's/.*--metadata-file //; s/ .*//')
    echo '{{\"containerimage.digest\":\"DIGEST\"}}' >\"$file\" ;;
esac"
    );
    let shop = Shop::with(&docker);
    shop.edit(
        "target = \"runtime\"",
        "platforms = [\"linux/amd64\", \"linux/arm64\"]",
    );
    let said = shop.push(&[]).ends_with(0);
    assert!(said.stdout.contains(DIGEST), "{said:?}");
    let told = shop.told();
    let builds: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("buildx build"))
        .collect();
    assert_eq!(builds.len(), 2, "{told}");
    assert!(
        builds[0].contains("--platform linux/amd64,linux/arm64 "),
        "{told}"
    );
    assert!(builds[0].contains("--output type=cacheonly"), "{told}");
    assert!(builds[1].contains("--push --metadata-file"), "{told}");
    assert!(!told.contains("image push"), "{told}");
}

#[test]
fn without_buildx_one_platform_is_built_and_no_more() {
    let plain = WELL.replace("\"buildx version\") echo 0.13 ;;", "buildx*) exit 1 ;;");
    let shop = Shop::with(&plain);
    let said = shop.push(&[]).ends_with(0);
    assert!(said.stdout.contains("built and pushed"), "{said:?}");
    let told = shop.told();
    assert!(
        told.contains("\nbuild --file ~/app/Dockerfile --platform linux/amd64 "),
        "{told}"
    );
    assert!(
        told.contains("manifest inspect --verbose registry.test/shop/web:inputs-"),
        "{told}"
    );

    let shop = Shop::with(&plain);
    shop.edit(
        "target = \"runtime\"",
        "platforms = [\"linux/amd64\", \"linux/arm64\"]",
    );
    let said = shop.push(&[]).ends_with(3);
    assert!(
        said.stderr.contains("registry.test/shop/web is built for linux/amd64 and linux/arm64, and that takes docker buildx"),
        "{said:?}"
    );
    assert!(!shop.told().contains("build --"), "{}", shop.told());

    let shop = Shop::with(&plain);
    shop.write("app/Dockerfile.dockerignore", "x");
    let said = shop.push(&[]).ends_with(3);
    assert!(
        said.stderr
            .contains("Dockerfile.dockerignore is read by BuildKit only"),
        "{said:?}"
    );
}
