//! The gate in front of every parse: one iterative walk that bounds what bytes may claim, and indexes them.
//!
//! Nothing untrusted is read before [`open`] has accepted it.
//! The walk keeps its place in a fixed array, so no input can exhaust the stack,
//! and it compares every length with the bytes that are really there, so no input can make it reserve memory.

mod container;
mod digest;
mod inflate;
mod pixels;
mod stream;
mod syntax;
mod view;
mod walk;

pub use container::{Leniency, open};
pub use digest::DigestBegun;
pub use stream::open_head_first;
pub use syntax::TransferSyntax;
pub use view::{Element, Elements, Object};

use dicom_core::Tag;

/// What one object may cost. Anything above is refused, never truncated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whole file, bytes.
    pub file_bytes: u64,
    /// Sequences inside sequences.
    pub depth: usize,
    /// Elements and items.
    pub elements: usize,
    /// Bytes of one value that the dictionary knows as text or numbers, not as bulk data.
    pub value_bytes: u32,
    /// Fragments of encapsulated pixel data.
    pub fragments: usize,
    /// Rows and columns, each.
    pub rows_columns: u16,
    /// Frames of one image.
    pub frames: u32,
    /// Bytes of a deflated data set after inflating.
    pub inflated_bytes: usize,
    /// Inflated bytes per deflated byte.
    pub inflate_ratio: usize,
}

impl Limits {
    /// The limits in force everywhere.
    pub const DEFAULT: Self = Self {
        file_bytes: 256 << 20,
        depth: 32,
        elements: 200_000,
        value_bytes: 256 << 10,
        fragments: 10_000,
        rows_columns: 16_384,
        frames: 10_000,
        inflated_bytes: 16 << 20,
        inflate_ratio: 100,
    };
}

/// Stack that every reader of an accepted object is given.
///
/// The walk itself needs a few kilobytes whatever the input. What follows it descends one call a nested
/// sequence, at most [`Limits::depth`] deep; a test holds the deepest object a walk accepts, read by the
/// recursive parser of dicom-object in an unoptimized build, against this size.
pub const STACK_BYTES: usize = 8 << 20;

/// Why an input was not let through. The sentences name tags and sizes, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Neither a DICOM file nor a bare data set.
    #[error("this is not a DICOM file")]
    NotDicom,
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The input ends inside something it announced.
    #[error("the file ends early: {what} at byte {offset} needs {needed} bytes and {left} are left")]
    Truncated {
        /// What was being read.
        what: String,
        /// Where.
        offset: u64,
        /// Bytes it announced.
        needed: u64,
        /// Bytes that remain inside its parent.
        left: u64,
    },
    /// The structure contradicts itself.
    #[error("{what} at byte {offset}")]
    Malformed {
        /// The contradiction.
        what: String,
        /// Where.
        offset: u64,
    },
    /// Attributes that contradict each other or their own definition.
    #[error("{0}")]
    Contradiction(String),
    /// A limit was passed.
    #[error("{0}")]
    Limit(String),
    /// Only part of the input was given and more of it is needed; never shown to a user.
    #[error("more of the file is needed")]
    NeedMore,
}

impl Rejection {
    /// `unreadable` or `limits_exceeded`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Limit(_) => "limits_exceeded",
            Self::NotDicom
            | Self::Empty
            | Self::Truncated { .. }
            | Self::Malformed { .. }
            | Self::Contradiction(_)
            | Self::NeedMore => "unreadable",
        }
    }
}

/// The first bytes of a file and how long the whole is.
///
/// The header of an image is a few kilobytes in front of megabytes of pixels, so a caller may
/// give a prefix; [`Rejection::NeedMore`] asks for the rest when the prefix does not suffice.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The file from its start, wholly or in part.
    pub head: &'a [u8],
    /// Length of the whole file.
    pub total: u64,
}

impl<'a> Input<'a> {
    /// A file that is wholly in memory.
    #[must_use]
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { head: bytes, total: bytes.len() as u64 }
    }
}

/// `(gggg,eeee)`.
fn name(tag: Tag) -> String {
    format!("({:04X},{:04X})", tag.0, tag.1)
}
