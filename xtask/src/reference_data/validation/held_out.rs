//! Curves of 2005-06 alone, put to people of 2007-08 who had no part in them.

use dxa_core::patient::Sex;
use dxa_core::site::Site;
use dxa_core::statistics::two_sided_95;

use super::super::curve::AgeCurve;
use super::super::nhanes::{Cycle, Person};
use super::super::population::Population;
use super::super::sample::{Survey, aged, main_sites};
use super::super::smoothness::BodyRegion;
use super::super::survey::{Estimate, Observation};
use super::super::table::penalties;
use super::Proof;
use super::decades::DECADES;

/// Largest pooled mean Z.
const MEAN_LIMIT: f64 = 0.15;

/// Smallest and largest pooled SD of Z.
const SD_LIMITS: (f64, f64) = (0.95, 1.10);

/// Share of decades whose interval must hold 0.
const SHARE_HOLDING: f64 = 0.9;

/// Z-scores of one sex at one site.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) sex: Sex,
    pub(super) site: Site,
    pub(super) mean: Estimate,
    pub(super) sd: Estimate,
    /// Z-scores of everybody, to be drawn.
    pub(super) scores: Vec<Observation>,
    pub(super) decades: Vec<Decade>,
}

/// Z-scores of one decade.
#[derive(Clone, Debug)]
pub(super) struct Decade {
    pub(super) from: u8,
    pub(super) n: usize,
    pub(super) mean: Estimate,
    pub(super) sd: Estimate,
    /// Mean of the decade minus the pooled mean, with the error of 2007-08 alone.
    pub(super) shift: Estimate,
    /// Error of the same difference in the people that the curve was made from.
    pub(super) table_error: f64,
}

impl Decade {
    /// Error of the difference between two independent surveys: the tested people and the table's own.
    pub(super) fn full_error(&self) -> f64 {
        self.shift.error.hypot(self.table_error)
    }
}

/// All panels, with the t of their intervals.
#[derive(Clone, Debug)]
pub(super) struct HeldOut {
    pub(super) panels: Vec<Panel>,
    /// Student's t for 95 % at the degrees of freedom of 2007-08.
    pub(super) t: f64,
    pub(super) degrees: usize,
}

/// Makes non-Hispanic White curves from 2005-06 and scores the adults under 80 of 2007-08.
pub(super) fn score(people: &[Person]) -> HeldOut {
    let population = Population::NonHispanicWhite;
    let made_from = Survey::of(people, &[Cycle::Y2005]);
    let tested_on = Survey::of(people, &[Cycle::Y2007]);
    let penalties = penalties(&made_from);
    let mut panels = Vec::new();
    for sex in [Sex::Female, Sex::Male] {
        for site in main_sites() {
            let training = made_from.sample(population, sex, site);
            let ages = population.fitted_ages(&made_from.cycles);
            let curve = AgeCurve::fit(&training, ages, penalties[&(sex, BodyRegion::of(site))]);
            let own = adults(&curve.z_scores(&training));
            let scores = adults(&curve.z_scores(&tested_on.sample(population, sex, site)));
            panels.push(panel((sex, site), &made_from, &own, &tested_on, scores));
        }
    }
    let degrees = tested_on.design.degrees_of_freedom();
    HeldOut { panels, t: two_sided_95(degrees), degrees }
}

fn adults(scores: &[Observation]) -> Vec<Observation> {
    aged(scores, 20, 79)
}

fn panel(
    (sex, site): (Sex, Site),
    made_from: &Survey<'_>,
    own: &[Observation],
    tested_on: &Survey<'_>,
    scores: Vec<Observation>,
) -> Panel {
    let design = &tested_on.design;
    let decades = DECADES.map(|from| {
        let part = aged(&scores, from, from + 9);
        Decade {
            from,
            n: part.len(),
            mean: design.mean(&part),
            sd: design.sd(&part),
            shift: design.mean_beyond_whole(&part, &scores),
            table_error: made_from.design.mean_beyond_whole(&aged(own, from, from + 9), own).error,
        }
    });
    let (mean, sd) = (design.mean(&scores), design.sd(&scores));
    Panel { sex, site, mean, sd, scores, decades: decades.to_vec() }
}

impl HeldOut {
    /// How many decades hold 0 after the pooled shift, by an error.
    pub(super) fn holding(&self, error: impl Fn(&Decade) -> f64) -> usize {
        self.decades().filter(|decade| decade.shift.value.abs() <= self.t * error(decade)).count()
    }

    /// All decades of all panels.
    pub(super) fn decades(&self) -> impl Iterator<Item = &Decade> {
        self.panels.iter().flat_map(|panel| &panel.decades)
    }

    /// What must hold of the pooled scores and of the decades.
    pub(super) fn proofs(&self) -> Vec<Proof> {
        let worst_mean = self.panels.iter().map(|panel| panel.mean.value.abs()).fold(0.0, f64::max);
        let sds = || self.panels.iter().map(|panel| panel.sd.value);
        let (low, high) = (sds().fold(f64::INFINITY, f64::min), sds().fold(0.0, f64::max));
        let (holding, total) = (self.holding(Decade::full_error), self.decades().count());
        vec![
            Proof {
                claim: "Tables of 2005-06 give 2007-08 a pooled mean Z within ±0.15 at three sites in both sexes.",
                found: format!("largest {worst_mean:.3}"),
                holds: worst_mean <= MEAN_LIMIT,
            },
            Proof {
                claim: "The pooled SD of those Z is 0.95 to 1.10.",
                found: format!("{low:.3} to {high:.3}"),
                holds: low >= SD_LIMITS.0 && high <= SD_LIMITS.1,
            },
            Proof {
                claim: "After the pooled shift, the 95 % interval of at least nine of ten decades holds 0.",
                found: format!(
                    "{holding} of {total} (with the sampling error of 2007-08 alone, {})",
                    self.holding(|decade| decade.shift.error)
                ),
                holds: holding as f64 >= SHARE_HOLDING * total as f64,
            },
        ]
    }
}
