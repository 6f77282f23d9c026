//! One sex of one population at one site: the observations that a row or a curve is made from.

use dxa_core::patient::Sex;
use dxa_core::site::{LumbarSet, Site};

use super::nhanes::{Cycle, Person, Region};
use super::plausibility::summed_bmd;
use super::population::Population;
use super::survey::{Design, Observation};

/// Sites that get a table, in the order of results.
pub(super) fn sites() -> Vec<Site> {
    let mut sites: Vec<Site> = LumbarSet::all().into_iter().map(Site::Lumbar).collect();
    sites.extend([Site::FemoralNeck, Site::TotalHip, Site::Trochanter, Site::Intertrochanter, Site::Wards]);
    sites
}

/// L1-L4, femoral neck and total hip: the sites shown in full in the report.
pub(super) fn main_sites() -> [Site; 3] {
    [Site::Lumbar(LumbarSet::FULL), Site::FemoralNeck, Site::TotalHip]
}

/// The density of a person at a site: one region as printed, several as ΣBMC/Σarea.
///
/// # Units
/// g/cm².
pub(super) fn bmd(person: &Person, site: Site) -> Option<f64> {
    let printed = |region: Option<Region>| region.map(|region| region.bmd);
    let femur = &person.femur;
    match site {
        Site::Lumbar(set) => {
            let parts: Vec<_> =
                set.iter().map(|vertebra| person.spine.vertebrae[vertebra as usize]).collect();
            if let [one] = parts[..] { printed(one) } else { summed_bmd(&parts) }
        }
        Site::FemoralNeck => printed(femur.neck),
        Site::TotalHip => summed_bmd(&[femur.neck, femur.trochanter, femur.intertrochanter]),
        Site::Trochanter => printed(femur.trochanter),
        Site::Intertrochanter => printed(femur.intertrochanter),
        Site::Wards => printed(femur.wards),
        Site::Forearm(..) | Site::TotalBody | Site::TotalBodyLessHead => None,
    }
}

/// People of some cycles with the sampling design they were drawn by.
pub(super) struct Survey<'a> {
    people: Vec<&'a Person>,
    pub(super) cycles: Vec<Cycle>,
    /// All strata and sampling units, also those without a member of the population asked for.
    pub(super) design: Design,
}

impl<'a> Survey<'a> {
    /// Everybody examined in these cycles.
    pub(super) fn of(people: &'a [Person], cycles: &[Cycle]) -> Self {
        let people: Vec<&Person> = people.iter().filter(|person| cycles.contains(&person.cycle)).collect();
        let design = Design::new(people.iter().map(|person| (person.stratum, person.psu)));
        Self { people, cycles: cycles.to_vec(), design }
    }

    /// The members of a population and sex with a density at the site and a known age.
    ///
    /// Weights are WTMEC2YR divided by the number of cycles, as NCHS asks for pooled cycles.
    pub(super) fn sample(&self, population: Population, sex: Sex, site: Site) -> Vec<Observation> {
        self.observe(population, sex, |person| bmd(person, site))
    }

    /// The same with any number of the person instead of the density at a site.
    pub(super) fn observe(
        &self,
        population: Population,
        sex: Sex,
        number: impl Fn(&Person) -> Option<f64>,
    ) -> Vec<Observation> {
        let share = 1.0 / self.cycles.len() as f64;
        self.people
            .iter()
            .filter(|person| person.sex == sex && population.contains(person))
            .filter_map(|person| {
                Some(Observation {
                    age: person.age?,
                    completed_years: person.completed_years,
                    value: number(person)?,
                    weight: person.weight * share,
                    unit: self.design.unit(person.stratum, person.psu)?,
                })
            })
            .collect()
    }
}

/// Those of these completed years of age, both ends counted.
pub(super) fn aged(sample: &[Observation], from: u8, to: u8) -> Vec<Observation> {
    sample.iter().filter(|one| (from..=to).contains(&one.completed_years)).copied().collect()
}
