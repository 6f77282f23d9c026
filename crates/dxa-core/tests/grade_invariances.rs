//! What must not change a grade: turning, moving, scaling or mirroring the image.

use std::collections::BTreeMap;

use dxa_core::geometry::DetectorPoint;
use dxa_core::grade::{Grader, Person};
use dxa_core::vertebra::{Level, SixPoints};
use proptest::prelude::*;

type Spine = BTreeMap<Level, SixPoints>;

fn at(x_mm: f64, y_mm: f64) -> DetectorPoint {
    DetectorPoint { x_mm, y_mm }
}

/// Bodies below each other whose points scatter by a fifth of the height; some levels are missing.
fn spines() -> impl Strategy<Value = Spine> {
    let body = proptest::array::uniform12(-3.0..3.0f64);
    proptest::collection::btree_map(0usize..14, body, 1..14).prop_map(|bodies| {
        let place = |(index, noise): (usize, [f64; 12])| {
            let top = 40.0 * index as f64;
            let corners = [(0.0, 0.0), (16.0, 1.0), (32.0, 0.0), (32.0, 23.0), (16.0, 22.0), (0.0, 25.0)];
            let mut points = corners.map(|(x, y)| at(x, top + y));
            for (point, noise) in points.iter_mut().zip(noise.chunks(2)) {
                *point = at(point.x_mm + noise[0], point.y_mm + noise[1]);
            }
            (Level::ALL[index], SixPoints::from_array(points))
        };
        bodies.into_iter().map(place).collect()
    })
}

fn changed(spine: &Spine, change: impl Fn(DetectorPoint) -> DetectorPoint) -> Spine {
    spine.iter().map(|(level, points)| (*level, points.map(&change))).collect()
}

/// Grades the two and compares everything but lengths.
fn assert_same(one: &Spine, other: &Spine, scale: f64) {
    let [one, other] = [one, other].map(|spine| Grader::bundled().grade(spine, Person::default()));
    for (level, found) in &one {
        let (Ok(a), Ok(b)) = (found, &other[level]) else {
            assert_eq!(found.as_ref().err(), other[level].as_ref().err());
            continue;
        };
        assert!((a.heights.middle * scale - b.heights.middle).abs() < 1e-6 * b.heights.middle);
        assert!((a.losses.largest() - b.losses.largest()).abs() < 3e-9);
        for (p, q) in a.probabilities.iter().zip(b.probabilities) {
            assert!((p - q).abs() < 1e-6, "{level}: {p} and {q}");
        }
        let far_from_limits = [0.2, 0.25, 0.4].iter().all(|limit| (a.losses.largest() - limit).abs() > 1e-8);
        if far_from_limits && (a.losses.anterior - a.losses.middle).abs() > 1e-8 {
            assert_eq!((a.grade, a.shape), (b.grade, b.shape), "{level}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn turning_and_moving_change_nothing(
        spine in spines(), turn in 0.0..6.3f64, x in -1e3..1e3f64, y in -1e3..1e3f64,
    ) {
        let (sine, cosine) = turn.sin_cos();
        let moved = changed(&spine, |p| at(cosine * p.x_mm - sine * p.y_mm + x, sine * p.x_mm + cosine * p.y_mm + y));
        assert_same(&spine, &moved, 1.0);
    }

    #[test]
    fn mirroring_and_scaling_change_nothing_but_lengths(spine in spines(), scale in 0.01..100.0f64) {
        let seen = changed(&spine, |p| at(-p.x_mm * scale, p.y_mm * scale));
        assert_same(&spine, &seen, scale);
    }

    /// No points, however wild, bring it down or out of the range of a probability.
    #[test]
    fn wild_points_are_refused_or_graded(
        points in proptest::collection::vec((0usize..14, proptest::array::uniform12(any::<f64>())), 0..14),
        small in proptest::collection::vec((0usize..14, proptest::array::uniform12(-2i8..3)), 0..14),
    ) {
        let small = small.into_iter().map(|(index, numbers)| (index, numbers.map(f64::from)));
        let spine: Spine = points.into_iter().chain(small).map(|(index, numbers)| {
            let point = |i: usize| at(numbers[2 * i], numbers[2 * i + 1]);
            (Level::ALL[index], SixPoints::from_array(std::array::from_fn(point)))
        }).collect();
        for found in Grader::bundled().grade(&spine, Person::default()).values().flatten() {
            let sum: f64 = found.probabilities.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            prop_assert!(found.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(found.grade <= 3);
        }
    }
}

#[test]
fn the_bundled_model_knows_every_level_it_was_fitted_on() {
    let normals = dxa_core::reference::vertebrae::VertebralNormals::bundled();
    let known: Vec<Level> = Level::ALL.into_iter().filter(|level| normals.knows(*level)).collect();
    assert_eq!((known.first(), known.last()), (Some(&Level::T4), Some(&Level::L4)));
    assert_eq!(dxa_core::reference::check_bundled(), Vec::<String>::new());
    let model = dxa_core::reference::vertebrae::FractureModel::bundled();
    assert!(model.severity.severe > model.severity.moderate && model.severity.slope > 0.0);
}
