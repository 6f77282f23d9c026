//! AP spine: the discs, the vertebrae between them, their names and the evidence for them.

mod background;
mod column;
mod discs;
mod endplates;
mod flank;
mod form;
mod landmarks;
mod levels;
mod path;
mod raster;
mod recut;
mod straight;
mod vertebra;
mod width;

pub use recut::{CUTS, find_with};

use discs::{Darkness, Disc};
use flank::{Beside, Crest, Flank, Rib};
use form::{CLEAR_DISC, Form};
use levels::{Naming, Signs};
use raster::{Raster, STEP_MM};
use straight::Straight;
use width::Width;

use super::edge::{self, Bone, EdgeRule};
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::findings::{Finding, Refusal, RefusalCode, Severity};
use crate::outline::{Outlines, RegionOutline};
use crate::site::{Lumbar, LumbarSet, Site};
use crate::study::PixelSpacing;

/// Names of the rules below, with their version, for `method`.
pub const CONVENTION: &str = "spine-disc-chain 1";

/// Finds the vertebrae of an AP spine scan.
///
/// The spine is laid straight along its middle line; discs are the chain of dark lines across it that is
/// spaced as vertebrae are; each line is laid midway between its endplates; names follow from crest and ribs.
/// A vertebra is given only between two discs that were found.
///
/// # Errors
/// `not_evaluable` or `image_too_small` when the image shows no spine, or a phantom of one.
pub fn find(field: &Field) -> Result<Outlines, Refusal> {
    find_for(field, Subject::Person)
}

/// Whose spine an image shows, as the header says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person; what looks like a test object is refused.
    Person,
    /// A test object, whose blocks or imitated vertebrae are named as vertebrae.
    Phantom,
}

/// The same for what the header says was scanned.
///
/// # Errors
/// As [`find`].
pub fn find_for(field: &Field, subject: Subject) -> Result<Outlines, Refusal> {
    let spine = Spine::of(field, subject)?;
    let naming = Naming::of(&spine.signs());
    let bone = spine.bone(field, subject)?;
    Ok(spine.outlines(&bone, &naming))
}

/// The same on a field whose [`bone`] is found already.
///
/// # Errors
/// As [`find`].
pub fn find_in(field: &Field, bone: &Bone, subject: Subject) -> Result<Outlines, Refusal> {
    let spine = Spine::of(field, subject)?;
    let naming = Naming::of(&spine.signs());
    Ok(spine.outlines(bone, &naming))
}

/// The bone of an AP spine, with the gaps between the arches of its vertebrae, for outlines and for content.
///
/// What a phantom imitates vertebrae with is even up to its edges.
///
/// # Errors
/// A field without bone.
pub fn bone(field: &Field, subject: Subject) -> Result<Bone, Refusal> {
    let rule = match subject {
        Subject::Person => EdgeRule::HalfStep,
        Subject::Phantom => EdgeRule::LevelStep,
    };
    edge::bone_with_gaps(field, rule, LARGEST_HOLE_MM2)
}

/// What a reader must know when the names of the vertebrae are not sure.
#[must_use]
pub fn label_finding(outlines: &Outlines) -> Option<Finding> {
    outlines.label_margin.filter(|margin| *margin < 0.0).map(|margin| {
        let message = format!(
            "The levels of the vertebrae are not sure (evidence falls short by {:.1}); a person must confirm them.",
            -margin
        );
        Finding::new("needs_review", Severity::Review, message)
    })
}

/// Larger gaps within the bone of a spine are gaps between arches; smaller ones are noise.
const LARGEST_HOLE_MM2: f64 = 1.0;
/// Smallest image that can show two vertebrae, in millimeters: height and width.
const LEAST_MM: (f64, f64) = (60.0, 50.0);
/// Blocks of a phantom that are named as vertebrae, for a person to confirm.
const BLOCKS: std::ops::RangeInclusive<usize> = 3..=4;
/// Least height of a block.
const LEAST_BLOCK_MM: f64 = 12.0;
/// How far beyond the end of the last block its region ends.
const BLOCK_END_MM: f64 = 3.0;
/// A band less than this many vertebrae above the crest is its border, not a rib.
const RIB_ABOVE_CREST: f64 = 2.0;
/// Times the middle line is laid anew between the edges found along it.
const RECENTERED: usize = 2;

/// Everything seen in one image before it is named.
struct Spine {
    raster: Raster,
    straight: Straight,
    width: Width,
    half_mm: f64,
    discs: Vec<Disc>,
    /// Darkest place within each vertebra.
    within: Vec<f32>,
    crests: [Option<Crest>; 2],
    ribs: [Option<Rib>; 2],
    ribs_evaluable: bool,
    /// It may be no AP spine.
    doubtful: bool,
    /// The bone ends inside the image, above and below.
    free_ends: bool,
}

impl Spine {
    fn of(field: &Field, subject: Subject) -> Result<Self, Refusal> {
        let (rows, columns) = field.shape();
        let size = (rows as f64 * field.spacing.row_mm, columns as f64 * field.spacing.column_mm);
        if !(size.0 >= LEAST_MM.0 && size.1 >= LEAST_MM.1) {
            return Err(refused(RefusalCode::ImageTooSmall, "The image is too small to show two vertebrae"));
        }
        let raster = Raster::of(field);
        let straight = straightened(&raster)?;
        let width = Width::of(&straight);
        let half_mm = width.half_mm();
        let darkness = Darkness::of(&straight, &width);
        let chain = darkness.chain(&straight);
        let within = darkness.within(&chain);
        let discs: Vec<Disc> =
            chain.into_iter().map(|disc| endplates::between(&straight, disc, half_mm)).collect();
        let flank = Flank::of(&straight, &raster, half_mm);
        let crests = Beside::BOTH.map(|side| flank.crest(side));
        let ribs = Beside::BOTH.map(|side| flank.lowest_rib(side));
        let ribs_evaluable = Beside::BOTH.iter().any(|side| flank.usual_reach_mm(*side) > 38.0);
        let mut spine = Self {
            raster,
            straight,
            width,
            half_mm,
            discs,
            crests,
            ribs,
            ribs_evaluable,
            within,
            doubtful: false,
            free_ends: false,
        };
        let form = Form::of(&spine);
        if let Some(objection) = form.objection(field.quantity) {
            return Err(refused(RefusalCode::NotEvaluable, objection));
        }
        spine.doubtful = form.is_doubtful();
        if let Some(objection) = form.phantom().filter(|_| subject == Subject::Person) {
            return Err(refused(RefusalCode::NotEvaluable, objection));
        }
        if form.is_free() {
            spine.end_at(form.free_mm)?;
        }
        Ok(spine)
    }

    /// Blocks that end inside the image: their ends bound the first and the last as discs do.
    fn end_at(&mut self, free_mm: (f64, f64)) -> Result<(), Refusal> {
        let rows = self.straight.rows() as f64;
        let (top, bottom) = (free_mm.0 / STEP_MM, rows - free_mm.1 / STEP_MM);
        let least = LEAST_BLOCK_MM / STEP_MM;
        self.discs
            .retain(|disc| disc.depth >= CLEAR_DISC && disc.row > top + least && disc.row < bottom - least);
        let end = |row: f64| Disc { row, slant: 0.0, depth: 1.0, half_mm: BLOCK_END_MM };
        self.discs.insert(0, end(top - BLOCK_END_MM / STEP_MM));
        self.discs.push(end(bottom + BLOCK_END_MM / STEP_MM));
        self.free_ends = true;
        if BLOCKS.contains(&(self.discs.len() - 1)) {
            Ok(())
        } else {
            Err(refused(
                RefusalCode::NotEvaluable,
                "The image shows blocks that are neither a spine nor a phantom of one",
            ))
        }
    }

    /// The bone of the image; that of a gray image by its brightness over soft tissue.
    fn bone(&self, field: &Field, subject: Subject) -> Result<Bone, Refusal> {
        if field.quantity == Quantity::BoneDensity {
            return bone(field, subject);
        }
        let values = self.raster.values.mapv(|value| value / self.straight.plateau);
        let pixels = ndarray::Array2::from_elem(values.dim(), Pixel::Tissue);
        let spacing = PixelSpacing { row_mm: STEP_MM, column_mm: STEP_MM };
        let quantity = Quantity::BoneDensity;
        bone(&Field { values, pixels, spacing, quantity, contrast: Contrast::USUAL }, subject)
    }

    /// Place of a row among the discs: whole numbers are discs, what lies between is a share of a vertebra.
    fn place(&self, row: f64) -> f64 {
        let rows: Vec<f64> = self.discs.iter().map(|disc| disc.row).collect();
        let last = rows.len() - 1;
        let below = rows.partition_point(|disc| *disc <= row).clamp(1, last.max(1));
        let (upper, lower) = (rows[below - 1], rows[below.min(last)]);
        (below - 1) as f64 + (row - upper) / (lower - upper).max(1.0)
    }

    fn signs(&self) -> Signs {
        let rows = self.straight.rows() as f64;
        let crest = self.crests.iter().flatten().copied().min_by(|a, b| a.row.total_cmp(&b.row));
        let place_of_crest = crest.map_or(f64::INFINITY, |crest| self.place(crest.row));
        let is_rib = |rib: &Rib| self.place(rib.row) < place_of_crest - RIB_ABOVE_CREST;
        let ribs = self.ribs.iter().flatten().copied().filter(is_rib);
        let rib = ribs.max_by(|a, b| a.row.total_cmp(&b.row));
        let first = self.discs.first().map_or(0.0, |disc| disc.row);
        let last = self.discs.last().map_or(0.0, |disc| disc.row);
        let pitch = (last - first) / (self.discs.len().max(2) - 1) as f64;
        Signs {
            crest: crest.map(|crest| (self.place(crest.row), crest)),
            rib: rib.map(|rib| (self.place(rib.row), rib)),
            ribs_evaluable: self.ribs_evaluable,
            view: (self.place(0.0), self.place(rows)),
            below_mm: self.discs.iter().map(|disc| (rows - disc.row) * STEP_MM).collect(),
            pitch_mm: pitch * STEP_MM,
            free_ends: self.free_ends,
            doubtful: self.doubtful,
            within: self.within.clone(),
            depths: self.discs.iter().map(|disc| disc.depth).collect(),
        }
    }

    fn outlines(&self, bone: &Bone, naming: &Naming) -> Outlines {
        let regions = Lumbar::ALL
            .into_iter()
            .zip(naming.t12_l1..)
            .filter_map(|(lumbar, upper)| {
                let upper = usize::try_from(upper).ok()?;
                let (upper, lower) = (self.discs.get(upper)?, self.discs.get(upper + 1)?);
                let site = Site::Lumbar(LumbarSet::new(&[lumbar])?);
                let outline = vertebra::outline(self, bone, *upper, *lower);
                (!outline.is_empty()).then_some(RegionOutline { site, outline })
            })
            .collect();
        Outlines {
            regions,
            landmarks: landmarks::of(self, naming),
            evidence: naming.evidence.clone(),
            label_margin: Some(naming.margin),
            convention: CONVENTION,
        }
    }
}

/// The image laid straight along the middle between the edges of the spine.
fn straightened(raster: &Raster) -> Result<Straight, Refusal> {
    let nothing = || refused(RefusalCode::NotEvaluable, "The image shows no bone that runs down it");
    let mut line = column::Column::search(raster).ok_or_else(nothing)?;
    for _ in 0..RECENTERED {
        let straight = Straight::along(raster, line).ok_or_else(nothing)?;
        line = Width::of(&straight).middle(&straight);
    }
    Straight::along(raster, line).ok_or_else(nothing)
}

fn refused(code: RefusalCode, what: &str) -> Refusal {
    let message = format!("{what}; no vertebrae are named. Check that this is an AP spine scan.");
    Refusal { code, scan: None, message }
}
