//! Column headings to quantities and units.

use super::vocabulary::{Reading, Word, read};

use Word as W;

/// A quantity that a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quantity {
    Area,
    Bmc,
    Bmd,
    T,
    Z,
    Fat,
    Lean,
    Mass,
    FatPercent,
}

impl Quantity {
    /// As messages call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Bmc => "BMC",
            Self::Bmd => "BMD",
            Self::T => "T-score",
            Self::Z => "Z-score",
            Self::Fat => "fat",
            Self::Lean => "lean mass",
            Self::Mass => "total mass",
            Self::FatPercent => "fat percent",
        }
    }
}

/// What a heading says about its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// The factor to the canonical unit: cm², g, g/cm², percent, 1.
    Known(f64),
    /// No unit is written.
    Missing,
    /// A unit that does not fit the quantity, or that is not known.
    Wrong,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Heading {
    /// Names of the rows.
    Region,
    /// A quantity of ours.
    Quantity(Quantity, Unit),
    /// A known column without a field of its own, such as percent of young adult.
    Known,
    /// Not understood.
    Unknown,
}

/// Reads the plain text of a heading.
pub(super) fn heading(text: &str) -> Heading {
    let reading = read(text);
    let Some(quantity) = quantity(&reading) else { return without_quantity(&reading) };
    let unit = if reading.is_whole() { unit(quantity, &reading) } else { leftover_unit(text) };
    unit.map_or(Heading::Unknown, |unit| Heading::Quantity(quantity, unit))
}

/// The quantity that the words name, units and fillers aside.
pub(super) fn quantity(reading: &Reading) -> Option<Quantity> {
    let percent = reading.has(W::Percent);
    let named: Vec<Word> =
        reading.words.iter().copied().filter(|word| *word != W::Filler && !word.is_unit()).collect();
    match (named.as_slice(), percent) {
        ([W::Area], false) => Some(Quantity::Area),
        ([W::Bmc], false) => Some(Quantity::Bmc),
        ([W::Bmd], false) => Some(Quantity::Bmd),
        ([W::TScore] | [W::TScore, W::PeakReference], false) => Some(Quantity::T),
        ([W::ZScore] | [W::ZScore, W::AgeMatched], false) => Some(Quantity::Z),
        // Percent of the whole region is percent of total mass; of soft tissue only it is another quantity.
        ([W::Fat] | [W::Region, W::Fat] | [W::Total, W::Fat], true) => Some(Quantity::FatPercent),
        ([W::Fat] | [W::Fat, W::Mass], false) => Some(Quantity::Fat),
        ([W::Lean] | [W::Lean, W::Mass], false) => Some(Quantity::Lean),
        ([W::Total] | [W::Mass] | [W::Total, W::Mass], false) => Some(Quantity::Mass),
        _ => None,
    }
}

fn without_quantity(reading: &Reading) -> Heading {
    let whole = reading.is_whole();
    if whole && reading.has(W::Region) && reading.only(&[W::Region, W::Filler]) {
        return Heading::Region;
    }
    let percent_of = reading.has_any(&[W::PeakReference, W::AgeMatched])
        && reading.only(&[W::PeakReference, W::AgeMatched, W::Percent, W::TScore, W::ZScore]);
    let mixed_mass = reading.has_any(&[W::Lean, W::Tissue])
        && reading.only(&[
            W::Lean,
            W::Bmc,
            W::Fat,
            W::Tissue,
            W::Gram,
            W::Kilogram,
            W::Percent,
            W::Total,
            W::Mass,
        ]);
    // Percent of something that stands in a heading line above.
    let bare_percent = reading.has(W::Percent) && reading.only(&[W::Percent]);
    if whole && (percent_of || mixed_mass || bare_percent) { Heading::Known } else { Heading::Unknown }
}

/// A heading with letters left over is only a quantity when all of them stand in its unit brackets.
fn leftover_unit(text: &str) -> Option<Unit> {
    let outside = text.split(['[', '(', '（', '［']).next().unwrap_or("");
    let outside = read(outside);
    (outside.is_whole() && quantity(&outside).is_some()).then_some(Unit::Wrong)
}

/// Factor to the canonical unit of the quantity.
fn unit(quantity: Quantity, reading: &Reading) -> Option<Unit> {
    let mut units = reading.words.iter().copied().filter(|word| word.is_unit());
    let (first, second) = (units.next(), units.next());
    if second.is_some() {
        return Some(Unit::Wrong);
    }
    Some(match (quantity, first) {
        (Quantity::T | Quantity::Z, None | Some(W::Sd)) | (Quantity::FatPercent, Some(W::Percent)) => {
            Unit::Known(1.0)
        }
        (_, None) => Unit::Missing,
        (Quantity::Area, Some(W::SquareCm)) | (Quantity::Bmd, Some(W::GramPerCm2)) => Unit::Known(1.0),
        (Quantity::Area, Some(W::SquareMm)) => Unit::Known(1e-2),
        (Quantity::Bmd, Some(W::MilligramPerCm2)) => Unit::Known(1e-3),
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, Some(W::Gram)) => Unit::Known(1.0),
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, Some(W::Kilogram)) => {
            Unit::Known(1e3)
        }
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, Some(W::Milligram)) => {
            Unit::Known(1e-3)
        }
        _ => Unit::Wrong,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_by_meaning_with_their_unit() {
        use Heading::{Known as Carried, Quantity as Q, Region, Unknown};
        use Quantity::{Area, Bmc, Bmd, Fat, FatPercent, Lean, Mass, T, Z};
        use Unit::{Known, Missing, Wrong};
        for (text, wanted) in [
            ("Region", Region),
            ("部位", Region),
            ("Area[cm2]", Q(Area, Known(1.0))),
            ("Area (cm²)", Q(Area, Known(1.0))),
            ("Area[mm2]", Q(Area, Known(1e-2))),
            ("面积(cm²)", Q(Area, Known(1.0))),
            ("Fläche [cm²]", Q(Area, Known(1.0))),
            ("Площадь (см²)", Q(Area, Known(1.0))),
            ("BMC[(g)]", Q(Bmc, Known(1.0))),
            ("BMC (mg)", Q(Bmc, Known(1e-3))),
            ("BMD[g/cm2]", Q(Bmd, Known(1.0))),
            ("BMD (mg/cm²)", Q(Bmd, Known(1e-3))),
            ("骨密度（g/cm²）", Q(Bmd, Known(1.0))),
            ("МПК (г/см²)", Q(Bmd, Known(1.0))),
            ("BMD", Q(Bmd, Missing)),
            ("BMD (g/cm3)", Q(Bmd, Wrong)),
            ("BMD (HU)", Q(Bmd, Wrong)),
            ("BMC [g/cm2]", Q(Bmc, Wrong)),
            ("sBMD (mg/cm2)", Unknown),
            ("BMD CV (%)", Unknown),
            ("BMD change", Unknown),
            ("T-score", Q(T, Known(1.0))),
            ("T", Q(T, Known(1.0))),
            ("T值", Q(T, Known(1.0))),
            ("T - score", Q(T, Known(1.0))),
            ("Young-Adult T-score", Q(T, Known(1.0))),
            ("Z-Wert", Q(Z, Known(1.0))),
            ("Z-score (SD)", Q(Z, Known(1.0))),
            ("PR (%)", Carried),
            ("AM (%)", Carried),
            ("Young-Adult (%)", Carried),
            ("Fat[(g)]", Q(Fat, Known(1.0))),
            ("Lean (kg)", Q(Lean, Known(1e3))),
            ("Lean+BMC (g)", Carried),
            ("Total[(g)]", Q(Mass, Known(1.0))),
            ("Total Mass (kg)", Q(Mass, Known(1e3))),
            ("% Fat[(%)]", Q(FatPercent, Known(1.0))),
            ("Region (%Fat)", Q(FatPercent, Known(1.0))),
            ("Tissue (%Fat)", Carried),
            ("Length", Unknown),
            ("", Unknown),
        ] {
            assert_eq!(heading(text), wanted, "{text}");
        }
    }
}
