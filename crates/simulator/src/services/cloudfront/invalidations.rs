//! CreateInvalidation, checked against CloudFront's limits and recorded once per caller reference, GetInvalidation and
//! ListInvalidations.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::CloudFront;
use super::consistent::consistent;
use super::find::{
    Told, counted, distribution, items, location, missing, no_distribution, paged, refused, text,
};
use super::state::{Distribution, Invalidation};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::INVALIDATION;
use crate::wire::instant;

/// Paths in progress per distribution, files and wildcards counted apart (ecs-semantics H [DOC]).
const FILES_IN_PROGRESS: usize = 3_000;
const WILDCARDS_IN_PROGRESS: usize = 15;

/// The same reference with the same paths is the same invalidation; with other paths it is an error (ecs-semantics H [MODEL]).
pub(super) fn create(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "DistributionId");
    let known = here.own.distributions.get_mut(id);
    let distribution = known.ok_or_else(no_distribution)?;
    let batch = &input["InvalidationBatch"];
    let paths = paths(batch)?;
    let reference = text(batch, "CallerReference");
    let mut earlier = distribution.invalidations.iter();
    let invalidation = match earlier.find(|it| it.caller_reference == reference) {
        Some(same) if same_paths(&same.paths, &paths) => same.clone(),
        Some(_) => {
            let message = "Your request contains a caller reference that was used for a previous invalidation batch.";
            return Err(ApiError::client("InvalidationBatchAlreadyExists", message));
        }
        None => {
            within_limits(distribution, &paths)?;
            let lasting_ms = INVALIDATION.draw(here.weather, here.random);
            let invalidation = Invalidation {
                id: invalidation_id(id, reference),
                caller_reference: reference.to_owned(),
                paths,
                created_ms: here.now_ms,
                completes_ms: here.now_ms + lasting_ms,
                completed: false,
            };
            distribution.invalidations.push(invalidation.clone());
            invalidation
        }
    };
    let path = format!("distribution/{id}/invalidation/{}", invalidation.id);
    Ok(json!({ "Location": location(&path), "Invalidation": described(&invalidation) }))
}

pub(super) fn get(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let distribution = distribution(here, text(input, "DistributionId"))?;
    let mut invalidations = distribution.invalidations.iter();
    let found = invalidations.find(|it| it.id == text(input, "Id"));
    let invalidation = found.ok_or_else(|| {
        let message = "The specified invalidation does not exist.";
        missing("NoSuchInvalidation", message)
    })?;
    Ok(json!({ "Invalidation": described(invalidation) }))
}

/// Newest first.
pub(super) fn list(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let distribution = distribution(here, text(input, "DistributionId"))?;
    let newest_first: Vec<&Invalidation> = distribution.invalidations.iter().rev().collect();
    let page = paged(input, &newest_first)?;
    let summaries = page.items.iter().map(|it| summary(it)).collect();
    Ok(json!({ "InvalidationList": page.list(summaries, Told::Whole) }))
}

fn described(invalidation: &Invalidation) -> Value {
    let paths = invalidation.paths.iter().cloned().map(Value::from);
    let mut told = summary(invalidation);
    told["InvalidationBatch"] = json!({
        "Paths": counted(paths.collect()),
        "CallerReference": invalidation.caller_reference,
    });
    told
}

fn summary(invalidation: &Invalidation) -> Value {
    json!({
        "Id": invalidation.id,
        "Status": invalidation.status(),
        "CreateTime": instant(invalidation.created_ms),
    })
}

fn paths(batch: &Value) -> Result<Vec<String>, ApiError> {
    consistent(batch)?;
    let paths = items(batch, "Paths").iter().filter_map(Value::as_str);
    let paths: Vec<String> = paths.map(str::to_owned).collect();
    let valid = |path: &String| path.starts_with('/') && !path.trim_end_matches('*').contains('*');
    if paths.is_empty() || !paths.iter().all(valid) {
        let message = "Your request contains one or more invalid invalidation paths.";
        return Err(ApiError::client("InvalidArgument", message));
    }
    Ok(paths)
}

fn same_paths(one: &[String], other: &[String]) -> bool {
    let sorted = |paths: &[String]| {
        let mut paths = paths.to_vec();
        paths.sort();
        paths
    };
    sorted(one) == sorted(other)
}

fn within_limits(distribution: &Distribution, paths: &[String]) -> Result<(), ApiError> {
    if paths.len() > FILES_IN_PROGRESS {
        let message = "Your request contains too many invalidation paths.";
        return Err(refused("BatchTooLarge", 413, message));
    }
    let running = distribution
        .invalidations
        .iter()
        .filter(|it| !it.completed)
        .flat_map(|it| &it.paths);
    let (wildcards, files): (Vec<&String>, Vec<&String>) =
        running.chain(paths).partition(|path| path.ends_with('*'));
    if wildcards.len() > WILDCARDS_IN_PROGRESS || files.len() > FILES_IN_PROGRESS {
        let message = "Processing your request will cause you to exceed the maximum number of in-progress invalidations.";
        return Err(ApiError::client("TooManyInvalidationsInProgress", message));
    }
    Ok(())
}

/// `I` and 13 characters, the same for the same request.
fn invalidation_id(distribution: &str, caller_reference: &str) -> String {
    let digest = Sha256::digest(format!("{distribution}/{caller_reference}"));
    let hex: String = digest
        .iter()
        .take(7)
        .map(|byte| format!("{byte:02X}"))
        .collect();
    format!("I{}", &hex[..13])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_with_a_slash_and_end_with_the_only_star() {
        let batch =
            |paths: &[&str]| json!({ "Paths": { "Quantity": paths.len(), "Items": paths } });
        assert_eq!(
            paths(&batch(&["/index.html", "/a/*"])),
            Ok(vec!["/index.html".to_owned(), "/a/*".to_owned()])
        );
        for wrong in [&["a"][..], &["/*/a"], &[]] {
            let code = paths(&batch(wrong)).unwrap_err().code;
            assert_eq!(code, "InvalidArgument", "{wrong:?}");
        }
        let miscounted = json!({ "Paths": { "Quantity": 2, "Items": ["/a"] } });
        assert_eq!(
            paths(&miscounted).unwrap_err().code,
            "InconsistentQuantities"
        );
    }

    #[test]
    fn paths_are_compared_as_a_set() {
        let (a, b) = ("/a".to_owned(), "/b".to_owned());
        assert!(same_paths(&[a.clone(), b.clone()], &[b, a.clone()]));
        assert!(!same_paths(std::slice::from_ref(&a), &[]));
    }
}
