//! `cpu` and `memory`: what a task has instead of what its definition says.

use crate::section::{At, Section};

/// More than the largest task has.
const MOST: u32 = 1_048_576;

/// What a task has, where its definition is not to decide.
#[derive(Default)]
pub(crate) struct Size {
    /// CPU units: 1024 are one vCPU.
    pub(crate) cpu: Option<At<u32>>,
    /// MiB.
    pub(crate) memory: Option<At<u32>>,
}

impl Size {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self {
            cpu: section.number("cpu", 1..=MOST),
            memory: section.number("memory", 1..=MOST),
        }
    }

    /// The members of a task definition that it decides.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'static str, &At<u32>)> {
        let cpu = self.cpu.iter().map(|cpu| ("cpu", cpu));
        cpu.chain(self.memory.iter().map(|memory| ("memory", memory)))
    }
}
