//! Bone area of the spine against the latest earlier study of the same person.

use super::history::{known_id, same_person};
use super::{Analysis, Region};
use crate::measure::acquisition::spine::area_change;
use crate::measurement::Origin;
use crate::quality::QualityRecord;
use crate::site::Site;

/// Adds the check `spine-area-change` to every scan that an earlier study has a spine to compare with.
///
/// Areas are compared when they come from one model of scanner and were measured in one way, both by the
/// device or both here.
pub fn mark_area_changes(analyses: &mut [Analysis]) {
    let found: Vec<(usize, Vec<QualityRecord>)> =
        (0..analyses.len()).map(|index| (index, records(analyses, index))).collect();
    for (index, records) in found {
        let quality = &mut analyses[index].quality;
        for record in records {
            let after = quality.partition_point(|other| other.scan <= record.scan);
            quality.insert(after, record);
        }
    }
}

fn records(analyses: &[Analysis], index: usize) -> Vec<QualityRecord> {
    let current = &analyses[index];
    let Some(id) = known_id(current) else { return Vec::new() };
    let mut earlier: Vec<&Analysis> = analyses
        .iter()
        .filter(|study| study.date.is_some() && study.date < current.date)
        .filter(|study| known_id(study) == Some(id) && same_person(study, current))
        .collect();
    earlier.sort_by_key(|study| (study.date, &study.study_instance_uid));
    let of_scan = |scan: usize| {
        let priors = earlier.iter().rev();
        priors.flat_map(|prior| spines(prior)).find_map(|before| {
            let now = spines(current).find(|now| now.scan == scan && now.is_like(&before))?;
            area_change(scan, &now.areas, &before.areas)
        })
    };
    (0..current.scans.len()).filter_map(of_scan).collect()
}

/// The areas of the vertebrae of one scan, cm².
struct Spine<'a> {
    scan: usize,
    origin: Origin,
    device: [Option<&'a str>; 2],
    areas: Vec<(Site, f64)>,
}

impl Spine<'_> {
    fn is_like(&self, other: &Self) -> bool {
        let same = |(one, other): (&Option<&str>, &Option<&str>)| {
            one.zip(*other).is_some_and(|(one, other)| one.trim().eq_ignore_ascii_case(other.trim()))
        };
        self.origin == other.origin && self.device.iter().zip(&other.device).all(same)
    }
}

/// Our areas first, then those of the device.
fn spines(study: &Analysis) -> impl Iterator<Item = Spine<'_>> {
    let of = |scan: usize, origin: Origin| {
        let areas = study.regions.iter().filter_map(move |region| area(region, scan, origin)).collect();
        let device = [study.scans[scan].manufacturer.as_deref(), study.scans[scan].model.as_deref()];
        Spine { scan, origin, device, areas }
    };
    let all = (0..study.scans.len())
        .flat_map(|scan| [Origin::Computed, Origin::DeviceReported].map(|origin| (scan, origin)));
    all.map(move |(scan, origin)| of(scan, origin)).filter(|spine| !spine.areas.is_empty())
}

fn area(region: &Region, scan: usize, origin: Origin) -> Option<(Site, f64)> {
    let measured = &region.measurement;
    let own = measured.scan == scan && measured.origin == origin && !measured.withheld;
    let single = matches!(measured.site, Site::Lumbar(set) if set.len() == 1);
    let area = measured.area_cm2.filter(|area| *area > 0.0)?;
    (own && single).then_some((measured.site, area))
}
