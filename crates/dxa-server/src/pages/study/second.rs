//! Readings of a second physician beside what the report says, and what settled them.

use std::sync::Arc;

use dxa_exchange::reading::{Difference, Opinion, Reading};
use dxa_exchange::record::Study;
use dxa_exchange::text::said;
use dxa_exchange::view::number::{NOTHING, time};
use dxa_exchange::view::{Say, fill};

use super::Given;
use crate::store::GivenReading;

/// A reading with the result of the version that was read.
pub(crate) struct Read {
    pub(crate) given: GivenReading,
    pub(crate) version: Arc<Study>,
}

/// A reading as the page shows it.
pub(super) struct Shown {
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) who: String,
    pub(super) remark: Option<String>,
    pub(super) verdict: String,
    pub(super) rows: Vec<Row>,
    pub(super) standing: Option<String>,
}

/// A place of which the two say different things.
pub(super) struct Row {
    pub(super) place: String,
    pub(super) report: String,
    pub(super) reading: String,
    pub(super) now: String,
}

/// All readings, the newest first.
pub(super) fn of(given: &Given<'_>, say: Say) -> Vec<Shown> {
    given.readings.iter().rev().map(|read| shown(read, given, say)).collect()
}

/// Whether a reading that differs waits for a signature.
pub(super) fn is_open(given: &Given<'_>) -> bool {
    let differs = |read: &Read| !read.given.reading.differences(&read.version).is_empty();
    given.readings.iter().any(|read| read.given.settled_by(&given.signatures).is_none() && differs(read))
}

fn shown(read: &Read, given: &Given<'_>, say: Say) -> Shown {
    let Read { given: one, version } = read;
    let differ = one.reading.differences(version);
    let today = one.reading.differences(given.study);
    let rows = differ.iter().map(|difference| row(difference, &today, say));
    let settled = one.settled_by(&given.signatures).map(|signature| {
        let number = signature.version.to_string();
        fill(say.w.second_settled, &[&number, &signature.author, &time(signature.created_at).0])
    });
    let is_open = settled.is_none() && !differ.is_empty();
    let count = places(&one.reading);
    Shown {
        class: if is_open { "open" } else { "" },
        title: fill(say.w.second_of, &[&one.version.to_string(), &time(one.created_at).0]),
        who: one.author.clone(),
        remark: one.reading.remark.clone().filter(|remark| !remark.is_empty()),
        verdict: if differ.is_empty() {
            fill(say.w.second_agrees, &[&count])
        } else {
            fill(say.w.second_differs, &[&differ.len().to_string(), &count])
        },
        rows: rows.collect(),
        standing: settled.or_else(|| is_open.then(|| say.w.second_open.to_owned())),
    }
}

fn places(reading: &Reading) -> String {
    (reading.vertebrae.len() + reading.regions.len()).to_string()
}

fn row(difference: &Difference, today: &[Difference], say: Say) -> Row {
    let same = |other: &&Difference| {
        (other.scan, &other.place, &other.laterality)
            == (difference.scan, &difference.place, &difference.laterality)
    };
    let now = today.iter().find(same);
    Row {
        place: said::place(&difference.place, difference.laterality.as_deref(), say.language),
        report: opinion(difference.report, say),
        reading: opinion(Some(difference.reading), say),
        now: now.map_or_else(|| say.w.second_agrees_now.to_owned(), |now| opinion(now.report, say)),
    }
}

fn opinion(of: Option<Opinion>, say: Say) -> String {
    let w = say.w;
    match of {
        None => NOTHING.to_owned(),
        Some(Opinion::Region { excluded: true }) => w.left_out.to_owned(),
        Some(Opinion::Region { excluded: false }) => w.taken_in.to_owned(),
        Some(Opinion::Vertebra { grade: None, .. }) => w.not_evaluable.to_owned(),
        Some(Opinion::Vertebra { grade: Some(0), .. }) => "G0".to_owned(),
        Some(Opinion::Vertebra { grade: Some(grade), fracture }) => {
            let word = match fracture {
                Some(true) => w.fragility,
                Some(false) => w.reject_fracture,
                None => w.fracture_open,
            };
            format!("G{grade} · {word}")
        }
    }
}
