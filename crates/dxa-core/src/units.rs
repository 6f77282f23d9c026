//! Physical quantities as types, and the one rounding rule.

use std::ops::Div;

/// Bone mineral content, grams.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Grams(f64);

/// Projected bone area, square centimeters.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Cm2(f64);

/// Areal bone mineral density, grams per square centimeter.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct GramsPerCm2(f64);

/// Length, millimeters.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Millimetres(f64);

/// Age, decimal years (days / 365.25).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Years(f64);

/// A distance from a population mean, in its standard deviations.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Sd(f64);

macro_rules! quantity {
    ($name:ident, $valid:expr, $what:literal) => {
        impl $name {
            #[doc = concat!("Takes ", $what, "; anything else is `None`.")]
            #[must_use]
            pub fn new(value: f64) -> Option<Self> {
                let valid: fn(f64) -> bool = $valid;
                (value.is_finite() && valid(value)).then_some(Self(value))
            }

            /// The bare number, in the unit of the type.
            #[must_use]
            pub fn get(self) -> f64 {
                self.0
            }
        }
    };
}

quantity!(Grams, |v| v >= 0.0, "a finite mass of zero or more");
quantity!(Cm2, |v| v > 0.0, "a finite area above zero");
quantity!(GramsPerCm2, |v| v >= 0.0, "a finite density of zero or more");
quantity!(Millimetres, |_| true, "any finite length");
quantity!(Years, |v| (0.0..=130.0).contains(&v), "an age from 0 to 130 years");
quantity!(Sd, |_| true, "any finite number");

impl Div<Cm2> for Grams {
    type Output = GramsPerCm2;

    fn div(self, area: Cm2) -> GramsPerCm2 {
        GramsPerCm2(self.0 / area.0)
    }
}

impl std::iter::Sum for Grams {
    fn sum<I: Iterator<Item = Self>>(masses: I) -> Self {
        Self(masses.map(Self::get).sum())
    }
}

/// Rounds half away from zero to `decimals` places and never returns −0.0.
///
/// A value within 1e-9 of a half counts as the half, so that binary noise in a
/// decimal such as −1.05 does not decide which way it goes.
///
/// ```
/// use dxa_core::units::round_half_away;
/// assert_eq!(round_half_away(-1.05, 1), -1.1);
/// assert_eq!(round_half_away(-2.449_999, 1), -2.4);
/// assert!(round_half_away(-0.04, 1).is_sign_positive());
/// ```
#[must_use]
pub fn round_half_away(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    let magnitude = (value.abs() * scale + 0.5 + 1e-9).floor() / scale;
    if value < 0.0 && magnitude > 0.0 { -magnitude } else { magnitude }
}
