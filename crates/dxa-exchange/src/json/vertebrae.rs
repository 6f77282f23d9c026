//! Vertebrae of lateral scans, what they add up to, and what changed since the study before.

use std::collections::BTreeMap;

use dxa_core::measure::morphometry::SpineAngle;
use dxa_core::report::{Analysis, ComparedSpine, History, LateralSpine, ReadVertebra};
use dxa_core::study::PixelSpacing;
use dxa_core::vertebra::{FractureReading, Level, POINT_NAMES};
use serde::Serialize;

use super::images::point;
use super::rounded;

/// A vertebra of a lateral scan.
#[derive(Serialize)]
pub(super) struct Vertebra {
    scan: usize,
    level: &'static str,
    evaluable: bool,
    not_evaluable_reason: Option<&'static str>,
    provenance: &'static str,
    points_px: BTreeMap<&'static str, [f64; 2]>,
    heights_mm: Option<Heights>,
    heights_px: Option<Heights>,
    loss_percent: Option<Losses>,
    shape: Option<&'static str>,
    grade: Option<u8>,
    grade_probabilities: Option<[f64; 4]>,
    expert_grade_probabilities: Option<[f64; 4]>,
    fracture: Option<&'static str>,
    image_quality: Option<f64>,
    flags: Vec<&'static str>,
}

#[derive(Serialize)]
struct Heights {
    anterior: f64,
    middle: f64,
    posterior: f64,
}

#[derive(Serialize)]
struct Losses {
    anterior: Option<f64>,
    middle: Option<f64>,
    posterior: Option<f64>,
}

impl Vertebra {
    /// All levels of all lateral scans.
    pub(super) fn all(analysis: &Analysis) -> Vec<Self> {
        let of_spine = |spine: &LateralSpine| {
            let scan = spine.scan;
            let spacing = analysis.scans.get(scan).and_then(|scan| scan.spacing);
            let of = |(level, one)| Self::of(scan, level, one, spacing);
            spine.vertebrae.iter().map(of).collect::<Vec<_>>()
        };
        analysis.laterals.iter().flat_map(of_spine).collect()
    }

    pub(super) fn of(scan: usize, level: &Level, one: &ReadVertebra, spacing: Option<PixelSpacing>) -> Self {
        let graded = one.graded.as_ref();
        let heights = |[anterior, middle, posterior]: [f64; 3], decimals| {
            let round = |value| dxa_core::units::round_half_away(value, decimals);
            Heights { anterior: round(anterior), middle: round(middle), posterior: round(posterior) }
        };
        let percent = |loss: Option<f64>| rounded(loss.map(|loss| loss * 100.0), 1);
        let probabilities = |of: [f64; 4]| of.map(|one| dxa_core::units::round_half_away(one, 4));
        let known = graded.filter(|_| spacing.is_some());
        Self {
            scan,
            level: level.code(),
            evaluable: graded.is_some(),
            not_evaluable_reason: one.not_evaluable,
            provenance: one.placed_by.code(),
            points_px: POINT_NAMES.into_iter().zip(one.points.to_array().map(point)).collect(),
            heights_mm: known
                .map(|of| heights([of.heights.anterior, of.heights.middle, of.heights.posterior], 2)),
            heights_px: graded.map(|_| heights(heights_px(one), 2)),
            loss_percent: graded.map(|of| Losses {
                anterior: percent(Some(of.losses.anterior)),
                middle: percent(Some(of.losses.middle)),
                posterior: percent(of.losses.posterior),
            }),
            shape: graded.map(|of| of.shape.code()),
            grade: graded.map(|of| of.grade),
            grade_probabilities: one.certainty.map(|certainty| probabilities(certainty.probabilities)),
            expert_grade_probabilities: graded.map(|of| probabilities(of.probabilities)),
            fracture: one.fracture.map(FractureReading::code).or(one.is_suspected().then_some("suspected")),
            image_quality: rounded(one.quality, 2),
            flags: one.flags.clone(),
        }
    }
}

/// Anterior, middle and posterior height as they are measured on the picture.
fn heights_px(one: &ReadVertebra) -> [f64; 3] {
    let points = one.points;
    [(points.as_, points.ai), (points.ms, points.mi), (points.ps, points.pi)]
        .map(|(a, b)| (a.x - b.x).hypot(a.y - b.y))
}

/// The lateral scan with the most evaluated levels, as a whole.
#[derive(Serialize)]
pub(super) struct Spine {
    scan: usize,
    deformity_index: Option<u32>,
    kyphosis_deg: BTreeMap<String, f64>,
    levels_evaluated: Vec<&'static str>,
    anterior: &'static str,
    level_margin: f64,
    level_alternative: i8,
    level_evidence: Vec<&'static str>,
    level_shift: i8,
}

impl Spine {
    pub(super) fn of(analysis: &Analysis) -> Option<Self> {
        let spine = analysis.lateral()?;
        let summary = &spine.summary;
        let angle = |angle: &SpineAngle| {
            let name = format!("{}_{}", angle.upper.code(), angle.lower.code()).to_ascii_lowercase();
            (name, dxa_core::units::round_half_away(angle.degrees, 1))
        };
        Some(Self {
            scan: spine.scan,
            deformity_index: summary.deformity_index,
            kyphosis_deg: summary.kyphosis.iter().map(angle).collect(),
            levels_evaluated: summary.levels_evaluated.iter().map(|level| level.code()).collect(),
            anterior: if spine.anterior_is_left { "left" } else { "right" },
            level_margin: dxa_core::units::round_half_away(spine.level_margin, 3),
            level_alternative: spine.alternative_shift,
            level_evidence: spine.level_evidence.clone(),
            level_shift: spine.level_shift,
        })
    }
}

/// One level compared with an earlier image.
#[derive(Serialize)]
pub(super) struct LevelChange {
    scan: usize,
    level: &'static str,
    prior: Prior,
    change: &'static str,
    loss_gained_percent: Option<f64>,
    new_fracture_probability: Option<f64>,
}

#[derive(Clone, Serialize)]
struct Prior {
    study_instance_uid: Option<String>,
    date: Option<String>,
}

impl LevelChange {
    pub(super) fn all(history: &History<'_>, analysis: &Analysis) -> Vec<Self> {
        let Some(compared) = history.compared_spine(analysis) else { return Vec::new() };
        let ComparedSpine { prior, scan, levels } = compared;
        let prior = Prior {
            study_instance_uid: prior.study_instance_uid.clone(),
            date: prior.date.map(|date| date.to_string()),
        };
        let change = |(level, change): (&Level, &dxa_core::grade::LevelChange)| Self {
            scan,
            level: level.code(),
            prior: prior.clone(),
            change: change.change.code(),
            loss_gained_percent: rounded(change.loss_gained.map(|gained| gained * 100.0), 1),
            new_fracture_probability: rounded(change.new_fracture_probability, 4),
        };
        levels.iter().map(change).collect()
    }
}
