//! Runs a command with a LocalStack for as long as it takes, and says at the end what was played there.
//!
//! The command finds it at `BACKSTAY_LOCALSTACK`. One that runs already is used when that is set before; else a container is
//! started where a Docker engine is, else a process of what `./dev --tool localstack` has installed. Where there is none of
//! them the command runs without, and `BACKSTAY_LOCALSTACK_LACKS` says why.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what tests are run by: reads what it was given, waits for real servers, and says what came of it"
)]

mod front;
mod source;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use front::Front;
use source::Source;

/// The account of what tests ask for directly; LocalStack knows accounts by it.
const ACCOUNT: &str = "123456789012";
/// Where the contracts of shared state are played.
const BUCKET: &str = "backstay-state";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("which command?")?;
    let mut command = Command::new(program);
    command.args(arguments);
    // Where cargo lets integration tests write, who leave their figures there.
    let built = std::env::current_exe()?;
    let target = built.ancestors().nth(2).ok_or("no target directory")?;
    let figures = target.join("tmp/localstack");
    let _ = fs::remove_dir_all(&figures);
    let skips = target.join("tmp/skips");
    let source = match Source::find() {
        Ok(source) => source,
        Err(lacks) => {
            command.env("BACKSTAY_LOCALSTACK_LACKS", lacks);
            let code = ended(&mut command);
            say(&figures_in(&figures), skipped_in(&skips));
            return code;
        }
    };
    eprintln!("localstack: {source}");
    let front = Front::of(source.url())?;
    front.make_bucket(ACCOUNT, BUCKET)?;
    command
        .env("BACKSTAY_LOCALSTACK", source.url())
        .env("BACKSTAY_S3_ENDPOINT", front.url())
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "localstack");
    let code = ended(&mut command);
    let mut figures = figures_in(&figures);
    let [sent, refused, failed] = front.counts()?;
    figures.sent += sent;
    figures.refused += refused;
    figures.failed += failed;
    say(&figures, skipped_in(&skips));
    // Stops the container, or the process.
    drop(source);
    code
}

fn say(figures: &Figures, skipped: usize) {
    println!(
        "localstack: {} scenarios played, {} requests sent, {} refused by it, {} failed; {skipped} skipped",
        figures.scenarios, figures.sent, figures.refused, figures.failed
    );
}

/// Tests of the stage that were skipped each leave a file.
fn skipped_in(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.starts_with("localstack: "))
        .count()
}

fn ended(command: &mut Command) -> Result<ExitCode, Box<dyn Error>> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[derive(Default)]
struct Figures {
    scenarios: u64,
    sent: u64,
    refused: u64,
    failed: u64,
}

/// Every test of the stage leaves `sent refused failed` in a file of its own.
fn figures_in(directory: &Path) -> Figures {
    let mut sums = Figures::default();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let mut numbers = text
            .split(' ')
            .map(|number| number.trim().parse::<u64>().unwrap_or(0));
        sums.scenarios += 1;
        sums.sent += numbers.next().unwrap_or(0);
        sums.refused += numbers.next().unwrap_or(0);
        sums.failed += numbers.next().unwrap_or(0);
    }
    sums
}
