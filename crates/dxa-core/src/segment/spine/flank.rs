//! What lies beside the spine: the iliac crest below, the lowest rib above.

use ndarray::Array2;

use super::column::quantile;
use super::raster::{Raster, STEP_MM};
use super::straight::{REACH_MM, Straight, offset_mm};

/// Squares that are averaged on each side of one, against noise.
const SMOOTH: usize = 2;
/// From the edge of the spine outward nothing is read: bone spurs and joints.
const CLEAR_MM: f64 = 6.0;
/// Brightness beside the spine that is bone, in brightness of vertebrae.
const BONE: f32 = 0.12;
/// Spreads of soft tissue that bone must exceed.
const SPREADS: f32 = 4.0;

/// The two sides of the spine with noise smoothed away.
pub(super) struct Flank<'s> {
    straight: &'s Straight,
    smooth: Array2<f32>,
    /// How far the image reaches to each side in each row.
    reach: [Vec<f64>; 2],
    half_mm: f64,
    soft: f32,
    spread: f32,
}

/// Side of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    Left,
    Right,
}

impl Beside {
    pub(super) const BOTH: [Self; 2] = [Self::Left, Self::Right];

    fn sign(self) -> f64 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

/// The upper border of the iliac crest on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crest {
    /// Row of its highest place.
    pub(super) row: f64,
    /// Offset of that place across the spine.
    pub(super) across_mm: f64,
    /// Whether it still rises where the image ends, so that the true crest is higher.
    pub(super) cut: bool,
}

/// A rib on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rib {
    /// Row at which it meets the edge of the spine; may lie above the image.
    pub(super) row: f64,
    /// Rows down for each millimeter outward, and for each squared.
    pub(super) slope: f64,
    /// Second-order part.
    pub(super) bend: f64,
    /// How far outward it was followed.
    pub(super) length_mm: f64,
}

impl<'s> Flank<'s> {
    /// Smooths, and measures the soft tissue.
    pub(super) fn of(straight: &'s Straight, raster: &Raster, half_mm: f64) -> Self {
        let reach = Beside::BOTH.map(|side| reach(straight, raster, side));
        let mut flank =
            Self { straight, smooth: smoothed(&straight.values), reach, half_mm, soft: 0.0, spread: 0.0 };
        let soft: Vec<f32> = flank.soft_samples();
        flank.soft = quantile(soft.iter().copied(), 0.4);
        flank.spread = (flank.soft - quantile(soft.iter().copied(), 0.1)) / 1.03;
        flank
    }

    /// How far the image reaches beyond the edge of the spine, at most rows of the upper part.
    pub(super) fn usual_reach_mm(&self, side: Beside) -> f64 {
        f64::from(quantile(self.reach[side as usize].iter().map(|reach| *reach as f32), 0.5)) - self.half_mm
    }

    fn soft_samples(&self) -> Vec<f32> {
        let rows = self.straight.rows() * 3 / 4;
        let mut samples = Vec::new();
        for side in Beside::BOTH {
            for row in (0..rows).step_by(4) {
                let mut away = self.half_mm + CLEAR_MM;
                while away < self.reach[side as usize][row].min(REACH_MM) - 1.0 {
                    samples.push(self.value(row as f64, side, away));
                    away += 2.0;
                }
            }
        }
        samples
    }

    fn value(&self, row: f64, side: Beside, away_mm: f64) -> f32 {
        let (rows, columns) = self.smooth.dim();
        let row = row.round().clamp(0.0, (rows - 1) as f64) as usize;
        let column = ((side.sign() * away_mm + REACH_MM) / STEP_MM).round().clamp(0.0, (columns - 1) as f64);
        self.smooth[(row, column as usize)]
    }

    fn inside(&self, row: f64, side: Beside, away_mm: f64) -> bool {
        row >= 0.0
            && (row as usize) < self.straight.rows()
            && away_mm <= self.reach[side as usize][row as usize]
    }

    fn bone(&self) -> f32 {
        self.soft + BONE.max(SPREADS * self.spread)
    }

    /// The iliac crest on one side: bone that fills the lower corner.
    pub(super) fn crest(&self, side: Beside) -> Option<Crest> {
        let mut tops: Vec<(f64, f64)> = Vec::new();
        let mut away = self.half_mm + CLEAR_MM + 2.0;
        while away < REACH_MM - 1.0 {
            if let Some(top) = self.run_from_below(side, away) {
                tops.push((top, away));
            }
            away += 1.0;
        }
        let farthest = self.reach[side as usize].iter().rev().take(CREST_ROWS).copied().fold(0.0, f64::max);
        let beyond = (self.half_mm + PROCESS_MM).min(farthest - CREST_BORDER_MM);
        let runs_out = tops.iter().any(|(_, away)| *away >= beyond);
        if tops.len() < CREST_COLUMNS || !runs_out {
            return None;
        }
        tops.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (row, across) = tops[tops.len() / 10];
        let outermost = tops.iter().map(|(_, away)| *away).fold(0.0, f64::max);
        let highest = tops.iter().take(3).map(|(_, away)| *away).fold(0.0, f64::max);
        Some(Crest { row, across_mm: side.sign() * across, cut: outermost - highest < CREST_BORDER_MM })
    }

    /// Top of the bone that stands on the lower border in one column.
    fn run_from_below(&self, side: Beside, away_mm: f64) -> Option<f64> {
        let rows = self.straight.rows();
        let lowest = rows.saturating_sub((CREST_CORNER_MM / STEP_MM) as usize);
        let last = (lowest..rows).rev().find(|row| self.inside(*row as f64, side, away_mm))?;
        let bone = self.bone();
        let mut top = None;
        let mut gap = 0.0;
        let mut filled = 0;
        for row in (0..=last).rev() {
            if !self.inside(row as f64, side, away_mm) {
                break;
            }
            if self.value(row as f64, side, away_mm) > bone {
                (top, gap) = (Some(row), 0.0);
                filled += 1;
            } else {
                gap += STEP_MM;
                let allowed = if top.is_none() { CREST_START_MM } else { CREST_GAP_MM };
                if gap > allowed {
                    break;
                }
            }
        }
        let top = top?;
        let tall = (last - top) as f64 * STEP_MM >= CREST_HEIGHT_MM;
        (tall && filled as f64 >= 0.5 * (last - top) as f64).then_some(top as f64)
    }

    /// The lowest rib on one side: a bright band that runs outward and down, longer than a transverse process.
    pub(super) fn lowest_rib(&self, side: Beside) -> Option<Rib> {
        let ridges = Ridges::of(self, side);
        let end = self.straight.rows() as f64 * RIB_LOWEST_SHARE;
        let mut found: Vec<(Rib, f32)> = Vec::new();
        let mut row = -RIB_ABOVE_MM / STEP_MM;
        while row < end {
            for slope in RIB_SLOPES {
                for bend in RIB_BENDS {
                    let rib = Rib { row, slope: slope / STEP_MM, bend: bend / STEP_MM, length_mm: 0.0 };
                    found.extend(ridges.followed(rib));
                }
            }
            row += 2.0;
        }
        let lowest = found.iter().map(|(rib, _)| rib.row).fold(f64::NEG_INFINITY, f64::max);
        let near = found.into_iter().filter(|(rib, _)| rib.row > lowest - RIB_CLUSTER_MM / STEP_MM);
        near.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(rib, _)| rib)
    }

    /// Brighter than what lies above and below.
    fn ridge(&self, row: usize, side: Beside, away_mm: f64) -> f32 {
        let at = |down_mm: f64| self.value(row as f64 + down_mm / STEP_MM, side, away_mm);
        (at(-1.0) + at(1.0)) / 2.0 - at(-8.0).max(at(8.0))
    }
}

/// How much each place beside the spine is a bright band, for the steps outward along which ribs are followed.
struct Ridges {
    /// Outward steps × rows; nothing outside of the image.
    bands: Vec<Vec<Option<f32>>>,
    floor: f32,
}

impl Ridges {
    fn of(flank: &Flank, side: Beside) -> Self {
        let band = |step: usize| {
            let away = flank.half_mm + outward_mm(step);
            let rows = 0..flank.straight.rows();
            rows.map(|row| {
                flank.inside(row as f64, side, away).then(|| flank.ridge(row, side, away).clamp(-0.1, 0.4))
            })
            .collect()
        };
        let steps = ((RIB_LENGTH_MM - CLEAR_MM) / RIB_STEP_MM) as usize + 1;
        Self { bands: (0..steps).map(band).collect(), floor: RIDGE.max(3.0 * flank.spread) }
    }

    /// A rib with its length and mean brightness, when it is bright nearly all along.
    fn followed(&self, rib: Rib) -> Option<(Rib, f32)> {
        let (mut seen, mut dark, mut sum, mut length) = (0usize, 0usize, 0.0f32, 0.0f64);
        let most_dark = (self.bands.len() as f64 * (1.0 - RIB_COVERAGE)) as usize;
        for (step, band) in self.bands.iter().enumerate() {
            let out = outward_mm(step);
            let row = rib.row + rib.slope * out + rib.bend * out * out;
            if row < 0.0 {
                continue;
            }
            let Some(Some(ridge)) = band.get(row as usize) else { continue };
            (seen, sum, length) = (seen + 1, sum + ridge, out);
            dark += usize::from(*ridge <= self.floor);
            if dark > most_dark {
                return None;
            }
        }
        let steep = (rib.slope + rib.bend * RIB_LENGTH_MM) * STEP_MM >= RIB_STEEP;
        let enough = if steep { RIB_SHORT_MM } else { RIB_LONG_MM };
        let bright = (seen - dark) as f64 >= RIB_COVERAGE * seen as f64;
        (seen >= RIB_SAMPLES && bright && length >= enough)
            .then(|| (Rib { length_mm: length, ..rib }, sum / seen as f32))
    }
}

/// Distance from the edge of the spine of a step outward.
fn outward_mm(step: usize) -> f64 {
    CLEAR_MM + step as f64 * RIB_STEP_MM
}

/// Columns of half-crest that make a crest.
const CREST_COLUMNS: usize = 6;
/// No transverse process reaches so far beyond the edge of the spine.
const PROCESS_MM: f64 = 32.0;
/// Rows above the lower border in which the reach of the image counts.
const CREST_ROWS: usize = 20;
/// Height from which bone on the lower border is the crest.
const CREST_HEIGHT_MM: f64 = 8.0;
/// Gap in it that is bridged.
const CREST_GAP_MM: f64 = 4.0;
/// How far above the lower border it may begin.
const CREST_START_MM: f64 = 12.0;
/// The lower border is looked for this far up, where the spine is tilted.
const CREST_CORNER_MM: f64 = 24.0;
/// A crest highest within this distance of the border may be higher beyond it.
const CREST_BORDER_MM: f64 = 3.0;

/// How far above the image a rib may begin.
const RIB_ABOVE_MM: f64 = 30.0;
/// Ribs begin in the upper part of the image.
const RIB_LOWEST_SHARE: f64 = 0.7;
/// Millimeters down for each outward.
const RIB_SLOPES: [f64; 9] = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.8, 1.0];
/// Its change for each millimeter.
const RIB_BENDS: [f64; 3] = [0.0, 0.003, 0.006];
/// How far outward a rib is followed.
const RIB_LENGTH_MM: f64 = 46.0;
/// Length that no transverse process has.
const RIB_LONG_MM: f64 = 33.0;
/// Length that is enough of a steep band.
const RIB_SHORT_MM: f64 = 22.0;
/// Share of its way on which a rib is bright.
const RIB_COVERAGE: f64 = 0.85;
/// Places at which it must be seen.
const RIB_SAMPLES: usize = 8;
/// Between two of them.
const RIB_STEP_MM: f64 = 2.0;
/// A band this steep, in millimeters down for each outward, is no transverse process.
const RIB_STEEP: f64 = 0.5;
/// Bands that begin this close together are one rib.
const RIB_CLUSTER_MM: f64 = 8.0;
/// Brightness of a rib over its surroundings, in brightness of vertebrae.
const RIDGE: f32 = 0.06;

/// How far from the middle the image goes on in each row.
fn reach(straight: &Straight, raster: &Raster, side: Beside) -> Vec<f64> {
    let columns = straight.values.ncols();
    let row_reach = |row: usize| {
        (0..=columns / 2)
            .map(|step| step as f64 * STEP_MM)
            .take_while(|away| {
                let point = straight.column.point(row as f64, side.sign() * away);
                raster.holds(point.x_mm, point.y_mm)
            })
            .last()
            .unwrap_or(0.0)
    };
    debug_assert!((offset_mm(columns - 1) - REACH_MM).abs() < STEP_MM);
    (0..straight.rows()).map(row_reach).collect()
}

/// Mean over a small square, first along rows, then along columns.
fn smoothed(values: &Array2<f32>) -> Array2<f32> {
    let mut across = values.clone();
    for (from, mut to) in values.rows().into_iter().zip(across.rows_mut()) {
        for at in SMOOTH..from.len().saturating_sub(SMOOTH) {
            to[at] =
                (at - SMOOTH..=at + SMOOTH).map(|column| from[column]).sum::<f32>() / (2 * SMOOTH + 1) as f32;
        }
    }
    let rows = values.nrows();
    let mut smooth = Array2::zeros(values.dim());
    for row in 0..rows {
        let (first, last) = (row.saturating_sub(SMOOTH), (row + SMOOTH).min(rows - 1));
        for from in first..=last {
            smooth.row_mut(row).scaled_add(1.0 / (last - first + 1) as f32, &across.row(from));
        }
    }
    smooth
}
