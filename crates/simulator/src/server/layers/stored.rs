//! A layer on its way out: read piece by piece, as the client takes it.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

const PIECE: usize = 256 * 1024;

/// The body of a reply.
#[derive(Debug)]
pub(in crate::server) struct Stored {
    place: Place,
    left: u64,
}

#[derive(Debug)]
enum Place {
    Memory(Bytes),
    File(File),
}

impl Stored {
    pub(super) fn of_bytes(bytes: Bytes) -> Self {
        Self {
            left: bytes.len() as u64,
            place: Place::Memory(bytes),
        }
    }

    pub(super) fn of_file(file: File, left: u64) -> Self {
        Self {
            left,
            place: Place::File(file),
        }
    }

    fn next(&mut self) -> io::Result<Bytes> {
        let size = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let piece = match &mut self.place {
            Place::Memory(bytes) => bytes.split_to(size),
            Place::File(file) => {
                let mut piece = vec![0; size];
                file.read_exact(&mut piece)?;
                piece.into()
            }
        };
        self.left -= size as u64;
        Ok(piece)
    }
}

impl Body for Stored {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let stored = self.get_mut();
        Poll::Ready((stored.left > 0).then(|| stored.next().map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
