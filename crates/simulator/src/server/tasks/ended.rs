//! What every engine's container has: output that is read line by line, and an end that is told to whoever asks.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

use super::Lines;
use crate::world::containers::Exit;

/// The end of a container, which comes once and is known from then on.
pub(super) struct End(watch::Receiver<Option<Exit>>);

impl End {
    /// One that is still to come, and who tells it.
    pub(super) fn to_come() -> (watch::Sender<Option<Exit>>, Self) {
        let (tell, end) = watch::channel(None);
        (tell, Self(end))
    }

    /// Waits for it.
    pub(super) async fn exit(&self) -> Exit {
        let mut end = self.0.clone();
        let ended = end.wait_for(Option::is_some).await;
        let ended = ended.ok().and_then(|exit| exit.clone());
        // Whoever was to tell it is gone: nothing is known.
        ended.unwrap_or(Exit {
            code: None,
            out_of_memory: false,
            reason: None,
        })
    }
}

/// Hands lines on as they come, until the output is closed.
pub(super) async fn read(output: impl AsyncRead + Unpin, lines: Lines) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while let Ok(1..) = output.read_until(b'\n', &mut line).await {
        let text = String::from_utf8_lossy(&line);
        let _ = lines.send(text.trim_end_matches(['\n', '\r']).to_owned());
        line.clear();
    }
}
