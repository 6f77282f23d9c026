//! `scores`: one row a region, reference and kind of score.

use crate::record::{Region, Score, Study};

use super::column::{Cell, Row};
use super::regions::of_region;
use super::{Studied, Table, of_scan, of_study, reference};

pub(super) const TABLE: Table = Table {
    name: "scores",
    about: "One row a region, reference population and kind of score.",
    keys: 9,
    columns: || Row::columns(|row| fill(row, &Studied::default(), &Region::default(), &Score::default())),
    rows,
};

fn rows(studied: &Studied) -> Vec<Vec<Cell>> {
    let of = |study: &Study| {
        let all =
            study.regions.iter().flat_map(|region| region.scores.iter().map(move |score| (region, score)));
        all.map(|(region, score)| Row::filled(|row| fill(row, studied, region, score))).collect()
    };
    studied.study.as_ref().map(of).unwrap_or_default()
}

fn fill(row: &mut Row, studied: &Studied, region: &Region, score: &Score) {
    of_study(row, studied);
    of_scan(row, studied, Some(region.scan));
    of_region(row, region);
    row.code("kind", "T against young adults or Z against the same age.", Some(&score.kind));
    reference(row, &score.reference);
    row.number("value", "{SD}", "The score as it is shown, one decimal.", Some(score.value));
    row.number("exact", "{SD}", "The score before rounding, four decimals.", score.exact);
    row.number("percent", "%", "Percent of the reference mean.", score.percent);
    row.flag("named", "The table was asked for by name and decides nothing.", Some(score.named));
    row.number("bmd_g_cm2", "g/cm2", "The density that was scored.", region.bmd_g_cm2);
    row.number(
        "device_score",
        "{SD}",
        "Score of the same kind that the device printed for the region.",
        match score.kind.as_str() {
            "T" => region.device.t,
            _ => region.device.z,
        },
    );
}
