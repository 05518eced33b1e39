//! What tells one situation from another, in one number. Moments count from now: a situation that comes again later is the
//! same one, and a history that comes back to itself waits for ever.

use std::hash::{Hash, Hasher};

use backstay_domain::journal::Outcome;

use crate::model::State;
use crate::process::{End, Process, Stage};
use crate::store::Store;
use crate::{BEGIN, store::Journal};

/// No limit that a bound lets anybody reach is longer than this.
const HORIZON: i64 = 1_000;

/// A hasher that is the same in every process, and to which moments count from now.
#[derive(Clone, Copy, Debug)]
pub struct Mixed {
    state: u64,
    now: i64,
}

impl Default for Mixed {
    fn default() -> Self {
        Self {
            state: 0x243F_6A88_85A3_08D3,
            now: 0,
        }
    }
}

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        let folded = u128::from(self.state).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        (folded >> 64) as u64 ^ folded as u64
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_u64(bytes.len() as u64);
    }

    fn write_u64(&mut self, word: u64) {
        let folded =
            u128::from(self.state ^ word).wrapping_mul(0xA076_1D64_78BD_642F_E703_7ED1_A0B4_28DB);
        self.state = ((folded >> 64) as u64 ^ folded as u64).wrapping_add(0x1319_8A2E_0370_7344);
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_i32(&mut self, word: i32) {
        self.write_u64(u64::from(word.cast_unsigned()));
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.write_u64(word.cast_unsigned() as u64);
    }

    /// Only seconds of moments come as such.
    fn write_i64(&mut self, seconds: i64) {
        let from_now = (seconds - self.now).clamp(-HORIZON, HORIZON);
        self.write_u64(from_now.cast_unsigned());
    }
}

/// What tells this state from others.
#[must_use]
pub fn key(state: &State) -> u64 {
    let mut mixed = Mixed {
        now: i64::from(BEGIN) + i64::from(state.now),
        ..Mixed::default()
    };
    let now = state.now;
    let world = &state.world;
    world.cloud.hash(&mut mixed);
    for late in &world.late {
        (&late.call, late.by.saturating_sub(now)).hash(&mut mixed);
    }
    if let Some(stale) = &world.stale {
        (&stale.services, stale.until.saturating_sub(now)).hash(&mut mixed);
    }
    hash_store(&world.store, now, &mut mixed);
    for process in &state.processes {
        hash_process(process, &world.store, now, &mut mixed);
    }
    (
        state.faults,
        state.further,
        state.touched,
        state.foreign,
        state.vouched,
    )
        .hash(&mut mixed);
    mixed.finish()
}

fn hash_store(store: &Store, now: u32, mixed: &mut Mixed) {
    if let Some(lease) = &store.lease {
        let holder = lease.holder.as_ref().map(|holder| &holder.deployment);
        let age = holder.map(|_| now.saturating_sub(store.renewed).min(100));
        (lease.fence, &lease.deployment, holder, age).hash(mixed);
    }
    for journal in &store.journals {
        hash_journal(journal, mixed);
    }
    for entry in store.ledger.iter() {
        (&entry.release.id, &entry.deployment).hash(mixed);
    }
    for entry in &store.schema.entries {
        (
            &entry.deployment,
            &entry.release,
            &entry.end,
            &entry.before,
            &entry.after,
        )
            .hash(mixed);
        std::mem::discriminant(&entry.way).hash(mixed);
    }
}

/// Of what has come to a good end nothing more is asked.
fn hash_journal(journal: &Journal, mixed: &mut Mixed) {
    let digest = journal.planned.as_ref().map(|planned| planned.digest);
    (&journal.deployment, digest).hash(mixed);
    match journal.progress.outcome() {
        Some(outcome @ (Outcome::Live { .. } | Outcome::RolledBack { .. })) => {
            std::mem::discriminant(outcome).hash(mixed);
        }
        Some(Outcome::Stuck { .. }) | None => journal.progress.hash(mixed),
    }
}

fn hash_process(process: &Process, store: &Store, now: u32, mixed: &mut Mixed) {
    std::mem::discriminant(&process.stage).hash(mixed);
    if let Stage::Over(end) = &process.stage {
        std::mem::discriminant(end).hash(mixed);
        if let End::Refused(refused) = end {
            refused.reasons.hash(mixed);
        }
        return;
    }
    (
        process.command,
        process.fence,
        &process.found,
        process.credentials,
    )
        .hash(mixed);
    (process.wake.saturating_sub(now), process.changed).hash(mixed);
    std::mem::discriminant(&process.left).hash(mixed);
    match &process.stage {
        Stage::Open(journal, aim) => (journal, aim).hash(mixed),
        Stage::TakeOver(journal, aim, known) => {
            let read = store.journals[*journal].progress.next_sequence() == known.next_sequence();
            (journal, aim, read).hash(mixed);
        }
        Stage::Begin(planned) | Stage::Start(planned) => planned.digest.hash(mixed),
        Stage::Run(running) => {
            (
                running.journal,
                &running.acts,
                running.immediate,
                running.whose,
            )
                .hash(mixed);
            let written = store.journals[running.journal].progress.next_sequence();
            if written != running.progress.next_sequence() {
                running.progress.hash(mixed);
            }
        }
        Stage::Claim | Stage::Settle | Stage::Plan | Stage::Over(_) => {}
    }
}
