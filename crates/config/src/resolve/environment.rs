//! The environment itself: its place in the cloud, its variables and its policy.

use backstay_domain::app::{Keep, Policy};
use backstay_domain::lookup::LookedUp;
use backstay_domain::{AppName, EnvironmentName};

use super::variables::with_variables;
use super::{Notes, region as regions};
use crate::configured::{CloudKind, StateLocation};
use crate::files::Files;
use crate::section::At;
use crate::template::Scope;
use crate::written::{self, Document, Environment};

/// Where the app goes, and the names that strings may use there.
pub(super) struct Place {
    pub(super) app: Option<AppName>,
    pub(super) environment: Option<EnvironmentName>,
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) state: Option<StateLocation>,
    pub(super) simulator: Option<String>,
    pub(super) policy: Policy,
    pub(super) scope: Scope,
    pub(super) looked_up: Vec<LookedUp>,
}

pub(super) fn place(
    document: &Document,
    chosen: &Environment,
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> Place {
    let nothing = Scope::default();
    let app = document
        .app
        .as_ref()
        .and_then(|app| notes.name(app, &nothing, AppName::parse));
    let environment = notes.name(&chosen.name, &nothing, EnvironmentName::parse);
    let scope = nothing.with("app", app.clone().map(String::from));
    let scope = scope.with("environment", environment.clone().map(String::from));
    let region = chosen
        .region
        .as_ref()
        .and_then(|region| valid_region(region, &scope, notes));
    let account = chosen
        .account
        .as_ref()
        .and_then(|account| valid_account(account, &scope, notes));
    let scope = scope.with("region", region.clone());
    let scope = match &chosen.account {
        Some(_) => scope.with("account", account.clone()),
        None => scope.elsewhere(
            "account",
            format!("add `account` to [environments.{}]", chosen.name.value),
        ),
    };
    let (scope, looked_up) = with_variables(document, chosen, scope, files, notes);
    let cluster = chosen
        .cluster
        .as_ref()
        .and_then(|cluster| cluster_name(cluster, "cluster", &scope, notes));
    let scope = scope.with("cluster", cluster);
    Place {
        app,
        environment,
        region,
        account,
        state: state(chosen, &scope, notes),
        simulator: simulator(chosen, &scope, notes),
        policy: policy(&document.policy),
        scope,
        looked_up,
    }
}

pub(super) fn valid_region(
    region: &At<String>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let filled = notes.fill(region, scope)?;
    if regions::is_region(&filled) {
        return Some(filled);
    }
    notes.note(
        format!("`{filled}` is not a region"),
        &region.span,
        "not a region",
        &regions::help(&filled),
    );
    None
}

fn valid_account(account: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let filled = notes.fill(account, scope)?;
    if filled.len() == 12 && filled.bytes().all(|b| b.is_ascii_digit()) {
        return Some(filled);
    }
    notes.note(
        format!("`{filled}` is not an account"),
        &account.span,
        "not an account",
        "an account id has 12 digits",
    );
    None
}

/// A cluster's name, or what a cluster calls a service.
pub(super) fn cluster_name(
    text: &At<String>,
    key: &str,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let filled = notes.fill(text, scope)?;
    let is_name = (1..=255).contains(&filled.len())
        && filled
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_name {
        return Some(filled);
    }
    let rule = "letters, digits, hyphens and underscores, at most 255";
    notes.note(
        format!("`{filled}` is not a valid `{key}`"),
        &text.span,
        "not a valid name",
        rule,
    );
    None
}

/// Where journals and leases are kept. A simulated environment keeps them beside its cloud; on AWS it is said on purpose: two
/// machines that keep them apart do not know of each other.
fn state(chosen: &Environment, scope: &Scope, notes: &mut Notes<'_>) -> Option<StateLocation> {
    let Some(text) = &chosen.state else {
        if chosen.cloud == Some(CloudKind::Aws) {
            notes.note(
                format!("`{}` is on AWS and has no `state`", chosen.name.value),
                &chosen.name.span,
                "`state` is missing",
                "state = \"s3://BUCKET/PREFIX\": journals and the lease where every machine that deploys finds them (a directory such as \".backstay\" only if it is always this machine)",
            );
            return None;
        }
        return Some(StateLocation::Local(".backstay".to_owned()));
    };
    let filled = notes.fill(text, scope)?;
    let wrong = match filled.split_once("://") {
        None if !filled.trim().is_empty() => return Some(StateLocation::Local(filled)),
        None => "`state` is empty".to_owned(),
        Some(("s3", location)) => {
            let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
            if is_bucket(bucket) {
                return Some(StateLocation::S3 {
                    bucket: bucket.to_owned(),
                    prefix: folder(prefix),
                });
            }
            format!("`{bucket}` is not a bucket name")
        }
        Some((scheme, _)) => format!("state cannot be kept at `{scheme}://`"),
    };
    notes.note(
        wrong,
        &text.span,
        "not a place",
        "a directory, or \"s3://bucket/prefix\"",
    );
    None
}

/// Where a simulator runs that is not this process's own.
fn simulator(chosen: &Environment, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let text = chosen.simulator.as_ref()?;
    let filled = notes.fill(text, scope)?;
    if chosen.cloud == Some(CloudKind::Aws) {
        notes.note(
            "`simulator` is for simulated environments".to_owned(),
            &text.span,
            "not used",
            "remove it, or write cloud = \"simulated\"",
        );
        return None;
    }
    let host = filled.strip_prefix("http://");
    if host.is_some_and(|host| !host.is_empty() && !host.contains([' ', '@'])) {
        return Some(filled.trim_end_matches('/').to_owned());
    }
    notes.note(
        format!("`{filled}` is not a simulator's address"),
        &text.span,
        "not an address",
        "what `backstay simulator serve` prints, for example \"http://127.0.0.1:4577\"",
    );
    None
}

/// A key prefix: empty, or ending in `/`.
pub(super) fn folder(prefix: &str) -> String {
    let trimmed = prefix.trim_matches('/');
    if trimmed.is_empty() {
        String::new()
    } else {
        format!("{trimmed}/")
    }
}

pub(super) fn is_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        && name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
        && name
            .bytes()
            .next_back()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

fn policy(written: &written::Policy) -> Policy {
    let number = |written: &Option<At<u32>>| written.as_ref().map(|written| written.value);
    let default = Policy::default();
    Policy {
        irreversible: written.irreversible.unwrap_or(default.irreversible),
        schema_down: written.schema_down.unwrap_or(default.schema_down),
        bake: written
            .bake
            .as_ref()
            .map_or(default.bake, |bake| bake.value),
        poll: written
            .poll
            .as_ref()
            .map_or(default.poll, |poll| poll.value),
        on_interrupt: written.on_interrupt.unwrap_or(default.on_interrupt),
        resume: written.resume.unwrap_or(default.resume),
        takeover: written.takeover.unwrap_or(default.takeover),
        keep: Keep {
            releases: number(&written.keep_releases).unwrap_or(default.keep.releases),
            days: number(&written.keep_days).unwrap_or(default.keep.days),
        },
    }
}
