//! Choices read off bytes, so that proptest can shrink what was chosen. After the end every choice is the first one.

/// The rest of a script.
#[derive(Debug)]
pub(super) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is at least 1.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let high = if end > 256 {
            usize::from(self.byte())
        } else {
            0
        };
        (high * 256 + usize::from(self.byte())) % end
    }

    /// Whether something happens that does so this many times of 256.
    pub(super) fn chance(&mut self, of_256: u8) -> bool {
        // The end of a script is quiet.
        255 - self.byte() < of_256
    }

    pub(super) fn one<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }
}
