//! Which records contradict themselves or cannot be true, by rules that name themselves and count.

use std::collections::BTreeMap;

use dxa_core::patient::Sex;

use super::nhanes::{Cycle, Femur, Person, Region, Spine};

/// Largest difference between a published total and ΣBMC/Σarea of its parts, g/cm².
pub(super) const TOTAL_TOLERANCE: f64 = 0.0015;

/// The last printed digit of BMC (g) and of area (cm²); whole, for digits may be rounded or cut.
const CENTI: f64 = 0.01;

/// The last printed digit of BMD, g/cm².
const MILLI: f64 = 0.001;

/// How many robust standard deviations of log area an adult's region may be away from the median.
const AREA_LIMIT: f64 = 6.0;

/// From this completed year on, areas are compared with one another.
const ADULT_SIZE_FROM: u8 = 16;

/// Makes the median absolute deviation of normal data its standard deviation: 1/Φ⁻¹(3/4).
const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// Why a record is flagged or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// The published spine total differs from its vertebrae: flagged, and ΣBMC/Σarea is what counts.
    SpineTotalContradictsParts,
    /// The same for the femur.
    FemurTotalContradictsParts,
    /// BMD, BMC or area of a region is zero or less.
    NotPositive,
    /// BMD of a region differs from BMC/area by more than the printed digits explain.
    ContradictsItself,
    /// The area is not one of a person of that sex.
    AreaOutOfSize,
}

impl Rule {
    /// All, in the order applied.
    pub(super) const ALL: [Self; 5] = [
        Self::SpineTotalContradictsParts,
        Self::FemurTotalContradictsParts,
        Self::NotPositive,
        Self::ContradictsItself,
        Self::AreaOutOfSize,
    ];

    /// Its name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SpineTotalContradictsParts => "spine_total_contradicts_parts",
            Self::FemurTotalContradictsParts => "femur_total_contradicts_parts",
            Self::NotPositive => "not_positive",
            Self::ContradictsItself => "contradicts_itself",
            Self::AreaOutOfSize => "area_out_of_size",
        }
    }

    /// What it says, in one sentence.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::SpineTotalContradictsParts => {
                "Published L1-L4 BMD differs from ΣBMC/Σarea by more than 0.0015 g/cm²; flagged, the parts are used."
            }
            Self::FemurTotalContradictsParts => {
                "Published total femur BMD differs from ΣBMC/Σarea by more than 0.0015 g/cm²; flagged, the parts are used."
            }
            Self::NotPositive => "BMD, BMC or area of a region is zero or less; the region is left out.",
            Self::ContradictsItself => {
                "BMD of a region differs from BMC/area by more than the printed digits allow; the region is left out."
            }
            Self::AreaOutOfSize => {
                "From age 16, log area lies more than 6 robust SD (1.4826 × MAD) from the median of the sex; \
                 the region is left out."
            }
        }
    }
}

/// How many scans or regions each rule found, by cycle.
pub(super) type Found = BTreeMap<(Rule, Cycle), usize>;

/// Counts what contradicts itself and takes what cannot be true out of the records.
///
/// Totals are compared before anything is taken out.
pub(super) fn screen(people: &mut [Person]) -> Found {
    let mut found = Found::new();
    for person in &mut *people {
        let cycle = person.cycle;
        let mut count = |rule| *found.entry((rule, cycle)).or_default() += 1;
        if spine_deviation(&person.spine).is_some_and(|d| d.abs() > TOTAL_TOLERANCE) {
            count(Rule::SpineTotalContradictsParts);
        }
        if femur_deviation(&person.femur).is_some_and(|d| d.abs() > TOTAL_TOLERANCE) {
            count(Rule::FemurTotalContradictsParts);
        }
        for slot in regions_mut(person) {
            if let Some(rule) = slot.as_ref().and_then(region_fault) {
                *slot = None;
                count(rule);
            }
        }
    }
    leave_out_areas(people, &mut found);
    found
}

/// Published total minus ΣBMC/Σarea of the four vertebrae, g/cm².
pub(super) fn spine_deviation(spine: &Spine) -> Option<f64> {
    Some(spine.total?.bmd - summed_bmd(&spine.vertebrae)?)
}

/// Published total minus ΣBMC/Σarea of neck, trochanter and intertrochanter, g/cm².
pub(super) fn femur_deviation(femur: &Femur) -> Option<f64> {
    Some(femur.total?.bmd - summed_bmd(&[femur.neck, femur.trochanter, femur.intertrochanter])?)
}

/// ΣBMC / Σarea; `None` when a part is missing or there is no area.
///
/// # Units
/// g and cm² in, g/cm² out.
pub(super) fn summed_bmd(parts: &[Option<Region>]) -> Option<f64> {
    let mut bmc = 0.0;
    let mut area = 0.0;
    for part in parts {
        let part = (*part)?;
        bmc += part.bmc;
        area += part.area;
    }
    (area > 0.0).then(|| bmc / area)
}

/// The rule that a region breaks on its own.
fn region_fault(region: &Region) -> Option<Rule> {
    if region.bmd <= 0.0 || region.bmc <= 0.0 || region.area <= 0.0 {
        return Some(Rule::NotPositive);
    }
    let allowed = MILLI + CENTI * (1.0 + region.bmd) / (region.area - CENTI) + 1e-9;
    let off = (region.bmd - region.bmc / region.area).abs() > allowed;
    off.then_some(Rule::ContradictsItself)
}

/// The nine measured regions of a person; published totals are only compared, never scored.
fn regions_mut(person: &mut Person) -> impl Iterator<Item = &mut Option<Region>> {
    let femur = &mut person.femur;
    person.spine.vertebrae.iter_mut().chain([
        &mut femur.neck,
        &mut femur.trochanter,
        &mut femur.intertrochanter,
        &mut femur.wards,
    ])
}

fn leave_out_areas(people: &mut [Person], found: &mut Found) {
    for sex in [Sex::Female, Sex::Male] {
        for index in 0..9 {
            let mut logs: Vec<f64> = Vec::new();
            for person in people.iter_mut().filter(|p| p.sex == sex && p.completed_years >= ADULT_SIZE_FROM) {
                logs.extend(regions_mut(person).nth(index).and_then(|slot| slot.map(|r| r.area.ln())));
            }
            let (center, spread) = median_and_spread(&mut logs);
            for person in people.iter_mut().filter(|p| p.sex == sex && p.completed_years >= ADULT_SIZE_FROM) {
                let cycle = person.cycle;
                let Some(slot) = regions_mut(person).nth(index) else { continue };
                if slot.is_some_and(|r| (r.area.ln() - center).abs() > AREA_LIMIT * spread) {
                    *slot = None;
                    *found.entry((Rule::AreaOutOfSize, cycle)).or_default() += 1;
                }
            }
        }
    }
}

/// Median, and 1.4826 × the median absolute deviation from it.
fn median_and_spread(values: &mut [f64]) -> (f64, f64) {
    let center = median(values);
    let mut distances: Vec<f64> = values.iter().map(|value| (value - center).abs()).collect();
    (center, MAD_TO_SD * median(&mut distances))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => (values[(n - 1) / 2] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(bmd: f64, bmc: f64, area: f64) -> Region {
        Region { bmd, bmc, area }
    }

    #[test]
    fn totals_come_from_content_and_area_not_from_densities() {
        let parts = [Some(region(1.0, 10.0, 10.0)), Some(region(0.5, 10.0, 20.0))];
        assert!((summed_bmd(&parts).unwrap() - 20.0 / 30.0).abs() < 1e-12);
        assert_eq!(summed_bmd(&[parts[0], None]), None);
    }

    #[test]
    fn printed_digits_are_no_contradiction_but_more_is() {
        // Area 5.03 and BMC 3.90 with two decimals: BMC/area is 0.7753, known to ±0.0035.
        assert_eq!(region_fault(&region(0.779, 3.90, 5.03)), None);
        assert_eq!(region_fault(&region(0.781, 3.90, 5.03)), Some(Rule::ContradictsItself));
        assert_eq!(region_fault(&region(0.0, 0.0, 9.0)), Some(Rule::NotPositive));
    }

    fn person(age: u8, area: f64) -> Person {
        let neck = Some(region(0.8, 0.8 * area, area));
        Person {
            cycle: Cycle::Y2005,
            sex: Sex::Female,
            ethnicity_1: 3,
            ethnicity_3: None,
            completed_years: age,
            age: Some(f64::from(age) + 0.5),
            weight: 1.0,
            stratum: 1,
            psu: 1,
            spine: Spine::default(),
            femur: Femur { neck, ..Femur::default() },
        }
    }

    #[test]
    fn an_area_of_nobody_is_left_out_and_a_child_is_not_an_adult() {
        let mut people: Vec<Person> = (0..50).map(|i| person(30, 5.0 + f64::from(i) / 100.0)).collect();
        people.push(person(30, 1.11));
        people.push(person(8, 1.11));
        let found = screen(&mut people);
        assert_eq!(found, Found::from([((Rule::AreaOutOfSize, Cycle::Y2005), 1)]));
        let without: Vec<usize> = (0..people.len()).filter(|&i| people[i].femur.neck.is_none()).collect();
        assert_eq!(without, [50]);
    }

    #[test]
    fn a_total_that_contradicts_its_parts_is_flagged_and_the_parts_stay() {
        let mut one = person(30, 5.0);
        one.spine.vertebrae = [Some(region(1.0, 12.0, 12.0)); 4];
        one.spine.total = Some(region(0.998, 47.9, 48.0));
        let found = screen(std::slice::from_mut(&mut one));
        assert_eq!(found, Found::from([((Rule::SpineTotalContradictsParts, Cycle::Y2005), 1)]));
        assert!(one.spine.vertebrae.iter().all(Option::is_some));
    }

    #[test]
    fn median_of_an_even_number_is_the_middle() {
        assert!((median(&mut [4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-12);
    }
}
