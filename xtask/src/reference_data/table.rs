//! A reference table: young-adult rows and yearly knots, and how it is written.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use dxa_core::patient::Sex;
use dxa_core::site::Site;

use super::curve::AgeCurve;
use super::nhanes::Person;
use super::population::Population;
use super::sample::{Survey, aged, sites};
use super::smoothness::{BodyRegion, Smoothness, choose};
use super::survey::{mean, sd};

/// Completed years of the young-adult reference, both ends counted.
pub(super) const YOUNG: (u8, u8) = (20, 29);

/// Fewest people that a young-adult row or a usable decade of a curve may rest on.
const FEWEST: usize = 20;

/// Mean and SD of the young adults of a sex at a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct YoungRow {
    pub(super) n: usize,
    pub(super) mean: f64,
    pub(super) sd: f64,
}

/// Everything made for one population, sex and site.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) sex: Sex,
    pub(super) site: Site,
    pub(super) young: Option<YoungRow>,
    pub(super) curve: AgeCurve,
}

/// The table of a population.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) population: Population,
    /// By sex (F, M), then site in the order of results.
    pub(super) entries: Vec<Entry>,
}

/// The penalties of each sex and region.
pub(super) type Penalties = BTreeMap<(Sex, BodyRegion), Smoothness>;

/// Chooses the penalties from the three disjoint populations of a survey.
pub(super) fn penalties(survey: &Survey<'_>) -> Penalties {
    let mut chosen = Penalties::new();
    for sex in [Sex::Female, Sex::Male] {
        for region in [BodyRegion::Spine, BodyRegion::Femur] {
            chosen.insert((sex, region), choose(survey, sex, region));
        }
    }
    chosen
}

impl Table {
    /// Makes the table of a population from the cycles that are its own.
    ///
    /// # Errors
    /// A young-adult group or a decade of the usable ages with fewer than 20 people.
    pub(super) fn make(people: &[Person], population: Population, penalties: &Penalties) -> Result<Self> {
        let survey = Survey::of(people, population.cycles());
        let mut entries = Vec::new();
        for sex in [Sex::Female, Sex::Male] {
            for site in sites() {
                entries.push(entry(&survey, population, sex, site, penalties)?);
            }
        }
        Ok(Self { population, entries })
    }

    /// The entry of a sex and site.
    pub(super) fn entry(&self, sex: Sex, site: Site) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.sex == sex && entry.site == site)
    }

    /// The file: `kind,sex,site,age_min,age_max,n,mean,sd,l,m,s`, young rows first, then knots.
    ///
    /// # Units
    /// Years; g/cm² with four decimals.
    ///
    /// # Errors
    /// None in practice: the writer writes to memory.
    pub(super) fn csv(&self) -> Result<Vec<u8>> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        writer
            .write_record(["kind", "sex", "site", "age_min", "age_max", "n", "mean", "sd", "l", "m", "s"])?;
        for entry in &self.entries {
            if let Some(young) = entry.young {
                let ages = (YOUNG.0, YOUNG.1);
                writer.write_record(row("young", entry, ages, young.n.to_string(), young.mean, young.sd))?;
            }
        }
        let (from, to) = self.population.usable_ages();
        for entry in &self.entries {
            for age in from..=to {
                let (mean, sd) = (entry.curve.mean_at(age.into()), entry.curve.sd_at(age.into()));
                writer.write_record(row("knot", entry, (age, age), String::new(), mean, sd))?;
            }
        }
        Ok(writer.into_inner()?)
    }
}

fn entry(
    survey: &Survey<'_>,
    population: Population,
    sex: Sex,
    site: Site,
    penalties: &Penalties,
) -> Result<Entry> {
    let sample = survey.sample(population, sex, site);
    let young = aged(&sample, YOUNG.0, YOUNG.1);
    let young = if population.has_young_adults() {
        ensure!(young.len() >= FEWEST, "{}: {} young adults at {site}", population.id(), young.len());
        Some(YoungRow { n: young.len(), mean: mean(&young), sd: sd(&young) })
    } else {
        None
    };
    let (from, to) = population.usable_ages();
    for decade in (from..to).step_by(10) {
        let n = aged(&sample, decade, decade + 9).len();
        ensure!(n >= FEWEST, "{}: {n} people from {decade} on at {site}", population.id());
    }
    let smoothness = penalties[&(sex, BodyRegion::of(site))];
    let curve = AgeCurve::fit(&sample, population.fitted_ages(&survey.cycles), smoothness);
    Ok(Entry { sex, site, young, curve })
}

fn row(kind: &str, entry: &Entry, ages: (u8, u8), n: String, mean: f64, sd: f64) -> [String; 11] {
    [
        kind.to_owned(),
        entry.sex.code().to_owned(),
        entry.site.to_string(),
        ages.0.to_string(),
        ages.1.to_string(),
        n,
        format!("{mean:.4}"),
        format!("{sd:.4}"),
        String::new(),
        String::new(),
        String::new(),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::nhanes::hex_sha256;
    use super::*;

    fn committed(population: Population, extension: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../reference-data/tables");
        std::fs::read(format!("{folder}/{}.{extension}", population.id())).unwrap()
    }

    /// Young White women as published (Looker 2012: 1.064/0.106 and 0.971/0.114), with one more decimal.
    #[test]
    fn the_table_in_the_repository_has_the_published_young_women() {
        let text = String::from_utf8(committed(Population::NonHispanicWhite, "csv")).unwrap();
        for row in
            ["young,F,L1-L4,20,29,236,1.0647,0.1066,,,", "young,F,total_hip,20,29,262,0.9714,0.1145,,,"]
        {
            assert!(text.lines().any(|line| line == row), "{row}");
        }
    }

    #[test]
    fn every_table_in_the_repository_is_whole_and_plausible() {
        for population in Population::ALL {
            let csv = committed(population, "csv");
            let sidecar: toml::Table =
                toml::from_str(&String::from_utf8(committed(population, "toml")).unwrap()).unwrap();
            assert_eq!(sidecar["sha256"].as_str(), Some(hex_sha256(&csv).as_str()), "{population:?}");
            let (from, to) = population.usable_ages();
            let young = if population.has_young_adults() { 40 } else { 0 };
            let mut rows = 0;
            for row in csv::Reader::from_reader(csv.as_slice()).records() {
                let row = row.unwrap();
                let (mean, sd): (f64, f64) = (row[6].parse().unwrap(), row[7].parse().unwrap());
                assert!((0.3..1.6).contains(&mean) && (0.05..0.3).contains(&sd), "{population:?} {row:?}");
                assert!(row[2].parse::<Site>().is_ok(), "{row:?}");
                rows += 1;
            }
            assert_eq!(rows, young + 40 * (usize::from(to - from) + 1), "{population:?}");
        }
    }
}
