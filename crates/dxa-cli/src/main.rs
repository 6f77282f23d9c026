//! The command `dxa`.

fn main() {}
