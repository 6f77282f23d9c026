//! The published decades of 2005-2008 against ours.
//!
//! # References
//! Looker AC et al. Vital Health Stat 11(251), 2012, as cited in Front Endocrinol 2026;17:1748490, table 3
//! (PMC12995607) and in PMC9403581, tables 1 and 5; bands are completed years 20–29, 30–39 and so on.

use anyhow::{Context, Result};
use dxa_core::patient::Sex;
use dxa_core::site::Site;

use super::super::nhanes::Person;
use super::super::population::Population;
use super::super::sample::{Survey, aged};
use super::super::survey::{Observation, mean, sd};
use super::Proof;

const PUBLISHED: &str = include_str!("../published_decades.csv");

/// Largest difference of a mean or SD, g/cm².
const TOLERANCE: f64 = 0.001;

/// A published decade beside ours.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) population: Population,
    pub(super) sex: Sex,
    pub(super) site: Site,
    pub(super) from: u8,
    pub(super) published: Moments,
    /// From the totals as the survey released them, which is what the published table was made from.
    pub(super) released: Moments,
    /// From ΣBMC/Σarea, which is what our tables are made from.
    pub(super) summed: Moments,
}

/// Mean and SD of a group, g/cm².
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) sd: f64,
}

impl Moments {
    fn of(sample: &[Observation]) -> Self {
        Self { mean: mean(sample), sd: sd(sample) }
    }
}

impl Comparison {
    /// Mean and SD of the released totals are within 0.001 g/cm² of the published ones.
    pub(super) fn agrees(&self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= TOLERANCE;
        near(self.released.mean, self.published.mean) && near(self.released.sd, self.published.sd)
    }
}

/// Works out each published decade from the records.
///
/// # Errors
/// A row of the published table that is not sex, site, age and two numbers.
pub(super) fn compare(people: &[Person]) -> Result<Vec<Comparison>> {
    let survey = Survey::of(people, Population::All.cycles());
    let mut comparisons = Vec::new();
    for row in csv::Reader::from_reader(PUBLISHED.as_bytes()).records() {
        let row = row?;
        let number = |index: usize| row[index].parse::<f64>().context("published_decades.csv");
        let population = *Population::ALL
            .iter()
            .find(|population| population.ethnicity() == Some(&row[0]))
            .with_context(|| format!("published_decades.csv: population {}", &row[0]))?;
        let sex = if &row[1] == "F" { Sex::Female } else { Sex::Male };
        let site: Site = row[2].parse()?;
        let from: u8 = row[3].parse()?;
        let decade = |sample: Vec<Observation>| Moments::of(&aged(&sample, from, from + 9));
        comparisons.push(Comparison {
            population,
            sex,
            site,
            from,
            published: Moments { mean: number(4)?, sd: number(5)? },
            released: decade(survey.observe(population, sex, |person| released_total(person, site))),
            summed: decade(survey.sample(population, sex, site)),
        });
    }
    Ok(comparisons)
}

fn released_total(person: &Person, site: Site) -> Option<f64> {
    let total = if site == Site::TotalHip { person.femur.total } else { person.spine.total };
    total.map(|region| region.bmd)
}

/// Every row agrees.
pub(super) fn proof(comparisons: &[Comparison]) -> Proof {
    let agreeing = comparisons.iter().filter(|row| row.agrees()).count();
    Proof {
        claim: "The published decade table is reproduced within 0.001 in mean and SD in every row.",
        found: format!("{agreeing} of {}", comparisons.len()),
        holds: agreeing == comparisons.len() && agreeing > 0,
    }
}
