//! Genant's rule worked by hand, and the path from points to probability on drawn spines.

use std::collections::BTreeMap;

use super::*;
use crate::geometry::{Covariance, DetectorPoint};
use crate::reference::vertebrae::{Term, VertebralMeasure};

/// A body whose anterior, middle and posterior heights are these, 30 deep, its top at y.
fn body(y: f64, [anterior, middle, posterior]: [f64; 3]) -> SixPoints {
    let at = |x_mm: f64, y_mm: f64| DetectorPoint { x_mm, y_mm };
    SixPoints::from_array([
        at(0.0, y),
        at(15.0, y),
        at(30.0, y),
        at(30.0, y + anterior),
        at(15.0, y + middle),
        at(0.0, y + posterior),
    ])
}

fn mean(measure: VertebralMeasure, level: Level) -> f64 {
    VertebralNormals::bundled().get(measure, level, None).unwrap().mean
}

/// A spine of average bodies, T4 to L4, with some of them changed by factors on their heights.
fn spine(changes: &[(Level, [f64; 3])]) -> BTreeMap<Level, SixPoints> {
    let levels = Level::ALL.into_iter().filter(|level| *level != Level::L5);
    levels
        .map(|level| {
            let posterior = 25.0 * mean(VertebralMeasure::PosteriorHeight, level);
            let mut heights = [
                posterior * mean(VertebralMeasure::AnteriorToPosterior, level),
                posterior * mean(VertebralMeasure::MiddleToPosterior, level),
                posterior,
            ];
            let change = changes.iter().find(|(of, _)| *of == level).map_or([1.0; 3], |(_, change)| *change);
            heights.iter_mut().zip(change).for_each(|(height, factor)| *height *= factor);
            (level, body(40.0 * level.index() as f64, heights))
        })
        .collect()
}

fn graded(changes: &[(Level, [f64; 3])]) -> BTreeMap<Level, GradedVertebra> {
    let graded = Grader::bundled().grade(&spine(changes), Person::default());
    graded.into_iter().map(|(level, found)| (level, found.unwrap())).collect()
}

/// Heights whose quotients are not exact in binary: the rounding of the contract decides.
#[test]
fn grades_change_exactly_at_their_limits() {
    let cases = [
        ([0.8, 1.0, 1.0], 1, Shape::Wedge),
        ([2.41 * 0.8, 2.41, 2.41], 1, Shape::Wedge),
        ([0.800_001, 1.0, 1.0], 0, Shape::None),
        ([1.0, 0.75, 1.0], 2, Shape::Biconcave),
        ([1.0, 0.750_001, 1.0], 1, Shape::Biconcave),
        ([3.3 * 0.6, 3.3, 3.3], 2, Shape::Wedge),
        ([0.599_999, 1.0, 1.0], 3, Shape::Wedge),
        ([7.1 * 0.7, 7.1 * 0.7, 7.1], 2, Shape::Wedge),
        ([0.75, 0.7, 1.0], 2, Shape::Biconcave),
    ];
    for ([anterior, middle, posterior], grade, shape) in cases {
        let found = losses(&Heights { anterior, middle, posterior }, None);
        assert_eq!((grade_of(found.largest()), shape_of(&found)), (grade, shape), "{found:?}");
    }
}

/// Against an expected height of 20: posterior 16 is a crush, 16.1 is not.
#[test]
fn a_crush_is_measured_against_the_expected_height() {
    let at = |anterior, middle, posterior| losses(&Heights { anterior, middle, posterior }, Some(20.0));
    let crush = at(15.0, 14.0, 16.0);
    assert_eq!((crush.anterior, crush.middle, crush.posterior), (0.25, 0.3, Some(0.2)));
    assert_eq!((grade_of(crush.largest()), shape_of(&crush)), (2, Shape::Crush));
    let none = at(15.0, 14.0, 16.1);
    assert!((none.anterior - (1.0 - 15.0 / 16.1)).abs() < 1e-9 && none.posterior == Some(0.195));
    assert_eq!(shape_of(&none), Shape::None);
    assert!((none.largest() - 0.195).abs() < 1e-12);
    assert_eq!(shape_of(&at(21.0, 20.0, 15.0)), Shape::Crush);
}

/// Levels T9, T10, T12 and L1 at 1.00, 1.02, 0.98 and 1.04 times the profile; the 65th percentile lies 0.95
/// of the way from the second to the third: 1.00 + 0.95 · 0.02.
#[test]
fn the_expected_height_is_the_percentile_of_the_others() {
    let normals = VertebralNormals::bundled();
    let profile = |level| 25.0 * mean(VertebralMeasure::PosteriorHeight, level);
    let of = |level, factor| {
        let posterior = factor * profile(level);
        (level, Heights { anterior: 1.0, middle: 1.0, posterior })
    };
    let mut spine = SpineHeights::from([
        of(Level::T9, 1.0),
        of(Level::T10, 1.02),
        of(Level::T11, 0.7),
        of(Level::T12, 0.98),
        of(Level::L1, 1.04),
        (Level::L5, Heights { anterior: 1.0, middle: 1.0, posterior: 90.0 }),
    ]);
    let expected = expected_posterior(&spine, Level::T11, normals).unwrap();
    assert!((expected - 1.019 * profile(Level::T11)).abs() < 1e-9, "{expected}");
    assert_eq!(expected_posterior(&spine, Level::T4, normals), None, "T9 is five away");
    assert_eq!(expected_posterior(&spine, Level::L5, normals), None, "L5 has no profile");
    spine.remove(&Level::T12);
    assert!(expected_posterior(&spine, Level::T11, normals).is_some(), "three others suffice");
    spine.remove(&Level::L1);
    assert_eq!(expected_posterior(&spine, Level::T11, normals), None, "two do not");
}

#[test]
fn an_average_spine_is_whole_and_a_broken_vertebra_is_told() {
    for (level, found) in graded(&[]) {
        assert_eq!((found.grade, found.shape), (0, Shape::None), "{level}");
        assert!(found.probabilities[0] > 0.99, "{level}: {:?}", found.probabilities);
    }
    let broken = graded(&[(Level::T12, [0.6, 0.8, 0.97])]);
    let found = &broken[&Level::T12];
    assert_eq!((found.grade, found.shape), (3, Shape::Wedge));
    assert!(found.probabilities[0] < 0.1, "{:?}", found.probabilities);
    assert!(found.flags.contains(&"single_level_step"));
    assert_eq!((found.criteria.eastell, found.criteria.mccloskey), (Some(2), Some(true)));
    assert_eq!(
        broken[&Level::L1].criteria,
        QuantitativeCriteria { eastell: Some(0), mccloskey: Some(false) }
    );
    // A broken neighbor makes a vertebra suspect, and nothing else of it changes.
    assert!(broken[&Level::T6].probabilities[0] < graded(&[])[&Level::T6].probabilities[0]);
    assert_eq!(broken[&Level::T6].grade, 0);
    let crushed = &graded(&[(Level::L2, [0.7, 0.7, 0.7])])[&Level::L2];
    assert_eq!((crushed.grade, crushed.shape), (2, Shape::Crush));
    assert!((crushed.losses.posterior.unwrap() - 0.3).abs() < 1e-9);
}

#[test]
fn probabilities_sum_to_one_and_rise_with_the_loss() {
    let mut before = 0.0;
    for step in 0..40 {
        let factor = 1.0 - 0.01 * f64::from(step);
        let found = &graded(&[(Level::T8, [factor, (1.0 + factor) / 2.0, 1.0])])[&Level::T8];
        let [p0, p1, p2, p3] = found.probabilities;
        assert!((p0 + p1 + p2 + p3 - 1.0).abs() < 1e-12);
        assert!(found.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!(1.0 - p0 >= before - 1e-12, "{factor}");
        before = 1.0 - p0;
    }
    assert!(before > 0.5);
}

#[test]
fn the_explanation_adds_up_to_the_probability() {
    let found = &graded(&[(Level::T8, [0.8, 0.9, 1.0])])[&Level::T8];
    let contributions: Vec<_> = FractureModel::bundled().contributions(&found.evidence).collect();
    let log_odds: f64 = contributions.iter().map(|contribution| contribution.log_odds).sum();
    assert!((1.0 / (1.0 + (-log_odds).exp()) - (1.0 - found.probabilities[0])).abs() < 1e-12);
    let wedge = contributions.iter().find(|contribution| contribution.term == Term::Wedge).unwrap();
    let normal = VertebralNormals::bundled().get(VertebralMeasure::AnteriorToPosterior, Level::T8, None);
    let normal = normal.unwrap();
    assert!((wedge.value - 0.2 * normal.mean / normal.sd).abs() < 1e-9);
}

#[test]
fn age_and_other_levels_count_only_where_they_are_known() {
    let spine = spine(&[(Level::T8, [0.78, 0.95, 1.0])]);
    let fracture = |age: f64| {
        let person = Person { sex: None, age: Years::new(age) };
        1.0 - Grader::bundled().grade(&spine, person)[&Level::T8].as_ref().unwrap().probabilities[0]
    };
    assert!(fracture(80.0) > fracture(50.0));
    assert!((fracture(20.0) - fracture(40.0)).abs() < 1e-12, "younger than anybody the model saw");
    let alone = BTreeMap::from([(Level::L5, body(0.0, [18.0, 22.0, 25.0]))]);
    let found = Grader::bundled().grade(&alone, Person::default());
    let found = found[&Level::L5].as_ref().unwrap();
    assert_eq!((found.grade, found.losses.posterior), (2, None));
    assert_eq!(found.flags, ["no_level_normals"]);
    assert!((found.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn three_adjacent_mild_wedges_are_flagged_and_stay_graded() {
    let mild = [0.87, 0.98, 1.0];
    let found = graded(&[(Level::T7, mild), (Level::T8, mild), (Level::T9, mild)]);
    let wedged: Vec<_> = [Level::T7, Level::T8, Level::T9].map(|level| found[&level].grade).into();
    assert!(wedged.iter().all(|grade| *grade <= 1) && wedged.contains(&1), "{wedged:?}");
    for level in [Level::T7, Level::T8, Level::T9] {
        let flags = &found[&level].flags;
        assert_eq!(flags.contains(&"multi_level_mild_wedge"), found[&level].grade > 0, "{flags:?}");
        assert!(!flags.contains(&"single_level_step"));
    }
}

#[test]
fn a_short_vertebra_with_flat_endplates_is_flagged_and_a_depressed_one_is_not() {
    let mut spine = spine(&[(Level::L1, [0.75, 0.85, 1.0])]);
    let flags = |spine: &BTreeMap<Level, SixPoints>| {
        Grader::bundled().grade(spine, Person::default())[&Level::L1].as_ref().unwrap().flags.clone()
    };
    let chord = spine[&Level::L1];
    let flat =
        SixPoints { mi: DetectorPoint { y_mm: (chord.ai.y_mm + chord.pi.y_mm) / 2.0, ..chord.mi }, ..chord };
    spine.insert(Level::L1, flat);
    assert!(flags(&spine).contains(&"short_vertebra_no_endplate_depression"));
    let deep = SixPoints { ms: DetectorPoint { y_mm: flat.ms.y_mm + 6.0, ..flat.ms }, ..flat };
    spine.insert(Level::L1, deep);
    assert!(!flags(&spine).contains(&"short_vertebra_no_endplate_depression"));
}

#[test]
fn a_spine_sums_up_without_what_could_not_be_evaluated() {
    let mut points = spine(&[(Level::T12, [0.7, 0.9, 1.0]), (Level::L2, [0.75, 0.9, 1.0])]);
    let wrong = points[&Level::T5];
    points.insert(Level::T5, SixPoints { ps: wrong.pi, pi: wrong.ps, ..wrong });
    points.insert(Level::L5, body(600.0, [10.0, 22.0, 25.0]));
    let graded = Grader::bundled().grade(&points, Person::default());
    let summary = summarize(&graded);
    let grade = |level| u32::from(graded[&level].as_ref().unwrap().grade);
    assert_eq!(graded[&Level::T5], Err(NotMeasurable::PointsCrossed));
    assert_eq!(summary.deformity_index, Some(grade(Level::T12) + grade(Level::L2)), "L5 does not count");
    assert!(!summary.levels_evaluated.contains(&Level::T5) && summary.levels_evaluated.len() == 13);
    assert_eq!(summary.kyphosis.map(|angle| (angle.upper, angle.lower)), Some((Level::T4, Level::T12)));
    assert_eq!(summarize(&GradedSpine::new()).deformity_index, None);
}

#[test]
fn a_prior_tells_new_from_worse_and_what_was_won_back() {
    let grade = |changes: &[(Level, [f64; 3])]| Grader::bundled().grade(&spine(changes), Person::default());
    let before = grade(&[(Level::T12, [0.8, 0.95, 1.0])]);
    let mut now = grade(&[(Level::T12, [0.6, 0.95, 1.0]), (Level::L1, [0.7, 0.9, 1.0])]);
    now.insert(Level::T4, Err(NotMeasurable::HeightZero));
    let changes = compare(&before, &now);
    let change = |level: Level| changes[&level].change.code();
    assert_eq!(
        ["worse", "new_fracture", "same", "not_comparable"],
        [change(Level::T12), change(Level::L1), change(Level::L2), change(Level::T4)]
    );
    assert!(changes[&Level::L1].new_fracture_probability.unwrap() > 0.5);
    // Reversed, the later image is the treated one: 0.2 of the anterior height is won.
    let won = height_recovery(&now, &before, Level::T12).unwrap();
    let anterior = before[&Level::T12].as_ref().unwrap().heights.anterior;
    assert!((won.anterior_mm - anterior * 0.25).abs() < 1e-9, "0.2 of 0.8");
    assert!(won.vertebral_angle_deg < -5.0 && won.posterior_mm.abs() < 1e-9);
    assert_eq!(height_recovery(&now, &before, Level::T4), None);
}

/// With only the anterior inferior corner uncertain and the loss on the limit, either side is as likely.
#[test]
fn a_loss_on_a_limit_is_a_coin_toss() {
    let points = body(0.0, [20.0, 24.0, 25.0]);
    let exact = SixPoints::from_array([Covariance::default(); 6]);
    let unsure = SixPoints { ai: Covariance::isotropic(0.1), ..exact };
    let heights = heights(&points).unwrap();
    let found = grade_uncertainty(&points, &unsure, &heights, None);
    assert!((found.probabilities[0] - 0.5).abs() < 1e-9 && (found.probabilities[1] - 0.5).abs() < 1e-9);
    assert!(found.borderline);
    // 1 mm of anterior height is 4 % of the posterior: grade 2 from 1.25 mm less, 12.5 SD away.
    assert!(found.probabilities[2] < 1e-9);
    let sure = grade_uncertainty(&points, &exact, &heights, None);
    assert_eq!((sure.probabilities[1], sure.borderline), (1.0, false));
}

/// Anterior and posterior corners uncertain: 1 − A/P < 0.2 is 0.8·P − A < 0, normal with variance
/// 0.64·2·σ² + 2·σ²; at A = 20.5, P = 25 and σ = 0.5 that is Φ(0.5 / √(0.82)) = Φ(0.5522) = 0.70958.
#[test]
fn uncertain_walls_give_the_probability_worked_by_hand() {
    let points = body(0.0, [20.5, 30.0, 25.0]);
    let every = SixPoints::from_array([Covariance::isotropic(0.5); 6]);
    let found = grade_uncertainty(&points, &every, &heights(&points).unwrap(), None);
    assert!((found.probabilities[0] - 0.709_58).abs() < 1e-4, "{found:?}");
    assert!((found.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}
