//! Checks of acquisition that failed, by month.

use std::collections::BTreeSet;

use dxa_exchange::text;
use dxa_exchange::view::number::{NOTHING, decimals};
use dxa_exchange::view::{Say, fill};

use crate::quality::{CheckRow, Rate};

/// The checks of one scanner.
pub(super) struct Checked {
    pub(super) months: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One check.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) whole: Cell,
    /// How often it could not be made.
    pub(super) unknown: Option<String>,
    pub(super) months: Vec<Option<Cell>>,
}

/// A share.
pub(super) struct Cell {
    pub(super) class: &'static str,
    pub(super) share: String,
    pub(super) interval: String,
    pub(super) counts: String,
}

/// Months that have a column: the last ones.
const MONTHS: usize = 12;

impl Checked {
    pub(super) fn of(all: &[CheckRow], say: Say) -> Self {
        let months: BTreeSet<&str> =
            all.iter().flat_map(|row| &row.months).map(|month| month.month.as_str()).collect();
        let months: Vec<&str> =
            months.into_iter().rev().take(MONTHS).collect::<Vec<_>>().into_iter().rev().collect();
        let row = |row: &CheckRow| {
            let of_month = |month: &&str| {
                let found = row.months.iter().find(|one| one.month == **month)?;
                Some(Cell::of(&found.rate, say))
            };
            let unknown = row.whole.not_evaluable;
            Row {
                name: text::check(&row.check, say.language).to_owned(),
                id: row.check.clone(),
                whole: Cell::of(&row.whole, say),
                unknown: (unknown > 0).then(|| fill(say.w.not_evaluable_scans, &[&unknown.to_string()])),
                months: months.iter().map(of_month).collect(),
            }
        };
        let rows = all.iter().map(row).collect();
        Self { months: months.into_iter().map(str::to_owned).collect(), rows }
    }
}

impl Cell {
    fn of(rate: &Rate, say: Say) -> Self {
        let interval = rate.interval.map(|[low, high]| format!("{}–{}", number(low), percent(Some(high))));
        Self {
            class: if rate.failed > 0 { "some" } else { "none" },
            share: percent(rate.share),
            interval: interval.unwrap_or_default(),
            counts: fill(say.w.failed_of, &[&rate.failed.to_string(), &rate.n.to_string()]),
        }
    }
}

/// A share in percent.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NOTHING.to_owned(), |share| format!("{} %", number(share)))
}

fn number(share: f64) -> String {
    decimals(Some(100.0 * share), 1)
}
