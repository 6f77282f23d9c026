//! Where bone ends.

mod fit;
mod follow;
mod line;
mod parts;
mod pixels;
mod profile;
mod spread;

use ndarray::{Array2, Axis};

use crate::field::{Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::geometry::{DetectorPoint, Polygon};
use crate::study::PixelSpacing;

use super::contour::{DepthsAcross, Lattice};
use super::grid::{refined, samples_of};
use super::partial_pixels::Loss;
use super::pieces::keep_large_and_whole;
use super::plateau::plateau;
use fit::Behind;
use follow::{Edges, edges};
use profile::Samples;

/// The rule by which bone is told from soft tissue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EdgeRule {
    /// Bone ends where the step of its edge is half as high as the density just inside points to.
    ///
    /// Intensities are what a detector averages, so the step is looked at in `1 − exp(−k·m)` with the
    /// contrast k of the field.
    HalfStep,
    /// The same for slabs, which are as dense at their edges as within them.
    ///
    /// A bone may grow denser behind its edge, and three or four rows of large pixels hardly tell such growth from
    /// blur; of a slab nothing of the kind has to be asked.
    LevelStep,
    /// Bone has at least this fraction of the density of the bone inside of the edge.
    LocalFraction(f64),
    /// Bone has at least this density, g/cm².
    Constant(f64),
}

impl EdgeRule {
    /// Name and version, for `method`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::HalfStep => "edge at half of its step (v2)".to_owned(),
            Self::LevelStep => "edge of a slab at half of its step (v1)".to_owned(),
            Self::LocalFraction(fraction) => format!("edge at {fraction} of the local plateau (v1)"),
            Self::Constant(density) => format!("edge at {density} g/cm2 (v1)"),
        }
    }
}

/// Standard deviation of the blur where edges cannot tell, mm. *Ours*: no attribute states a blur.
const ASSUMED_BLUR_MM: f64 = 0.3;

/// Where the half step is looked for first: fraction of the local plateau.
const FIRST_FRACTION: f64 = 0.35;

/// The bone of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Bone {
    /// By which rule.
    pub rule: EdgeRule,
    /// Value above what the rule asks for, in g/cm²; bone where it is not below zero.
    ///
    /// # Shape
    /// `per_pixel` samples for each row and column of the field.
    level: Array2<f32>,
    /// Standard deviation of the blur that its edges show, without that of pixels.
    blur_mm: f64,
    /// What each pixel of the field lost by the logarithm of its mean intensity, g/cm².
    lost: Array2<f32>,
    per_pixel: (usize, usize),
    spacing: PixelSpacing,
}

/// Pieces of bone smaller than this are none.
const LEAST_AREA_MM2: f64 = 100.0;
/// Larger gaps inside of bone are gaps, as the one between radius and ulna.
const LARGEST_HOLE_MM2: f64 = 200.0;

/// A gap is one where this share, or less, of what the rule asks for is left somewhere in it: thin bone is none.
const EMPTY: f32 = 0.3;

/// Finds the bone of a field.
///
/// Pixels without counts are taken for bone, so that a region over metal holds them and is refused.
///
/// # Errors
/// A field without bone.
pub fn bone(field: &Field, rule: EdgeRule) -> Result<Bone, Refusal> {
    bone_with_gaps(field, rule, LARGEST_HOLE_MM2)
}

/// Finds the bone of a field and keeps gaps in it that are larger than a limit, as those between arches.
///
/// # Errors
/// A field without bone.
pub fn bone_with_gaps(field: &Field, rule: EdgeRule, largest_hole_mm2: f64) -> Result<Bone, Refusal> {
    let no_bone = || Refusal::new(RefusalCode::NotEvaluable, "There is no bone in this image.");
    let spacing = field.spacing;
    let per_pixel = (samples_of(spacing.row_mm), samples_of(spacing.column_mm));
    let values = filled(field);
    // Gray is no density that anything could be given back to.
    let lost = || match field.quantity {
        Quantity::BoneDensity => Loss::of(field, ASSUMED_BLUR_MM).of_all(field),
        Quantity::Gray => Array2::default((0, 0)),
    };
    let found = match rule {
        EdgeRule::HalfStep => half_step(field, &values, per_pixel, largest_hole_mm2, Behind::Sloped),
        EdgeRule::LevelStep => half_step(field, &values, per_pixel, largest_hole_mm2, Behind::Level),
        EdgeRule::LocalFraction(fraction) => {
            let bone = above_fraction(field, &values, per_pixel, fraction, largest_hole_mm2);
            bone.map(|bone| Bone { lost: lost(), ..bone })
        }
        EdgeRule::Constant(density) => {
            let values = refined(values.view(), per_pixel);
            let level = values.mapv(|value| value - density as f32);
            let bone = Bone { rule, level, blur_mm: ASSUMED_BLUR_MM, lost: lost(), per_pixel, spacing };
            bone.large_and_whole(&values, largest_hole_mm2)
        }
    };
    found.map(|bone| Bone { rule, ..bone }).ok_or_else(no_bone)
}

/// At least a fraction of the local plateau; what pixels lost is not looked at.
fn above_fraction(
    field: &Field,
    values: &Array2<f32>,
    per_pixel: (usize, usize),
    fraction: f64,
    largest_hole_mm2: f64,
) -> Option<Bone> {
    let plateau = plateau(field, fraction)?;
    let values = refined(values.view(), per_pixel);
    let mut level = values.clone();
    let middles = |count: usize, samples: usize| -> Vec<f64> {
        (0..count).map(|index| (index as f64 + 0.5) / samples as f64).collect()
    };
    let (downs, acrosses) = (middles(level.nrows(), per_pixel.0), middles(level.ncols(), per_pixel.1));
    plateau.on_grid(&downs, &acrosses, |row, column, plateau| {
        level[(row, column)] -= (fraction * plateau) as f32;
    });
    let bone = Bone {
        rule: EdgeRule::LocalFraction(fraction),
        level,
        blur_mm: ASSUMED_BLUR_MM,
        lost: Array2::default((0, 0)),
        per_pixel,
        spacing: field.spacing,
    };
    bone.large_and_whole(&values, largest_hole_mm2)
}

/// At least half of the step at the nearest edge, after a first outline by a fraction of the plateau.
fn half_step(
    field: &Field,
    values: &Array2<f32>,
    per_pixel: (usize, usize),
    largest_hole_mm2: f64,
    behind: Behind,
) -> Option<Bone> {
    let first = above_fraction(field, values, per_pixel, FIRST_FRACTION, largest_hole_mm2)?;
    let absorbed = values.mapv(|value| absorbed(f64::from(value), field.contrast.of_small_steps()) as f32);
    let absorbed = refined(absorbed.view(), per_pixel);
    let mut level = absorbed.clone();
    let sample = PixelSpacing {
        row_mm: field.spacing.row_mm / per_pixel.0 as f64,
        column_mm: field.spacing.column_mm / per_pixel.1 as f64,
    };
    let samples = Samples { values: &absorbed, spacing: sample };
    let Edges { levels, blur_mm, lost } = edges(field, values, &samples, &first.contours(), behind)?;
    let middles =
        |count: usize, mm: f64| -> Vec<f64> { (0..count).map(|index| (index as f64 + 0.5) * mm).collect() };
    let (downs, acrosses) = (middles(level.nrows(), sample.row_mm), middles(level.ncols(), sample.column_mm));
    levels.on_grid(&downs, &acrosses, |row, column, edge| level[(row, column)] -= edge as f32);
    Bone { level, blur_mm, lost, ..first }.large_and_whole(&absorbed, largest_hole_mm2)
}

/// The share of intensity that bone of a density takes away, over the contrast k.
fn absorbed(density: f64, contrast: f64) -> f64 {
    (1.0 - (-contrast * density).exp()) / contrast
}

/// The density that takes away a share of intensity.
fn density(absorbed: f64, contrast: f64) -> f64 {
    -(1.0 - (contrast * absorbed).clamp(-0.5, MOST_ABSORBED)).ln() / contrast
}

/// Absorbed share beyond which density cannot be told any more.
const MOST_ABSORBED: f64 = 0.98;

/// The values, with something dense where there are no counts.
fn filled(field: &Field) -> Array2<f32> {
    let value = |(value, pixel): (&f32, &Pixel)| match pixel {
        Pixel::Tissue => *value,
        Pixel::Air => 0.0,
        Pixel::Unmeasured => DENSE,
    };
    let values = field.values.iter().zip(&field.pixels).map(value).collect();
    Array2::from_shape_vec(field.shape(), values).unwrap_or_default()
}

/// Stands for pixels without counts, g/cm².
const DENSE: f32 = 3.0;

impl Bone {
    /// The bone without small pieces, its gaps filled that are small or hold something everywhere; `None` where no
    /// bone is left.
    ///
    /// `values` are those of its samples before what the rule asks for was taken off.
    fn large_and_whole(mut self, values: &Array2<f32>, largest_hole_mm2: f64) -> Option<Self> {
        let pixel_mm2 = self.spacing.row_mm * self.spacing.column_mm;
        let samples = |mm2: f64| (mm2 / pixel_mm2 * (self.per_pixel.0 * self.per_pixel.1) as f64) as usize;
        let is_empty = |at: (usize, usize), level: f32| values[at] <= EMPTY * (values[at] - level);
        let (least, hole) = (samples(LEAST_AREA_MM2), samples(largest_hole_mm2));
        keep_large_and_whole(&mut self.level, least, hole, is_empty).then_some(self)
    }

    /// Whether a place is bone: between samples as outlines run between them.
    #[must_use]
    pub fn contains(&self, point: DetectorPoint) -> bool {
        let image = point.to_image(self.spacing);
        let (rows, columns) = self.level.dim();
        let (row, column) = (image.y * self.per_pixel.0 as f64, image.x * self.per_pixel.1 as f64);
        if !(0.0..rows as f64).contains(&row) || !(0.0..columns as f64).contains(&column) {
            return false;
        }
        // The sample before a place, the one after it, and how far between their middles it lies.
        let between = |place: f64, count: usize| {
            let place = (place - 0.5).clamp(0.0, (count - 1) as f64);
            let before = place as usize;
            (before, (before + 1).min(count - 1), (place - before as f64) as f32)
        };
        let ((above, below, down), (left, right, across)) = (between(row, rows), between(column, columns));
        let along = |row: usize| {
            let (left, right) = (self.level[(row, left)], self.level[(row, right)]);
            left + across * (right - left)
        };
        along(above) + down * (along(below) - along(above)) >= 0.0
    }

    /// The bone of the field with one of its axes reversed.
    #[must_use]
    pub(in crate::segment) fn reversed(&self, axis: Axis) -> Self {
        let reversed = |values: &Array2<f32>| {
            let mut values = values.clone();
            values.invert_axis(axis);
            values.as_standard_layout().into_owned()
        };
        Self { level: reversed(&self.level), lost: reversed(&self.lost), ..*self }
    }

    /// Standard deviation of the detector's blur as its edges show it, without that of pixels, mm.
    #[must_use]
    pub fn blur_mm(&self) -> f64 {
        self.blur_mm
    }

    /// What a pixel of the field shows too little, since a detector averages intensities, g/cm².
    pub(crate) fn lost(&self, pixel: (usize, usize)) -> f64 {
        self.lost.get(pixel).copied().map_or(0.0, f64::from)
    }

    /// Which pixels are bone in their middle.
    #[must_use]
    pub fn mask(&self) -> Array2<bool> {
        let shape = (self.level.nrows() / self.per_pixel.0, self.level.ncols() / self.per_pixel.1);
        Array2::from_shape_fn(shape, |(row, column)| {
            self.level[(
                row * self.per_pixel.0 + self.per_pixel.0 / 2,
                column * self.per_pixel.1 + self.per_pixel.1 / 2,
            )] >= 0.0
        })
    }

    /// The lines between bone and what is none, around its pieces and around gaps in them.
    fn contours(&self) -> Vec<Polygon> {
        let (rows, columns) = self.level.dim();
        self.lattice((0, rows), (0, columns), None).contours(self.spacing)
    }

    /// Outlines of every piece of bone.
    #[must_use]
    pub fn outlines(&self) -> Vec<Polygon> {
        let (rows, columns) = self.level.dim();
        self.lattice((0, rows), (0, columns), None).outlines(self.spacing)
    }

    /// Outlines of the bone inside of an area; where its border runs through bone, it cuts.
    #[must_use]
    pub fn outlines_within(&self, area: &Polygon) -> Vec<Polygon> {
        let reach = |of: fn(&DetectorPoint) -> f64, pixel_mm: f64, samples: usize, limit: usize| {
            let places = area.corners.iter().map(|corner| of(corner) / pixel_mm * samples as f64);
            let (low, high) =
                places.fold((f64::INFINITY, 0.0f64), |(low, high), at| (low.min(at), high.max(at)));
            let from = (low - 2.0).clamp(0.0, limit as f64) as usize;
            (from, (high + 3.0).clamp(0.0, limit as f64) as usize)
        };
        let rows = reach(|corner| corner.y_mm, self.spacing.row_mm, self.per_pixel.0, self.level.nrows());
        let columns =
            reach(|corner| corner.x_mm, self.spacing.column_mm, self.per_pixel.1, self.level.ncols());
        self.lattice(rows, columns, Some(area)).outlines(self.spacing)
    }

    /// Samples of a part of the level, cut by an area and ended at zero width by what is outside.
    fn lattice(&self, rows: (usize, usize), columns: (usize, usize), area: Option<&Polygon>) -> Lattice {
        let row_at = places(rows, self.per_pixel.0);
        let column_at = places(columns, self.per_pixel.1);
        let mut values = Vec::with_capacity(row_at.len() * column_at.len());
        let is_rim = |index: usize, count: usize| index == 0 || index + 1 == count;
        // What lies farther outside than the next sample has no part in an outline.
        let (high, wide) = (self.spacing.row_mm, self.spacing.column_mm);
        let outside_mm = 2.0 * (high / self.per_pixel.0 as f64).hypot(wide / self.per_pixel.1 as f64);
        for (index, y) in row_at.iter().enumerate() {
            let mut depths = area.map(|area| DepthsAcross::of(area, y * high, outside_mm));
            for (across, x) in column_at.iter().enumerate() {
                let rim = is_rim(index, row_at.len()) || is_rim(across, column_at.len());
                let level = || self.level[self.sample(*y, *x)];
                values.push(match &mut depths {
                    _ if rim => -1.0,
                    None => level(),
                    Some(depths) => depths.cut(level(), x * wide, CUT_PER_MM),
                });
            }
        }
        Lattice { values, rows: row_at, columns: column_at }
    }

    fn sample(&self, y: f64, x: f64) -> (usize, usize) {
        let index =
            |place: f64, samples: usize, count: usize| ((place * samples as f64) as usize).min(count - 1);
        (index(y, self.per_pixel.0, self.level.nrows()), index(x, self.per_pixel.1, self.level.ncols()))
    }
}

/// What a millimeter inside of a cut counts for beside the level of bone.
///
/// Small, so that beside a cut the distance from it is what is interpolated, and the cut lies where it was drawn.
const CUT_PER_MM: f32 = 0.2;

/// Places of samples in pixels; the two at each end are where the samples, or the image, end.
fn places((from, to): (usize, usize), samples: usize) -> Vec<f64> {
    let edge = |index: usize| index as f64 / samples as f64;
    let middles = (from..to).map(|index| (index as f64 + 0.5) / samples as f64);
    [edge(from); 2].into_iter().chain(middles).chain([edge(to); 2]).collect()
}
