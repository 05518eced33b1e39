//! Holds the diagram of ARCHITECTURE.md: who may depend on whom, what a room may not say, how a file begins and ends.

#[cfg(test)]
mod documents;
#[cfg(test)]
mod files;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod services;
#[cfg(test)]
mod source;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod vocabulary;
