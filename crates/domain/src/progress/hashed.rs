//! What a journal says, in one number: not in how many lines it says it, nor when it began. Who explores every history of a
//! deployment meets the same situation by many ways.

use std::hash::{Hash, Hasher};

use super::Progress;

impl Hash for Progress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            deployment,
            started_at: _,
            moved_at,
            last_at,
            next_sequence: _,
            acts,
            adopted,
            ended,
            anchored,
            anchors_stay,
            serving,
            held,
            jobs,
            jobs_intended,
            anchor_intended,
            checks,
            checks_passed,
            invalidated,
            proven,
            proofs,
            retired,
            bake_began,
            bake_ended,
            turned_back,
            cannot_return,
            left_alone,
            frontends_stay,
            schedules_stay,
            undone,
            unproven,
            waiting,
            away_since,
            outcome,
            abandoned,
        } = self;
        (deployment, moved_at, last_at, acts, adopted, ended).hash(state);
        (serving, held, anchored, anchors_stay, anchor_intended).hash(state);
        (jobs, jobs_intended, checks, checks_passed, invalidated).hash(state);
        (proven, proofs, retired, bake_began, bake_ended).hash(state);
        (turned_back, cannot_return, left_alone, frontends_stay).hash(state);
        schedules_stay.hash(state);
        (undone, unproven, waiting, away_since, outcome, abandoned).hash(state);
    }
}
