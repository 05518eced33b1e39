//! A thread with room: commands in a debug build take more stack than a test has.

/// More than any command needs.
const STACK_BYTES: usize = 128 << 20;

/// Does something in a thread with room; its panic is ours.
///
/// # Panics
/// When it does, or when there is no such thread.
pub fn roomy(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work);
    let ended = match thread {
        Ok(thread) => thread.join(),
        Err(error) => panic!("no thread: {error}"),
    };
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}
