//! The life of the report: versions, corrections and signatures.

use dxa_exchange::text::said;
use dxa_exchange::view::number::time;
use dxa_exchange::view::{Say, fill};

use super::super::status;
use super::Given;

/// Something that happened.
pub(super) struct Event {
    pub(super) class: &'static str,
    pub(super) at: String,
    pub(super) when: String,
    pub(super) what: String,
    pub(super) who: String,
    pub(super) why: Option<String>,
}

/// A comment.
pub(super) struct Said {
    pub(super) at: String,
    pub(super) when: String,
    pub(super) who: String,
    pub(super) version: String,
    pub(super) text: String,
}

/// All comments, the newest first.
pub(super) fn comments(given: &Given<'_>, say: Say) -> Vec<Said> {
    let said = given.comments.iter().rev().map(|comment| {
        let (when, at) = time(comment.created_at);
        Said {
            at,
            when,
            who: comment.author.clone(),
            version: fill(say.w.life_version, &[&comment.version.to_string()]),
            text: comment.text.clone(),
        }
    });
    said.collect()
}

/// Everything that happened, newest first.
pub(super) fn events(given: &Given<'_>, say: Say) -> Vec<Event> {
    let versions = given.versions.iter().map(|version| {
        let number = fill(say.w.life_version, &[&version.version.to_string()]);
        let what =
            format!("{number} · {} · {}", status(version.state.code(), say.w).0, why(&version.reason, say));
        let at = version.created_at;
        (at, event("version", at, what, &version.author, None))
    });
    let signatures = given.signatures.iter().map(|signature| {
        let sentence = if signature.action == "amend" { say.w.life_amend } else { say.w.life_sign };
        let what = fill(sentence, &[&signature.version.to_string()]);
        let at = signature.created_at;
        (at, event("signature", at, what, &signature.author, signature.reason.clone()))
    });
    let corrections = given.corrections.iter().map(|correction| {
        let parts: Vec<&str> = correction.target.split('/').filter(|part| !part.is_empty()).collect();
        let place = match parts.as_slice() {
            ["spine", ..] => say.w.shift_labels.to_owned(),
            ["landmarks", _, "neck_box", ..] => say.w.neck_box.to_owned(),
            ["landmarks", _, name, ..] => name.trim_start_matches("disc_").replace('_', "/").to_uppercase(),
            [_, _, site, side] => said::place(site, Some(side), say.language),
            [_, _, site] => said::place(site, None, say.language),
            _ => correction.target.clone(),
        };
        let what = fill(say.w.life_correction, &[&place]);
        (correction.created_at, event("correction", correction.created_at, what, &correction.author, None))
    });
    let mut all: Vec<(i64, Event)> = versions.chain(signatures).chain(corrections).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, event)| event).collect()
}

fn event(class: &'static str, at: i64, what: String, who: &str, why: Option<String>) -> Event {
    let (when, at) = time(at);
    Event { class, at, when, what, who: who.to_owned(), why: why.filter(|why| !why.is_empty()) }
}

/// Why a version was made.
pub(super) fn why(reason: &str, say: Say) -> &'static str {
    match reason {
        "late_objects" => say.w.why_late_objects,
        "earlier_study" => say.w.why_earlier_study,
        "message" => say.w.why_message,
        "correction" => say.w.why_correction,
        "context" => say.w.why_context,
        "protocol" => say.w.why_protocol,
        "sign" => say.w.why_sign,
        "amend" => say.w.why_amend,
        _ => say.w.why_new_study,
    }
}
