//! The reference systems' own configurations load, and mean what `reference-systems.md` says.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that does not load fails the test"
)]

use std::fmt::Write as _;
use std::path::Path;

use backstay_config::{Configured, FileProblem, Problems, environments, load};
use backstay_domain::Version;

fn read(path: &str) -> Result<String, FileProblem> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing,
        _ => FileProblem::Unreadable(error.to_string()),
    })
}

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name)
        .to_string_lossy()
        .into_owned()
}

fn configured(name: &str, environment: &str) -> Configured {
    let path = fixture(name);
    let loaded = load(&path, &read(&path).unwrap(), environment, &read);
    loaded.unwrap_or_else(|problems: Problems| panic!("{:#?}", problems.iter().collect::<Vec<_>>()))
}

/// One line per thing that is deployed.
fn picture(name: &str, environment: &str) -> String {
    let configured = configured(name, environment);
    let app = &configured.app;
    let mut out = format!(
        "{} in {} ({:?}, {}, {:?})\n{:?}\n",
        app.name,
        app.environment,
        configured.cloud,
        configured.region,
        configured.account,
        app.policy
    );
    let version = Version::parse("a1b2c3d").unwrap();
    for (number, wave) in app.waves().unwrap().iter().enumerate() {
        for name in wave {
            let service = &app.services[name];
            let definition = service.definition.render(&version, "repo@sha256:1");
            let text = definition.document.to_string();
            assert!(!text.contains("{{"), "{text}");
            let world = &configured.simulation.services[name];
            let path = world.path.as_deref().unwrap_or("-");
            let _ = writeln!(
                out,
                "{number} {} ×{} {} {path}",
                service.locator.cluster_name,
                service
                    .desired_count
                    .map_or_else(|| "?".to_owned(), |count| count.to_string()),
                definition.family()
            );
        }
    }
    for check in &app.checks {
        let _ = writeln!(out, "check {} {}", check.status, check.url);
    }
    let migration = app.migration.as_ref().unwrap();
    let _ = writeln!(
        out,
        "migration {} {:?}",
        migration.image,
        migration.down_command.as_ref().unwrap()
    );
    let frontend = app.frontends.values().next().unwrap();
    let _ = writeln!(
        out,
        "frontend {} → {} {:?}",
        frontend.directory, frontend.bucket, frontend.mutable
    );
    out
}

#[test]
fn cat_house_in_staging() {
    insta::assert_snapshot!(picture("cat-house/backstay.toml", "staging"), @r#"
    cat-house in staging (Simulated, sa-east-1, Some("123456789012"))
    Policy { irreversible: Warn, schema_down: Lossless, bake: 15s, poll: 5s, on_interrupt: RollBack, resume: Forward, takeover: Resume, keep: Keep { releases: 10, days: 30 } }
    0 cat-house-staging-auth-service ×2 cat-house-staging-auth-service /api/v1/auth/*
    1 cat-house-staging-catalog-service ×2 cat-house-staging-catalog-service /api/v1/catalog/*
    1 cat-house-staging-installation-service ×1 cat-house-staging-installation-service /api/v1/installation/*
    2 cat-house-staging-proxy-service ×2 cat-house-staging-proxy-service /api/v1/proxy/*
    check 200 https://api-staging.gamificator.click/api/v1/auth/.well-known/jwks.json
    check 200 https://api-staging.gamificator.click/api/v1/catalog/cats
    check 200 https://api-staging.gamificator.click/api/v1/installation/installations
    check 200 https://api-staging.gamificator.click/api/v1/proxy/routes
    migration cat-house/auth-service ["alembic", "downgrade", "{{ revision }}"]
    frontend frontend/dist → cat-house-frontend-staging ["*.html", "favicon.ico", "metadata.json"]
    "#);
}

#[test]
fn cat_house_in_production() {
    insta::assert_snapshot!(picture("cat-house/backstay.toml", "production"), @r#"
    cat-house in production (Simulated, sa-east-1, Some("210987654321"))
    Policy { irreversible: Refuse, schema_down: Never, bake: 300s, poll: 5s, on_interrupt: RollBack, resume: Forward, takeover: Resume, keep: Keep { releases: 10, days: 30 } }
    0 cat-house-production-auth-service ×2 cat-house-production-auth-service /api/v1/auth/*
    1 cat-house-production-catalog-service ×2 cat-house-production-catalog-service /api/v1/catalog/*
    1 cat-house-production-installation-service ×1 cat-house-production-installation-service /api/v1/installation/*
    2 cat-house-production-proxy-service ×2 cat-house-production-proxy-service /api/v1/proxy/*
    check 200 http://cat-house-production-1846520973.sa-east-1.elb.amazonaws.com/api/v1/auth/.well-known/jwks.json
    check 200 http://cat-house-production-1846520973.sa-east-1.elb.amazonaws.com/api/v1/catalog/cats
    check 200 http://cat-house-production-1846520973.sa-east-1.elb.amazonaws.com/api/v1/installation/installations
    check 200 http://cat-house-production-1846520973.sa-east-1.elb.amazonaws.com/api/v1/proxy/routes
    migration cat-house/auth-service ["alembic", "downgrade", "{{ revision }}"]
    frontend frontend/dist → cat-house-frontend-production ["*.html", "favicon.ico", "metadata.json"]
    "#);
}

#[test]
fn cat_house_as_it_was_before() {
    insta::assert_snapshot!(picture("cat-house/earlier/backstay.toml", "production"), @r#"
    cat-house in production (Simulated, sa-east-1, Some("210987654321"))
    Policy { irreversible: Refuse, schema_down: Never, bake: 300s, poll: 5s, on_interrupt: RollBack, resume: Forward, takeover: Resume, keep: Keep { releases: 10, days: 30 } }
    0 cat-house-production-auth-service ×2 cat-house-production-auth-service /api/v1/auth/*
    1 cat-house-production-catalog-service ×2 cat-house-production-catalog-service /api/v1/catalog/*
    1 cat-house-production-installation-service ×1 cat-house-production-installation-service /api/v1/installation/*
    2 cat-house-production-proxy-service ×2 cat-house-production-proxy-service /api/v1/proxy/*
    3 cat-house-production-health-aggregator ×1 cat-house-production-health-aggregator /api/v1/health
    check 200 https://api.gamificator.click/api/v1/auth/.well-known/jwks.json
    check 200 https://api.gamificator.click/api/v1/catalog/cats
    check 200 https://api.gamificator.click/api/v1/installation/installations
    check 200 https://api.gamificator.click/api/v1/proxy/routes
    check 200 https://api.gamificator.click/api/v1/health?details=true
    migration cat-house/auth-service ["alembic", "downgrade", "{{ revision }}"]
    frontend ../frontend/dist → cat-house-frontend-production ["*.html", "favicon.ico", "metadata.json"]
    "#);
}

#[test]
fn every_environment_is_listed() {
    let path = fixture("cat-house/backstay.toml");
    assert_eq!(
        environments(&path, &read(&path).unwrap()).unwrap(),
        ["production", "staging"]
    );
}

#[test]
fn the_fingerprint_follows_the_meaning_only() {
    let path = fixture("cat-house/backstay.toml");
    let text = read(&path).unwrap();
    let fingerprint = |text: &str| {
        load(&path, text, "staging", &read)
            .unwrap()
            .app
            .config_fingerprint
    };
    let before = fingerprint(&text);
    assert_eq!(before.len(), 64);
    assert_eq!(before, fingerprint(&format!("# a comment\n{text}")));
    assert_eq!(
        before,
        fingerprint(&text.replace("bake = \"5m\"", "bake = \"6m\"")),
        "production's bake"
    );
    assert_ne!(
        before,
        fingerprint(&text.replace("bake = \"15s\"", "bake = \"16s\"")),
        "staging's own bake"
    );
}

/// The pages name assets that exist, and every file is either mutable or carries its own hash.
#[test]
fn the_built_frontend_is_whole() {
    let root = fixture("cat-house/frontend/dist");
    let page = read(&format!("{root}/index.html")).unwrap();
    let assets: Vec<&str> = page
        .split('"')
        .filter(|part| part.starts_with("/_expo") || part.starts_with("/assets"))
        .collect();
    assert_eq!(assets.len(), 4);
    for asset in assets {
        assert!(Path::new(&format!("{root}{asset}")).exists(), "{asset}");
        let stem = asset.rsplit_once('.').unwrap().0;
        let hash = stem.get(stem.len() - 32..).unwrap();
        assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{asset}");
    }
}
