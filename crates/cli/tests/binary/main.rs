//! The built binary on a copy of the example: arguments, both forms of output, exit codes, and what is left on disk.
//! They are tests of this package and not of `e2e` because cargo builds a package's binary for its own tests only.

#[cfg(test)]
mod app;
#[cfg(test)]
mod away;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod building;
#[cfg(test)]
mod checked;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod deploying;
#[cfg(test)]
mod docker;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hints;
mod identity;
#[cfg(test)]
mod images;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod looking_back;
#[cfg(test)]
mod lookups;
mod migrations;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod mixed;
#[cfg(test)]
mod preflight;
mod pruned;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod racing;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod rehearsing;
#[cfg(test)]
mod returning;
#[cfg(test)]
mod said;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod served;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod site;
#[cfg(test)]
mod unbuilt;
