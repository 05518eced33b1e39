//! What a whole deployment, an SDK call and the binary's start cost. `just bench`.

fn main() {}
