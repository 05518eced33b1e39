//! The stages `process` and `docker`: scenarios whose tasks run for real. What is played is in `tests/stage`.
