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
pub(crate) use study::{Behind, Given, Read, StudyPage};
pub(crate) use worklist::{Asked, Listed, ROWS, WorklistPage};

use dxa_exchange::text::Language;
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

/// Why an analysis failed; sentences that name what was told are kept as they are.
pub(crate) fn failure(why: &str, language: Language) -> String {
    const CHINESE: [(&str, &str); 4] = [
        ("none of the objects of this study can be read", "该检查的对象均无法读取。"),
        (
            "the same Study Instance UID occurs under two Patient IDs; nothing of it is analyzed",
            "同一检查UID对应两个患者编号，均不作分析。",
        ),
        ("the analysis took longer than", "分析超过时限。"),
        ("the analysis ended without a result", "分析意外终止，可能内存不足。"),
    ];
    let chinese = CHINESE.iter().find(|(known, _)| why.starts_with(known));
    language.of(why, chinese.map_or(why, |(_, chinese)| *chinese)).to_owned()
}
