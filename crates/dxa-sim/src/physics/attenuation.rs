//! Mass attenuation of what a beam passes through, from `data/attenuation.csv`.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/attenuation.csv");

/// What a column of matter consists of, in the order of [`Column`](crate::scene::Column).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    /// Bone mineral.
    Hydroxyapatite,
    /// Muscle.
    Lean,
    /// Fat.
    Adipose,
    /// Water.
    Water,
    /// Metal of implants.
    Titanium,
}

impl Material {
    /// All, in order.
    pub(crate) const ALL: [Self; 5] =
        [Self::Hydroxyapatite, Self::Lean, Self::Adipose, Self::Water, Self::Titanium];

    fn header(self) -> &'static str {
        match self {
            Self::Hydroxyapatite => "hydroxyapatite",
            Self::Lean => "lean",
            Self::Adipose => "adipose",
            Self::Water => "water",
            Self::Titanium => "titanium",
        }
    }
}

static ROWS: LazyLock<Vec<(f64, Vec<f64>)>> = LazyLock::new(|| rows(TABLE));

/// Rows of a table of ours: the energy, and one number for each further column.
pub(super) fn rows(table: &str) -> Vec<(f64, Vec<f64>)> {
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    let row = |line: &str| {
        let mut cells = line.split(',').map(number);
        (cells.next().unwrap_or(f64::NAN), cells.collect())
    };
    table.lines().skip(1).map(row).collect()
}

/// Which column of a table, after the energy, has this header.
pub(super) fn column(table: &str, header: &str) -> usize {
    let headers = table.lines().next().unwrap_or_default().split(',').skip(1);
    headers.into_iter().position(|name| name == header).unwrap_or(usize::MAX)
}

/// Total mass attenuation, between rows along a straight line of logarithms; not a number outside the table.
///
/// # Units
/// keV to cm²/g.
pub(crate) fn attenuation(material: Material, kiloelectronvolts: f64) -> f64 {
    let column = column(TABLE, material.header());
    let after = ROWS.partition_point(|(energy, _)| *energy <= kiloelectronvolts);
    let (Some(low), Some(high)) = (after.checked_sub(1).and_then(|row| ROWS.get(row)), ROWS.get(after))
    else {
        return f64::NAN;
    };
    let of = |row: &(f64, Vec<f64>)| row.1.get(column).copied().unwrap_or(f64::NAN);
    let part = libm::log(kiloelectronvolts / low.0) / libm::log(high.0 / low.0);
    of(low) * libm::exp(part * libm::log(of(high) / of(low)))
}

#[cfg(test)]
mod tests {
    use super::{Material, attenuation};

    #[test]
    fn agrees_with_xraylib() {
        // xraylib 4.3.0, CS_Total_CP("Ca10(PO4)6(OH)2", E); it has tables of its own.
        for (energy, expected) in [(40.0, 0.98761), (70.0, 0.31312)] {
            let found = attenuation(Material::Hydroxyapatite, energy);
            assert!((found / expected - 1.0).abs() < 1e-4, "{energy} keV: {found}");
        }
    }

    #[test]
    fn is_between_its_neighbors_and_nowhere_else() {
        let at = |energy| attenuation(Material::Lean, energy);
        assert!(at(40.0) > at(40.5) && at(40.5) > at(41.0));
        assert!(at(9.0).is_nan() && at(151.0).is_nan());
    }
}
