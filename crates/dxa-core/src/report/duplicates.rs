//! The same study twice: one person, other identifiers, and every number alike.

use std::collections::BTreeMap;

use super::{Analysis, Region};
use crate::findings::{Finding, Severity};

/// Says of studies of one Patient ID that they have the same numbers in every region.
///
/// Two scans of a person never agree in area, content and density of all regions, whatever the day: one
/// of the studies is a copy.
pub fn mark_duplicates(analyses: &mut [Analysis]) {
    for index in copies(analyses) {
        let message = "Another study of this patient has the same area, content and density in every region; one \
                       of them is a copy.";
        analyses[index].findings.push(Finding::new("study_duplicate", Severity::Review, message.to_owned()));
    }
}

fn copies(analyses: &[Analysis]) -> Vec<usize> {
    let mut by_patient: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, analysis) in analyses.iter().enumerate() {
        let id = analysis.patient.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        if let Some(id) = id.filter(|_| tells_enough(&analysis.regions)) {
            by_patient.entry(id).or_default().push(index);
        }
    }
    let same =
        |one: usize, other: usize| numbers(&analyses[one].regions) == numbers(&analyses[other].regions);
    let is_copy = |one: usize, all: &[usize]| all.iter().any(|other| one != *other && same(one, *other));
    by_patient.values().flat_map(|all| all.iter().copied().filter(|one| is_copy(*one, all))).collect()
}

/// One density alone may agree by chance.
fn tells_enough(regions: &[Region]) -> bool {
    let whole =
        |region: &&Region| region.measurement.area_cm2.is_some() && region.measurement.bmd_g_cm2.is_some();
    regions.len() >= 3 || regions.iter().any(|region| whole(&region))
}

type Numbers = (crate::site::Site, Option<crate::site::Side>, [Option<f64>; 3]);

fn numbers(regions: &[Region]) -> Vec<Numbers> {
    let of = |region: &Region| {
        let measured = &region.measurement;
        (measured.site, measured.side, [measured.area_cm2, measured.bmc_g, measured.bmd_g_cm2])
    };
    regions.iter().map(of).collect()
}
