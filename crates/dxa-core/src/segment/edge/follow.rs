//! Where the edges of outlines lie below blur and pixels, all along them.

use ndarray::{Array2, Zip};

use super::fit::{Behind, Depths, EdgeFit};
use super::line::{AVERAGED, Line, STEP_MM};
use super::parts::Parts;
use super::pixels::{Shown, of_places};
use super::profile::{Profile, Samples};
use super::spread::{Normal, Spread, Spreads};
use super::{ASSUMED_BLUR_MM, density};
use crate::field::Field;
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::distance::nearest;
use crate::segment::partial_pixels::{Loss, SLOPE_MM};
use crate::segment::surface::{Surface, means_of_nine};

/// Pixels along this many of their own lengths to either side of a place tell of its edge.
const PIXELS_ALONG: f64 = 2.0;
/// Side of a cell of the surface.
const CELL_MM: f64 = 1.0;
/// Every so many places are fitted, and asked for the blur of the detector.
const FIT_EVERY: usize = 2;
const BLUR_EVERY: usize = 12;
/// Blurs that are tried, standard deviation in mm.
const BLURS_MM: [f64; 9] = [0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.75, 0.9, 1.1];
/// Edges that fit this many times worse than the usual one are no straight edges of one bone.
const MOST_SQUARES: f64 = 2.0;
/// Edges that must agree on a blur.
const LEAST_EDGES: usize = 20;
/// Edges cannot lose less or more than this many times what slopes say.
const POSSIBLE_RATIO: (f64, f64) = (0.8, 2.5);
/// What the edges around a cell say counts beside so much of a typical cell with the usual ratio.
const USUAL_SHARE: f64 = 0.2;

/// What is known of the edges of all outlines.
pub(super) struct Edges {
    /// The value that a sample has at the nearest edge, everywhere.
    pub(super) levels: Surface,
    /// Standard deviation of the blur, without that of pixels.
    pub(super) blur_mm: f64,
    /// What each pixel of the field lost.
    pub(super) lost: Array2<f32>,
}

/// Follows the edges of outlines; `None` where no edge can be measured.
///
/// Blur and pixels of any size spread an edge over their own width, and the edge that was there before is
/// fitted to the pixels on both sides of it. What the finer samples show where it lies is the level of bone.
///
/// # Shape
/// `values` is rows × columns of the field, densities.
pub(super) fn edges(
    field: &Field,
    values: &Array2<f32>,
    samples: &Samples<'_>,
    outlines: &[Polygon],
    behind: Behind,
) -> Option<Edges> {
    let scan = Scan::of(field, values, samples, outlines, behind);
    let blur_mm = scan.blur_mm().unwrap_or(ASSUMED_BLUR_MM);
    let (rows, columns) = field.shape();
    let (height_mm, width_mm) =
        (rows as f64 * field.spacing.row_mm, columns as f64 * field.spacing.column_mm);
    let shape = ((height_mm / CELL_MM).ceil() as usize, (width_mm / CELL_MM).ceil() as usize);
    let spreads = scan.spreads(blur_mm);
    let slopes = Loss::of(field, blur_mm).of_all(field);
    let (mut sums, mut counts) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
    let mut losses = Losses::none(shape);
    for place in scan.every(FIT_EVERY) {
        let Some(edge) = scan.edge(place, scan.across(place, &spreads)) else { continue };
        let cell = |mm: f64, count: usize| ((mm / CELL_MM).max(0.0) as usize).min(count - 1);
        let at = (cell(edge.place.y_mm, shape.0), cell(edge.place.x_mm, shape.1));
        sums[at] += edge.level;
        counts[at] += 1.0;
        if let Some(fit) = &edge.fit {
            losses.add(at, scan.losses(place, fit, scan.across(place, &spreads), &slopes));
        }
    }
    let known = counts.mapv(|count| count > 0.0);
    if !known.iter().any(|known| *known) {
        return None;
    }
    let nearest = nearest(&known, (CELL_MM, CELL_MM));
    let level = |at| sums[nearest.place(at)] / counts[nearest.place(at)];
    let levels = Surface::new(Array2::from_shape_fn(shape, level), (CELL_MM, CELL_MM)).smoothed();
    let ratios = Surface::new(losses.ratios(), (CELL_MM, CELL_MM));
    let mut lost = slopes;
    for ((row, column), lost) in lost.indexed_iter_mut().filter(|(_, lost)| **lost != 0.0) {
        let middle = |index: usize, mm: f64| (index as f64 + 0.5) * mm;
        *lost *= ratios.at(middle(row, field.spacing.row_mm), middle(column, field.spacing.column_mm)) as f32;
    }
    Some(Edges { levels, blur_mm, lost })
}

/// What the edges in each cell lost, as fitted edges and as the slopes around them say.
///
/// Slopes tell everywhere that something is lost, but not how much by edges sharper than a pixel can show,
/// which depends on how the pixels lie along them.
struct Losses {
    fitted: Array2<f64>,
    by_slopes: Array2<f64>,
    /// Of every place, the one over the other.
    ratios: Vec<f64>,
}

impl Losses {
    fn none(shape: (usize, usize)) -> Self {
        Self { fitted: Array2::zeros(shape), by_slopes: Array2::zeros(shape), ratios: Vec::new() }
    }

    fn add(&mut self, at: (usize, usize), (fitted, by_slopes): (f64, f64)) {
        if by_slopes > 0.0 {
            let ratio = fitted / by_slopes;
            self.ratios.push(ratio);
            // What is no straight edge fits badly and says anything.
            self.fitted[at] += ratio.clamp(POSSIBLE_RATIO.0, POSSIBLE_RATIO.1) * by_slopes;
            self.by_slopes[at] += by_slopes;
        }
    }

    /// Fitted losses over those of slopes around each cell; where no edge is near, what is usual.
    fn ratios(mut self) -> Array2<f64> {
        let usual = median(&mut self.ratios).unwrap_or(1.0).clamp(POSSIBLE_RATIO.0, POSSIBLE_RATIO.1);
        let cells = self.by_slopes.iter().filter(|loss| **loss > 0.0).count().max(1) as f64;
        let typical = (USUAL_SHARE * self.by_slopes.sum() / cells).max(f64::MIN_POSITIVE);
        let smooth = |values: &Array2<f64>| {
            let once = means_of_nine(values, None);
            means_of_nine(&means_of_nine(&once, None), None)
        };
        let (fitted, by_slopes) = (smooth(&self.fitted), smooth(&self.by_slopes));
        let ratio = |fitted: &f64, by_slopes: &f64| (fitted + usual * typical) / (by_slopes + typical);
        Zip::from(&fitted).and(&by_slopes).map_collect(ratio)
    }
}

/// One edge: where it lies, the level of the samples there, and what it is like where that can be told.
struct Edge {
    place: DetectorPoint,
    level: f64,
    fit: Option<EdgeFit>,
}

/// A place of one of the lines.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    index: usize,
}

/// All that edges are fitted to.
struct Scan<'a> {
    field: &'a Field,
    values: &'a Array2<f32>,
    lines: Vec<Line>,
    /// Index of the first place of each line, counted through.
    firsts: Vec<usize>,
    shown: Vec<Vec<Shown>>,
    /// Values across the edge at every place.
    profiles: Vec<Option<Profile>>,
    parts: Parts,
    normal: Normal,
    behind: Behind,
    /// Places to either side whose pixels tell of an edge.
    reach: usize,
}

impl<'a> Scan<'a> {
    fn of(
        field: &'a Field,
        values: &'a Array2<f32>,
        samples: &Samples<'_>,
        outlines: &[Polygon],
        behind: Behind,
    ) -> Self {
        let lines: Vec<Line> = outlines.iter().map(Line::of).collect();
        let firsts = lines.iter().scan(0, |next, line| {
            let first = *next;
            *next += line.places.len();
            Some(first)
        });
        let firsts = firsts.collect();
        let shown = of_places(field.shape(), field.spacing, &lines);
        let across = |line: &Line, at: usize| Profile::across(samples, line.places[at], line.normals[at]);
        let of_line = |line: &Line| (0..line.places.len()).map(|at| across(line, at)).collect::<Vec<_>>();
        let profiles = lines.iter().flat_map(of_line).collect();
        let side = field.spacing.row_mm.max(field.spacing.column_mm);
        let reach = ((PIXELS_ALONG * side / STEP_MM).round() as usize).max(AVERAGED);
        let parts = Parts::new(field.contrast);
        Self { field, values, lines, firsts, shown, profiles, parts, normal: Normal::new(), behind, reach }
    }

    /// Every so many places of each line.
    fn every(&self, step: usize) -> impl Iterator<Item = Place> + '_ {
        let of_line = move |(line, of): (usize, &Line)| {
            (0..of.places.len()).step_by(step).map(move |index| Place { line, index })
        };
        self.lines.iter().enumerate().flat_map(of_line)
    }

    /// Values across the edge at a place.
    fn profile(&self, Place { line, index }: Place) -> Option<Profile> {
        let first = self.firsts[line];
        self.profiles[first + index].as_ref()?;
        let around = self.lines[line].around(index, AVERAGED);
        Profile::mean(around.filter_map(|at| self.profiles[first + at].as_ref()))
    }

    /// Pixels that tell of the edge at a place.
    fn shown(&self, Place { line, index }: Place) -> impl Iterator<Item = &Shown> + '_ {
        let first = self.firsts[line];
        self.lines[line].around(index, self.reach).flat_map(move |at| &self.shown[first + at])
    }

    /// What the pixels at a place absorb, by depth, where the level at half of the edge is so high.
    fn depths(&self, place: Place, half: f64) -> Depths {
        let mut depths = Depths::new();
        let pixels = self.parts.beside(density(2.0 * half, self.field.contrast.of_small_steps()));
        let value = |shown: &Shown| pixels.absorbed(f64::from(self.values[shown.at]));
        self.shown(place).for_each(|shown| depths.add(shown.depth_mm, value(shown)));
        depths
    }

    /// How a blur and pixels spread edges.
    fn spreads(&self, blur_mm: f64) -> Spreads {
        Spreads::of(blur_mm, self.field.spacing, &self.normal)
    }

    /// That of the edge at a place.
    fn across<'s>(&self, place: Place, spreads: &'s Spreads) -> &'s Spread {
        spreads.across(self.lines[place.line].normals[place.index])
    }

    fn edge(&self, place: Place, spread: &Spread) -> Option<Edge> {
        let profile = self.profile(place)?;
        let (offset, half) = profile.edge(spread.pixel_mm, self.behind)?;
        let fit = self.depths(place, half).edge(-offset, spread, self.behind);
        let (offset, level) = fit.map_or((offset, half), |fit| (-fit.depth_mm, profile.at(-fit.depth_mm)));
        let line = &self.lines[place.line];
        let (from, (x, y)) = (line.places[place.index], line.normals[place.index]);
        let place = DetectorPoint { x_mm: from.x_mm + offset * x, y_mm: from.y_mm + offset * y };
        Some(Edge { place, level, fit })
    }

    /// The blur that leaves the least of all edges, before pixels spread them too.
    fn blur_mm(&self) -> Option<f64> {
        let spreads = BLURS_MM.map(|blur_mm| self.spreads(blur_mm));
        let mut squares: Vec<[f64; BLURS_MM.len()]> = self
            .every(BLUR_EVERY)
            .filter_map(|place| {
                let pixel_mm = self.across(place, &spreads[0]).pixel_mm;
                let (offset, half) = self.profile(place)?.edge(pixel_mm, self.behind)?;
                let depths = self.depths(place, half);
                let mut left = [0.0; BLURS_MM.len()];
                for (left, spreads) in left.iter_mut().zip(&spreads) {
                    *left = depths.best(-offset, self.across(place, spreads), self.behind)?.squares;
                }
                Some(left)
            })
            .collect();
        let least = |left: &[f64; BLURS_MM.len()]| left.iter().copied().fold(f64::INFINITY, f64::min);
        let usual = median(&mut squares.iter().map(least).collect::<Vec<f64>>())?;
        squares.retain(|left| least(left) <= MOST_SQUARES * usual);
        if squares.len() < LEAST_EDGES {
            return None;
        }
        let totals: Vec<f64> =
            (0..BLURS_MM.len()).map(|index| squares.iter().map(|left| left[index]).sum()).collect();
        let best =
            (0..totals.len()).min_by(|a, b| totals[*a].total_cmp(&totals[*b]))?.clamp(1, totals.len() - 2);
        Some(lowest([best - 1, best, best + 1].map(|index| (BLURS_MM[index], totals[index]))))
    }

    /// What the pixels at a place, and at those after it that are not fitted, lost by the fitted edge, and what
    /// the slopes around them say that they lost.
    ///
    /// Pixels are asked where they lie: rows that run along an edge may all be filled alike.
    fn losses(&self, place: Place, fit: &EdgeFit, spread: &Spread, slopes: &Array2<f32>) -> (f64, f64) {
        let reach_mm = spread.reach_mm + SLOPE_MM;
        let first = self.firsts[place.line] + place.index;
        let count = FIT_EVERY.min(self.lines[place.line].places.len() - place.index);
        let own = self.shown[first..first + count].iter().flatten();
        let near = own.filter(|shown| (shown.depth_mm - fit.depth_mm).abs() < reach_mm);
        let contrast = self.field.contrast.of_small_steps();
        near.fold((0.0, 0.0), |(fitted, by_slopes), shown| {
            let there = fit.content(shown.depth_mm, contrast, spread);
            let lost = there - f64::from(self.values[shown.at]);
            (fitted + lost, by_slopes + f64::from(slopes[shown.at]))
        })
    }
}

/// Where a parabola through three points is lowest.
fn lowest([(a, of_a), (b, of_b), (c, of_c)]: [(f64, f64); 3]) -> f64 {
    let (left, right) = ((of_b - of_a) / (b - a), (of_c - of_b) / (c - b));
    let bend = (right - left) / (c - a);
    if bend > 0.0 { (f64::midpoint(a, b) - left / (2.0 * bend)).clamp(a, c) } else { b }
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
