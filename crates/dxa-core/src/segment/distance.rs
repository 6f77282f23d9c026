//! For every cell of a mask, the nearest one that is set.

use ndarray::{Array2, ArrayView1};

/// The nearest set cell of every cell, exactly.
pub(super) struct Nearest {
    places: Array2<(usize, usize)>,
    size_mm: (f64, f64),
}

impl Nearest {
    /// The nearest set cell; the cell itself where none is set.
    pub(super) fn place(&self, at: (usize, usize)) -> (usize, usize) {
        self.places[at]
    }

    /// Distance between the middles; infinite where none is set.
    pub(super) fn distance_mm(&self, at: (usize, usize)) -> f64 {
        let place = self.places[at];
        if place.0 == usize::MAX {
            return f64::INFINITY;
        }
        let down = place.0.abs_diff(at.0) as f64 * self.size_mm.0;
        let across = place.1.abs_diff(at.1) as f64 * self.size_mm.1;
        (down * down + across * across).sqrt()
    }
}

/// Nearest set cells, first along columns and then, by lower envelopes of parabolas, along rows.
///
/// # References
/// Felzenszwalb & Huttenlocher 2012, doi 10.4086/toc.2012.v008a019.
pub(super) fn nearest(mask: &Array2<bool>, size_mm: (f64, f64)) -> Nearest {
    let (rows, columns) = mask.dim();
    let mut above = Array2::from_elem((rows, columns), usize::MAX);
    for column in 0..columns {
        nearest_in_column(mask.column(column))
            .enumerate()
            .for_each(|(row, place)| above[(row, column)] = place);
    }
    let mut places = Array2::from_elem((rows, columns), (usize::MAX, usize::MAX));
    for row in 0..rows {
        let height = |column: usize| {
            let place = above[(row, column)];
            (place != usize::MAX).then(|| (place.abs_diff(row) as f64 * size_mm.0).powi(2))
        };
        for (column, source) in lower_envelope(columns, size_mm.1, height).into_iter().enumerate() {
            places[(row, column)] = (above[(row, source)], source);
        }
    }
    if mask.iter().all(|set| !set) {
        // Nothing is set: distances are infinite.
        places.fill((usize::MAX, usize::MAX));
    }
    Nearest { places, size_mm }
}

fn nearest_in_column(column: ArrayView1<'_, bool>) -> impl Iterator<Item = usize> + use<> {
    let rows = column.len();
    let mut places = vec![usize::MAX; rows];
    let mut last = None;
    for row in 0..rows {
        last = if column[row] { Some(row) } else { last };
        places[row] = last.unwrap_or(usize::MAX);
    }
    let mut next: Option<usize> = None;
    for row in (0..rows).rev() {
        next = if column[row] { Some(row) } else { next };
        if let Some(next) = next
            && (places[row] == usize::MAX || next - row < row - places[row])
        {
            places[row] = next;
        }
    }
    places.into_iter()
}

/// For every place of a line the source whose parabola is lowest there.
fn lower_envelope(count: usize, size_mm: f64, height: impl Fn(usize) -> Option<f64>) -> Vec<usize> {
    let mut hull: Vec<(usize, f64, f64)> = Vec::new();
    for source in 0..count {
        let Some(own) = height(source) else { continue };
        let x = source as f64 * size_mm;
        let mut from = f64::NEG_INFINITY;
        while let Some(&(other, of_other, start)) = hull.last() {
            let other_x = other as f64 * size_mm;
            from = ((own + x * x) - (of_other + other_x * other_x)) / (2.0 * (x - other_x));
            if from > start {
                break;
            }
            hull.pop();
            from = f64::NEG_INFINITY;
        }
        hull.push((source, own, from));
    }
    let mut sources = vec![0; count];
    let mut at = 0;
    for (place, source) in sources.iter_mut().enumerate() {
        while hull.get(at + 1).is_some_and(|next| next.2 <= place as f64 * size_mm) {
            at += 1;
        }
        *source = hull.get(at).map_or(0, |hull| hull.0);
    }
    sources
}
