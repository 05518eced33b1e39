//! Scenarios are listed at compile time: a new file must be noticed.

fn main() {
    println!("cargo::rerun-if-changed=../scenarios");
}
