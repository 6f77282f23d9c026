//! Genant's rule: losses of height to shape and grade.

use crate::measure::morphometry::Heights;

/// Losses of height as parts of the height they are taken against; negative where a height is larger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// Of the anterior height.
    pub anterior: f64,
    /// Of the middle height.
    pub middle: f64,
    /// Of the posterior height against the expected one; `None` where nothing can be expected.
    pub posterior: Option<f64>,
}

/// Shape of a deformity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// No loss of a fifth.
    None,
    /// The anterior height lost most.
    Wedge,
    /// The middle height lost most.
    Biconcave,
    /// The posterior height is a fifth below what is expected.
    Crush,
}

impl Shape {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Wedge => "wedge",
            Self::Biconcave => "biconcave",
            Self::Crush => "crush",
        }
    }
}

/// Loss from which a deformity is mild.
pub const MILD_FROM: f64 = 0.20;
/// Loss from which a deformity is moderate.
pub const MODERATE_FROM: f64 = 0.25;
/// Loss above which a deformity is severe.
pub const SEVERE_ABOVE: f64 = 0.40;

/// Losses of a body, against the expected height when it is crushed and against its own posterior height
/// when it is not.
///
/// loss = 1 − H / reference, rounded to 1e-9 so that binary noise decides no grade
///
/// # References
/// Genant 1993 as in clinical rule `genant`.
///
/// ```
/// use dxa_core::grade::{Shape, grade_of, losses, shape_of};
/// use dxa_core::measure::morphometry::Heights;
/// let body = Heights { anterior: 20.0, middle: 22.0, posterior: 25.0 };
/// let found = losses(&body, Some(26.0));
/// assert_eq!((found.anterior, found.middle), (0.2, 0.12));
/// assert_eq!((grade_of(found.largest()), shape_of(&found)), (1, Shape::Wedge));
/// let crushed = losses(&body, Some(40.0));
/// assert_eq!((crushed.anterior, crushed.posterior), (0.5, Some(0.375)));
/// assert_eq!((grade_of(crushed.largest()), shape_of(&crushed)), (3, Shape::Crush));
/// ```
#[must_use]
pub fn losses(heights: &Heights, expected: Option<f64>) -> Losses {
    let posterior = expected.map(|expected| loss(heights.posterior, expected));
    let reference = match (posterior, expected) {
        (Some(lost), Some(expected)) if lost >= MILD_FROM => expected,
        _ => heights.posterior,
    };
    Losses { anterior: loss(heights.anterior, reference), middle: loss(heights.middle, reference), posterior }
}

fn loss(height: f64, reference: f64) -> f64 {
    crate::units::round_half_away(1.0 - height / reference, 9)
}

impl Losses {
    /// The largest of those given.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.anterior.max(self.middle).max(self.posterior.unwrap_or(f64::NEG_INFINITY))
    }

    /// Whether the posterior height is a fifth or more below the expected one.
    #[must_use]
    pub fn is_crush(&self) -> bool {
        self.posterior.is_some_and(|lost| lost >= MILD_FROM)
    }
}

/// Grade 0 to 3 of the largest loss: [0.20, 0.25) mild, [0.25, 0.40] moderate, above severe.
#[must_use]
pub fn grade_of(largest_loss: f64) -> u8 {
    match largest_loss {
        loss if loss > SEVERE_ABOVE => 3,
        loss if loss >= MODERATE_FROM => 2,
        loss if loss >= MILD_FROM => 1,
        _ => 0,
    }
}

/// Shape of a deformity; a wedge when anterior and middle loss are equal.
#[must_use]
pub fn shape_of(losses: &Losses) -> Shape {
    if grade_of(losses.largest()) == 0 {
        Shape::None
    } else if losses.is_crush() {
        Shape::Crush
    } else if losses.anterior >= losses.middle {
        Shape::Wedge
    } else {
        Shape::Biconcave
    }
}
