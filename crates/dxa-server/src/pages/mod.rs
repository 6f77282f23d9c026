//! The pages for people: what they show, made of results and written as HTML. Nothing here asks the store.

mod context;
mod frame;
mod problem;
mod quality;
mod reading;
mod study;
mod worklist;

pub(crate) use context::ContextPage;
pub(crate) use frame::{Frame, tag};
pub(crate) use problem::{LoginPage, ProblemPage};
pub(crate) use quality::QualityPage;
pub(crate) use reading::ReadingPage;
pub(crate) use study::{Given, Read, StudyPage};
pub(crate) use worklist::{Asked, Listed, ROWS, WorklistPage};

use dxa_exchange::view::Words;

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
