//! Sizes of tasks: `"1 vCPU"` is 1024 units and `"2 GB"` are 2048 MiB, with or without the space (F3 [MODEL]).

use serde_json::Value;

/// Units of CPU, or MiB of memory; nothing where it is no size.
#[must_use]
pub fn units(value: &Value) -> Option<u64> {
    let Some(text) = value.as_str() else {
        return value.as_u64();
    };
    let text = text.trim().to_ascii_lowercase();
    let scaled = text
        .strip_suffix("vcpu")
        .or_else(|| text.strip_suffix("gb"));
    match scaled {
        None => text.parse().ok(),
        Some(number) => {
            let units = number.trim().parse::<f64>().ok()? * 1024.0;
            // Written without a fraction, it is read back exactly.
            (units >= 0.0 && units.fract() == 0.0).then(|| format!("{units:.0}").parse().ok())?
        }
    }
}

/// cpu: lowest memory, highest memory, step (F3 [DOC]).
const FARGATE: [(u64, u64, u64, u64); 8] = [
    (256, 512, 512, 512),
    (256, 1024, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// Whether Fargate has tasks of so many units.
pub(super) fn is_fargate_cpu(cpu: u64) -> bool {
    FARGATE.iter().any(|(known, ..)| *known == cpu)
}

/// Whether Fargate has tasks of this size.
pub(super) fn is_fargate_size(cpu: u64, memory: u64) -> bool {
    FARGATE.iter().any(|(known, low, high, step)| {
        *known == cpu && (*low..=*high).contains(&memory) && (memory - low).is_multiple_of(*step)
    })
}

/// The memory that Fargate has for so many units, for people.
pub(super) fn fargate_memory(cpu: u64) -> String {
    let rows = FARGATE.iter().filter(|(known, ..)| *known == cpu);
    let ranges: Vec<String> = rows
        .map(|(_, low, high, step)| match low == high {
            true => low.to_string(),
            false => format!("{low} to {high} by {step}"),
        })
        .collect();
    ranges.join(", ")
}

/// The units that Fargate has, for people.
pub(super) fn fargate_cpus() -> String {
    let mut cpus: Vec<String> = FARGATE.iter().map(|(cpu, ..)| cpu.to_string()).collect();
    cpus.dedup();
    cpus.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::units;

    #[test]
    fn as_people_write_them() {
        for (written, expected) in [
            (json!("256"), Some(256)),
            (json!(256), Some(256)),
            (json!("1 vCPU"), Some(1024)),
            (json!(".25 vcpu"), Some(256)),
            (json!("2GB"), Some(2048)),
            (json!("0.5 GB"), Some(512)),
            (json!("30gb"), Some(30720)),
            (json!("1.0001 GB"), None),
            (json!("-1 GB"), None),
            (json!("much"), None),
            (Value::Null, None),
        ] {
            assert_eq!(units(&written), expected, "{written}");
        }
    }
}
