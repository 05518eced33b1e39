//! The live view on a terminal: one row per component, redrawn in place, cleared at the end. It draws what the board says and
//! decides nothing; it never blocks and never fails.

pub mod board;
mod row;

use std::cell::RefCell;
use std::time::Duration;

use backstay_domain::journal::{Event, Record};
use backstay_domain::observation::Observation;
use backstay_domain::plan::Plan;
use backstay_domain::ports::Report;
use backstay_domain::release::Release;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use self::board::Board;
use super::log::Log;
use super::story::Narrator;
use super::words::Kind;
use crate::shell::Shell;

/// How often the clock in the headline moves.
const TICK: Duration = Duration::from_millis(500);

/// Reports on a terminal that is redrawn.
#[derive(Debug)]
pub struct Live<'a> {
    shell: &'a Shell,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    screen: MultiProgress,
    headline: ProgressBar,
    rows: Vec<ProgressBar>,
    last: ProgressBar,
    board: Board,
    narrator: Narrator,
    log: Log,
}

impl<'a> Live<'a> {
    /// A live view of this plan through this shell: hidden where nobody watches.
    #[must_use]
    pub fn new(shell: &'a Shell, plan: &Plan) -> Self {
        Self::over(shell, Board::new(plan), Narrator::default(), Some(plan))
    }

    /// A live view of a deployment that goes on after these records.
    #[must_use]
    pub fn resumed(shell: &'a Shell, records: &[Record]) -> Self {
        let (mut board, narrator) = (Board::default(), Narrator::after(records));
        records.iter().for_each(|record| board.apply(record));
        let plan = narrator.plan().cloned();
        Self::over(shell, board, narrator, plan.as_ref())
    }

    fn over(shell: &'a Shell, board: Board, narrator: Narrator, plan: Option<&Plan>) -> Self {
        let screen = shell.live();
        let headline = screen.add(line("{spinner} {msg}  {elapsed}"));
        let last = screen.add(line("  {msg}"));
        if let Some(Release {
            app,
            environment,
            version,
            ..
        }) = plan.map(|plan| &plan.release)
        {
            headline.set_message(format!("{app} → {environment} {version}"));
        }
        headline.enable_steady_tick(TICK);
        let mut state = State {
            screen,
            headline,
            rows: Vec::new(),
            last,
            board,
            narrator,
            log: Log::default(),
        };
        state.draw(shell);
        Self {
            shell,
            state: RefCell::new(state),
        }
    }
}

impl Report for Live<'_> {
    fn recorded(&self, record: &Record) {
        let Ok(mut state) = self.state.try_borrow_mut() else {
            return;
        };
        let telling = state.narrator.tell(record);
        state.board.apply(record);
        match &record.event {
            Event::Finished { .. } => {
                state.clear();
                self.shell.note(&telling.painted());
            }
            Event::Started { .. }
            | Event::Intended { .. }
            | Event::Done { .. }
            | Event::Failed { .. }
            | Event::Waiting { .. }
            | Event::Found { .. }
            | Event::Resumed { .. }
            | Event::Interrupted { .. }
            | Event::Unlocked { .. }
            | Event::Abandoned { .. } => {
                // What went wrong stays on the screen above the rows.
                if matches!(telling.entry.kind, Kind::Fail | Kind::Back | Kind::Note) {
                    self.shell.note(&telling.painted());
                }
                state.draw(self.shell);
            }
        }
    }

    fn observed(&self, observation: &Observation) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            for line in state.log.fresh(observation) {
                self.shell.note(&line);
            }
            state.board.observe(observation);
            state.draw(self.shell);
        }
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        if let Ok(state) = self.state.try_borrow() {
            state.clear();
        }
    }
}

impl State {
    fn draw(&mut self, shell: &Shell) {
        let rows = match shell.paints() {
            true => self.board.painted(),
            false => self.board.lines(),
        };
        while self.rows.len() < rows.len() {
            let row = self.screen.insert_before(&self.last, line("  {msg}"));
            self.rows.push(row);
        }
        for (bar, row) in self.rows.iter().zip(rows) {
            bar.set_message(row);
        }
        self.last.set_message(self.board.last().to_owned());
        self.last.tick();
    }

    fn clear(&self) {
        self.headline.disable_steady_tick();
        for bar in std::iter::once(&self.headline)
            .chain(&self.rows)
            .chain([&self.last])
        {
            bar.finish_and_clear();
        }
        // A terminal that went away is no failure.
        let _ = self.screen.clear();
    }
}

/// A line without a bar. Every template here is a constant that parses; a plain spinner stands in if one did not.
fn line(template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}
