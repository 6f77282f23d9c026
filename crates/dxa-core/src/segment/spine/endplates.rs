//! Lays a disc's line midway between the two endplates beside it.

use super::discs::Disc;
use super::raster::STEP_MM;
use super::straight::Straight;

/// Slants that are tried, in degrees to each side of the spine's normal.
const SLANT_DEG: i32 = 20;
/// How far above and below the first guess is looked.
const REACH_MM: f64 = 13.0;
/// Between two samples along the spine.
const FINE_MM: f64 = 0.25;
/// Between two samples across it.
const ACROSS_MM: f64 = 1.0;
/// How far the darkest place may lie from the first guess.
const SHIFT_MM: f64 = 4.5;
/// How far an endplate may lie from the darkest place.
const HALF_DISC_MM: f64 = 8.0;
/// Part of the spine width that is used.
const WIDTH_SHARE: f64 = 0.85;

/// The same disc with its line where the two endplates are sharpest, midway between them.
pub(super) fn between(straight: &Straight, guess: Disc, half_mm: f64) -> Disc {
    let tried: Vec<Plates> = (-SLANT_DEG..=SLANT_DEG)
        .step_by(2)
        .map(|degrees| Plates::at(straight, guess, half_mm, f64::from(degrees).to_radians().tan()))
        .collect();
    let Some(best) = (0..tried.len()).max_by(|a, b| tried[*a].sharpness.total_cmp(&tried[*b].sharpness))
    else {
        return guess;
    };
    let slant = peak_between(&tried, best);
    let plates = Plates::at(straight, guess, half_mm, slant);
    let row = straight.row_after(guess.row, plates.middle_mm);
    Disc { row, slant, half_mm: plates.half_mm, depth: guess.depth }
}

/// The slant of the top of the parabola through the best and its two neighbors.
fn peak_between(tried: &[Plates], best: usize) -> f64 {
    let here = &tried[best];
    let (Some(before), Some(after)) = (best.checked_sub(1).and_then(|at| tried.get(at)), tried.get(best + 1))
    else {
        return here.slant;
    };
    let bend = before.sharpness - 2.0 * here.sharpness + after.sharpness;
    if bend >= -1e-9 {
        return here.slant;
    }
    let aside = f64::from((before.sharpness - after.sharpness) / (2.0 * bend)).clamp(-0.5, 0.5);
    here.slant + aside * (after.slant - before.slant) / 2.0
}

/// Two endplates at one slant.
struct Plates {
    slant: f64,
    /// Their middle, from the first guess.
    middle_mm: f64,
    /// Half of their distance.
    half_mm: f64,
    /// Sum of both changes of brightness.
    sharpness: f32,
}

impl Plates {
    fn at(straight: &Straight, guess: Disc, half_mm: f64, slant: f64) -> Self {
        let profile = fine_profile(straight, guess, half_mm * WIDTH_SHARE, slant);
        let change = change(&profile);
        let count = change.len();
        let middle = count / 2;
        let steps = |mm: f64| (mm / FINE_MM) as usize;
        let shift = steps(SHIFT_MM);
        let dark = (middle - shift..=middle + shift)
            .min_by(|a, b| around(&profile, *a).total_cmp(&around(&profile, *b)))
            .unwrap_or(middle);
        let reach = steps(HALF_DISC_MM);
        let above = (dark.saturating_sub(reach)..dark).min_by(|a, b| change[*a].total_cmp(&change[*b]));
        let below = (dark..(dark + reach).min(count)).max_by(|a, b| change[*a].total_cmp(&change[*b]));
        let (Some(above), Some(below)) = (above, below) else {
            return Self { slant, middle_mm: 0.0, half_mm: 0.0, sharpness: 0.0 };
        };
        let place = |at: usize, sign: f32| (at as f64 + top_of(&change, at, sign) - middle as f64) * FINE_MM;
        let (above_mm, below_mm) = (place(above, -1.0), place(below, 1.0));
        Self {
            slant,
            middle_mm: (above_mm + below_mm) / 2.0,
            half_mm: (below_mm - above_mm) / 2.0,
            sharpness: change[below] - change[above],
        }
    }
}

/// Mean of a few samples, so that noise does not choose the darkest place.
fn around(profile: &[f32], at: usize) -> f32 {
    let part = &profile[at.saturating_sub(4)..(at + 5).min(profile.len())];
    part.iter().sum::<f32>() / part.len() as f32
}

/// Where between samples a change is largest, from a parabola.
fn top_of(change: &[f32], at: usize, sign: f32) -> f64 {
    if at == 0 || at + 1 >= change.len() {
        return 0.0;
    }
    let (before, here, after) = (sign * change[at - 1], sign * change[at], sign * change[at + 1]);
    let bend = before - 2.0 * here + after;
    if bend < -1e-9 { f64::from((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
}

/// Mean across the spine along slanted lines, from above the guess to below it.
fn fine_profile(straight: &Straight, guess: Disc, half_mm: f64, slant: f64) -> Vec<f32> {
    let samples = (half_mm / ACROSS_MM) as i32;
    let count = 2 * (REACH_MM / FINE_MM) as usize + 1;
    let row_mm = straight.row_after(0.0, 1.0).max(1e-6);
    (0..count)
        .map(|step| {
            let down_mm = step as f64 * FINE_MM - REACH_MM;
            let sum: f32 = (-samples..=samples)
                .map(|across| {
                    let across_mm = f64::from(across) * ACROSS_MM;
                    let row = guess.row + down_mm * row_mm + across_mm * slant / STEP_MM;
                    straight.sample(row, across_mm).clamp(-0.2, 1.5)
                })
                .sum();
            sum / (2 * samples + 1) as f32
        })
        .collect()
}

/// Change of brightness downward, over about two millimeters.
fn change(profile: &[f32]) -> Vec<f32> {
    let value = |at: isize| profile[at.clamp(0, profile.len() as isize - 1) as usize];
    (0..profile.len() as isize)
        .map(|at| (1..=4).map(|away| value(at + away) - value(at - away)).sum::<f32>() / 4.0)
        .collect()
}
