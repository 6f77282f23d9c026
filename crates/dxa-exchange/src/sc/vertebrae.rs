//! Vertebrae on the picture: the outline through six points in the color of the grade, points, level and heights.

use dxa_core::geometry::ImagePoint;
use dxa_core::report::{LateralSpine, PlacedBy, ReadVertebra};
use dxa_core::study::PixelSpacing;
use dxa_core::units::round_half_away;
use dxa_core::vertebra::Level;

use super::canvas::{Canvas, Letters, Pen, Rgb, Spot};
use super::legend::Line;

/// Of grades 0 to 3.
const GRADES: [Rgb; 4] = [[110, 230, 130], [255, 225, 70], [255, 150, 40], [255, 70, 70]];
/// Of a level that is not measured.
const UNSEEN: Rgb = [160, 160, 190];
const WIDTH: f32 = 1.6;
const POINT_RADIUS: f64 = 3.0;
/// Distance of the name from the back wall.
const AWAY: f64 = 10.0;

fn color(one: &ReadVertebra) -> Rgb {
    let grade = one.graded.as_ref().and_then(|graded| GRADES.get(usize::from(graded.grade)));
    grade.copied().unwrap_or(UNSEEN)
}

/// Draws all levels; `place` says where a point of the image lies on the canvas.
pub(super) fn draw(canvas: &mut Canvas, spine: &LateralSpine, place: impl Fn(ImagePoint) -> Spot) {
    for (level, one) in &spine.vertebrae {
        let spots = one.points.map(&place).to_array();
        let pen = Pen { color: color(one), width: WIDTH, dashed: one.graded.is_none() };
        canvas.line(&spots, true, pen);
        for spot in spots {
            canvas.ellipse(spot, (POINT_RADIUS, POINT_RADIUS), Pen { dashed: false, ..pen });
        }
        name(canvas, *level, one, &spots, spine.anterior_is_left);
    }
}

fn name(canvas: &mut Canvas, level: Level, one: &ReadVertebra, spots: &[Spot; 6], anterior_is_left: bool) {
    let [ps, _, as_, ai, _, pi] = *spots;
    let text = match &one.graded {
        Some(graded) if graded.grade > 0 => format!("{level} G{}", graded.grade),
        Some(_) => level.to_string(),
        None => format!("{level} ?"),
    };
    let width = text.chars().count() as f64 * f64::from(Letters::Small.width());
    let half = f64::from(Letters::Small.height()) / 2.0;
    // In front of the body there is less to cover than behind it.
    let (edge, y) = if anterior_is_left {
        (as_.0.min(ai.0) - AWAY - width, f64::midpoint(as_.1, ai.1))
    } else {
        (as_.0.max(ai.0).max(ps.0).max(pi.0) + AWAY, f64::midpoint(as_.1, ai.1))
    };
    canvas.text((edge as i32, (y - half) as i32), &text, Letters::Small, color(one));
}

/// Heights, largest loss and grade of every level, for the legend.
pub(super) fn table(spine: &LateralSpine, spacing: Option<PixelSpacing>) -> Vec<Line> {
    let line = |text: String, color| Line { text, color, heading: false };
    let unit = if spacing.is_some() { "mm" } else { "parts" };
    let mut lines = vec![
        line(String::new(), UNSEEN),
        line(format!("        Ha    Hm    Hp loss, {unit}, grade"), UNSEEN),
    ];
    lines.extend(spine.vertebrae.iter().map(|(level, one)| line(row(*level, one, spacing), color(one))));
    if let Some(angle) = spine.summary.kyphosis {
        let degrees = round_half_away(angle.degrees, 1);
        lines.push(line(format!("kyphosis {}-{} {degrees:.1} deg", angle.upper, angle.lower), UNSEEN));
    }
    lines
}

fn row(level: Level, one: &ReadVertebra, spacing: Option<PixelSpacing>) -> String {
    let user = if one.placed_by == PlacedBy::User { " user" } else { "" };
    let Some(graded) = &one.graded else {
        return format!("{:<4} {}{user}", level.code(), one.not_evaluable.unwrap_or("not measured"));
    };
    let heights = graded.heights;
    // Without a pixel size heights are given in parts of the posterior one.
    let (unit, decimals) = if spacing.is_some() { (1.0, 1) } else { (heights.posterior, 2) };
    let [anterior, middle, posterior] = [heights.anterior, heights.middle, heights.posterior]
        .map(|height| round_half_away(height / unit, decimals));
    let loss = round_half_away(graded.losses.largest() * 100.0, 0);
    let places = decimals.unsigned_abs() as usize;
    format!(
        "{:<4}{anterior:>6.places$}{middle:>6.places$}{posterior:>6.places$}{loss:>4.0}% {} {}{user}",
        level.code(),
        graded.grade,
        if graded.grade > 0 { graded.shape.code() } else { "" },
    )
}
