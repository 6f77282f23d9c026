//! The concepts of densitometry that words stand for.

/// A concept that a label, heading or name may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Word {
    // Bones and regions.
    Neck,
    Trochanter,
    Intertrochanter,
    Shaft,
    Wards,
    Hip,
    Femur,
    Radius,
    Ulna,
    Forearm,
    OneThird,
    Mid,
    Ultradistal,
    Spine,
    Lumbar,
    Thoracic,
    Lateral,
    WholeBody,
    LessHead,
    Subtotal,
    Head,
    Arm,
    Trunk,
    Pelvis,
    Leg,
    Ribs,
    Android,
    Gynoid,
    // What kind of row it is.
    Total,
    Mean,
    Difference,
    Left,
    Right,
    Both,
    // Quantities.
    Region,
    Bmd,
    Bmc,
    Area,
    TScore,
    ZScore,
    PeakReference,
    AgeMatched,
    Fat,
    Lean,
    Mass,
    Tissue,
    // Units.
    GramPerCm2,
    MilligramPerCm2,
    SquareCm,
    SquareMm,
    Gram,
    Kilogram,
    Milligram,
    Percent,
    Sd,
    /// Words that add nothing: `bone`, `score`, `region of interest`.
    Filler,
}

impl Word {
    /// Whether it names what a column or a measurement holds.
    pub(in super::super) fn is_quantity(self) -> bool {
        use Word::{Area, Bmc, Bmd, Fat, Lean, Mass, TScore, ZScore};
        matches!(self, Bmd | Bmc | Area | TScore | ZScore | Fat | Lean | Mass)
    }

    /// Whether it names whom a score or a percent is against.
    pub(in super::super) fn is_comparison(self) -> bool {
        matches!(self, Self::PeakReference | Self::AgeMatched)
    }

    /// Whether it is a unit.
    pub(in super::super) fn is_unit(self) -> bool {
        use Word::{Gram, GramPerCm2, Kilogram, Milligram, MilligramPerCm2, Percent, Sd, SquareCm, SquareMm};
        matches!(
            self,
            GramPerCm2 | MilligramPerCm2 | SquareCm | SquareMm | Gram | Kilogram | Milligram | Percent | Sd
        )
    }
}
