//! Bone densitometry as pure functions: bytes in, an analysed study out.
//!
//! The path of a study is [`pipeline`]; everything that can change a number is in [`protocol`].
//! Nothing here reads files, asks the time or keeps state.

pub mod context;
pub mod corrections;
pub mod field;
pub mod findings;
pub mod geometry;
pub mod measurement;
pub mod outline;
pub mod patient;
pub mod protocol;
pub mod quality;
pub mod reference;
pub mod reported;
pub mod site;
pub mod statistics;
pub mod study;
pub mod units;
pub mod vertebra;

pub mod guard;

pub mod decode;

pub mod calibrate;

pub mod segment;

pub mod measure;

pub mod score;

pub mod grade;

pub mod assess;

pub mod report;

pub mod pipeline;

/// Lower-case hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
