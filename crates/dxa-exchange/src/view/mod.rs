//! A result as people read it: the rows, plots and sentences that pages and printed reports show, in words of one
//! language. What a page adds, such as what can be corrected, is not here.

pub mod agreement;
pub mod changes;
pub mod curve;
pub mod doubts;
pub mod head;
pub mod heights;
pub mod number;
pub mod plot;
pub mod regions;
pub mod rules;
mod summary;
pub mod treatments;
pub mod trend;
mod verdict;
pub mod vertebrae;
pub mod visits;
mod words;

pub use summary::{LowestT, Summary, URGENT};
pub use verdict::{Chip, Point, Verdict};
pub use words::{Words, fill};

use crate::text::Language;

/// A language with its words.
#[derive(Clone, Copy)]
pub struct Say {
    /// The language.
    pub language: Language,
    /// Its words.
    pub w: &'static Words,
}

impl Say {
    /// In this language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        Self { language, w: Words::of(language) }
    }
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The style of a category.
#[must_use]
pub fn category_class(category: Option<&str>) -> &'static str {
    match category {
        Some("normal" | "within_expected") => "normal",
        Some("low_bone_mass" | "below_expected") => "low",
        Some("osteoporosis" | "severe_osteoporosis") => "osteoporosis",
        _ => "none",
    }
}
