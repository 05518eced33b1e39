//! CreateInvalidation: the batch read, checked against CloudFront's limits, and recorded once per caller reference.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::distributions::no_distribution;
use super::state::{Distribution, Invalidation};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::INVALIDATION;
use crate::services::cloudfront::CloudFront;

/// Paths in progress per distribution, files and wildcards counted apart (ecs-semantics H [DOC]).
const FILES_IN_PROGRESS: usize = 3_000;
const WILDCARDS_IN_PROGRESS: usize = 15;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InvalidationBatch {
    #[serde(rename = "@xmlns")]
    _namespace: Option<String>,
    paths: Paths,
    caller_reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Paths {
    quantity: usize,
    #[serde(default)]
    items: Items,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Items {
    #[serde(default)]
    path: Vec<String>,
}

/// The same reference with the same paths is the same invalidation; with other paths it is an error (ecs-semantics H [MODEL]).
pub(super) fn create(
    here: &mut Here<'_, CloudFront>,
    id: &str,
    body: &[u8],
) -> Result<Invalidation, ApiError> {
    let now_ms = here.now_ms;
    let distribution = here
        .own
        .distributions
        .get_mut(id)
        .ok_or_else(no_distribution)?;
    let batch = read(body)?;
    let earlier = distribution
        .invalidations
        .iter()
        .find(|it| it.caller_reference == batch.caller_reference);
    match earlier {
        Some(same) if same_paths(&same.paths, &batch.paths.items.path) => return Ok(same.clone()),
        Some(_) => {
            let message = "Your request contains a caller reference that was used for a previous invalidation batch.";
            return Err(ApiError::client("InvalidationBatchAlreadyExists", message));
        }
        None => within_limits(distribution, &batch.paths.items.path)?,
    }
    let invalidation = Invalidation {
        id: invalidation_id(id, &batch.caller_reference),
        caller_reference: batch.caller_reference,
        paths: batch.paths.items.path,
        created_ms: now_ms,
        completes_ms: now_ms + INVALIDATION.draw(here.weather, here.random),
        completed: false,
    };
    distribution.invalidations.push(invalidation.clone());
    Ok(invalidation)
}

fn read(body: &[u8]) -> Result<InvalidationBatch, ApiError> {
    let malformed = |message: String| ApiError::client("MalformedXML", message);
    let text = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
    let batch: InvalidationBatch =
        quick_xml::de::from_str(text).map_err(|error| malformed(error.to_string()))?;
    let paths = &batch.paths.items.path;
    if batch.paths.quantity != paths.len() || paths.is_empty() {
        let message = "The value of Quantity and the size of Items don't match.";
        return Err(ApiError::client("InconsistentQuantities", message));
    }
    let valid = |path: &String| path.starts_with('/') && !path.trim_end_matches('*').contains('*');
    if !paths.iter().all(valid) {
        let message = "Your request contains one or more invalid invalidation paths.";
        return Err(ApiError::client("InvalidArgument", message));
    }
    Ok(batch)
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
        let message = "Your request contains too many invalidation paths.".to_owned();
        return Err(ApiError {
            code: "BatchTooLarge",
            message,
            status: 413,
        });
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
    fn a_batch_is_read_and_an_unknown_field_refused() {
        let batch = |extra: &str| {
            format!(
                "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>2</Quantity><Items>\
                 <Path>/index.html</Path><Path>/a/*</Path></Items></Paths><CallerReference>r1</CallerReference>{extra}\
                 </InvalidationBatch>"
            )
        };
        let read_batch = read(batch("").as_bytes()).unwrap();
        assert_eq!(read_batch.paths.items.path, ["/index.html", "/a/*"]);
        assert_eq!(
            read(batch("<Extra/>").as_bytes()).err().unwrap().code,
            "MalformedXML"
        );
    }

    #[test]
    fn paths_are_compared_as_a_set() {
        let (a, b) = ("/a".to_owned(), "/b".to_owned());
        assert!(same_paths(&[a.clone(), b.clone()], &[b, a.clone()]));
        assert!(!same_paths(std::slice::from_ref(&a), &[]));
    }
}
