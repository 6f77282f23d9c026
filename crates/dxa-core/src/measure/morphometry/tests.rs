//! Angles and depressions of bodies drawn by hand, and what turning an image must not change.

use std::collections::BTreeMap;

use super::*;
use crate::vertebra::Level;

fn at(x_mm: f64, y_mm: f64) -> DetectorPoint {
    DetectorPoint { x_mm, y_mm }
}

/// A body 30 wide and `height` high at the back whose endplates each tilt by `tilt` degrees toward the other
/// in front; the middle of its posterior wall lies at (0, y).
fn wedge(y: f64, height: f64, tilt: f64) -> SixPoints {
    let drop = 30.0 * tilt.to_radians().tan();
    let (top, bottom) = (y - height / 2.0, y + height / 2.0);
    SixPoints::from_array([
        at(0.0, top),
        at(15.0, top + drop / 2.0),
        at(30.0, top + drop),
        at(30.0, bottom - drop),
        at(15.0, bottom - drop / 2.0),
        at(0.0, bottom),
    ])
}

fn mirrored(points: SixPoints) -> SixPoints {
    points.map(|point| at(-point.x_mm, point.y_mm))
}

fn turned(points: SixPoints, degrees: f64) -> SixPoints {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    points.map(|p| at(cosine * p.x_mm - sine * p.y_mm, sine * p.x_mm + cosine * p.y_mm))
}

#[test]
fn a_wedge_has_the_angle_it_was_drawn_with_however_it_is_turned() {
    let body = wedge(100.0, 25.0, 4.0);
    for turn in [0.0, 33.0, 90.0, 179.0, 270.0] {
        for seen in [turned(body, turn), mirrored(turned(body, turn))] {
            assert!((vertebral_angle_deg(&seen) - 8.0).abs() < 1e-9);
        }
    }
    assert!((vertebral_angle_deg(&wedge(0.0, 25.0, -3.0)) + 6.0).abs() < 1e-9);
}

#[test]
fn kyphosis_adds_up_over_the_levels_it_names() {
    // Every body is turned 5 degrees further forward than the one above it, and is itself a block.
    let body = |index: usize| turned(wedge(0.0, 20.0, 0.0), -5.0 * index as f64);
    let mut spine: BTreeMap<Level, SixPoints> =
        Level::ALL.into_iter().map(|level| (level, body(level.index()))).collect();
    let all = kyphosis_deg(&spine).unwrap();
    assert_eq!((all.upper, all.lower), (Level::T4, Level::T12));
    assert!((all.degrees - 40.0).abs() < 1e-9, "{}", all.degrees);
    assert!((local_kyphosis_deg(&spine, Level::T12).unwrap().degrees - 10.0).abs() < 1e-9);
    assert!((cobb_angle_deg(&spine, Level::L1, Level::L5).unwrap().degrees - 20.0).abs() < 1e-9);
    assert_eq!(cobb_angle_deg(&spine, Level::L5, Level::L1), None);
    spine.remove(&Level::T4);
    let fewer = kyphosis_deg(&spine).unwrap();
    assert_eq!((fewer.upper, fewer.lower), (Level::T5, Level::T12));
    spine.retain(|level, _| *level > Level::T9);
    assert_eq!(kyphosis_deg(&spine), None);
    assert_eq!(local_kyphosis_deg(&spine, Level::T10), None);
}

#[test]
fn depressions_do_not_depend_on_how_the_image_lies() {
    let mut body = wedge(0.0, 25.0, 0.0);
    body.ms.y_mm += 3.0;
    body.mi.y_mm += 1.0;
    for turn in [0.0, 77.0, 200.0] {
        for seen in [turned(body, turn), mirrored(turned(body, turn))] {
            let found = endplate_depression(&seen).unwrap();
            assert!((found.superior - 3.0).abs() < 1e-9 && (found.inferior + 1.0).abs() < 1e-9);
            assert!((found.deepest_part() - 0.1).abs() < 1e-9);
        }
    }
}

#[test]
fn what_is_no_body_is_refused_with_its_reason() {
    let body = wedge(0.0, 25.0, 2.0);
    let check = |change: fn(&mut SixPoints), why: NotMeasurable| {
        let mut wrong = body;
        change(&mut wrong);
        assert_eq!(heights(&wrong), Err(why));
    };
    assert!(heights(&body).is_ok());
    check(|b| b.mi.x_mm = f64::NAN, NotMeasurable::CoordinateImpossible);
    check(|b| b.ps.y_mm = f64::INFINITY, NotMeasurable::CoordinateImpossible);
    check(|b| b.ps.y_mm = 1e9, NotMeasurable::CoordinateImpossible);
    check(|b| b.mi = b.ms, NotMeasurable::HeightZero);
    check(|b| *b = b.map(|_| at(1.0, 1.0)), NotMeasurable::HeightZero);
    check(|b| std::mem::swap(&mut b.ps, &mut b.pi), NotMeasurable::PointsCrossed);
    check(|b| std::mem::swap(&mut b.ms, &mut b.mi), NotMeasurable::PointsCrossed);
    check(|b| std::mem::swap(&mut b.ai, &mut b.pi), NotMeasurable::PointsCrossed);
}
