//! Which points a level has, and whether what shows decides that it has a fracture.

use std::collections::BTreeMap;

use crate::geometry::{Covariance, ImagePoint};
use crate::grade::{GradedSpine, Grader, Person, grade_uncertainty};
use crate::segment::vertebrae::{FoundSpine, NotEvaluable};
use crate::study::PixelSpacing;
use crate::vertebra::{Level, SixPoints};

/// Most that the chance of no fracture may be where one is called: as that of another grade for a grade that is
/// not borderline.
const DOUBTED_FROM: f64 = 0.2;

/// Grades a level twice: as its points are if bodies are like their neighbors, and as they are if each may be
/// pressed. Where both show no fracture the first stand; where both show one, and plainly, the second. Else what
/// shows does not decide, and a reader has to.
pub(super) fn decide(mut found: FoundSpine, spacing: PixelSpacing) -> FoundSpine {
    let seen = || found.vertebrae.iter().filter(|one| one.not_evaluable.is_none());
    let sound = Graded::of(seen().map(|one| (one.level, (one.points, one.covariances))).collect(), spacing);
    let pressed = seen().map(|one| (one.level, (one.points_if_pressed, one.covariances_if_pressed)));
    let pressed = Graded::of(pressed.collect(), spacing);
    for one in &mut found.vertebrae {
        let (Some(sound), Some(pressed)) = (sound.of_level(one.level), pressed.of_level(one.level)) else {
            continue;
        };
        match (sound.0 > 0, pressed.0 > 0) {
            (false, false) => {}
            (true, true) if sound.1.max(pressed.1) <= DOUBTED_FROM => {
                one.points = one.points_if_pressed;
                one.covariances = one.covariances_if_pressed;
            }
            _ => one.not_evaluable = Some(NotEvaluable::Undecided),
        }
    }
    found
}

type Points = BTreeMap<Level, (SixPoints<ImagePoint>, SixPoints<Covariance>)>;

/// A spine with one set of points.
struct Graded {
    covariances: BTreeMap<Level, SixPoints<Covariance>>,
    grades: GradedSpine,
}

impl Graded {
    fn of(points: Points, spacing: PixelSpacing) -> Self {
        let mm =
            points.iter().map(|(level, (points, _))| (*level, points.map(|one| one.to_detector(spacing))));
        Self {
            // The rule asks for no person.
            grades: Grader::bundled().grade(&mm.collect(), Person::default()),
            covariances: points.into_iter().map(|(level, (_, covariances))| (level, covariances)).collect(),
        }
    }

    /// The grade of a level and the chance that it has no fracture.
    fn of_level(&self, level: Level) -> Option<(u8, f64)> {
        let one = self.grades.get(&level)?.as_ref().ok()?;
        let covariances = self.covariances.get(&level)?;
        let sure = grade_uncertainty(&one.points, covariances, &one.heights, one.expected_posterior);
        Some((one.grade, sure.probabilities[0]))
    }
}
