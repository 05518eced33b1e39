//! What a place must be able to do for state to be kept there. Every MUST is a contract that each place is tested for.
#![expect(
    async_fn_in_trait,
    reason = "used by one task, generically, like the domain's ports"
)]

use std::time::Duration;

use backstay_domain::ports::PortFailure;

/// Where the state of one app's environment is kept. Names are relative: `lease`, `journal/d-7f3a`, `releases/000007.json`.
///
/// Cells are small and written whole, by compare-and-swap. Logs only grow. What was written is seen by every later read of
/// every process.
pub trait Store {
    /// A cell's present content. MUST be whole; MUST NOT give a greater age than the cell has by the store's own clock.
    ///
    /// # Errors
    /// When the place does not answer, or refuses.
    async fn cell(&self, name: &str) -> Result<Option<Cell>, PortFailure>;

    /// Writes a cell if it still is what `expected` says; `None`: if it does not exist. MUST let exactly one of several
    /// writers with the same expectation win. MUST be done, and no conflict, when the cell holds these very bytes: who was
    /// not told of its own success asks again.
    ///
    /// # Errors
    /// When the place does not answer, or refuses. The effect says whether the cell may have been written.
    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure>;

    /// Writes the line at `position`, which MUST follow the last one that the caller has seen. MUST be durable when it
    /// returns; MUST let exactly one of several writers have a position; MUST be done, and no conflict, when that line is
    /// there already.
    ///
    /// # Errors
    /// When the place does not answer, or refuses. The effect says whether the line may have been written.
    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure>;

    /// All whole lines of a log, in order; none when there is no such log.
    ///
    /// # Errors
    /// When the place does not answer, or refuses.
    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure>;

    /// The first and the last whole line of a log, without what is between them; none when it has no line.
    ///
    /// # Errors
    /// When the place does not answer, or refuses.
    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure>;

    /// The cells and logs directly in a folder, sorted.
    ///
    /// # Errors
    /// When the place does not answer, or refuses.
    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure>;

    /// Tries out, once per environment, that this place keeps its promises about concurrent writers.
    ///
    /// # Errors
    /// When it does not, and state must not be kept there.
    async fn prove(&self) -> Result<(), PortFailure>;

    /// Waits until every cell is so much older by the store's own clock, whatever clock the caller's other work goes by.
    async fn grow_older(&self, by: Duration);
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which of its states this is.
    pub tag: Tag,
    /// Since it was written.
    pub age: Duration,
}

/// Names one state of one cell. Opaque: each place has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub(crate) String);

/// What came of a compare-and-swap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Swapped {
    /// The cell holds the bytes; its new state.
    Done(Tag),
    /// Somebody else has written it; nothing was changed.
    Conflict,
}

/// What came of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// The line is there.
    Done,
    /// The position is somebody else's, or does not follow the last line; nothing was changed.
    Conflict,
}

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLines {
    /// Whole lines by position.
    pub lines: Vec<(u64, Vec<u8>)>,
    /// Bytes after the last whole line: a write that never came to its end, or just comes to it.
    pub torn: usize,
}

/// The first and the last line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The first line.
    pub first: Vec<u8>,
    /// The last line; of a log with one line, that one.
    pub last: Vec<u8>,
    /// How many lines there are.
    pub count: u64,
}
