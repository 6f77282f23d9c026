//! Corrections by a user: the JSON of an analysis, or a part of it, with what was changed.
//!
//! `docs/analysis-json.md` says which fields are taken back. What equals the result changes nothing, so a whole
//! document may be given back with a few fields edited.

use dxa_core::context::NotAssessable;
use dxa_core::corrections::{
    CorrectedLine, CorrectedOutline, CorrectedVertebra, Corrections, Exclusion, ScanCorrections,
};
use dxa_core::geometry::ImagePoint;
use dxa_core::report::Analysis;
use dxa_core::site::{Side, Site};
use dxa_core::study::ScanKind;
use dxa_core::vertebra::{FractureReading, Level, SixPoints};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// The corrections of one study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyCorrections {
    /// Study Instance UID, as the result gave it.
    pub study_instance_uid: Option<String>,
    /// What is said of its scans.
    pub corrections: Corrections,
}

/// Why a corrections file is refused; the sentence names the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {why}")]
pub struct CorrectionsError {
    /// Where in the file, as `studies[0].regions[2].polygon_px`.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a corrections file.
///
/// # Errors
/// JSON that cannot be read, a field of another shape than the analysis has, a code that is not known.
///
/// ```
/// let bytes = br#"{"studies": [{"study": {"instance_uid": "1.2"}, "regions": [
///     {"scan": 0, "site": "L3", "excluded": {"reason": "artefact", "by": "user"}}]}]}"#;
/// let studies = dxa_exchange::corrections::read(bytes)?;
/// assert_eq!(studies[0].corrections.scans[&0].exclusions.len(), 1);
/// # Ok::<(), dxa_exchange::corrections::CorrectionsError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Vec<StudyCorrections>, CorrectionsError> {
    let file: File = read_as(bytes)?;
    if file.schema.as_deref().is_some_and(|schema| schema != crate::json::SCHEMA) {
        return Err(wrong("schema".to_owned(), &format!("it must be `{}`", crate::json::SCHEMA)));
    }
    file.studies.into_iter().enumerate().map(|(index, study)| study.read(index)).collect()
}

/// JSON of a shape, with the field named that is of another.
pub(crate) fn read_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CorrectionsError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        wrong(if field == "." { "the file".to_owned() } else { field }, &error.inner().to_string())
    })?;
    reader.end().map_err(|error| wrong("the file".to_owned(), &error.to_string()))?;
    Ok(read)
}

/// Holds corrections against the result that they are about.
///
/// # Errors
/// A scan that the study does not have, a site that is not one of the scan's anatomy, a point outside its image.
pub fn check(corrections: &Corrections, analysis: &Analysis) -> Result<(), CorrectionsError> {
    for (index, said) in &corrections.scans {
        let Some(scan) = analysis.scans.get(*index) else {
            let why = format!("the study has {} scans and no scan {index}", analysis.scans.len());
            return Err(wrong("scan".to_owned(), &why));
        };
        let (width, height) = (f64::from(scan.columns.unwrap_or(0)), f64::from(scan.rows.unwrap_or(0)));
        let inside =
            |point: &ImagePoint| (0.0..=width).contains(&point.x) && (0.0..=height).contains(&point.y);
        for outline in &said.outlines {
            let field = format!("polygon_px of {} in scan {index}", outline.site);
            if !dxa_core::corrections::is_measured(scan.kind, outline.site) {
                return Err(wrong(field, "no outline of this site is measured on a scan of this anatomy"));
            }
            if !outline.corners.iter().all(inside) {
                return Err(wrong(field, "a point lies outside the image"));
            }
        }
        if !(said.vertebrae.is_empty() && said.level_shift == 0) && scan.kind != ScanKind::LateralSpine {
            return Err(wrong(format!("vertebrae of scan {index}"), "this scan is not a lateral spine"));
        }
        for vertebra in &said.vertebrae {
            let points = vertebra.points.iter().flat_map(|points| points.to_array());
            if !points.into_iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
                let field = format!("points_px of {} in scan {index}", vertebra.level);
                return Err(wrong(field, "a coordinate is not a number"));
            }
        }
        let mut ends = said.lines.iter().flat_map(|line| line.ends.iter().map(move |end| (line, end)));
        if let Some((line, _)) = ends.find(|(_, end)| !inside(end)) {
            let field = format!("points_px of {} in scan {index}", line.name);
            return Err(wrong(field, "a point lies outside the image"));
        }
    }
    Ok(())
}

fn wrong(field: String, why: &str) -> CorrectionsError {
    CorrectionsError { field, why: why.to_owned() }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    schema: Option<String>,
    studies: Vec<StudyFile>,
}

#[derive(Deserialize)]
struct StudyFile {
    study: IdentityFile,
    #[serde(default)]
    regions: Vec<RegionFile>,
    #[serde(default)]
    landmarks: Vec<LandmarkFile>,
    #[serde(default)]
    vertebrae: Vec<VertebraFile>,
    #[serde(default)]
    spine: Option<SpineFile>,
}

#[derive(Deserialize)]
struct IdentityFile {
    instance_uid: Option<String>,
}

/// A row of `regions`; what is measured or scored is given back to be ignored, a misspelled key is not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionFile {
    scan: usize,
    site: String,
    #[serde(default)]
    laterality: Option<String>,
    #[serde(default)]
    polygon_px: Option<Vec<[f64; 2]>>,
    #[serde(default)]
    excluded: Option<ExcludedFile>,
    #[serde(default)]
    included: Option<IncludedFile>,
    #[serde(default, rename = "area_cm2")]
    _area: IgnoredAny,
    #[serde(default, rename = "bmc_g")]
    _bmc: IgnoredAny,
    #[serde(default, rename = "bmd_g_cm2")]
    _bmd: IgnoredAny,
    #[serde(default, rename = "provenance")]
    _provenance: IgnoredAny,
    #[serde(default, rename = "method")]
    _method: IgnoredAny,
    #[serde(default, rename = "uncertainty_g_cm2")]
    _uncertainty: IgnoredAny,
    #[serde(default, rename = "device")]
    _device: IgnoredAny,
    #[serde(default, rename = "scores")]
    _scores: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExcludedFile {
    reason: String,
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncludedFile {
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LandmarkFile {
    scan: usize,
    name: String,
    #[serde(default)]
    shape: Option<String>,
    points_px: Vec<[f64; 2]>,
    #[serde(default, rename = "radius_px")]
    _radius: IgnoredAny,
}

/// A row of `vertebrae`; what follows from the points is given back to be ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VertebraFile {
    pub(crate) scan: usize,
    level: String,
    #[serde(default)]
    evaluable: Option<bool>,
    #[serde(default)]
    provenance: Option<String>,
    #[serde(default)]
    points_px: Option<PointsFile>,
    #[serde(default)]
    fracture: Option<String>,
    #[serde(default, rename = "not_evaluable_reason")]
    _reason: IgnoredAny,
    #[serde(default, rename = "heights_mm")]
    _heights_mm: IgnoredAny,
    #[serde(default, rename = "heights_px")]
    _heights_px: IgnoredAny,
    #[serde(default, rename = "loss_percent")]
    _loss: IgnoredAny,
    #[serde(default, rename = "shape")]
    _shape: IgnoredAny,
    #[serde(default, rename = "grade")]
    _grade: IgnoredAny,
    #[serde(default, rename = "grade_probabilities")]
    _probabilities: IgnoredAny,
    #[serde(default, rename = "expert_grade_probabilities")]
    _expert: IgnoredAny,
    #[serde(default, rename = "image_quality")]
    _quality: IgnoredAny,
    #[serde(default, rename = "flags")]
    _flags: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointsFile {
    ps: [f64; 2],
    ms: [f64; 2],
    #[serde(rename = "as")]
    as_: [f64; 2],
    ai: [f64; 2],
    mi: [f64; 2],
    pi: [f64; 2],
}

/// What is taken back of `spine`: by how many levels the labels are moved.
#[derive(Deserialize)]
struct SpineFile {
    scan: usize,
    #[serde(default)]
    level_shift: i8,
}

/// Labels are moved by no more than this.
const FARTHEST_SHIFT: i8 = 2;

impl VertebraFile {
    pub(crate) fn read(self, field: impl Fn(&str) -> String) -> Result<CorrectedVertebra, CorrectionsError> {
        let level: Level = self.level.parse().map_err(|error| wrong(field("level"), &format!("{error}")))?;
        let confirmed = match self.provenance.as_deref() {
            Some("user") => true,
            None | Some("automatic" | "reported") => false,
            Some(_) => return Err(wrong(field("provenance"), "it must be `user` or `automatic`")),
        };
        let points = self.points_px.map(|points| {
            let PointsFile { ps, ms, as_, ai, mi, pi } = points;
            SixPoints::from_array([ps, ms, as_, ai, mi, pi].map(point))
        });
        let fracture = match self.fracture.as_deref() {
            None | Some("suspected") => None,
            Some(code) => {
                let known = FractureReading::ALL.into_iter().find(|reading| reading.code() == code);
                let why = "it must be `confirmed`, `rejected` or null";
                Some(known.ok_or_else(|| wrong(field("fracture"), why))?)
            }
        };
        Ok(CorrectedVertebra { level, points, evaluable: self.evaluable, confirmed, fracture })
    }
}

impl StudyFile {
    fn read(self, index: usize) -> Result<StudyCorrections, CorrectionsError> {
        let mut corrections = Corrections::default();
        for (at, region) in self.regions.into_iter().enumerate() {
            let field = |key: &str| format!("studies[{index}].regions[{at}].{key}");
            let said = corrections.scans.entry(region.scan).or_default();
            region.read(field, said)?;
        }
        for (at, landmark) in self.landmarks.into_iter().enumerate() {
            let field = format!("studies[{index}].landmarks[{at}].points_px");
            let said = corrections.scans.entry(landmark.scan).or_default();
            landmark.read(field, said)?;
        }
        for (at, vertebra) in self.vertebrae.into_iter().enumerate() {
            let field = |key: &str| format!("studies[{index}].vertebrae[{at}].{key}");
            let said = corrections.scans.entry(vertebra.scan).or_default();
            said.vertebrae.push(vertebra.read(field)?);
        }
        if let Some(spine) = self.spine {
            if spine.level_shift.unsigned_abs() > FARTHEST_SHIFT.unsigned_abs() {
                let field = format!("studies[{index}].spine.level_shift");
                return Err(wrong(field, "labels are moved by one or two levels, as -1 or 1"));
            }
            corrections.scans.entry(spine.scan).or_default().level_shift = spine.level_shift;
        }
        Ok(StudyCorrections { study_instance_uid: self.study.instance_uid, corrections })
    }
}

impl RegionFile {
    fn read(
        self,
        field: impl Fn(&str) -> String,
        said: &mut ScanCorrections,
    ) -> Result<(), CorrectionsError> {
        let site: Site = self.site.parse().map_err(|error| wrong(field("site"), &format!("{error}")))?;
        let side = match self.laterality.as_deref() {
            None => None,
            Some("L") => Some(Side::Left),
            Some("R") => Some(Side::Right),
            Some("B") => Some(Side::Both),
            Some(_) => return Err(wrong(field("laterality"), "it must be `L`, `R`, `B` or null")),
        };
        if let Some(points) = self.polygon_px {
            if points.len() < LEAST_CORNERS {
                return Err(wrong(field("polygon_px"), "an outline needs at least three points"));
            }
            said.outlines.push(CorrectedOutline {
                site,
                side,
                corners: points.into_iter().map(point).collect(),
            });
        }
        if let Some(excluded) = self.excluded {
            match excluded.by.as_str() {
                "rule" => {}
                "user" => {
                    let reason =
                        reason(&excluded.reason).map_err(|why| wrong(field("excluded.reason"), &why))?;
                    said.exclusions.push(Exclusion { site, side, reason });
                }
                _ => return Err(wrong(field("excluded.by"), "it must be `user` or `rule`")),
            }
        }
        if let Some(included) = self.included {
            if included.by != "user" {
                return Err(wrong(field("included.by"), "it must be `user`"));
            }
            if said.excluded(site, side).is_some() {
                return Err(wrong(field("included"), "a region is left out or taken in, not both"));
            }
            said.inclusions.push((site, side));
        }
        Ok(())
    }
}

/// A triangle.
const LEAST_CORNERS: usize = 3;

fn reason(code: &str) -> Result<NotAssessable, String> {
    let known = NotAssessable::ALL.into_iter().find(|reason| reason.code() == code);
    let codes: Vec<&str> = NotAssessable::ALL.iter().map(|reason| reason.code()).collect();
    known.ok_or_else(|| format!("it is `{code}`; it must be one of {}", codes.join(", ")))
}

/// The box of a hip that a user may move.
const NECK_BOX: &str = "neck_box";

impl LandmarkFile {
    /// A line, or the neck box; other shapes follow from the regions and are not taken back.
    fn read(self, field: String, said: &mut ScanCorrections) -> Result<(), CorrectionsError> {
        if self.name == NECK_BOX {
            let corners = <[[f64; 2]; 4]>::try_from(self.points_px);
            said.neck_box = Some(corners.map_err(|_| wrong(field, "a box has four points"))?.map(point));
        } else if self.shape.as_deref().is_none_or(|shape| shape == "line") {
            let Ok([from, to]) = <[[f64; 2]; 2]>::try_from(self.points_px) else {
                return Err(wrong(field, "a line has two points"));
            };
            said.lines.push(CorrectedLine { name: self.name, ends: [point(from), point(to)] });
        }
        Ok(())
    }
}

fn point([x, y]: [f64; 2]) -> ImagePoint {
    ImagePoint { x, y }
}
