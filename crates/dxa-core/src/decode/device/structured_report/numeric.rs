//! The value of a measurement in the canonical unit of its quantity.

use super::super::headings::Quantity;
use super::super::numbers::Measure;
use super::content::{Code, ContentItem};

/// Why a value is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The unit belongs to another quantity, or is no unit.
    UnitContradicts,
    /// A density, mass or area without a unit.
    UnitMissing,
    /// Not one finite decimal number.
    NotANumber,
}

impl Doubt {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UnitContradicts => "unit_contradicts_concept",
            Self::UnitMissing => "unit_unknown",
            Self::NotANumber => "number_ambiguous",
        }
    }

    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::UnitContradicts => "The unit of a measurement contradicts what it is said to be",
            Self::UnitMissing => "A measurement has no unit",
            Self::NotANumber => "The value of a measurement is not one number",
        }
    }
}

/// Longest decimal string that DICOM allows, with some room.
const LONGEST: usize = 32;

/// The measured value; `None` when the report says that there is none.
pub(super) fn measure(item: &ContentItem, quantity: Quantity) -> Result<Option<Measure>, Doubt> {
    let Some(numeric) = &item.numeric else { return Ok(None) };
    let Some(text) = numeric.value.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let factor = factor(quantity, numeric.unit.as_ref())?;
    let measure = decimal(text).ok_or(Doubt::NotANumber)?;
    Ok(Some(Measure { value: measure.value * factor + 0.0, half_unit: measure.half_unit * factor }))
}

fn decimal(text: &str) -> Option<Measure> {
    let fits = text.len() <= LONGEST
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    let value: f64 = text.parse().ok().filter(|value: &f64| fits && value.is_finite())?;
    let exponent = text.contains(['e', 'E']);
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let half_unit = if exponent { 0.0 } else { 0.5 / 10f64.powi(i32::try_from(decimals).ok()?) };
    Some(Measure { value, half_unit })
}

fn factor(quantity: Quantity, unit: Option<&Code>) -> Result<f64, Doubt> {
    let unit = unit.map_or("", |unit| unit.value.trim());
    let bare = unit.is_empty() || unit == "1" || (unit.starts_with('{') && unit.ends_with('}'));
    let contradicts = Err(Doubt::UnitContradicts);
    match quantity {
        Quantity::T | Quantity::Z => return if bare { Ok(1.0) } else { contradicts },
        _ if unit.is_empty() => return Err(Doubt::UnitMissing),
        _ => {}
    }
    match (quantity, unit) {
        (Quantity::Bmd, "g/cm2" | "g.cm-2") | (Quantity::Area, "cm2") | (Quantity::FatPercent, "%") => {
            Ok(1.0)
        }
        (Quantity::Bmd, "mg/cm2" | "mg.cm-2") => Ok(1e-3),
        // One kilogram on a square meter is 1000 g on 10 000 cm².
        (Quantity::Bmd, "kg/m2" | "kg.m-2") => Ok(0.1),
        (Quantity::Area, "mm2") => Ok(1e-2),
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, "g") => Ok(1.0),
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, "kg") => Ok(1e3),
        (Quantity::Bmc | Quantity::Fat | Quantity::Lean | Quantity::Mass, "mg") => Ok(1e-3),
        _ => contradicts,
    }
}
