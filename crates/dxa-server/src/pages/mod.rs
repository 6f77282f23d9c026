//! The pages for people: what they show, made of results and written as HTML. Nothing here asks the store.

mod context;
mod curve;
mod frame;
mod number;
mod plot;
mod problem;
mod study;
mod trend;
mod words;
mod worklist;

pub(crate) use context::ContextPage;
pub(crate) use frame::{Frame, tag};
pub(crate) use problem::{LoginPage, ProblemPage};
pub(crate) use study::{Given, StudyPage};
pub(crate) use trend::Visit;
pub(crate) use words::Words;
pub(crate) use worklist::{Asked, Listed, ROWS, WorklistPage};

use dxa_exchange::text::Language;

/// A language with its words.
#[derive(Clone, Copy)]
pub(crate) struct Say {
    pub(crate) language: Language,
    pub(crate) w: &'static Words,
}

impl Say {
    /// In this language.
    pub(crate) fn of(language: Language) -> Self {
        Self { language, w: Words::of(language) }
    }
}

/// The word and the style of what makes a study urgent.
pub(crate) struct Chip {
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
}

impl Chip {
    /// Of a code of [`crate::work::URGENT`].
    pub(crate) fn of(code: &str, w: &'static Words) -> Self {
        let (class, word) = match code {
            "very_high_risk" => ("grave", w.very_high_risk),
            "new_fracture" => ("grave", w.new_fracture),
            "suspected_fracture" => ("grave", w.suspected_fracture),
            "to_confirm" => ("doubt", w.to_confirm),
            _ => ("doubt", w.quality_problem),
        };
        Self { class, word }
    }
}

/// The style of a category.
pub(crate) fn category_class(category: Option<&str>) -> &'static str {
    match category {
        Some("normal" | "within_expected") => "normal",
        Some("low_bone_mass" | "below_expected") => "low",
        Some("osteoporosis" | "severe_osteoporosis") => "osteoporosis",
        _ => "none",
    }
}

/// The word and the style of where a report stands.
pub(crate) fn status(code: &str, w: &'static Words) -> (&'static str, &'static str) {
    match code {
        "final" => (w.is_final, "final"),
        "amended" => (w.amended, "amended"),
        "preliminary" => (w.preliminary, "preliminary"),
        "receiving" => (w.receiving, "waiting"),
        "failed" => (w.failed, "failed"),
        _ => (w.analyzing, "waiting"),
    }
}
