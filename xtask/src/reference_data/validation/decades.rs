//! Decade means with standard errors, and how near the curves pass to them.

use anyhow::Result;
use dxa_core::patient::Sex;
use dxa_core::site::Site;

use super::super::nhanes::Person;
use super::super::population::Population;
use super::super::sample::{Survey, aged};
use super::super::survey::{Estimate, mean};
use super::super::table::{Entry, Table};
use super::Proof;

/// First completed years of the decades, each ten years long.
pub(super) const DECADES: [u8; 6] = [20, 30, 40, 50, 60, 70];

/// Share of decades in which the curve must pass within one standard error of the mean.
const SHARE_WITHIN: f64 = 0.8;

/// One decade of one sex of one population at one site.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) population: Population,
    pub(super) sex: Sex,
    pub(super) site: Site,
    pub(super) from: u8,
    pub(super) n: usize,
    pub(super) mean: Estimate,
    pub(super) sd: Estimate,
    /// Mean of the curve at the ages of the same people.
    pub(super) curve: f64,
    /// SD of the Z-scores that the curve gives them.
    pub(super) z_sd: Estimate,
}

impl Cell {
    /// (curve − mean) in standard errors of the mean.
    pub(super) fn errors_off(&self) -> f64 {
        (self.curve - self.mean.value) / self.mean.error
    }
}

/// The decades of every entry of a table that lie in its usable ages.
pub(super) fn cells(people: &[Person], table: &Table) -> Vec<Cell> {
    let survey = Survey::of(people, table.population.cycles());
    let (from, to) = table.population.usable_ages();
    let decades = DECADES.into_iter().filter(|decade| (from..to).contains(decade));
    let pairs = decades.flat_map(|from| table.entries.iter().map(move |entry| (from, entry)));
    let mut cells: Vec<Cell> =
        pairs.map(|(from, entry)| cell(&survey, table.population, entry, from)).collect();
    cells.sort_by_key(|cell| (cell.sex, cell.site.order(), cell.from));
    cells
}

fn cell(survey: &Survey<'_>, population: Population, entry: &Entry, from: u8) -> Cell {
    let people = aged(&survey.sample(population, entry.sex, entry.site), from, from + 9);
    Cell {
        population,
        sex: entry.sex,
        site: entry.site,
        from,
        n: people.len(),
        mean: survey.design.mean(&people),
        sd: survey.design.sd(&people),
        curve: mean(&entry.curve.means(&people)),
        z_sd: survey.design.sd(&entry.curve.z_scores(&people)),
    }
}

/// At least 80 % of the cells are within one standard error.
pub(super) fn proof(cells: &[Cell]) -> Proof {
    let within = cells.iter().filter(|cell| cell.errors_off().abs() <= 1.0).count();
    Proof {
        claim: "Curves pass within one design-based standard error of the decade means in at least 80 % of cells.",
        found: format!("{within} of {}", cells.len()),
        holds: !cells.is_empty() && within as f64 >= SHARE_WITHIN * cells.len() as f64,
    }
}

/// All cells, for machines.
///
/// # Units
/// g/cm².
///
/// # Errors
/// None in practice: the writer writes to memory.
pub(super) fn csv(cells: &[Cell]) -> Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record([
        "table",
        "sex",
        "site",
        "age_min",
        "age_max",
        "n",
        "mean",
        "mean_se",
        "sd",
        "sd_se",
        "curve_mean",
        "z_sd",
        "z_sd_se",
    ])?;
    for cell in cells {
        writer.write_record([
            cell.population.id().to_owned(),
            cell.sex.code().to_owned(),
            cell.site.to_string(),
            cell.from.to_string(),
            (cell.from + 9).to_string(),
            cell.n.to_string(),
            format!("{:.4}", cell.mean.value),
            format!("{:.4}", cell.mean.error),
            format!("{:.4}", cell.sd.value),
            format!("{:.4}", cell.sd.error),
            format!("{:.4}", cell.curve),
            format!("{:.4}", cell.z_sd.value),
            format!("{:.4}", cell.z_sd.error),
        ])?;
    }
    Ok(writer.into_inner()?)
}
