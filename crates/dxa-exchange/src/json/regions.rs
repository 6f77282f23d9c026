//! Regions, body composition and device items of the document.

use dxa_core::assess::ExclusionReason;
use dxa_core::decode::text::RawText;
use dxa_core::measurement::Measurement;
use dxa_core::outline::RegionOutline;
use dxa_core::report::{self, Analysis};
use dxa_core::reported::{DeviceItem, ReportedComposition};
use dxa_core::score::ScoreKind;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{images, rounded};

#[derive(Serialize)]
pub(super) struct Region<'a> {
    scan: usize,
    site: String,
    laterality: Option<&'static str>,
    area_cm2: Option<f64>,
    bmc_g: Option<f64>,
    bmd_g_cm2: Option<f64>,
    provenance: &'static str,
    method: Option<&'a str>,
    uncertainty_g_cm2: Option<f64>,
    polygon_px: Option<Vec<[f64; 2]>>,
    excluded: Option<Excluded>,
    included: Option<Included>,
    device: Device<'a>,
    scores: Vec<Score<'a>>,
}

/// Why a vertebra does not stand for the spine, and who says so.
#[derive(Serialize)]
struct Excluded {
    reason: &'static str,
    by: &'static str,
}

/// Who takes a vertebra in that a rule leaves out.
#[derive(Serialize)]
struct Included {
    by: &'static str,
}

/// What the device printed beside its numbers.
#[derive(Serialize)]
struct Device<'a> {
    t: Option<f64>,
    z: Option<f64>,
    reference: Option<&'a str>,
}

/// A score; `named` says that its table was asked for by name and decides nothing.
#[derive(Serialize)]
struct Score<'a> {
    kind: &'static str,
    value: f64,
    exact: f64,
    percent: Option<f64>,
    named: bool,
    reference: Reference<'a>,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
    version: &'a str,
    population: &'a str,
    status: &'static str,
    site_as_stated: Option<&'a str>,
}

impl<'a> Region<'a> {
    pub(super) fn of(region: &'a report::Region, analysis: &Analysis) -> Self {
        let measured = &region.measurement;
        let by_user = measured.excluded.map(ExclusionReason::Reader);
        let excluded = by_user.or_else(|| analysis.assessment.excluded(measured.scan, measured.site));
        let device = &measured.device;
        Self {
            scan: measured.scan,
            site: measured.site.to_string(),
            laterality: measured.side.map(dxa_core::site::Side::code),
            area_cm2: measured.area_cm2,
            bmc_g: measured.bmc_g,
            bmd_g_cm2: measured.bmd_g_cm2,
            provenance: measured.origin.code(),
            method: measured.method.as_deref(),
            uncertainty_g_cm2: measured.on_image.as_ref().and_then(|on_image| on_image.uncertainty_g_cm2),
            polygon_px: polygon(measured, analysis),
            excluded: excluded.map(|reason| Excluded { reason: reason.code(), by: reason.by() }),
            included: measured.included.then_some(Included { by: "user" }),
            device: Device { t: device.t, z: device.z, reference: device.reference.as_deref() },
            scores: Score::side_by_side(region),
        }
    }
}

/// The outline of a region that was found on the image; totals have none of their own.
fn polygon(measured: &Measurement, analysis: &Analysis) -> Option<Vec<[f64; 2]>> {
    let outline = measured.on_image.as_ref()?.outline.clone();
    let spacing = analysis.scans.get(measured.scan)?.spacing?;
    let corners = RegionOutline { site: measured.site, outline }.corners_px(spacing);
    (!corners.is_empty()).then(|| corners.into_iter().map(images::point).collect())
}

impl<'a> Score<'a> {
    /// The profile's scores, then those against each table that was asked for by name.
    fn side_by_side(region: &'a report::Region) -> Vec<Self> {
        let named = region.named.iter().map(|score| Self { named: true, ..Self::of(score) });
        region.scores.iter().map(Self::of).chain(named).collect()
    }

    fn of(score: &'a dxa_core::score::Score) -> Self {
        Self {
            kind: match score.kind {
                ScoreKind::T => "T",
                ScoreKind::Z => "Z",
            },
            value: score.value,
            exact: dxa_core::units::round_half_away(score.exact, 4),
            percent: rounded(score.percent, 1),
            named: false,
            reference: Reference {
                id: &score.reference.id,
                version: &score.reference.version,
                population: &score.reference.population,
                status: score.reference.status.code(),
                site_as_stated: score.reference.site_as_stated.as_deref(),
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Composition<'a> {
    scan: usize,
    region: &'static str,
    fat_g: Option<f64>,
    lean_g: Option<f64>,
    total_g: Option<f64>,
    fat_percent: Option<f64>,
    device: Map<String, Value>,
    scores: Vec<CompositionScore<'a>>,
}

/// A score of a quantity that is made of one part of the body or of several.
#[derive(Serialize)]
struct CompositionScore<'a> {
    quantity: &'static str,
    measured: f64,
    unit: &'static str,
    #[serde(flatten)]
    score: Score<'a>,
}

impl<'a> Composition<'a> {
    /// The scores of a scan stand with the first row of the part they belong to.
    pub(super) fn all(analysis: &'a report::Analysis) -> Vec<Self> {
        let rows = &analysis.composition;
        let of = |(at, (scan, row)): (usize, &(usize, ReportedComposition))| {
            let is_first = rows[..at].iter().all(|(of, earlier)| (*of, earlier.part) != (*scan, row.part));
            let own = analysis
                .composition_scores
                .iter()
                .filter(move |(of, scored)| is_first && *of == *scan && scored.part == row.part);
            let scores = own.map(|(_, scored)| CompositionScore::of(scored)).collect();
            Self::of(*scan, row, scores)
        };
        rows.iter().enumerate().map(of).collect()
    }

    fn of(scan: usize, row: &ReportedComposition, scores: Vec<CompositionScore<'a>>) -> Self {
        Self {
            scan,
            region: row.part.code(),
            fat_g: row.fat_g,
            lean_g: row.lean_g,
            total_g: row.total_g,
            fat_percent: row.fat_percent,
            device: Map::new(),
            scores,
        }
    }
}

impl<'a> CompositionScore<'a> {
    fn of(scored: &'a dxa_core::score::CompositionScore) -> Self {
        Self {
            quantity: scored.quantity.code(),
            measured: dxa_core::units::round_half_away(scored.measured, 4),
            unit: scored.quantity.unit(),
            score: Score::of(&scored.score),
        }
    }
}

/// A text that was repaired, as its bytes stood in the file.
#[derive(Serialize)]
pub(super) struct RepairedText {
    scan: usize,
    tag: String,
    raw_hex: String,
}

impl RepairedText {
    pub(super) fn of((scan, text): &(usize, RawText)) -> Self {
        let raw_hex = text.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { scan: *scan, tag: format!("({:04X},{:04X})", text.tag.0, text.tag.1), raw_hex }
    }
}

#[derive(Serialize)]
pub(super) struct Item<'a> {
    scan: usize,
    key: &'a str,
    code: Option<&'a str>,
    value: &'a str,
    unit: Option<&'a str>,
    status: &'static str,
}

impl<'a> Item<'a> {
    pub(super) fn of((scan, item): &'a (usize, DeviceItem)) -> Self {
        Self {
            scan: *scan,
            key: &item.key,
            code: item.code.as_deref(),
            value: &item.value,
            unit: item.unit.as_deref(),
            status: item.status.code(),
        }
    }
}
