//! Phantoms of a scanner over time.

use std::collections::BTreeMap;

use dxa_core::statistics::{ControlChart, Signal};

use super::order;
use super::precision::sources;
use super::room::{Cusum, PhantomChart, PhantomPoint};
use crate::config::Quality;
use crate::store::{PhantomScan, Scanner};

/// Densities of each region of each phantom, in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Phantoms(BTreeMap<Element, Vec<Measured>>);

/// Phantom, site, side and source.
type Element = (String, String, Option<String>, &'static str);

#[derive(Debug)]
struct Measured {
    day: String,
    study: String,
    bmd: f64,
}

impl Phantoms {
    /// Takes the densities of a scan.
    pub(super) fn take(&mut self, phantom: &PhantomScan) {
        for region in &phantom.scan.facts.regions {
            for (source, numbers) in sources(region) {
                let Some(bmd) = numbers[2].filter(|bmd| *bmd > 0.0) else { continue };
                let element =
                    (phantom.phantom.clone(), region.site.clone(), region.laterality.clone(), source);
                let (day, study) = (phantom.scan.day.clone(), phantom.scan.study.clone());
                self.0.entry(element).or_default().push(Measured { day, study, bmd });
            }
        }
    }

    /// The charts with their scans from a day on. A scanner may have a baseline that begins later than its scans.
    pub(super) fn charts(
        self,
        scanner: &Scanner,
        quality: &Quality,
        from: &str,
        sees_identity: bool,
    ) -> Vec<PhantomChart> {
        let begins = begins(scanner, quality);
        let chart = |((phantom, site, laterality, source), scans): (Element, Vec<Measured>)| {
            let scans: Vec<Measured> = scans.into_iter().filter(|scan| scan.day.as_str() >= begins).collect();
            let values: Vec<f64> = scans.iter().map(|scan| scan.bmd).collect();
            let judged = ControlChart::of(&values, &quality.rules());
            let baseline = judged.baseline;
            let around = |half: fn(f64, f64, f64) -> f64| {
                baseline.map(|one| {
                    let half = half(one.mean, one.sd, quality.limit_percent);
                    [one.mean - half, one.mean + half]
                })
            };
            let points = scans.into_iter().zip(judged.scans).filter(|(scan, _)| scan.day.as_str() >= from);
            let points = points.map(|(scan, judged)| PhantomPoint {
                day: scan.day,
                study: scan.study,
                bmd_g_cm2: judged.value,
                deviation_percent: judged.deviation_percent,
                cusum_upper: judged.cusum.map(|sums| sums[0]),
                cusum_lower: judged.cusum.map(|sums| sums[1]),
                signals: judged.signals.into_iter().map(Signal::code).collect(),
            });
            PhantomChart {
                phantom: Some(phantom).filter(|phantom| sees_identity && !phantom.is_empty()),
                site,
                laterality,
                source,
                n: values.len(),
                baseline_scans: quality.baseline_scans,
                mean: baseline.map(|one| one.mean),
                sd: baseline.map(|one| one.sd),
                limits: around(|mean, _, percent| mean * percent / 100.0),
                control_limits: around(|_, sd, _| 3.0 * sd),
                cusum: Cusum { k: quality.cusum_k, h: quality.cusum_h },
                points: points.collect(),
            }
        };
        let mut charts: Vec<PhantomChart> =
            self.0.into_iter().map(chart).filter(|chart| !chart.points.is_empty()).collect();
        // Phantoms stay together; of each, the device's numbers first.
        charts.sort_by(|one, other| {
            let key = |chart: &PhantomChart| (chart.source != "device_reported", order(&chart.site));
            one.phantom.cmp(&other.phantom).then(key(one).cmp(&key(other)))
        });
        charts
    }
}

/// The first day that counts for a scanner.
fn begins<'q>(scanner: &Scanner, quality: &'q Quality) -> &'q str {
    let is_it = |named: &Option<String>, own: &str| named.as_ref().is_none_or(|named| named == own);
    let own = quality
        .baselines
        .iter()
        .filter(|one| is_it(&one.serial, &scanner.serial) && is_it(&one.station, &scanner.station));
    own.map(|one| one.from.as_str()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::NewBaseline;
    use crate::store::{CountedScan, RegionFacts, ScanFacts};

    fn phantoms() -> Phantoms {
        let mut phantoms = Phantoms::default();
        for day in 10..30 {
            let device = [None, None, Some(1.0 + f64::from(day % 2) * 0.002)];
            let region = RegionFacts { site: "L1".to_owned(), device, ..RegionFacts::default() };
            phantoms.take(&PhantomScan {
                phantom: "QA".to_owned(),
                scan: CountedScan {
                    scanner: 1,
                    study: format!("1.2.{day}"),
                    patient: String::new(),
                    day: format!("2024-05-{day}"),
                    facts: ScanFacts { regions: vec![region], ..ScanFacts::default() },
                },
            });
        }
        phantoms
    }

    #[test]
    fn a_period_shows_a_part_and_a_baseline_may_begin_later() {
        let mut quality = Quality { baseline_scans: 4, ..Quality::default() };
        let scanner = Scanner { serial: "S1".to_owned(), ..Scanner::default() };
        let chart = phantoms().charts(&scanner, &quality, "2024-05-20", true).remove(0);
        assert_eq!((chart.n, chart.points.len()), (20, 10));
        assert!((chart.mean.unwrap() - 1.001).abs() < 1e-12);
        assert!(chart.points[0].cusum_upper.is_some(), "the sums of before the period are in it");
        quality.baselines =
            vec![NewBaseline { serial: Some("S1".to_owned()), station: None, from: "2024-05-27".to_owned() }];
        let chart = phantoms().charts(&scanner, &quality, "2024-05-20", false).remove(0);
        assert_eq!((chart.n, chart.mean, chart.phantom), (3, None, None));
        let other = Scanner { serial: "S2".to_owned(), ..Scanner::default() };
        assert_eq!(phantoms().charts(&other, &quality, "", true).remove(0).n, 20);
    }
}
