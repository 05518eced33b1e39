//! The only place that writes: the answer to stdout, everything else to stderr. A reader that went away is no failure.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::Value;

pub use crate::render::people::PeopleError;

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or `CLICOLOR=0` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the answer on stdout is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object per line, each with its version `v`.
    Json,
}

/// Whether somebody watches stderr as it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    ByPeople,
    ByNobody,
}

type Stream = RefCell<AutoStream<Box<dyn Write>>>;
type Live = Rc<RefCell<Option<MultiProgress>>>;

/// All output goes through here.
pub struct Shell {
    output: Output,
    watched: Watched,
    out: Stream,
    err: Rc<Stream>,
    live: Live,
    reader_gone: Cell<bool>,
}

impl Shell {
    /// The process's own stdout and stderr. No live view where stderr is no terminal, in CI, or where the answer is JSON.
    #[must_use]
    pub fn open(output: Output, color: ColorChoice) -> Self {
        let watched = match (output, io::stderr().is_terminal() && !in_ci()) {
            (Output::Text, true) => Watched::ByPeople,
            (Output::Text, false) | (Output::Json, _) => Watched::ByNobody,
        };
        let out_choice = resolve(color, || AutoStream::choice(&io::stdout()));
        let err_choice = resolve(color, || AutoStream::choice(&io::stderr()));
        Self::over(
            output,
            watched,
            AutoStream::new(Box::new(io::stdout()), out_choice),
            AutoStream::new(Box::new(io::stderr()), err_choice),
        )
    }

    /// A shell whose output stays in memory. [`ColorChoice::Auto`] is never coloured there.
    #[must_use]
    pub fn captured(output: Output, color: ColorChoice) -> (Self, Captured) {
        let captured = Captured::default();
        let choice = resolve(color, || anstream::ColorChoice::Never);
        let stream = |memory: &Memory| {
            let raw: Box<dyn Write> = Box::new(memory.clone());
            AutoStream::new(raw, choice)
        };
        let (out, err) = (stream(&captured.out), stream(&captured.err));
        (Self::over(output, Watched::ByNobody, out, err), captured)
    }

    fn over(
        output: Output,
        watched: Watched,
        out: AutoStream<Box<dyn Write>>,
        err: AutoStream<Box<dyn Write>>,
    ) -> Self {
        Self {
            output,
            watched,
            out: RefCell::new(out),
            err: Rc::new(RefCell::new(err)),
            live: Rc::default(),
            reader_gone: Cell::new(false),
        }
    }

    /// What the answer is made of.
    #[must_use]
    pub fn output(&self) -> Output {
        self.output
    }

    /// Whether a live view makes sense: text for a person at a terminal.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watched == Watched::ByPeople
    }

    /// Nobody reads stdout any more.
    #[must_use]
    pub fn reader_gone(&self) -> bool {
        self.reader_gone.get()
    }

    /// The answer, as text on stdout.
    pub fn answer(&self, text: &str) {
        self.write(&self.out, text);
    }

    /// The answer, as one JSON object on one line of stdout.
    pub fn object(&self, object: &Value) {
        self.write(&self.out, &object.to_string());
    }

    /// The answer in the form that was asked for; the other one is not made.
    pub fn give(&self, text: impl FnOnce() -> String, object: impl FnOnce() -> Value) {
        match self.output {
            Output::Text => self.answer(&text()),
            Output::Json => self.object(&object()),
        }
    }

    /// Something said by the way, on stderr.
    pub fn note(&self, text: &str) {
        self.write(&self.err, text);
    }

    /// Something people should know, on stderr.
    pub fn warn(&self, text: &str) {
        let yellow = bold(AnsiColor::Yellow);
        self.write(&self.err, &format!("{yellow}Warning:{yellow:#} {text}"));
    }

    /// What went wrong, on stderr.
    pub fn error(&self, error: &PeopleError) {
        self.write(&self.err, &error.painted());
    }

    /// Where a live view draws: hidden unless a person watches. Everything else on stderr is printed above it.
    #[must_use]
    pub fn live(&self) -> MultiProgress {
        let target = match self.watched {
            Watched::ByPeople => ProgressDrawTarget::stderr(),
            Watched::ByNobody => ProgressDrawTarget::hidden(),
        };
        let live = MultiProgress::with_draw_target(target);
        if let Ok(mut slot) = self.live.try_borrow_mut() {
            *slot = Some(live.clone());
        }
        live
    }

    /// Whether stderr shows colours.
    #[must_use]
    pub fn paints(&self) -> bool {
        self.err
            .try_borrow()
            .is_ok_and(|err| err.current_choice() != anstream::ColorChoice::Never)
    }

    /// From now on it says what is said aside on this thread.
    pub fn hears_asides(&self) {
        let heard = (Rc::clone(&self.err), Rc::clone(&self.live));
        ASIDES.set(Some(heard));
    }

    fn write(&self, stream: &Stream, text: &str) {
        // Output cannot fail a deployment: the journal has it all. Only that nobody reads any more is remembered.
        if write(stream, &self.live, text).is_err() {
            self.reader_gone.set(true);
        }
    }
}

thread_local! {
    /// Where asides go.
    static ASIDES: RefCell<Option<(Rc<Stream>, Live)>> = const { RefCell::new(None) };
}

/// Says something on stderr for code that waits deep inside an adapter, and has no shell: that nobody answers yet.
pub fn aside(text: &str) {
    ASIDES.with_borrow(|heard| {
        if let Some((err, live)) = heard {
            // Nobody reads it: nothing is lost.
            let _ = write(err, live, text);
        }
    });
}

fn write(stream: &Stream, live: &Live, text: &str) -> io::Result<()> {
    let write = || {
        let Ok(mut stream) = stream.try_borrow_mut() else {
            return Ok(());
        };
        stream.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            stream.write_all(b"\n")?;
        }
        stream.flush()
    };
    let live = live.try_borrow().ok().and_then(|live| live.clone());
    match live {
        Some(live) => live.suspend(write),
        None => write(),
    }
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shell")
            .field("output", &self.output)
            .field("watched", &self.watched)
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shell is where the process's surroundings are known, and this is read once"
)]
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

fn resolve(
    color: ColorChoice,
    auto: impl FnOnce() -> anstream::ColorChoice,
) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => auto(),
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

pub(crate) fn bold(color: AnsiColor) -> Style {
    color.on_default().bold()
}

/// What a captured shell wrote.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    out: Memory,
    err: Memory,
}

impl Captured {
    /// What went to stdout.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.out.text()
    }

    /// What went to stderr.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.err.text()
    }
}

#[derive(Clone, Debug, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl Memory {
    fn text(&self) -> String {
        self.0
            .try_borrow()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.try_borrow_mut() {
            Ok(mut memory) => memory.extend_from_slice(bytes),
            Err(_) => return Err(io::Error::other("the memory is being read")),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
