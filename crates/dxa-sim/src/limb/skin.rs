//! Where a limb ends at its side: tissue gets thinner toward the skin, and beyond it there is air.

use crate::scene::Column;

/// Soft tissue that lies `skin_mm` inside of the nearest skin at the side.
///
/// The cross section ends round: within `round_mm` of the skin it gets thinner as an ellipse does.
pub(crate) fn rounded_off(column: Column, skin_mm: f64, round_mm: f64) -> Column {
    if skin_mm <= 0.0 {
        return Column::default();
    }
    let from_full = (1.0 - skin_mm / round_mm).max(0.0);
    let share = (1.0 - from_full * from_full).sqrt();
    Column { lean: column.lean * share, fat: column.fat * share, ..column }
}

#[cfg(test)]
mod tests {
    use super::rounded_off;
    use crate::scene::Column;

    #[test]
    fn tissue_is_whole_far_inside_and_gone_beyond_the_skin() {
        let full = Column { lean: 14.0, fat: 6.0, ..Column::default() };
        assert_eq!(rounded_off(full, 60.0, 50.0), full);
        // Halfway in, an ellipse has √¾ of its height.
        assert!((rounded_off(full, 25.0, 50.0).lean - 14.0 * 0.75_f64.sqrt()).abs() < 1e-12);
        assert_eq!(rounded_off(full, -0.1, 50.0), Column::default());
    }
}
