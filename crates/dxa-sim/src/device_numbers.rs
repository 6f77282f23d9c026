//! Numbers as a densitometer prints them: whole hundredths and thousandths, so that rows add up exactly.

use serde_json::{Value, json};

use crate::patient::{Patient, Sex};
use crate::random::Random;

/// Body side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

impl Side {
    /// `L` or `R`.
    pub(crate) fn code(self) -> &'static str {
        self.pick("L", "R")
    }

    /// `Left` or `Right`.
    pub(crate) fn word(self) -> &'static str {
        self.pick("Left", "Right")
    }

    /// The first for left, the second for right.
    pub(crate) fn pick<T>(self, left: T, right: T) -> T {
        match self {
            Self::Left => left,
            Self::Right => right,
        }
    }
}

/// Decimal mark of a locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Decimal {
    /// `0.873`.
    #[default]
    Point,
    /// `0,873`.
    Comma,
}

/// One region as printed. Area and content in hundredths, density in thousandths, scores in tenths.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Site in the words of the contract.
    pub(crate) site: String,
    /// What the device calls it.
    pub(crate) label: String,
    /// Side.
    pub(crate) side: Option<Side>,
    /// Area, 0.01 cm².
    pub(crate) area: Option<u32>,
    /// Bone mineral content, 0.01 g.
    pub(crate) bmc: Option<u32>,
    /// Bone mineral density, 0.001 g/cm².
    pub(crate) bmd: Option<u32>,
    /// T-score, tenths.
    pub(crate) t: Option<i32>,
    /// Z-score, tenths.
    pub(crate) z: Option<i32>,
}

/// The made-up population behind the printed scores: mean and SD in 0.001 g/cm², loss in 0.0001 g/cm² a year
/// after 30. Round numbers of the simulator; no published table, whatever name the page prints.
#[derive(Clone, Copy, Debug)]
struct Population {
    mean: i32,
    sd: i32,
    loss: i32,
}

impl Row {
    /// A region whose density is content over area, without scores.
    pub(crate) fn of(site: &str, label: &str, side: Option<Side>, area: u32, bmc: u32) -> Self {
        Self {
            site: site.to_owned(),
            label: label.to_owned(),
            side,
            area: Some(area),
            bmc: Some(bmc),
            bmd: Some(quotient(1000 * bmc, area)),
            t: None,
            z: None,
        }
    }

    /// Several regions as one: ΣBMC / Σarea of the printed values.
    fn sum(site: &str, label: &str, side: Option<Side>, parts: &[&Self]) -> Self {
        let area = parts.iter().filter_map(|part| part.area).sum();
        let bmc = parts.iter().filter_map(|part| part.bmc).sum();
        Self::of(site, label, side, area, bmc)
    }

    fn scored(mut self, patient: &Patient, population: Population) -> Self {
        let Some(bmd) = self.bmd.and_then(|bmd| i32::try_from(bmd).ok()) else { return self };
        let sd = population.sd;
        let expected = population.mean - population.loss * (i32::from(patient.age) - 30).max(0) / 10;
        self.t = Some(signed_quotient(10 * (bmd - population.mean), sd));
        self.z = Some(signed_quotient(10 * (bmd - expected), sd));
        self
    }

    /// As it stands in the truth, in the units of the contract.
    pub(crate) fn to_json(&self, reference: Option<&str>) -> Value {
        let reference = reference.filter(|_| self.t.is_some() || self.z.is_some());
        json!({
            "site": self.site,
            "label": self.label,
            "laterality": self.side.map(Side::code),
            "area_cm2": self.area.map(|n| f64::from(n) / 100.0),
            "bmc_g": self.bmc.map(|n| f64::from(n) / 100.0),
            "bmd_g_cm2": self.bmd.map(|n| f64::from(n) / 1000.0),
            "t": self.t.map(|n| f64::from(n) / 10.0),
            "z": self.z.map(|n| f64::from(n) / 10.0),
            "reference": reference,
        })
    }
}

/// Drops the T-scores, as a device does for a premenopausal woman.
pub(crate) fn without_t(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().map(|row| Row { t: None, ..row }).collect()
}

/// L1 to L4 and all eleven combinations, in the order a Hologic page prints them.
pub(crate) fn spine(patient: &Patient, random: &mut Random) -> Vec<Row> {
    let level = random.between(780, 1020);
    let single: Vec<_> = (0..4)
        .map(|index| {
            let area = random.between(1240, 1320) + 70 * index;
            let density = level + 28 * index + random.between(0, 40);
            Row::of(&format!("L{}", index + 1), "", None, area, quotient(density * area, 1000))
        })
        .collect();
    spine_sets()
        .iter()
        .map(|members| {
            let parts: Vec<_> = members.iter().filter_map(|&index| single.get(index)).collect();
            let name = set_name(members);
            Row::sum(&name, &name, None, &parts).scored(patient, spine_population(members))
        })
        .collect()
}

/// Indices of the vertebrae of every set: by size, then by first difference.
fn spine_sets() -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> =
        (1u32..16).map(|bits| (0..4).filter(|index| bits >> index & 1 == 1).collect()).collect();
    sets.sort_by_key(|members| (members.len(), members.clone()));
    sets
}

/// Runs of two or more joined by a hyphen, the rest by commas: `L1,L3-L4`.
fn set_name(members: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &member in members {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == member => run.1 = member,
            _ => runs.push((member, member)),
        }
    }
    let name = |&(first, last): &(usize, usize)| {
        if first == last { format!("L{}", first + 1) } else { format!("L{}-L{}", first + 1, last + 1) }
    };
    runs.iter().map(name).collect::<Vec<_>>().join(",")
}

/// Every set has a mean of its own, so that the score of a set is not the mean of its members' scores.
fn spine_population(members: &[usize]) -> Population {
    let means = [960, 1040, 1080, 1060];
    let sum: i32 = members.iter().filter_map(|&index| means.get(index)).sum();
    let count = i32::try_from(members.len()).unwrap_or(1).max(1);
    Population { mean: sum / count + 3 * (count - 1), sd: 112 - 2 * count, loss: 40 }
}

/// Neck, trochanter, intertrochanteric, total and Ward's area of one hip.
pub(crate) fn hip(side: Side, patient: &Patient, random: &mut Random) -> Vec<Row> {
    let larger = if patient.sex == Sex::Male { 120 } else { 100 };
    let mut part = |site: &str, label: &str, area: u32, density: u32| {
        let area = random.between(area * 95, area * 105) * larger / 10_000;
        Row::of(site, label, Some(side), area, quotient((density + random.between(0, 90)) * area, 1000))
    };
    let neck = part("femoral_neck", "Neck", 510, 650);
    let trochanter = part("trochanter", "Troch", 1120, 560);
    let inter = part("intertrochanter", "Inter", 1820, 930);
    let ward = part("wards", "Ward's", 114, 470);
    let total = Row::sum("total_hip", "Total", Some(side), &[&neck, &trochanter, &inter]);
    let scale = [(860, 120), (710, 100), (1110, 150), (950, 120), (740, 130)];
    [neck, trochanter, inter, total, ward]
        .into_iter()
        .zip(scale)
        .map(|(row, (mean, sd))| row.scored(patient, Population { mean, sd, loss: 45 }))
        .collect()
}

/// Radius and radius with ulna of one forearm; only the radius has scores.
pub(crate) fn forearm(side: Side, patient: &Patient, random: &mut Random) -> Vec<Row> {
    let parts = [("33", "1/3", 270, 640), ("mid", "MID", 680, 530), ("ud", "UD", 390, 380)];
    let mut rows = Vec::new();
    for (bone, site, wider) in [("Radius", "radius", 100), ("Radius + Ulna", "radius_ulna", 178)] {
        let mut row = |(end, label, area, density): (&str, &str, u32, u32)| {
            let area = random.between(area * 96, area * 104) * wider / 10_000;
            let bmc = quotient((density + random.between(0, 70)) * area, 1000);
            Row::of(&format!("{site}_{end}"), &format!("{bone} {label}"), Some(side), area, bmc)
        };
        let measured = parts.map(&mut row);
        let all: Vec<_> = measured.iter().collect();
        let total = Row::sum(&format!("{site}_total"), &format!("{bone} Total"), Some(side), &all);
        rows.extend(measured);
        rows.push(total);
    }
    let scale = [(690, 60), (600, 50), (440, 55), (580, 50)];
    for (row, (mean, sd)) in rows.iter_mut().zip(scale) {
        *row = row.clone().scored(patient, Population { mean, sd, loss: 30 });
    }
    rows
}

/// Body composition of one part, in 0.1 g and 0.1 percent.
#[derive(Clone, Debug)]
pub(crate) struct Composition {
    /// Part in the words of the contract; empty where the contract has none (`Subtotal`).
    pub(crate) part: &'static str,
    /// What the device calls it.
    pub(crate) label: &'static str,
    /// Bone of the part; `None` for parts that overlap others.
    pub(crate) bone: Option<Row>,
    /// Fat, 0.1 g.
    pub(crate) fat: u32,
    /// Lean without bone, 0.1 g.
    pub(crate) lean: u32,
}

impl Composition {
    /// Fat, lean and bone, 0.1 g.
    pub(crate) fn total(&self) -> u32 {
        let bone = self.bone.as_ref().and_then(|bone| bone.bmc).unwrap_or(0);
        self.fat + self.lean + quotient(bone, 10)
    }

    /// Fat of total, 0.1 %.
    pub(crate) fn fat_percent(&self) -> u32 {
        quotient(1000 * self.fat, self.total())
    }

    /// As it stands in the truth.
    pub(crate) fn to_json(&self) -> Value {
        let tenth = |n: u32| f64::from(n) / 10.0;
        json!({
            "region": Some(self.part).filter(|part| !part.is_empty()),
            "label": self.label,
            "fat_g": tenth(self.fat),
            "lean_g": tenth(self.lean),
            "total_g": tenth(self.total()),
            "fat_percent": tenth(self.fat_percent()),
        })
    }

    fn sum(part: &'static str, label: &'static str, site: &str, parts: &[&Self]) -> Self {
        let bones: Vec<_> = parts.iter().filter_map(|part| part.bone.as_ref()).collect();
        Self {
            part,
            label,
            bone: Some(Row::sum(site, label, None, &bones)),
            fat: parts.iter().map(|part| part.fat).sum(),
            lean: parts.iter().map(|part| part.lean).sum(),
        }
    }
}

/// A whole body: five parts, the sum without the head, the head, the sum of all, and two overlapping regions.
pub(crate) fn whole_body(patient: &Patient, random: &mut Random) -> Vec<Composition> {
    let share = u32::from(patient.weight_kg);
    // Label, code, area in 0.01 cm², density in 0.001 g/cm², fat and lean in 0.1 g for each kg of body weight.
    let parts = [
        ("L Arm", "left_arm", 17_000, 690, 240, 330),
        ("R Arm", "right_arm", 17_400, 700, 235, 340),
        ("Trunk", "trunk", 62_000, 860, 1500, 3000),
        ("L Leg", "left_leg", 33_000, 1080, 620, 1010),
        ("R Leg", "right_leg", 33_200, 1090, 625, 1020),
        ("Head", "head", 23_000, 2050, 150, 470),
    ];
    let mut measured = parts.map(|(label, part, area, density, fat, lean)| {
        let area = random.between(area - area / 50, area + area / 50);
        let bmc = quotient((density + random.between(0, 60)) * (area / 10), 100);
        let bone = Some(Row::of(part, label, None, area, bmc));
        let jitter = random.between(95, 105);
        Composition { part, label, bone, fat: fat * share * jitter / 100, lean: lean * share * jitter / 100 }
    });
    let limbs: Vec<_> = measured.iter().take(5).collect();
    let subtotal = Composition::sum("", "Subtotal", "total_body_less_head", &limbs);
    let mut total = Composition::sum("total", "Total", "total_body", &measured.iter().collect::<Vec<_>>());
    total.bone = total.bone.map(|row| row.scored(patient, Population { mean: 1120, sd: 90, loss: 30 }));
    let android =
        Composition { part: "android", label: "Android", bone: None, fat: 300 * share, lean: 430 * share };
    let gynoid =
        Composition { part: "gynoid", label: "Gynoid", bone: None, fat: 640 * share, lean: 890 * share };
    let head = measured[5].clone();
    measured[5] = subtotal;
    measured.into_iter().chain([head, total, android, gynoid]).collect()
}

/// `number` of `10^places`ths in decimal notation.
pub(crate) fn fixed(number: i64, places: usize, decimal: Decimal) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", number.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let mark = match decimal {
        Decimal::Point => '.',
        Decimal::Comma => ',',
    };
    format!("{sign}{whole}{mark}{fraction}")
}

/// A quotient rounded half up; zero when there is nothing to divide by.
pub(crate) fn quotient(numerator: u32, denominator: u32) -> u32 {
    let (numerator, denominator) = (u64::from(numerator), u64::from(denominator.max(1)));
    u32::try_from((2 * numerator + denominator) / (2 * denominator)).unwrap_or(u32::MAX)
}

/// A quotient rounded half away from zero.
fn signed_quotient(numerator: i32, denominator: i32) -> i32 {
    let rounded = quotient(numerator.unsigned_abs(), denominator.unsigned_abs());
    i32::try_from(rounded).unwrap_or(i32::MAX) * numerator.signum()
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Row, fixed, set_name, spine, spine_sets, whole_body};
    use crate::patient::Patient;
    use crate::random::Random;

    #[test]
    fn names_all_fifteen_sets_in_the_printed_order() {
        let names: Vec<_> = spine_sets().iter().map(|set| set_name(set)).collect();
        let expected = "L1 L2 L3 L4 L1-L2 L1,L3 L1,L4 L2-L3 L2,L4 L3-L4 L1-L3 L1-L2,L4 L1,L3-L4 L2-L4 L1-L4";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn rows_of_a_real_page_are_reproduced() {
        // Printed by a Hologic Horizon A: 55.77 cm², 51.85 g, 0.930 g/cm².
        assert_eq!(Row::of("L1-L4", "", None, 5577, 5185).bmd, Some(930));
    }

    #[test]
    fn density_is_content_over_area_for_many_seeds() {
        let patient = Patient::woman(1, "Sim^Test");
        for seed in 0..200 {
            for row in spine(&patient, &mut Random::new(seed, "test")) {
                let (area, bmc) = (f64::from(row.area.unwrap()), f64::from(row.bmc.unwrap()));
                assert!((f64::from(row.bmd.unwrap()) - 1000.0 * bmc / area).abs() <= 0.500_001);
            }
        }
    }

    #[test]
    fn a_body_is_the_sum_of_its_parts() {
        let rows = whole_body(&Patient::woman(1, "Sim^Test"), &mut Random::new(1, "test"));
        let mass = |label: &str| rows.iter().find(|row| row.label == label).unwrap().fat;
        assert_eq!(mass("Total"), mass("Subtotal") + mass("Head"));
    }

    #[test]
    fn writes_numbers_of_both_locales() {
        assert_eq!(fixed(-3, 1, Decimal::Point), "-0.3");
        assert_eq!(fixed(873, 3, Decimal::Comma), "0,873");
    }
}
