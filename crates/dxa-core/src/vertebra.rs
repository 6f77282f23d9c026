//! A vertebral body seen from the side: its level and its six points.

use std::fmt;
use std::str::FromStr;

use crate::geometry::DetectorPoint;

/// A level of the spine that vertebral morphometry knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    T4,
    T5,
    T6,
    T7,
    T8,
    T9,
    T10,
    T11,
    T12,
    L1,
    L2,
    L3,
    L4,
    L5,
}

impl Level {
    /// All, from above.
    pub const ALL: [Self; 14] = [
        Self::T4,
        Self::T5,
        Self::T6,
        Self::T7,
        Self::T8,
        Self::T9,
        Self::T10,
        Self::T11,
        Self::T12,
        Self::L1,
        Self::L2,
        Self::L3,
        Self::L4,
        Self::L5,
    ];

    /// Its name.
    #[must_use]
    pub fn code(self) -> &'static str {
        const CODES: [&str; 14] =
            ["T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"];
        CODES[self.index()]
    }

    /// Its place in [`Level::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// How many levels lie between, plus one; neighbors are one apart.
    #[must_use]
    pub fn distance(self, other: Self) -> usize {
        self.index().abs_diff(other.index())
    }

    /// The next level above.
    #[must_use]
    pub fn above(self) -> Option<Self> {
        self.index().checked_sub(1).and_then(|index| Self::ALL.get(index)).copied()
    }

    /// The next level below.
    #[must_use]
    pub fn below(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }

    /// The other levels at most `reach` away, from above.
    pub fn within(self, reach: usize) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |other| *other != self && self.distance(*other) <= reach)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A text that names no level from T4 to L5.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level from T4 to L5")]
pub struct UnknownLevel(String);

impl FromStr for Level {
    type Err = UnknownLevel;

    /// Capitals and surrounding blanks do not matter.
    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let name = text.trim();
        let found = Self::ALL.into_iter().find(|level| level.code().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// The six points of a vertebral body: corners and middles of both endplates, without osteophytes.
///
/// Of a double endplate contour the middle line is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SixPoints<P = DetectorPoint> {
    /// Posterior superior.
    pub ps: P,
    /// Middle superior.
    pub ms: P,
    /// Anterior superior.
    pub as_: P,
    /// Anterior inferior.
    pub ai: P,
    /// Middle inferior.
    pub mi: P,
    /// Posterior inferior.
    pub pi: P,
}

impl<P: Copy> SixPoints<P> {
    /// The six in the order of the contract: around the body from the posterior superior corner.
    #[must_use]
    pub fn from_array([ps, ms, as_, ai, mi, pi]: [P; 6]) -> Self {
        Self { ps, ms, as_, ai, mi, pi }
    }

    /// The six in the order of the contract.
    #[must_use]
    pub fn to_array(self) -> [P; 6] {
        [self.ps, self.ms, self.as_, self.ai, self.mi, self.pi]
    }

    /// The same points in another plane or unit.
    #[must_use]
    pub fn map<Q: Copy>(self, change: impl FnMut(P) -> Q) -> SixPoints<Q> {
        SixPoints::from_array(self.to_array().map(change))
    }
}

/// What a reader says of a vertebral fracture that heights make likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FractureReading {
    /// It is a fragility fracture.
    Confirmed,
    /// It is none: old, of another cause, or no fracture at all.
    Rejected,
}

impl FractureReading {
    /// Both, for reading codes.
    pub const ALL: [Self; 2] = [Self::Confirmed, Self::Rejected];

    /// The code of results and corrections.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
        }
    }
}

/// Names of the six points, in the order of the contract.
pub const POINT_NAMES: [&str; 6] = ["ps", "ms", "as", "ai", "mi", "pi"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_read_back_from_its_name() {
        for level in Level::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
            assert_eq!(format!(" {} ", level.code().to_lowercase()).parse(), Ok(level));
        }
        for wrong in ["", "T3", "L6", "S1", "T13", "12"] {
            assert!(wrong.parse::<Level>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn neighbors_and_distances_follow_the_spine() {
        assert_eq!((Level::T12.below(), Level::L1.above()), (Some(Level::L1), Some(Level::T12)));
        assert_eq!((Level::T4.above(), Level::L5.below()), (None, None));
        assert_eq!(Level::T12.distance(Level::L2), 2);
        assert_eq!(Level::T5.within(2).collect::<Vec<_>>(), [Level::T4, Level::T6, Level::T7]);
    }
}
