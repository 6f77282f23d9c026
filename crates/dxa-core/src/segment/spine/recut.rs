//! Vertebrae cut anew where a user moved the lines of discs.

use super::discs::Disc;
use super::levels::Naming;
use super::raster::STEP_MM;
use super::straight::Straight;
use super::{Spine, Subject, refused};
use crate::field::Field;
use crate::findings::{Refusal, RefusalCode};
use crate::geometry::{DetectorPoint, Segment};
use crate::outline::Outlines;

/// The discs that bound L1 to L4, from above.
pub const CUTS: [&str; 5] = ["disc_t12_l1", "disc_l1_l2", "disc_l2_l3", "disc_l3_l4", "disc_l4_l5"];

/// Finds the vertebrae as [`find`](super::find) does, with discs where a user drew them.
///
/// # Errors
/// As `find`; a line that does not run across the spine, or lines that are not one below the other.
pub fn find_with(
    field: &Field,
    subject: Subject,
    lines: &[(&'static str, Segment)],
) -> Result<Outlines, Refusal> {
    let mut spine = Spine::of(field, subject)?;
    let mut naming = Naming::of(&spine.signs());
    for (name, line) in lines {
        let place = (0..).zip(CUTS).find(|(_, cut)| cut == name).map_or(0, |(place, _)| place);
        spine.put(&mut naming, place, line)?;
    }
    if !spine.discs.is_sorted_by(|upper, lower| upper.row + LEAST_MM / STEP_MM < lower.row) {
        return Err(refused(RefusalCode::NotEvaluable, "The lines of discs are not one below the other"));
    }
    let bone = spine.bone(field, subject)?;
    Ok(spine.outlines(&bone, &naming))
}

/// No vertebra is lower.
const LEAST_MM: f64 = 5.0;
/// Half the distance between endplates of a disc that was not found.
const USUAL_HALF_MM: f64 = 3.5;
/// A line across the spine is at least this long and at most this steep.
const ACROSS_MM: f64 = 5.0;
const STEEPEST: f64 = 1.0;

impl Spine {
    /// Puts the disc at a place below T12/L1 where a user drew it; a new one only above or below all others.
    fn put(&mut self, naming: &mut Naming, place: i32, line: &Segment) -> Result<(), Refusal> {
        let mut disc = disc(&self.straight, line)?;
        match usize::try_from(naming.t12_l1 + place) {
            Ok(index) if index < self.discs.len() => {
                disc.half_mm = self.discs[index].half_mm;
                self.discs[index] = disc;
            }
            Ok(index) if index == self.discs.len() => self.discs.push(disc),
            Err(_) if naming.t12_l1 + place == -1 => {
                self.discs.insert(0, disc);
                naming.t12_l1 += 1;
            }
            _ => return Err(refused(RefusalCode::NotEvaluable, "A disc between was not found")),
        }
        Ok(())
    }
}

/// A line of the image as a disc of the straightened one.
fn disc(straight: &Straight, line: &Segment) -> Result<Disc, Refusal> {
    let ((row, across), (other_row, other_across)) = (place(straight, line.from), place(straight, line.to));
    let slant = (other_row - row) * STEP_MM / (other_across - across);
    if (other_across - across).abs() < ACROSS_MM || slant.is_nan() || slant.abs() > STEEPEST {
        return Err(refused(RefusalCode::NotEvaluable, "A line of a disc does not run across the spine"));
    }
    Ok(Disc { row: row - across * slant / STEP_MM, slant, half_mm: USUAL_HALF_MM, depth: 1.0 })
}

/// Row and distance across the spine of a point: the way back from the straightened image, step by step.
fn place(straight: &Straight, point: DetectorPoint) -> (f64, f64) {
    let column = &straight.column;
    let last = (straight.rows() - 1) as f64;
    let (mut row, mut across) = (point.y_mm / STEP_MM, 0.0);
    for _ in 0..STEPS_BACK {
        let at = column.point(row, across);
        let slope = column.slope.get(row.clamp(0.0, last) as usize).copied().unwrap_or(0.0);
        let length = slope.hypot(1.0);
        let (x, y) = (point.x_mm - at.x_mm, point.y_mm - at.y_mm);
        row += (x * slope + y) / length / STEP_MM;
        across += (x - y * slope) / length;
    }
    (row, across)
}

/// The spine bends little, so that each step leaves a small part of the distance.
const STEPS_BACK: usize = 12;
