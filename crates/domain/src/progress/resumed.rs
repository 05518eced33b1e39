//! Taking a deployment up again: what the journal says stays true, but time that nobody used does not count.

use jiff::{SignedDuration, Timestamp};

use super::Progress;
use crate::decide::Away;
use crate::journal::{Act, Event, Outcome, Record, Side};
use crate::observation::JobState;
use crate::ports::Effect;

impl Progress {
    /// Another process goes on at `at`, by its own clock.
    ///
    /// Every moment that a limit counts from moves by the time since the last record: a limit counts only time in which
    /// somebody looked, and a journal that two machines wrote has the clock of the second one from here on.
    pub(super) fn resume(&mut self, at: Timestamp) {
        if let Some(last) = self.away_since.take().or(self.last_at) {
            self.shift(at.duration_since(last));
        }
        self.forget_trouble();
        self.watch_again();
        if matches!(self.outcome, Some(Outcome::Stuck { .. })) {
            self.outcome = None;
            self.try_again();
        }
    }

    /// Since when this process has trouble of its own ends with any other event: time in which nobody could look does not count.
    pub(super) fn notice_absence(&mut self, record: &Record) {
        match &record.event {
            Event::Waiting { reason } if reason.is_away() => {
                self.away_since.get_or_insert(record.at);
            }
            Event::Resumed { .. } => {}
            _ => {
                if let Some(since) = self.away_since.take() {
                    let by = record.at.duration_since(since);
                    self.shift(by);
                    let watched = [&mut self.moved_at, &mut self.bake_began];
                    for at in watched.into_iter().flatten() {
                        *at = at.checked_add(by).unwrap_or(*at);
                    }
                }
            }
        }
    }

    /// The trouble of the process before is not ours.
    fn forget_trouble(&mut self) {
        for state in self.acts.values_mut() {
            state.failing_since = None;
            if matches!(&state.result, Some(Err(failure)) if Away::of(failure).is_some()) {
                state.attempts = state.attempts.min(1);
            }
        }
    }

    fn shift(&mut self, by: SignedDuration) {
        let moved = |at: &mut Timestamp| *at = at.checked_add(by).unwrap_or(*at);
        self.acts.values_mut().for_each(|state| {
            moved(&mut state.at);
            state.failing_since.as_mut().map(moved);
            state.unsettled.iter_mut().for_each(moved);
        });
        self.adopted.values_mut().for_each(|(_, at)| moved(at));
        self.ended.values_mut().for_each(moved);
        self.serving.values_mut().for_each(moved);
        for held in self.held.values_mut() {
            held.since_mut().map(moved);
        }
        self.checks
            .values_mut()
            .for_each(|check| moved(&mut check.at));
        self.invalidated.values_mut().for_each(moved);
        if let Some((_, at)) = &mut self.turned_back {
            moved(at);
        }
        self.undone.iter_mut().for_each(moved);
    }

    /// A release that nobody watched meanwhile is watched, and proven, again before it is recorded; so is the one that is
    /// returned to.
    fn watch_again(&mut self) {
        self.undone = None;
        self.proven.retain(|(side, _)| *side == Side::New);
        self.proofs.retain(|(side, _), _| *side == Side::New);
        if !self.done(&Act::RecordRelease) {
            self.bake_began = None;
            self.bake_ended = false;
        }
    }

    /// A human says that what was in the way is gone.
    fn try_again(&mut self) {
        self.cannot_return.clear();
        self.left_alone.clear();
        self.frontends_stay.clear();
        self.schedules_stay.clear();
        self.unproven.clear();
        // A task whose end nobody saw is looked at, and stopped, again.
        self.jobs.retain(|_, end| end.state != JobState::Running);
        self.acts
            .retain(|act, _| !matches!(act, Act::StopJob { .. }));
        self.acts.retain(|_, state| match &state.result {
            Some(Err(failure)) => failure.effect != Effect::None || state.left_traces,
            Some(Ok(_)) | None => true,
        });
        for state in self.acts.values_mut() {
            if let Some(Err(failure)) = &state.result {
                let refused = !failure.is_passing();
                (state.attempts, state.left_traces) = (1, true);
                // What was refused for good is tried again: the human says that it is allowed now.
                if refused {
                    state.result = None;
                }
            }
        }
    }
}
