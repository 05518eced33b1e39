//! How a job ended that somebody ran by hand.

use backstay_domain::observation::{JobState, JobView};
use backstay_domain::{JobName, TaskId};
use jiff::SignedDuration;

/// Its end.
#[derive(Clone, Debug)]
pub struct Ended<'e> {
    /// Which job.
    pub job: &'e JobName,
    /// Its task.
    pub task: &'e TaskId,
    /// The last look at it.
    pub view: &'e JobView,
    /// Why it did not end by itself.
    pub why: Option<String>,
    /// From its start to the last look.
    pub took: SignedDuration,
}

/// One line.
#[must_use]
pub fn ended_text(ended: &Ended<'_>) -> String {
    let Ended { job, view, .. } = ended;
    let how = match &view.state {
        JobState::Exited(code) => format!("exit code {code}"),
        JobState::Killed(how) | JobState::NeverStarted(how) => how.clone(),
        JobState::Running => "it has not ended".to_owned(),
        JobState::Vanished => "the cloud does not know its task".to_owned(),
    };
    let why = ended.why.as_ref();
    let why = why.map_or_else(String::new, |why| format!(", {why}"));
    let unread = view.unread.as_ref();
    let unread = unread.map_or_else(String::new, |why| {
        format!("; its log could not be read: {why}")
    });
    format!("{job}: {how}{why} after {} s{unread}", ended.took.as_secs())
}

/// Its state in one word, for programs.
#[must_use]
pub fn state_word(state: &JobState) -> &'static str {
    match state {
        JobState::Exited(_) => "exited",
        JobState::Killed(_) => "killed",
        JobState::NeverStarted(_) => "never-started",
        JobState::Running => "running",
        JobState::Vanished => "vanished",
    }
}
