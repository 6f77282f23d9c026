//! Vertebral heights over the visits of a patient, and before and after an augmentation.

use std::collections::{BTreeMap, BTreeSet};

use dxa_core::context::{Treatment, TreatmentKind};
use dxa_core::geometry::ImagePoint;
use dxa_core::grade::{GradedSpine, Grader, Person, height_recovery};
use dxa_core::study::PixelSpacing;
use dxa_core::vertebra::{Level, SixPoints};
use jiff::civil::Date;

use super::Say;
use super::fill;
use super::number::{decimals, signed};
use super::plot::{Axes, Plot};
use super::treatments::{self, when};
use super::trend::{Visit, year};
use crate::record::{Heights, Scan, Study, Vertebra};

/// What an augmentation changed.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The level.
    pub level: &'static str,
    /// When it was treated.
    pub treated: String,
    /// Days of the last image before and the first one after.
    pub images: String,
    /// Height won in front, in the middle and behind, mm.
    pub heights: [String; 3],
    /// Change of the angle between its endplates, degrees.
    pub angle: String,
    /// Change of the angle across it, degrees.
    pub kyphosis: String,
}

/// A lateral spine of one visit.
struct Spine<'a> {
    date: &'a str,
    day: f64,
    scan: &'a Scan,
    levels: BTreeMap<Level, &'a Vertebra>,
    is_now: bool,
}

/// Levels that are drawn at most, the worst first.
const MOST: usize = 4;

/// One plot for each level that lost height at some visit, or was treated.
#[must_use]
pub fn plots(study: &Study, visits: &[Visit], treatments: &[Treatment], say: Say) -> Vec<Plot> {
    let spines = spines(study, visits);
    let mut levels: Vec<(u8, Level)> = spines
        .iter()
        .flat_map(|spine| &spine.levels)
        .filter_map(|(level, one)| Some((one.grade?, *level)))
        .filter(|(grade, level)| *grade > 0 || treated(treatments).any(|(of, _)| of == *level))
        .collect();
    levels.sort_by_key(|(grade, level)| (std::cmp::Reverse(*grade), *level));
    let mut seen = BTreeSet::new();
    levels.retain(|(_, level)| seen.insert(*level));
    levels.iter().filter_map(|(_, level)| plot(*level, &spines, treatments, say)).take(MOST).collect()
}

/// Every augmentation with an image before and one after it.
#[must_use]
pub fn recoveries(study: &Study, visits: &[Visit], treatments: &[Treatment]) -> Vec<Recovery> {
    let spines = spines(study, visits);
    treated(treatments).filter_map(|(level, treatment)| recovery(level, treatment, &spines)).collect()
}

fn treated(treatments: &[Treatment]) -> impl Iterator<Item = (Level, &Treatment)> {
    treatments.iter().filter_map(|treatment| match treatment.kind {
        TreatmentKind::Augmentation(level) => Some((level, treatment)),
        TreatmentKind::Drug(_) => None,
    })
}

/// The spines of all visits, by day; a visit without a lateral image of known pixel size has none.
fn spines<'a>(study: &'a Study, visits: &'a [Visit]) -> Vec<Spine<'a>> {
    let of = |study: &'a Study, is_now| {
        let date = study.study.date.as_deref()?;
        let scan = study.spine.as_ref()?.scan;
        let own = study.vertebrae.iter().filter(|one| one.scan == scan && one.heights_mm.is_some());
        let levels = own.filter_map(|one| Some((one.level.parse().ok()?, one))).collect();
        Some(Spine { date, day: year(date)?, scan: study.scans.get(scan)?, levels, is_now })
    };
    let others = visits.iter().map(|visit| &*visit.study);
    let others = others.filter(|other| other.study.instance_uid != study.study.instance_uid);
    let mut spines: Vec<Spine<'a>> =
        others.filter_map(|other| of(other, false)).chain(of(study, true)).collect();
    spines.sort_by(|one, other| one.day.total_cmp(&other.day));
    spines
}

type Height = fn(&Heights) -> Option<f64>;

const THREE: [(&str, Height); 3] = [
    ("front", |heights| heights.anterior),
    ("middle", |heights| heights.middle),
    ("back", |heights| heights.posterior),
];

/// `None` with fewer than two visits that show the level.
fn plot(level: Level, spines: &[Spine<'_>], treatments: &[Treatment], say: Say) -> Option<Plot> {
    let shown: Vec<(&Spine<'_>, &Heights)> = spines
        .iter()
        .filter_map(|spine| Some((spine, spine.levels.get(&level)?.heights_mm.as_ref()?)))
        .collect();
    let [(first, _), .., (last, _)] = shown.as_slice() else { return None };
    let values = shown.iter().flat_map(|(_, heights)| THREE.iter().filter_map(|(_, of)| of(heights)));
    let axes = Axes::over((first.day.floor(), last.day.floor() + 1.0), values)?;
    let mut plot = axes.plot(if last.day - first.day > 8.0 { 2.0 } else { 1.0 });
    plot.title = fill(say.w.heights_of, &[level.code()]);
    plot.notes.push(say.w.heights_lines.to_owned());
    let mut said = Vec::new();
    for (class, of) in THREE {
        for pair in shown.windows(2) {
            let [(before, old), (after, new)] = pair else { continue };
            // Between two devices a height is no change.
            if is_same_device(before.scan, after.scan) {
                plot.paths.push(axes.line(class, &[(before.day, of(old)), (after.day, of(new))]));
            }
        }
        for (spine, heights) in &shown {
            let Some(height) = of(heights) else { continue };
            let title = format!("{}: {} mm", spine.date, decimals(Some(height), 1));
            let (dot, r) = if spine.is_now { ("now", 4.0) } else { ("visit", 3.0) };
            said.push(title.clone());
            plot.dots.push(axes.dot(dot, (spine.day, height), r, title));
        }
    }
    plot.said = said.join("; ");
    plot.marks = treatments::marks(treatments, &axes, say);
    Some(plot)
}

fn is_same_device(one: &Scan, other: &Scan) -> bool {
    one.manufacturer.is_some() && (&one.manufacturer, &one.model) == (&other.manufacturer, &other.model)
}

fn recovery(level: Level, treatment: &Treatment, spines: &[Spine<'_>]) -> Option<Recovery> {
    let shows = |spine: &&Spine<'_>| spine.levels.contains_key(&level);
    let day = |spine: &Spine<'_>| spine.date.parse::<Date>().ok();
    let is_before = |spine: &&Spine<'_>| day(spine).is_some_and(|day| day < treatment.start.earliest);
    let is_after = |spine: &&Spine<'_>| day(spine).is_some_and(|day| day > treatment.start.latest);
    let before = spines.iter().rev().filter(shows).find(is_before)?;
    let after =
        spines.iter().filter(shows).find(is_after).filter(|one| is_same_device(one.scan, before.scan))?;
    let won = height_recovery(&graded(before)?, &graded(after)?, level)?;
    Some(Recovery {
        level: level.code(),
        treated: when(treatment.start),
        images: format!("{} → {}", before.date, after.date),
        heights: [won.anterior_mm, won.middle_mm, won.posterior_mm].map(|mm| signed(Some(mm), 1)),
        angle: signed(Some(won.vertebral_angle_deg), 1),
        kyphosis: signed(won.local_kyphosis_deg, 1),
    })
}

/// The spine in millimeters.
fn graded(spine: &Spine<'_>) -> Option<GradedSpine> {
    let [row_mm, column_mm] = spine.scan.pixel_spacing_mm?;
    let spacing = PixelSpacing { row_mm, column_mm };
    let points = spine.levels.iter().filter_map(|(level, one)| {
        let points = one.points_px.as_ref()?;
        let six = [points.ps?, points.ms?, points.as_?, points.ai?, points.mi?, points.pi?];
        let six = six.map(|[x, y]| ImagePoint { x, y }.to_detector(spacing));
        Some((*level, SixPoints::from_array(six)))
    });
    Some(Grader::bundled().grade(&points.collect(), Person::default()))
}
