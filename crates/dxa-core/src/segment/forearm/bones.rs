//! The two bones of the forearm, row by row from the elbow side toward the hand.

use crate::geometry::{DetectorPoint, Segment};
use crate::outline::{Landmark, LandmarkShape};
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::relief::Relief;
use crate::segment::limb::runs::{Run, runs};

/// Widths of radius and ulna between the elbow and the wrist.
const WIDTHS_MM: std::ops::Range<f64> = 5.0..28.0;
/// The bones must begin within this distance from the end of the image.
const START_MM: f64 = 12.0;
/// Two bones that run side by side for less than this are no forearm.
const LEAST_LENGTH_MM: f64 = 50.0;
/// An edge that jumps outward by more than this from one row to the next belongs to another bone.
const JUMP_MM: f64 = 2.0;
/// Runs narrower than this are no bone.
const LEAST_RUN_MM: f64 = 3.0;
/// So far from the tip of the ulna the joint between the two bones ends.
const JOINT_MM: f64 = 40.0;
/// Length at the wrist over which the wider bone is the radius.
const WRIST_MM: f64 = 25.0;

/// Radius and ulna in an image with the hand above.
#[derive(Clone, Debug)]
pub(super) struct Bones {
    /// From the elbow side upward.
    pub(super) radius: Vec<Run>,
    /// From the elbow side upward.
    pub(super) ulna: Vec<Run>,
}

impl Bones {
    /// The two bones that start side by side at the lower end; `None` where there are not two.
    pub(super) fn of(relief: &Relief) -> Option<Self> {
        let (start, left, right) = first_pair(&relief.excess)?;
        let mut bones = [vec![left], vec![right]];
        let mut open = [true, true];
        for row in (0..start).rev() {
            let found = runs(&relief.excess, row);
            let next = [0, 1].map(|bone| open[bone].then(|| following(&found, last(&bones[bone]))).flatten());
            let next = match next {
                [Some(a), Some(b)] if a == b => parted(&relief.level, a, &bones),
                next => next,
            };
            for bone in 0..2 {
                match next[bone].filter(|run| !jumps(last(&bones[bone]), run)) {
                    Some(run) => bones[bone].push(run),
                    None => open[bone] = false,
                }
            }
            if open == [false, false] {
                break;
            }
        }
        let [left, right] = bones;
        let length = |bone: &[Run]| bone[0].y_mm - last(bone).y_mm;
        if length(&left).min(length(&right)) < LEAST_LENGTH_MM {
            return None;
        }
        let left_is_radius = wrist_width(&left) > wrist_width(&right);
        Some(if left_is_radius {
            Self { radius: left, ulna: right }
        } else {
            Self { radius: right, ulna: left }
        })
    }

    /// The axes of radius and ulna over the rows that show them.
    pub(super) fn landmarks(&self, (radius, ulna): &(Frame, Frame)) -> Vec<Landmark> {
        let line = |name, axis: &Frame, bone: &[Run]| {
            let point = |y_mm| DetectorPoint { x_mm: axis.x_at(y_mm), y_mm };
            let shape = Segment { from: point(last(bone).y_mm), to: point(bone[0].y_mm) };
            Landmark { name, shape: LandmarkShape::Line(shape) }
        };
        vec![line("radius_axis", radius, &self.radius), line("ulna_axis", ulna, &self.ulna)]
    }

    /// The length over which both bones were followed.
    pub(super) fn common_mm(&self) -> f64 {
        self.radius[0].y_mm - last(&self.radius).y_mm.max(last(&self.ulna).y_mm)
    }

    /// Across the gap between the bones where it is narrowest, below the wrist that begins at a height.
    pub(super) fn narrowest_gap(&self, wrist_y_mm: f64) -> Segment {
        let gaps = self.radius.iter().zip(&self.ulna).map(|(radius, ulna)| {
            let (left, right) = if radius.middle() < ulna.middle() { (radius, ulna) } else { (ulna, radius) };
            let point = |x_mm| DetectorPoint { x_mm, y_mm: left.y_mm };
            Segment { from: point(left.right_mm), to: point(right.left_mm) }
        });
        let shaft = gaps.filter(|gap| gap.from.y_mm > wrist_y_mm + JOINT_MM);
        let narrowest = shaft.min_by(|a, b| (a.to.x_mm - a.from.x_mm).total_cmp(&(b.to.x_mm - b.from.x_mm)));
        let start = DetectorPoint { x_mm: self.radius[0].middle(), y_mm: self.radius[0].y_mm };
        narrowest.unwrap_or(Segment { from: start, to: start })
    }

    /// Halfway between the bones in each row that holds both, from the elbow side upward.
    pub(super) fn gap(&self) -> Vec<DetectorPoint> {
        let between = |(radius, ulna): (&Run, &Run)| {
            let x_mm = if radius.middle() < ulna.middle() {
                0.5 * (radius.right_mm + ulna.left_mm)
            } else {
                0.5 * (ulna.right_mm + radius.left_mm)
            };
            DetectorPoint { x_mm, y_mm: radius.y_mm }
        };
        self.radius.iter().zip(&self.ulna).map(between).collect()
    }
}

fn last(bone: &[Run]) -> &Run {
    &bone[bone.len() - 1]
}

/// The lowest row that shows exactly two bones.
fn first_pair(excess: &Grid) -> Option<(usize, Run, Run)> {
    let rows = excess.values.nrows();
    let reach = ((START_MM / excess.row_mm) as usize).min(rows);
    (rows - reach..rows).rev().find_map(|row| {
        let mut found = runs(excess, row);
        found.retain(|run| run.width() >= LEAST_RUN_MM);
        match found[..] {
            [left, right] if [left, right].iter().all(|run| WIDTHS_MM.contains(&run.width())) => {
                Some((row, left, right))
            }
            _ => None,
        }
    })
}

/// The run that goes on with a bone.
fn following(found: &[Run], bone: &Run) -> Option<Run> {
    let overlapping = found.iter().filter(|run| run.overlap(bone) > 0.0);
    overlapping.max_by(|a, b| a.overlap(bone).total_cmp(&b.overlap(bone))).copied()
}

/// One run that holds both bones, parted where the level between them is least.
fn parted(level: &Grid, run: Run, bones: &[Vec<Run>; 2]) -> [Option<Run>; 2] {
    const STEP_MM: f64 = 0.25;
    let (left, right) = (last(&bones[0]), last(&bones[1]));
    let from = left.right_mm.min(right.left_mm) - 2.0;
    let count = ((left.right_mm.max(right.left_mm) + 2.0 - from) / STEP_MM) as usize;
    let places = (0..=count).map(|index| from + index as f64 * STEP_MM);
    let value = |x_mm: f64| level.at(DetectorPoint { x_mm, y_mm: run.y_mm }).unwrap_or(f64::INFINITY);
    let cut = places.min_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(from);
    [Some(Run { right_mm: cut, ..run }), Some(Run { left_mm: cut, ..run })]
}

/// Whether a bone would grow at a side faster than any bone does.
fn jumps(before: &Run, here: &Run) -> bool {
    before.left_mm - here.left_mm > JUMP_MM || here.right_mm - before.right_mm > JUMP_MM
}

/// The greatest width near the hand.
fn wrist_width(bone: &[Run]) -> f64 {
    let end = last(bone).y_mm;
    bone.iter().filter(|run| run.y_mm - end < WRIST_MM).map(Run::width).fold(0.0, f64::max)
}
