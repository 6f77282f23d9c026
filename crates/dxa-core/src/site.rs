//! Where on the skeleton a number was measured: a closed vocabulary.

use std::fmt;
use std::str::FromStr;

/// Body side; `Both` is only ever a mean of two hips that a device printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
    /// The mean of left and right, as printed by a device.
    Both,
}

impl Side {
    /// `L`, `R` or `B`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Left => "L",
            Self::Right => "R",
            Self::Both => "B",
        }
    }
}

/// A lumbar vertebra that densitometry measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lumbar {
    /// First lumbar vertebra.
    L1,
    /// Second lumbar vertebra.
    L2,
    /// Third lumbar vertebra.
    L3,
    /// Fourth lumbar vertebra.
    L4,
}

impl Lumbar {
    /// The four, from above.
    pub const ALL: [Self; 4] = [Self::L1, Self::L2, Self::L3, Self::L4];

    /// `L1` to `L4`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A non-empty set of lumbar vertebrae: an exclusion is a value, not a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LumbarSet(u8);

impl LumbarSet {
    /// L1 to L4.
    pub const FULL: Self = Self(0b1111);

    /// The set of these vertebrae; `None` when there are none.
    #[must_use]
    pub fn new(vertebrae: &[Lumbar]) -> Option<Self> {
        let bits = vertebrae.iter().fold(0, |bits, v| bits | v.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// Its vertebrae, from above.
    pub fn iter(self) -> impl Iterator<Item = Lumbar> {
        Lumbar::ALL.into_iter().filter(move |v| self.0 & v.bit() != 0)
    }

    /// How many vertebrae.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Never true; a set has at least one vertebra.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All fifteen sets in the order of the contract: by number of vertebrae, then first difference.
    #[must_use]
    pub fn all() -> [Self; 15] {
        let mut sets = [Self(0); 15];
        for (set, bits) in sets.iter_mut().zip(1u8..) {
            *set = Self(bits);
        }
        sets.sort_by_key(|set| set.order());
        sets
    }

    /// The members as digits, 0 filling up: the first difference decides between sets of one size.
    fn order(self) -> (usize, [u8; 4]) {
        let mut members = [0; 4];
        for (slot, vertebra) in members.iter_mut().zip(self.iter()) {
            *slot = vertebra as u8 + 1;
        }
        (self.len(), members)
    }
}

impl fmt::Display for LumbarSet {
    /// Runs of two or more joined by a hyphen: `L1`, `L1,L3-L4`, `L1-L4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = 1;
        let mut first = true;
        while number <= 4 {
            if self.0 & (1 << (number - 1)) == 0 {
                number += 1;
                continue;
            }
            let start = number;
            while number < 4 && self.0 & (1 << number) != 0 {
                number += 1;
            }
            if !first {
                f.write_str(",")?;
            }
            first = false;
            write!(f, "L{start}")?;
            if number > start {
                write!(f, "-L{number}")?;
            }
            number += 1;
        }
        Ok(())
    }
}

impl FromStr for LumbarSet {
    type Err = UnknownSite;

    /// Members in any order, `L` optional after the first, hyphens or commas: `L1-L4`, `L3,L1`, `L1-3`.
    fn from_str(text: &str) -> Result<Self, UnknownSite> {
        let unknown = || UnknownSite(text.to_owned());
        let mut bits = 0u8;
        for part in text.split(',') {
            let mut ends = part.split(['-', '–', '—']).map(|end| lumbar_number(end.trim()));
            let from = ends.next().flatten().ok_or_else(unknown)?;
            let to = match ends.next() {
                Some(end) => end.ok_or_else(unknown)?,
                None => from,
            };
            if ends.next().is_some() {
                return Err(unknown());
            }
            for number in from.min(to)..=from.max(to) {
                bits |= 1 << (number - 1);
            }
        }
        if !text.trim_start().starts_with(['L', 'l']) {
            return Err(unknown());
        }
        Ok(Self(bits))
    }
}

fn lumbar_number(text: &str) -> Option<u8> {
    let digits = text.strip_prefix(['L', 'l']).unwrap_or(text);
    match digits {
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        _ => None,
    }
}

/// A region of interest of densitometry, without its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// A vertebra or a set of vertebrae of the AP lumbar spine.
    Lumbar(LumbarSet),
    /// Femoral neck.
    FemoralNeck,
    /// Total hip (neck + trochanter + intertrochanteric).
    TotalHip,
    /// Greater trochanter.
    Trochanter,
    /// Intertrochanteric region (shaft in GE's naming).
    Intertrochanter,
    /// Ward's triangle.
    Wards,
    /// One bone or both of the forearm, and which part of it.
    Forearm(ForearmBone, ForearmPart),
    /// Whole body.
    TotalBody,
    /// Whole body without the head.
    TotalBodyLessHead,
}

/// Which bones a forearm number covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForearmBone {
    /// Radius alone.
    Radius,
    /// Radius and ulna together.
    RadiusUlna,
}

/// Which part of the forearm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForearmPart {
    /// 33 % (one-third) region.
    OneThird,
    /// Mid region.
    Mid,
    /// Ultradistal region.
    Ultradistal,
    /// Total.
    Total,
}

impl Site {
    /// All sites in the order in which results are listed.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use ForearmBone::{Radius, RadiusUlna};
        let mut sites: Vec<Self> = LumbarSet::all().into_iter().map(Self::Lumbar).collect();
        sites.extend([
            Self::FemoralNeck,
            Self::TotalHip,
            Self::Trochanter,
            Self::Intertrochanter,
            Self::Wards,
        ]);
        for bone in [Radius, RadiusUlna] {
            sites.extend(ForearmPart::ALL.map(|part| Self::Forearm(bone, part)));
        }
        sites.extend([Self::TotalBody, Self::TotalBodyLessHead]);
        sites
    }

    /// A key that sorts sites as `Site::all` lists them.
    #[must_use]
    pub fn order(self) -> (u8, usize, [u8; 4]) {
        match self {
            Self::Lumbar(set) => (0, set.order().0, set.order().1),
            Self::FemoralNeck => (1, 0, [0; 4]),
            Self::TotalHip => (1, 1, [0; 4]),
            Self::Trochanter => (1, 2, [0; 4]),
            Self::Intertrochanter => (1, 3, [0; 4]),
            Self::Wards => (1, 4, [0; 4]),
            Self::Forearm(bone, part) => (2, bone as usize, [part as u8, 0, 0, 0]),
            Self::TotalBody => (3, 0, [0; 4]),
            Self::TotalBodyLessHead => (3, 1, [0; 4]),
        }
    }
}

impl ForearmPart {
    /// In the order of the contract.
    pub const ALL: [Self; 4] = [Self::OneThird, Self::Mid, Self::Ultradistal, Self::Total];

    fn code(self) -> &'static str {
        match self {
            Self::OneThird => "33",
            Self::Mid => "mid",
            Self::Ultradistal => "ud",
            Self::Total => "total",
        }
    }
}

impl fmt::Display for Site {
    /// The code of the contract: `L1-L4`, `femoral_neck`, `radius_33`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lumbar(set) => set.fmt(f),
            Self::FemoralNeck => f.write_str("femoral_neck"),
            Self::TotalHip => f.write_str("total_hip"),
            Self::Trochanter => f.write_str("trochanter"),
            Self::Intertrochanter => f.write_str("intertrochanter"),
            Self::Wards => f.write_str("wards"),
            Self::Forearm(ForearmBone::Radius, part) => write!(f, "radius_{}", part.code()),
            Self::Forearm(ForearmBone::RadiusUlna, part) => write!(f, "radius_ulna_{}", part.code()),
            Self::TotalBody => f.write_str("total_body"),
            Self::TotalBodyLessHead => f.write_str("total_body_less_head"),
        }
    }
}

impl FromStr for Site {
    type Err = UnknownSite;

    /// Reads the code of the contract; a lumbar set may name its members in any order.
    fn from_str(code: &str) -> Result<Self, UnknownSite> {
        if let Ok(set) = code.parse() {
            return Ok(Self::Lumbar(set));
        }
        Self::all()
            .into_iter()
            .find(|site| site.to_string() == code)
            .ok_or_else(|| UnknownSite(code.to_owned()))
    }
}

/// A text that names no site of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known site")]
pub struct UnknownSite(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lumbar_subsets_come_in_the_order_of_the_contract() {
        let names: Vec<String> = LumbarSet::all().iter().map(ToString::to_string).collect();
        assert_eq!(
            names.join(" "),
            "L1 L2 L3 L4 L1-L2 L1,L3 L1,L4 L2-L3 L2,L4 L3-L4 L1-L3 L1-L2,L4 L1,L3-L4 L2-L4 L1-L4"
        );
    }

    #[test]
    fn a_subset_is_read_in_any_order() {
        for text in ["L3-L4,L1", "L4,L3,L1", "L1,L3,L4", "L1, L3-4"] {
            assert_eq!(text.parse::<LumbarSet>().unwrap().to_string(), "L1,L3-L4", "{text}");
        }
        for text in ["", "L5", "1-4", "L1-L2-L3", "L", "T12", "L0"] {
            assert!(text.parse::<LumbarSet>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_site_is_read_back_from_its_code_and_sorts_as_listed() {
        let sites = Site::all();
        for site in &sites {
            assert_eq!(site.to_string().parse(), Ok(*site));
        }
        assert!(sites.is_sorted_by_key(|site| site.order()));
    }
}
