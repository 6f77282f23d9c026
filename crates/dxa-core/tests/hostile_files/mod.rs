//! Files that attack a reader, each with the answer it must get; written byte by byte, by none of the code under test.

// Every test binary that shares these files uses its own part of them.
#![allow(dead_code)]

mod containers;
mod deflated;
mod images;
mod lengths;
mod nesting;
mod numbers;
pub(crate) mod writer;

/// What a reader must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The structure is sound; what it is good for is another question.
    Accepted,
    /// The error code `unreadable`.
    Unreadable,
    /// The error code `limits_exceeded`.
    LimitsExceeded,
}

/// One file, made when it is needed: some are tens of megabytes.
pub(crate) struct HostileFile {
    pub(crate) name: String,
    pub(crate) answer: Answer,
    make: Box<dyn Fn() -> Vec<u8>>,
}

impl HostileFile {
    fn new(name: impl Into<String>, answer: Answer, make: impl Fn() -> Vec<u8> + 'static) -> Self {
        Self { name: name.into(), answer, make: Box::new(make) }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        (self.make)()
    }
}

/// Every file, in a fixed order; names are unique and fit for file names.
pub(crate) fn all() -> Vec<HostileFile> {
    let files = [
        nesting::files(),
        lengths::files(),
        deflated::files(),
        images::files(),
        numbers::files(),
        containers::files(),
    ];
    files.into_iter().flatten().collect()
}
