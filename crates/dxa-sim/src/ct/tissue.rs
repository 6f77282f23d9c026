//! What a voxel of a CT consists of: fat, lean and bone mineral from its gray value.

use crate::physics::attenuation::{Material, attenuation};
use crate::scene::Column;

/// Effective energy that CT of 120 kV is read at here: an assumption, for no calibration phantom is in view.
const ENERGY_KEV: f64 = 70.0;
/// Densities of lean, fat, and of the bone mineral that takes the place of lean, g/cm³.
const LEAN: f64 = 1.05;
const FAT: f64 = 0.95;
const MINERAL: f64 = 3.0;
/// Below this there is no tissue but gas, HU.
const GAS: f64 = -400.0;
/// From this on a voxel without a label is bone, HU.
const BONE: f64 = 180.0;
/// From this on a voxel is metal, HU; bone does not reach it.
const METAL: f64 = 2000.0;
/// Density of titanium, g/cm³.
const TITANIUM: f64 = 4.506;

/// Gray values of pure tissues, and what mineral adds to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GrayScale {
    lean: f64,
    fat: f64,
    /// HU for each g/cm³ of mineral that has taken the place of lean.
    mineral: f64,
}

impl GrayScale {
    /// From the attenuation tables: HU = 1000·(μ/μ_water − 1).
    pub(crate) fn new() -> Self {
        let of = |material| attenuation(material, ENERGY_KEV);
        let water = of(Material::Water);
        let gray = |material, density: f64| 1000.0 * (of(material) * density / water - 1.0);
        let replacing = of(Material::Hydroxyapatite) - of(Material::Lean) * LEAN / MINERAL;
        Self {
            lean: gray(Material::Lean, LEAN),
            fat: gray(Material::Adipose, FAT),
            mineral: 1000.0 * replacing / water,
        }
    }

    /// Densities in a voxel, g/cm³; in a labelled bone all that is brighter than lean is mineral.
    pub(crate) fn densities(&self, gray: f64, labelled: bool) -> Column {
        if gray < GAS {
            return Column::default();
        }
        if gray >= METAL {
            return Column { metal: TITANIUM, ..Column::default() };
        }
        if gray <= self.fat {
            return Column { fat: FAT * (1000.0 + gray) / (1000.0 + self.fat), ..Column::default() };
        }
        let lean = ((gray - self.fat) / (self.lean - self.fat)).min(1.0);
        let tissue = Column { lean: LEAN * lean, fat: FAT * (1.0 - lean), ..Column::default() };
        let is_bone = labelled || gray >= BONE;
        tissue.with_bone(if is_bone { ((gray - self.lean) / self.mineral).max(0.0) } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::GrayScale;
    use crate::physics::attenuation::{Material, attenuation};

    #[test]
    fn a_voxel_attenuates_as_its_gray_value_says() {
        let scale = GrayScale::new();
        let water = attenuation(Material::Water, 70.0);
        for gray in [-300.0, -90.0, -20.0, 30.0, 250.0, 900.0] {
            let found = scale.densities(gray, true);
            let mu: f64 = Material::ALL
                .iter()
                .zip(found.amounts())
                .map(|(material, amount)| attenuation(*material, 70.0) * amount)
                .sum();
            assert!((1000.0 * (mu / water - 1.0) - gray).abs() < 0.5, "{gray} {found:?}");
        }
        assert!(scale.densities(150.0, false).bone.abs() < 1e-12);
        assert!(scale.densities(150.0, true).bone > 0.05);
    }
}
