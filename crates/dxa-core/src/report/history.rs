//! The earlier studies of each person, and what changed since.

use std::collections::BTreeMap;

use super::Analysis;
use crate::assess::{Comparison, SitePrecision, Visit, compare};
use crate::grade::{self, LevelChange};
use crate::measurement::Measurement;
use crate::vertebra::Level;

/// Studies by person, to find the one before.
#[derive(Clone, Debug, Default)]
pub struct History<'a> {
    by_patient: BTreeMap<&'a str, Vec<&'a Analysis>>,
}

/// A region beside the earlier study that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared<'a> {
    /// The earlier study.
    pub prior: &'a Analysis,
    /// The comparison.
    pub comparison: Comparison,
}

/// A lateral spine beside the earlier one that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSpine<'a> {
    /// The earlier study.
    pub prior: &'a Analysis,
    /// Index of the lateral scan now.
    pub scan: usize,
    /// Level by level, those that were evaluated in both images.
    pub levels: BTreeMap<Level, LevelChange>,
}

impl<'a> History<'a> {
    /// The history that these studies tell. Studies without Patient ID or date belong to nobody's.
    #[must_use]
    pub fn of(analyses: impl IntoIterator<Item = &'a Analysis>) -> Self {
        let mut history = Self::default();
        for analysis in analyses {
            if let (Some(id), Some(_)) = (known_id(analysis), analysis.date) {
                history.by_patient.entry(id).or_default().push(analysis);
            }
        }
        for studies in history.by_patient.values_mut() {
            studies.sort_by_key(|study| (study.date, &study.study_instance_uid));
        }
        history
    }

    /// The earlier studies of the same person, the latest first.
    ///
    /// The same person is the same Patient ID without another sex or birth date.
    pub fn earlier(&self, current: &Analysis) -> impl Iterator<Item = &'a Analysis> + Clone {
        let studies = known_id(current).and_then(|id| self.by_patient.get(id));
        let studies = studies.into_iter().flatten().copied().rev();
        studies.filter(|study| study.date < current.date && same_person(study, current))
    }

    /// The comparison of each region with the latest earlier study of the same person that has its place.
    ///
    /// Regions may have different ones: a visit for the hip alone takes nothing from the spine.
    #[must_use]
    pub fn compared(&self, current: &Analysis, precision: &[SitePrecision]) -> Vec<Compared<'a>> {
        let now = visit(current);
        let of_region = |region: &&'_ Measurement| {
            let alone = Visit { regions: vec![*region], ..now.clone() };
            self.earlier(current).find_map(|prior| {
                let comparison = compare(&alone, &visit(prior), precision).pop()?;
                Some(Compared { prior, comparison })
            })
        };
        now.regions.iter().filter_map(of_region).collect()
    }
}

impl<'a> History<'a> {
    /// The latest earlier study of the same person with a lateral spine, and what changed since.
    #[must_use]
    pub fn compared_spine(&self, current: &Analysis) -> Option<ComparedSpine<'a>> {
        let now = current.lateral()?;
        self.earlier(current).find_map(|prior| {
            let mut levels = grade::compare(&prior.lateral()?.graded(), &now.graded());
            levels.retain(|_, change| change.change != grade::Change::NotComparable);
            (!levels.is_empty()).then_some(ComparedSpine { prior, scan: now.scan, levels })
        })
    }
}

pub(super) fn known_id(analysis: &Analysis) -> Option<&str> {
    analysis.patient.id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

pub(super) fn same_person(one: &Analysis, other: &Analysis) -> bool {
    let sexes = one.patient.sex.zip(other.patient.sex);
    let births = one.patient.birth_date.zip(other.patient.birth_date);
    sexes.is_none_or(|(a, b)| a == b) && births.is_none_or(|(a, b)| a == b)
}

fn visit(analysis: &Analysis) -> Visit<'_> {
    let regions = analysis.regions.iter().map(|region| &region.measurement).collect();
    Visit { date: analysis.date, scans: &analysis.scans, regions }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Assessment;
    use crate::measurement::{DeviceScores, Origin};
    use crate::patient::{Patient, Sex};
    use crate::report::{Provenance, Region};
    use crate::study::{Scan, ScanKind, SpacingSource, Tier};
    use jiff::civil::{Date, date};

    fn study(id: Option<&str>, day: Date, site: &str, bmd: f64) -> Analysis {
        let measurement = Measurement {
            scan: 0,
            site: site.parse().unwrap(),
            side: None,
            area_cm2: None,
            bmc_g: None,
            bmd_g_cm2: Some(bmd),
            origin: Origin::DeviceReported,
            method: None,
            device: DeviceScores::default(),
            withheld: false,
            on_image: None,
            excluded: None,
            included: false,
        };
        let scan = Scan {
            kind: ScanKind::ApSpine,
            laterality: None,
            tier: Tier::Reported,
            sop_instance_uids: Vec::new(),
            manufacturer: Some("HOLOGIC".to_owned()),
            model: Some("Horizon A".to_owned()),
            software: None,
            rows: None,
            columns: None,
            spacing: None,
            spacing_source: SpacingSource::None,
        };
        Analysis {
            study_instance_uid: Some(day.to_string()),
            accession_number: None,
            date: Some(day),
            description: None,
            patient: Patient { id: id.map(str::to_owned), ..Patient::default() },
            scans: vec![scan],
            regions: vec![Region { measurement, scores: Vec::new(), named: Vec::new() }],
            places: Vec::new(),
            outlines: Vec::new(),
            laterals: Vec::new(),
            quality: Vec::new(),
            composition: Vec::new(),
            composition_scores: Vec::new(),
            repaired_texts: Vec::new(),
            device_items: Vec::new(),
            assessment: Assessment::default(),
            findings: Vec::new(),
            refusals: Vec::new(),
            provenance: Provenance {
                software: String::new(),
                profile: String::new(),
                protocol_sha256: String::new(),
                tables: Vec::new(),
            },
        }
    }

    /// The date of the study that the last one is compared with.
    fn prior(studies: &[Analysis]) -> Option<Date> {
        History::of(studies).compared(studies.last()?, &[]).first()?.prior.date
    }

    #[test]
    fn a_study_is_compared_with_the_latest_before_it() {
        let id = Some("17");
        let old = study(id, date(2018, 5, 1), "L1-L4", 1.0);
        let last = study(id, date(2022, 5, 1), "L1-L4", 0.95);
        let later = study(id, date(2025, 5, 1), "L1-L4", 0.8);
        let now = study(id, date(2024, 5, 1), "L1-L4", 0.9);
        assert_eq!(prior(&[later, old.clone(), last.clone(), now.clone()]), last.date);
        // A study of another part of the body is passed over.
        let hip = study(id, date(2023, 5, 1), "total_hip", 0.8);
        assert_eq!(prior(&[old, last.clone(), hip, now.clone()]), last.date);
        // On the same day there is no before.
        assert_eq!(prior(&[study(id, date(2024, 5, 1), "L1-L4", 0.9), now]), None);
    }

    #[test]
    fn each_region_has_the_latest_visit_that_measured_it() {
        let id = Some("17");
        let spine = study(id, date(2020, 5, 1), "L1-L4", 1.0);
        let hip = study(id, date(2022, 5, 1), "total_hip", 0.8);
        let mut now = study(id, date(2024, 5, 1), "L1-L4", 0.9);
        now.regions.extend(study(id, date(2024, 5, 1), "total_hip", 0.7).regions);
        let all = [spine.clone(), hip.clone(), now.clone()];
        let history = History::of(&all);
        let compared = history.compared(&now, &[]);
        let dates: Vec<Option<Date>> = compared.iter().map(|one| one.prior.date).collect();
        assert_eq!(dates, [spine.date, hip.date]);
    }

    #[test]
    fn nobody_is_compared_with_somebody_else() {
        let before = |id| study(id, date(2022, 5, 1), "L1-L4", 1.0);
        let now = |id| study(id, date(2024, 5, 1), "L1-L4", 0.9);
        assert_eq!(prior(&[before(Some("18")), now(Some("17"))]), None);
        assert_eq!(prior(&[before(None), now(None)]), None);
        assert_eq!(prior(&[before(Some(" ")), now(Some(" "))]), None);
        let of = |mut study: Analysis, sex, birth| {
            (study.patient.sex, study.patient.birth_date) = (Some(sex), Some(birth));
            study
        };
        let (id, birth) = (Some("17"), date(1960, 1, 1));
        let then = of(before(id), Sex::Female, birth);
        assert_eq!(prior(&[then.clone(), of(now(id), Sex::Female, birth)]), then.date);
        assert_eq!(prior(&[then.clone(), of(now(id), Sex::Male, birth)]), None);
        assert_eq!(prior(&[then, of(now(id), Sex::Female, date(1961, 1, 1))]), None);
    }
}
