//! From the image of a lateral spine to graded levels, with what a user changed in the place of what was found.

mod decide;

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use crate::corrections::ScanCorrections;
use crate::field::Field;
use crate::findings::{Finding, Refusal, RefusalCode, Severity};
use crate::geometry::{Covariance, ImagePoint};
use crate::grade::{self, Grader, Person, grade_uncertainty, summarize};
use crate::reference::vertebrae::SpineModel;
use crate::report::{LateralSpine, PlacedBy, ReadVertebra};
use crate::segment::vertebrae::{self, Facing, FoundSpine, LateralImage, NotFound};
use crate::study::PixelSpacing;
use crate::vertebra::{FractureReading, Level, SixPoints};

/// What came of a lateral scan.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) spine: Option<LateralSpine>,
    pub(super) findings: Vec<Finding>,
    pub(super) refusal: Option<Refusal>,
}

/// Standard deviation of a point that a person placed: of the order of what repeated readings differ by.
const BY_HAND_MM: f64 = 0.5;
/// Pixel sizes that an image of unknown size is tried with, mm.
const GUESSES_MM: [f64; 5] = [0.25, 0.35, 0.5, 0.7, 1.0];
/// Pixels of an image of which nothing is known.
const SQUARE: PixelSpacing = PixelSpacing { row_mm: 1.0, column_mm: 1.0 };
/// Below this margin the labels need a look.
const SURE_LEVELS_FROM: f64 = 3.0;
/// With fewer evaluated levels no expected height, and no crush, can be told.
const FEWEST_LEVELS: usize = 4;

/// Segment → measure → grade.
pub(super) fn read(
    index: usize,
    field: &Field,
    spacing: Option<PixelSpacing>,
    person: Person,
    said: &ScanCorrections,
) -> Read {
    let (found, spacing) = match find(field, spacing) {
        Ok(found) => found,
        Err(why) if said.vertebrae.iter().any(|one| one.points.is_some()) => {
            // Nothing was found, but a reader has placed points by hand.
            let spacing = spacing.unwrap_or(SQUARE);
            let mut read = finish(index, &nothing(), spacing, person, said);
            read.findings.push(Finding::new("regions_not_found", Severity::Note, sentence(why)));
            return read;
        }
        Err(why) => return Read { refusal: Some(refusal(why)), ..Read::default() },
    };
    finish(index, &found, spacing, person, said)
}

/// Finds the spine; without a pixel size, with the guess that shows most of it.
fn find(field: &Field, spacing: Option<PixelSpacing>) -> Result<(FoundSpine, PixelSpacing), NotFound> {
    let model = SpineModel::bundled();
    let gray: ArrayView2<'_, f32> = field.values.view();
    let with = |spacing: PixelSpacing, spacing_known| {
        let image = LateralImage { gray, spacing, spacing_known };
        vertebrae::find(&image, model).map(|found| (decide::decide(found, spacing), spacing))
    };
    if let Some(spacing) = spacing {
        return with(spacing, true);
    }
    let shown = |found: &FoundSpine| -> f64 {
        let seen = found.vertebrae.iter().filter(|one| one.not_evaluable.is_none());
        seen.map(|one| one.quality).sum()
    };
    let mut best: Result<(FoundSpine, PixelSpacing), NotFound> = Err(NotFound::NoSpine);
    for guess in GUESSES_MM {
        let tried = with(PixelSpacing { row_mm: guess, column_mm: guess }, false);
        let better = match (&best, &tried) {
            (Ok((old, _)), Ok((new, _))) => shown(new) > shown(old),
            (Err(_), _) => true,
            (Ok(_), Err(_)) => false,
        };
        if better {
            best = tried;
        }
    }
    best
}

fn nothing() -> FoundSpine {
    FoundSpine {
        vertebrae: Vec::new(),
        facing: Facing::Right,
        alternative_shift: 0,
        level_margin: 0.0,
        level_evidence: Vec::new(),
        flags: Vec::new(),
    }
}

fn refusal(why: NotFound) -> Refusal {
    let code = match why {
        NotFound::TooSmall => RefusalCode::ImageTooSmall,
        NotFound::NoContrast | NotFound::NoSpine | NotFound::UpsideDown => RefusalCode::NotEvaluable,
    };
    Refusal::new(code, sentence(why))
}

fn sentence(why: NotFound) -> String {
    format!("No vertebra is measured on this image: {why}.")
}

/// A level with points, before it is graded.
#[derive(Clone, Debug)]
struct Placed {
    read: ReadVertebra,
    covariances: SixPoints<Covariance>,
}

fn finish(
    index: usize,
    found: &FoundSpine,
    spacing: PixelSpacing,
    person: Person,
    said: &ScanCorrections,
) -> Read {
    let mut changed = Changed::default();
    let automatic = found.vertebrae.iter().map(|one| (one.level, placed(one))).collect();
    let mut levels = shifted(automatic, said.level_shift, &mut changed);
    correct(&mut levels, found, said, &mut changed);
    let mut vertebrae = graded(levels, spacing, person);
    read_fractures(&mut vertebrae, said, &mut changed);
    let graded: grade::GradedSpine =
        vertebrae.iter().filter_map(|(level, one)| Some((*level, Ok(one.graded.clone()?)))).collect();
    let anterior_is_left = vertebrae
        .values()
        .next()
        .map_or(found.facing == Facing::Left, |one| one.points.as_.x < one.points.ps.x);
    let spine = LateralSpine {
        scan: index,
        vertebrae,
        anterior_is_left,
        alternative_shift: found.alternative_shift,
        level_margin: found.level_margin,
        level_evidence: found.level_evidence.clone(),
        level_shift: said.level_shift,
        summary: summarize(&graded),
    };
    let findings = findings(&spine, &changed);
    let nothing = (!spine.vertebrae.is_empty() && graded.is_empty()).then(|| {
        let message = "Vertebrae show on this image, but none of them well enough to be measured.";
        Refusal::new(RefusalCode::NotEvaluable, message)
    });
    Read { spine: Some(spine), findings, refusal: nothing }
}

fn placed(one: &vertebrae::FoundVertebra) -> Placed {
    Placed {
        read: ReadVertebra {
            placed_by: PlacedBy::Software,
            points: one.points,
            not_evaluable: one.not_evaluable.map(vertebrae::NotEvaluable::code),
            quality: Some(one.quality),
            graded: None,
            certainty: None,
            fracture: None,
            flags: one.flags.clone(),
        },
        covariances: one.covariances,
    }
}

/// What a user changed, and what could not be done.
#[derive(Debug, Default)]
struct Changed {
    levels: Vec<Level>,
    shifted: bool,
    refused: Vec<String>,
}

/// The levels under other names; those that get none are left out.
fn shifted(levels: BTreeMap<Level, Placed>, shift: i8, changed: &mut Changed) -> BTreeMap<Level, Placed> {
    if shift == 0 {
        return levels;
    }
    changed.shifted = true;
    let other = |level: Level| {
        let index = isize::try_from(level.index()).ok()? + isize::from(shift);
        Level::ALL.get(usize::try_from(index).ok()?).copied()
    };
    let named = levels.into_iter().filter_map(|(level, placed)| Some((other(level)?, placed)));
    named
        .map(|(level, mut placed)| {
            placed.read.placed_by = PlacedBy::User;
            (level, placed)
        })
        .collect()
}

fn correct(
    levels: &mut BTreeMap<Level, Placed>,
    found: &FoundSpine,
    said: &ScanCorrections,
    changed: &mut Changed,
) {
    for wanted in said.vertebrae.iter().filter(|wanted| wanted.is_about_points()) {
        let printed = found.vertebrae.iter().find(|one| one.level == wanted.level);
        let same_points =
            |points: &SixPoints<ImagePoint>| wanted.points.is_none_or(|wanted| are_printed(points, &wanted));
        // What was printed for this level before any shift is no change.
        let as_found = printed.is_some_and(|one| {
            let evaluable = one.not_evaluable.is_none();
            same_points(&one.points) && wanted.evaluable.is_none_or(|wanted| wanted == evaluable)
        });
        if as_found && (!wanted.confirmed || said.level_shift != 0) {
            continue;
        }
        let place = match (levels.get_mut(&wanted.level), wanted.points) {
            (Some(place), _) => place,
            (None, Some(points)) => levels.entry(wanted.level).or_insert_with(|| by_hand(points)),
            (None, None) => {
                changed.refused.push(format!("{} was not found and has no points", wanted.level));
                continue;
            }
        };
        if let Some(points) = wanted.points.filter(|points| !are_printed(&place.read.points, points)) {
            *place = by_hand(points);
        }
        place.read.placed_by = PlacedBy::User;
        place.read.not_evaluable = match wanted.evaluable {
            Some(false) => place.read.not_evaluable.or(Some("user")),
            // Whoever confirms points or moves them says that the level can be seen.
            Some(true) | None => None,
        };
        changed.levels.push(wanted.level);
    }
}

/// What readers say of fractures; it stands only where height is lost.
fn read_fractures(
    vertebrae: &mut BTreeMap<Level, ReadVertebra>,
    said: &ScanCorrections,
    changed: &mut Changed,
) {
    for wanted in &said.vertebrae {
        let Some(reading) = wanted.fracture else { continue };
        let lost = |one: &&mut ReadVertebra| one.graded.as_ref().is_some_and(|graded| graded.grade > 0);
        match vertebrae.get_mut(&wanted.level).filter(lost) {
            Some(one) => one.fracture = Some(reading),
            None => changed.refused.push(format!(
                "{} has no loss of height that could be {} as a fracture",
                wanted.level,
                reading.code()
            )),
        }
    }
}

fn by_hand(points: SixPoints<ImagePoint>) -> Placed {
    Placed {
        read: ReadVertebra {
            placed_by: PlacedBy::User,
            points,
            not_evaluable: None,
            quality: None,
            graded: None,
            certainty: None,
            fracture: None,
            flags: Vec::new(),
        },
        covariances: SixPoints::from_array([Covariance::isotropic(BY_HAND_MM); 6]),
    }
}

/// Less than a unit of the last printed digit, pixels.
const LAST_DIGIT: f64 = 1e-4;

fn are_printed(found: &SixPoints<ImagePoint>, wanted: &SixPoints<ImagePoint>) -> bool {
    let near = |(found, wanted): (ImagePoint, ImagePoint)| {
        let printed = found.printed();
        (printed.x - wanted.x).abs() < LAST_DIGIT && (printed.y - wanted.y).abs() < LAST_DIGIT
    };
    found.to_array().into_iter().zip(wanted.to_array()).all(near)
}

/// Points that a person placed, graded as a correction with these points would be.
#[must_use]
pub fn grade_points(
    points: &BTreeMap<Level, SixPoints<ImagePoint>>,
    spacing: Option<PixelSpacing>,
    person: Person,
) -> BTreeMap<Level, ReadVertebra> {
    let levels = points.iter().map(|(level, points)| (*level, by_hand(*points))).collect();
    graded(levels, spacing.unwrap_or(SQUARE), person)
}

/// Grades the levels that can be measured.
fn graded(
    levels: BTreeMap<Level, Placed>,
    spacing: PixelSpacing,
    person: Person,
) -> BTreeMap<Level, ReadVertebra> {
    let points: BTreeMap<Level, SixPoints> = levels
        .iter()
        .filter(|(_, placed)| placed.read.not_evaluable.is_none())
        .map(|(level, placed)| (*level, placed.read.points.map(|point| point.to_detector(spacing))))
        .collect();
    let mut graded = Grader::bundled().grade(&points, person);
    let read = |(level, Placed { mut read, covariances })| {
        match graded.remove(&level) {
            Some(Ok(one)) => {
                let certainty =
                    grade_uncertainty(&one.points, &covariances, &one.heights, one.expected_posterior);
                read.flags.extend(one.flags.iter().copied());
                if certainty.borderline {
                    read.flags.push("borderline");
                }
                if one.expected_posterior.is_none() {
                    read.flags.push("no_expected_height");
                }
                read.certainty = Some(certainty);
                read.graded = Some(one);
            }
            Some(Err(why)) => read.not_evaluable = Some(why.code()),
            None => {}
        }
        (level, read)
    };
    levels.into_iter().map(read).collect()
}

/// Whether a level is a suspected fracture of which no reader has said what it is.
pub(super) fn is_suspected(spine: &LateralSpine) -> bool {
    spine.vertebrae.values().any(ReadVertebra::is_suspected)
}

fn findings(spine: &LateralSpine, changed: &Changed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |code, severity, message| findings.push(Finding::new(code, severity, message));
    let fractured: Vec<String> = spine
        .evaluated()
        .filter(|(level, one)| one.grade > 0 && spine.vertebrae[level].fracture.is_none())
        .map(|(level, one)| format!("{level} grade {} ({})", one.grade, one.shape.code()))
        .collect();
    if !fractured.is_empty() {
        let message =
            format!("Heights are lost as in a fracture; a reader must confirm it: {}.", fractured.join(", "));
        add("vertebral_deformity", Severity::Review, message);
    }
    let readings = [
        ("fracture_confirmed", FractureReading::Confirmed, "A reader confirmed as a fragility fracture"),
        ("fracture_rejected", FractureReading::Rejected, "A reader says that it is no fragility fracture"),
    ];
    for (code, reading, sentence) in readings {
        let levels: Vec<String> = spine.read_as(reading).map(|level| level.to_string()).collect();
        if !levels.is_empty() {
            add(code, Severity::Note, format!("{sentence}: {}.", levels.join(", ")));
        }
    }
    let borderline: Vec<String> = spine
        .vertebrae
        .iter()
        .filter(|(_, one)| one.certainty.is_some_and(|certainty| certainty.borderline))
        .map(|(level, _)| level.to_string())
        .collect();
    if !borderline.is_empty() {
        let message = format!(
            "The grade could be another within the uncertainty of the points: {}.",
            borderline.join(", ")
        );
        add("grade_borderline", Severity::Review, message);
    }
    let unseen: Vec<String> = spine
        .vertebrae
        .iter()
        .filter_map(|(level, one)| Some(format!("{level} ({})", one.not_evaluable?)))
        .collect();
    if !unseen.is_empty() {
        add("vertebra_not_evaluable", Severity::Review, format!("Not measured: {}.", unseen.join(", ")));
    }
    let by_software = spine.vertebrae.values().any(|one| one.placed_by == PlacedBy::Software);
    if by_software && spine.level_margin < SURE_LEVELS_FROM && spine.level_shift == 0 {
        let way = if spine.alternative_shift < 0 { "higher" } else { "lower" };
        let message = format!(
            "The levels cannot be told for sure; every vertebra may be one level {way}. Check the labels."
        );
        add("levels_uncertain", Severity::Review, message);
    }
    let evaluated = spine.summary.levels_evaluated.len();
    if (1..FEWEST_LEVELS).contains(&evaluated) {
        let message = format!(
            "Only {evaluated} vertebrae were measured; without more of them a crushed one cannot be told from a low one."
        );
        add("few_vertebrae", Severity::Review, message);
    }
    if changed.shifted {
        let message = format!("A user moved the labels by {} levels.", spine.level_shift);
        add("vertebrae_corrected", Severity::Note, message);
    }
    if !changed.levels.is_empty() {
        let levels: Vec<String> = changed.levels.iter().map(Level::to_string).collect();
        add(
            "vertebrae_corrected",
            Severity::Note,
            format!("Placed, confirmed or left out by a user: {}.", levels.join(", ")),
        );
    }
    for why in &changed.refused {
        add("correction_not_applied", Severity::Review, format!("A correction was not applied: {why}."));
    }
    findings
}

#[cfg(test)]
mod tests;
