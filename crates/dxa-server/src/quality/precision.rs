//! Precision of a scanner from people who were scanned again on the same day.

use std::collections::BTreeMap;

use dxa_core::assess::default_lsc_percent;
use dxa_core::score::precision::precision;

use super::order;
use super::room::PrecisionRow;
use crate::store::{CountedScan, Numbers, RegionFacts};

/// Numbers of each region by person and day.
#[derive(Debug, Default)]
pub(super) struct Repeats(BTreeMap<Place, BTreeMap<(String, String), Vec<Numbers>>>);

/// Site, side and source.
type Place = (String, Option<String>, &'static str);

impl Repeats {
    /// Takes the densities of a scan.
    pub(super) fn take(&mut self, scan: &CountedScan) {
        for region in &scan.facts.regions {
            for (source, numbers) in sources(region) {
                if numbers[2].is_none_or(|bmd| bmd <= 0.0) {
                    continue;
                }
                let place = (region.site.clone(), region.laterality.clone(), source);
                let subject = (scan.patient.clone(), scan.day.clone());
                let of_subject = self.0.entry(place).or_default().entry(subject).or_default();
                // The same acquisition may come more than once, as an image and as a report of it.
                if !of_subject.contains(&numbers) {
                    of_subject.push(numbers);
                }
            }
        }
    }

    /// The precision of every region that was scanned again.
    pub(super) fn rows(self) -> Vec<PrecisionRow> {
        let mut rows: Vec<PrecisionRow> = self.0.into_iter().filter_map(row).collect();
        rows.sort_by_key(|row| order(&row.site));
        rows
    }
}

fn row(
    ((site, laterality, source), subjects): (Place, BTreeMap<(String, String), Vec<Numbers>>),
) -> Option<PrecisionRow> {
    let scans = subjects.into_values().filter(|scans| scans.len() > 1);
    let scans: Vec<Vec<f64>> =
        scans.map(|scans| scans.into_iter().filter_map(|numbers| numbers[2]).collect()).collect();
    let found = precision(&scans);
    let error = found.error?;
    Some(PrecisionRow {
        acceptable_lsc_percent: site.parse().ok().and_then(default_lsc_percent),
        site,
        laterality,
        source,
        subjects: found.subjects,
        scans: found.scans,
        df: found.df,
        rms_sd: error.rms_sd,
        rms_cv_percent: error.rms_cv_percent,
        lsc: error.lsc,
        lsc_percent: error.lsc_percent,
        df_sufficient: found.is_sufficient(),
        rms_sd_upper95: error.rms_sd_upper95,
    })
}

/// What was measured here and what the device printed are never mixed.
pub(super) fn sources(region: &RegionFacts) -> [(&'static str, Numbers); 2] {
    [("device_reported", region.device), ("computed", region.ours)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ScanFacts;

    fn scan(patient: &str, day: &str, numbers: Numbers) -> CountedScan {
        let region = RegionFacts { site: "L1-L4".to_owned(), device: numbers, ..RegionFacts::default() };
        CountedScan {
            scanner: 1,
            study: String::new(),
            patient: patient.to_owned(),
            day: day.to_owned(),
            facts: ScanFacts { regions: vec![region], ..ScanFacts::default() },
        }
    }

    #[test]
    fn only_the_same_person_on_the_same_day_is_a_repeat() {
        let mut repeats = Repeats::default();
        let numbers = |bmd: f64| [Some(50.0), Some(50.0 * bmd), Some(bmd)];
        for (patient, day, bmd) in [
            ("a", "2024-05-17", 1.00),
            ("a", "2024-05-17", 1.02),
            // The report of the second scan.
            ("a", "2024-05-17", 1.02),
            ("a", "2024-05-18", 1.10),
            ("b", "2024-05-17", 0.90),
        ] {
            repeats.take(&scan(patient, day, numbers(bmd)));
        }
        let rows = repeats.rows();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].subjects, rows[0].scans, rows[0].df), (1, 2, 1));
        assert!((rows[0].rms_sd - 0.02 / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(rows[0].acceptable_lsc_percent, Some(5.3));
    }
}
