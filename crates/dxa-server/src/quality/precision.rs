//! Precision of a scanner from people who were scanned again on the same day.

use std::collections::BTreeMap;

use dxa_core::assess::default_lsc_percent;
use dxa_core::score::precision::precision;

use super::order;
use super::room::PrecisionRow;
use crate::store::{CountedScan, Numbers, RegionFacts};

/// Densities of people who were scanned again, by region, side and source.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    found: BTreeMap<Place, Vec<Vec<f64>>>,
    day: String,
    /// Regions of each scan of the day by person.
    today: BTreeMap<String, Vec<Vec<RegionFacts>>>,
}

/// Site, side and source.
type Place = (String, Option<String>, &'static str);

impl Repeats {
    /// Takes the regions of a scan; scans come by day, so that those of one day at most wait here.
    pub(super) fn take(&mut self, scan: CountedScan) {
        if scan.day != self.day {
            self.end_day();
            self.day = scan.day;
        }
        self.today.entry(scan.patient).or_default().push(scan.facts.regions);
    }

    fn end_day(&mut self) {
        for scans in std::mem::take(&mut self.today).into_values().filter(|scans| scans.len() > 1) {
            let mut of_person: BTreeMap<Place, Vec<Numbers>> = BTreeMap::new();
            for region in scans.iter().flatten() {
                for (source, numbers) in sources(region) {
                    if numbers[2].is_none_or(|bmd| bmd <= 0.0) {
                        continue;
                    }
                    let place = (region.site.clone(), region.laterality.clone(), source);
                    let seen = of_person.entry(place).or_default();
                    // The same acquisition may come more than once, as an image and as a report of it.
                    if !seen.contains(&numbers) {
                        seen.push(numbers);
                    }
                }
            }
            for (place, numbers) in of_person.into_iter().filter(|(_, numbers)| numbers.len() > 1) {
                let densities = numbers.into_iter().filter_map(|numbers| numbers[2]).collect();
                self.found.entry(place).or_default().push(densities);
            }
        }
    }

    /// The precision of every region that was scanned again.
    pub(super) fn rows(mut self) -> Vec<PrecisionRow> {
        self.end_day();
        let mut rows: Vec<PrecisionRow> = self.found.into_iter().filter_map(row).collect();
        rows.sort_by_key(|row| order(&row.site));
        rows
    }
}

fn row(((site, laterality, source), scans): (Place, Vec<Vec<f64>>)) -> Option<PrecisionRow> {
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
            ("b", "2024-05-17", 0.90),
            ("a", "2024-05-18", 1.10),
        ] {
            repeats.take(scan(patient, day, numbers(bmd)));
        }
        let rows = repeats.rows();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].subjects, rows[0].scans, rows[0].df), (1, 2, 1));
        assert!((rows[0].rms_sd - 0.02 / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(rows[0].acceptable_lsc_percent, Some(5.3));
    }
}
