//! Pieces of a level: small ones are dropped, holes filled.

use ndarray::Array2;

/// Keeps pieces at or above zero of at least `least` samples and fills holes of at most `largest_hole`, and those
/// that are empty nowhere; false where nothing is left.
pub(super) fn keep_large_and_whole(
    level: &mut Array2<f32>,
    least: usize,
    largest_hole: usize,
    is_empty: impl Fn((usize, usize), f32) -> bool,
) -> bool {
    flip(level, true, |piece, _| piece.len() < least);
    // What is outside touches the rim; what does not is a hole.
    flip(level, false, |piece, touches_rim| {
        !touches_rim
            && (piece.len() <= largest_hole || !piece.iter().any(|(at, level)| is_empty(*at, *level)))
    });
    level.iter().any(|value| *value >= 0.0)
}

/// Changes the sign of every piece (of bone, or of what is none) for which `change` holds.
fn flip(level: &mut Array2<f32>, bone: bool, change: impl Fn(&[((usize, usize), f32)], bool) -> bool) {
    let (rows, columns) = level.dim();
    let mut seen = Array2::from_elem((rows, columns), false);
    let mut piece: Vec<((usize, usize), f32)> = Vec::new();
    for start in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        if seen[start] || (level[start] >= 0.0) != bone {
            continue;
        }
        seen[start] = true;
        piece.clear();
        piece.push((start, level[start]));
        let (mut next, mut touches_rim) = (0, false);
        while let Some(&((row, column), _)) = piece.get(next) {
            next += 1;
            touches_rim |= row == 0 || column == 0 || row + 1 == rows || column + 1 == columns;
            let around = [
                (row.wrapping_sub(1), column),
                (row + 1, column),
                (row, column.wrapping_sub(1)),
                (row, column + 1),
            ];
            for at in around {
                if at.0 < rows && at.1 < columns && !seen[at] && (level[at] >= 0.0) == bone {
                    seen[at] = true;
                    piece.push((at, level[at]));
                }
            }
        }
        if change(&piece, touches_rim) {
            piece.iter().for_each(|(at, value)| level[*at] = flipped(*value));
        }
    }
}

/// The other side of zero, never zero itself.
fn flipped(value: f32) -> f32 {
    if value == 0.0 { -f32::MIN_POSITIVE } else { -value }
}
