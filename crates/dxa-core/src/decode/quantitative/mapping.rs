//! A Real World Value Mapping item: what stored values mean.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::guard::Elements;

/// From stored values to values in a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMapping {
    /// First stored value that is mapped.
    pub first: i32,
    /// Last stored value that is mapped.
    pub last: i32,
    /// How.
    pub curve: Curve,
}

/// The two ways in which an item maps values.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// A straight line.
    Linear {
        /// Value of one stored step.
        slope: f64,
        /// Value of stored zero.
        intercept: f64,
    },
    /// One value for each stored value from the first on.
    Table(Vec<f64>),
}

impl ValueMapping {
    /// A straight line over all stored values; `None` where it is flat or not finite.
    #[must_use]
    pub fn linear(slope: f64, intercept: f64) -> Option<Self> {
        let usable = slope.is_finite() && intercept.is_finite() && slope != 0.0;
        let curve = Curve::Linear { slope, intercept };
        usable.then_some(Self { first: i32::MIN, last: i32::MAX, curve })
    }

    /// The value of a stored value; `None` outside of the mapped range.
    #[must_use]
    pub fn value(&self, stored: i32) -> Option<f64> {
        if !(self.first..=self.last).contains(&stored) {
            return None;
        }
        match &self.curve {
            Curve::Linear { slope, intercept } => Some(slope * f64::from(stored) + intercept),
            Curve::Table(values) => {
                values.get(usize::try_from(stored.checked_sub(self.first)?).ok()?).copied()
            }
        }
    }

    /// The difference that one stored step makes, on average.
    #[must_use]
    pub fn step(&self) -> f64 {
        match &self.curve {
            Curve::Linear { slope, .. } => slope.abs(),
            Curve::Table(values) => match (values.first(), values.last()) {
                (Some(first), Some(last)) if values.len() > 1 => {
                    (last - first).abs() / (values.len() - 1) as f64
                }
                _ => 0.0,
            },
        }
    }

    /// Whether greater stored values mean greater values.
    #[must_use]
    pub fn rises(&self) -> bool {
        match &self.curve {
            Curve::Linear { slope, .. } => *slope > 0.0,
            Curve::Table(values) => {
                values.windows(2).all(|pair| pair[0] <= pair[1]) && values.first() < values.last()
            }
        }
    }

    /// The numbers of one item; `None` where it maps nothing.
    pub(super) fn read(item: Elements<'_>, signed: bool) -> Option<Self> {
        let end = |tag: Tag| {
            let word = item.get(tag)?.u16()?;
            Some(if signed { i32::from(word.cast_signed()) } else { i32::from(word) })
        };
        let double = |tag: Tag| item.get(tag).and_then(|element| element.f64s().first().copied());
        let ends =
            (end(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED), end(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED));
        let table = item.get(tags::REAL_WORLD_VALUE_LUT_DATA).map(|element| element.f64s());
        let mapping = match (double(tags::REAL_WORLD_VALUE_SLOPE), table) {
            (Some(slope), _) => {
                let line = Self::linear(slope, double(tags::REAL_WORLD_VALUE_INTERCEPT).unwrap_or(0.0))?;
                Self { first: ends.0.unwrap_or(line.first), last: ends.1.unwrap_or(line.last), ..line }
            }
            (None, Some(values)) => {
                let first = ends.0?;
                let last = first.checked_add(i32::try_from(values.len()).ok()?.checked_sub(1)?)?;
                let whole = values.iter().all(|value| value.is_finite()) && ends.1 == Some(last);
                whole.then_some(Self { first, last, curve: Curve::Table(values) })?
            }
            (None, None) => return None,
        };
        (mapping.first < mapping.last).then_some(mapping)
    }
}
