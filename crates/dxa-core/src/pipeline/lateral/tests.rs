//! Corrections of vertebrae, doubts, and what is graded.

use super::*;
use crate::corrections::CorrectedVertebra;
use crate::geometry::Covariance;
use crate::segment::vertebrae::{FoundVertebra, NotEvaluable};

const SPACING: PixelSpacing = PixelSpacing { row_mm: 0.5, column_mm: 0.5 };

fn point(x: f64, y: f64) -> ImagePoint {
    ImagePoint { x, y }
}

/// A body 60 pixels deep and 50 high behind, in front as high as given.
fn body(at: usize, anterior: f64) -> SixPoints<ImagePoint> {
    let y = 100.0 + 70.0 * at as f64;
    let drop = 50.0 - anterior;
    SixPoints::from_array([
        point(100.0, y),
        point(130.0, y + 0.5 * drop + 1.0),
        point(160.0, y + drop),
        point(160.0, y + 50.0),
        point(130.0, y + 49.0),
        point(100.0, y + 50.0),
    ])
}

/// T10 to L4; heights in front by level.
fn spine(anterior: [f64; 7], margin: f64) -> FoundSpine {
    let levels = [Level::T10, Level::T11, Level::T12, Level::L1, Level::L2, Level::L3, Level::L4];
    let covariances = SixPoints::from_array([Covariance { xx: 0.04, xy: 0.0, yy: 0.04 }; 6]);
    let vertebra = |(at, (level, anterior)): (usize, (&Level, f64))| FoundVertebra {
        level: *level,
        points: body(at, anterior),
        covariances,
        points_if_pressed: body(at, anterior),
        covariances_if_pressed: covariances,
        not_evaluable: None,
        quality: 0.9,
        flags: Vec::new(),
    };
    FoundSpine {
        vertebrae: levels.iter().zip(anterior).enumerate().map(vertebra).collect(),
        facing: Facing::Right,
        alternative_shift: -1,
        level_margin: margin,
        level_evidence: Vec::new(),
        flags: Vec::new(),
    }
}

fn healthy() -> FoundSpine {
    spine([50.0; 7], 9.0)
}

fn finished(found: &FoundSpine, said: &ScanCorrections) -> (LateralSpine, Vec<&'static str>) {
    let read = finish(0, found, SPACING, Person::default(), said);
    (read.spine.unwrap(), read.findings.iter().map(|finding| finding.code).collect())
}

fn wanted(level: Level) -> CorrectedVertebra {
    CorrectedVertebra { level, points: None, evaluable: None, confirmed: false, fracture: None }
}

fn saying(vertebra: CorrectedVertebra) -> ScanCorrections {
    ScanCorrections { vertebrae: vec![vertebra], ..ScanCorrections::default() }
}

#[test]
fn a_clear_healthy_spine_raises_no_doubt() {
    let (spine, codes) = finished(&healthy(), &ScanCorrections::default());
    assert_eq!(codes, Vec::<&str>::new());
    assert_eq!((spine.summary.deformity_index, spine.evaluated().count()), (Some(0), 7));
    assert!(!is_suspected(&spine));
}

#[test]
fn a_wedge_is_found_and_suspected() {
    let (spine, codes) =
        finished(&self::spine([50.0, 50.0, 33.0, 50.0, 50.0, 50.0, 50.0], 9.0), &ScanCorrections::default());
    let t12 = spine.vertebrae[&Level::T12].graded.as_ref().unwrap();
    assert_eq!((t12.grade, t12.shape.code()), (2, "wedge"));
    assert!(codes.contains(&"vertebral_deformity") && is_suspected(&spine));
}

/// A reader's word settles a suspicion either way, moves no point, and needs a loss of height.
#[test]
fn a_reader_says_what_a_suspected_fracture_is() {
    let found = self::spine([50.0, 50.0, 33.0, 50.0, 50.0, 50.0, 50.0], 9.0);
    let before = finished(&found, &ScanCorrections::default()).0;
    let cases = [
        (FractureReading::Confirmed, "fracture_confirmed"),
        (FractureReading::Rejected, "fracture_rejected"),
    ];
    for (reading, code) in cases {
        let said = CorrectedVertebra { fracture: Some(reading), ..wanted(Level::T12) };
        let (spine, codes) = finished(&found, &saying(said));
        assert_eq!(spine.read_as(reading).collect::<Vec<_>>(), [Level::T12]);
        assert!(!is_suspected(&spine) && codes == [code], "{codes:?}");
        let t12 = &spine.vertebrae[&Level::T12];
        assert_eq!((t12.placed_by, t12.points), (PlacedBy::Software, before.vertebrae[&Level::T12].points));
        let of_sound = CorrectedVertebra { fracture: Some(reading), ..wanted(Level::L1) };
        let (spine, codes) = finished(&found, &saying(of_sound));
        assert_eq!(spine, before);
        assert!(codes.contains(&"correction_not_applied") && codes.contains(&"vertebral_deformity"));
    }
}

#[test]
fn levels_that_are_not_sure_are_said() {
    let (_, codes) = finished(&spine([50.0; 7], 1.0), &ScanCorrections::default());
    assert_eq!(codes, ["levels_uncertain"]);
}

#[test]
fn a_body_that_does_not_show_is_named_and_not_graded() {
    let mut found = healthy();
    found.vertebrae[2].not_evaluable = Some(NotEvaluable::EndplatesNotSeen);
    let (spine, codes) = finished(&found, &ScanCorrections::default());
    assert!(spine.vertebrae[&Level::T12].graded.is_none());
    assert_eq!(codes, ["vertebra_not_evaluable"]);
    // A user who says that it can be measured is believed.
    let said = saying(CorrectedVertebra { evaluable: Some(true), ..wanted(Level::T12) });
    let (spine, codes) = finished(&found, &said);
    assert_eq!(spine.vertebrae[&Level::T12].placed_by, PlacedBy::User);
    assert!(spine.vertebrae[&Level::T12].graded.is_some());
    assert_eq!(codes, ["vertebrae_corrected"]);
}

#[test]
fn what_was_printed_is_no_change() {
    let found = healthy();
    let said = ScanCorrections {
        vertebrae: found
            .vertebrae
            .iter()
            .map(|one| CorrectedVertebra {
                points: Some(one.points.map(ImagePoint::printed)),
                evaluable: Some(true),
                ..wanted(one.level)
            })
            .collect(),
        ..ScanCorrections::default()
    };
    assert_eq!(finished(&found, &said), finished(&found, &ScanCorrections::default()));
}

#[test]
fn a_level_that_was_not_found_can_be_added_but_not_without_points() {
    let mut found = healthy();
    let l4 = found.vertebrae.pop().unwrap();
    let (_, codes) =
        finished(&found, &saying(CorrectedVertebra { evaluable: Some(true), ..wanted(Level::L4) }));
    assert_eq!(codes, ["correction_not_applied"]);
    let said = saying(CorrectedVertebra { points: Some(l4.points), ..wanted(Level::L4) });
    let (spine, _) = finished(&found, &said);
    assert_eq!(spine.vertebrae[&Level::L4].placed_by, PlacedBy::User);
    assert_eq!(spine.vertebrae[&Level::L4].graded.as_ref().unwrap().grade, 0);
}

#[test]
fn labels_move_together_and_one_without_a_name_is_lost() {
    let said = ScanCorrections { level_shift: 1, ..ScanCorrections::default() };
    let (spine, codes) = finished(&healthy(), &said);
    let levels: Vec<Level> = spine.vertebrae.keys().copied().collect();
    assert_eq!(levels, [Level::T11, Level::T12, Level::L1, Level::L2, Level::L3, Level::L4, Level::L5]);
    assert_eq!(codes, ["vertebrae_corrected"]);
    let twice = ScanCorrections { level_shift: 2, ..ScanCorrections::default() };
    assert_eq!(finished(&healthy(), &twice).0.vertebrae.len(), 6);
}

#[test]
fn few_levels_say_that_a_crush_cannot_be_told() {
    let mut found = healthy();
    found.vertebrae.truncate(3);
    let (_, codes) = finished(&found, &ScanCorrections::default());
    assert_eq!(codes, ["few_vertebrae"]);
}

/// T10 to L4 as found under each of the two beliefs.
fn believed(sound: [f64; 7], pressed: [f64; 7]) -> FoundSpine {
    let mut found = spine(sound, 9.0);
    for (one, other) in found.vertebrae.iter_mut().zip(spine(pressed, 9.0).vertebrae) {
        one.points_if_pressed = other.points;
    }
    decide::decide(found, SPACING)
}

#[test]
fn a_fracture_that_only_one_belief_shows_is_undecided() {
    let found =
        believed([50.0, 50.0, 46.0, 50.0, 50.0, 50.0, 50.0], [50.0, 50.0, 36.0, 50.0, 50.0, 50.0, 50.0]);
    let (spine, codes) = finished(&found, &ScanCorrections::default());
    let t12 = &spine.vertebrae[&Level::T12];
    assert_eq!((t12.not_evaluable, t12.graded.is_none()), (Some("grade_undecided"), true));
    assert!(codes.contains(&"vertebra_not_evaluable"), "{codes:?}");
    assert_eq!(spine.evaluated().count(), 6);
}

#[test]
fn a_fracture_that_both_beliefs_show_has_the_points_of_the_image() {
    let found =
        believed([50.0, 50.0, 36.0, 50.0, 50.0, 50.0, 50.0], [50.0, 50.0, 32.0, 50.0, 50.0, 50.0, 50.0]);
    let t12 = &found.vertebrae[2];
    assert_eq!((t12.not_evaluable, t12.points), (None, body(2, 32.0)));
}

#[test]
fn a_fracture_that_the_points_hardly_show_is_undecided() {
    // A loss of 21 %, each point known to 1.4 mm.
    let mut found = spine([50.0, 50.0, 39.5, 50.0, 50.0, 50.0, 50.0], 9.0);
    let wide = SixPoints::from_array([Covariance { xx: 2.0, xy: 0.0, yy: 2.0 }; 6]);
    found.vertebrae[2].covariances_if_pressed = wide;
    let found = decide::decide(found, SPACING);
    assert_eq!(found.vertebrae[2].not_evaluable, Some(NotEvaluable::Undecided));
    assert_eq!(found.vertebrae[1].not_evaluable, None);
}

#[test]
fn sound_bodies_keep_the_points_of_sound_bodies() {
    let found = believed([50.0; 7], [49.0; 7]);
    assert!(found.vertebrae.iter().enumerate().all(|(at, one)| one.points == body(at, 50.0)));
}
