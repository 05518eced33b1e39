//! What Fargate accepts: network mode, and the table of cpu and memory (F3 [DOC]).

use serde_json::{Map, Value};

use super::lookup::refused;
use crate::ApiError;

/// Fargate needs awsvpc, task cpu and memory, in a combination that exists (F3 [DOC]).
pub(super) fn fargate(input: &Map<String, Value>) -> Result<(), ApiError> {
    let compatibilities = input
        .get("requiresCompatibilities")
        .and_then(Value::as_array);
    let is_fargate =
        compatibilities.is_some_and(|list| list.iter().any(|one| one.as_str() == Some("FARGATE")));
    if !is_fargate {
        return Ok(());
    }
    if input.get("networkMode").and_then(Value::as_str) != Some("awsvpc") {
        return Err(refused("Fargate only supports network mode ‘awsvpc’."));
    }
    let (cpu, memory) = (size(input, "cpu"), size(input, "memory"));
    let (Some(cpu), Some(memory)) = (cpu, memory) else {
        return Err(refused(
            "Fargate requires that 'cpu' and 'memory' be defined at the task level.",
        ));
    };
    if !FARGATE.iter().any(|(known, ..)| *known == cpu) {
        return Err(refused("Invalid 'cpu' setting for task."));
    }
    let fits = |(known, low, high, step): &(u64, u64, u64, u64)| {
        *known == cpu && (*low..=*high).contains(&memory) && (memory - low) % step == 0
    };
    if !FARGATE.iter().any(fits) {
        return Err(refused("No Fargate configuration exists for given values."));
    }
    Ok(())
}

/// cpu: lowest memory, highest memory, step (F3 [DOC]).
const FARGATE: &[(u64, u64, u64, u64)] = &[
    (256, 512, 512, 512),
    (256, 1024, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// `"1 vCPU"` and `"2 GB"` are the same as 1024 and 2048 (F3 [MODEL]).
pub(super) fn size(input: &Map<String, Value>, member: &str) -> Option<u64> {
    let text = input.get(member)?.as_str()?.to_ascii_lowercase();
    let scaled = text
        .strip_suffix("vcpu")
        .or_else(|| text.strip_suffix("gb"));
    match scaled {
        Some(number) => {
            let thousandths = number.trim().parse::<f64>().ok()? * 1024.0;
            (thousandths >= 0.0 && thousandths.fract() == 0.0)
                .then(|| format!("{thousandths:.0}").parse().ok())?
        }
        None => text.trim().parse().ok(),
    }
}
