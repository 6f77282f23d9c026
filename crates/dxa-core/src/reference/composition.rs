//! Reference curves of body composition: LMS by sex and age, for adults and children apart.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::sidecar::Status;
use super::table::LmsKnot;
use crate::patient::Sex;
use crate::units::Years;

/// A quantity of body composition that a curve is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompositionQuantity {
    /// Fat mass over height squared.
    FatMassIndex,
    /// Lean mass over height squared.
    LeanMassIndex,
    /// Lean mass of arms and legs over height squared.
    AppendicularLeanMassIndex,
    /// Fat in percent of total mass.
    FatPercent,
    /// Android fat mass over gynoid fat mass.
    AndroidGynoidFatRatio,
}

impl CompositionQuantity {
    /// All, in the order of results.
    pub const ALL: [Self; 5] = [
        Self::FatMassIndex,
        Self::LeanMassIndex,
        Self::AppendicularLeanMassIndex,
        Self::FatPercent,
        Self::AndroidGynoidFatRatio,
    ];

    /// Its name in tables and results.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FatMassIndex => "fmi",
            Self::LeanMassIndex => "lmi",
            Self::AppendicularLeanMassIndex => "almi",
            Self::FatPercent => "fat_percent",
            Self::AndroidGynoidFatRatio => "android_gynoid_fat_ratio",
        }
    }

    /// Its unit, in UCUM.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::FatMassIndex | Self::LeanMassIndex | Self::AppendicularLeanMassIndex => "kg/m2",
            Self::FatPercent => "%",
            Self::AndroidGynoidFatRatio => "1",
        }
    }
}

/// Whose curve: the two meet at 18, where adults' begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Child,
    Adult,
}

/// Age at which adults' curves begin, years.
const ADULT_CURVES_FROM: f64 = 18.0;

/// A table of body composition with its provenance.
#[derive(Clone, Debug, PartialEq)]
pub struct CompositionTable {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Population in words.
    pub population: String,
    /// How far the numbers may be trusted.
    pub status: Status,
    /// SHA-256 of the rows.
    pub sha256: String,
    curves: BTreeMap<(CompositionQuantity, Group, Sex), Vec<LmsKnot>>,
}

/// Its provenance file; an unknown field is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields that people read are needed, and never interpreted")]
struct SidecarFile {
    id: String,
    version: String,
    status: Status,
    population: String,
    manufacturer: String,
    citation: String,
    where_read: String,
    licence: String,
    notes: Option<String>,
    sha256: String,
}

const CSV: &[u8] = include_bytes!("../../../../reference-data/composition/austria-lead-2020.csv");
const SIDECAR: &str = include_str!("../../../../reference-data/composition/austria-lead-2020.toml");

impl CompositionTable {
    /// The Austrian table of `reference-data/composition`.
    #[must_use]
    pub fn bundled() -> Option<&'static Self> {
        static TABLE: OnceLock<Option<CompositionTable>> = OnceLock::new();
        // A test proves that it loads.
        TABLE.get_or_init(|| Self::load(CSV, SIDECAR).ok()).as_ref()
    }

    /// Reads a table.
    fn load(csv: &[u8], sidecar: &str) -> Result<Self, String> {
        let file: SidecarFile = toml::from_str(sidecar).map_err(|error| super::sidecar::one_line(&error))?;
        if file.sha256 != super::sha256_hex(csv) {
            return Err("the checksum differs".to_owned());
        }
        let SidecarFile { id, version, status, population, sha256, .. } = file;
        Ok(Self { id, version, population, status, sha256, curves: curves(csv)? })
    }

    /// L, M and S at an age, linear between the rows; `None` outside the curve.
    #[must_use]
    pub fn at_age(&self, quantity: CompositionQuantity, sex: Sex, age: Years) -> Option<LmsKnot> {
        let age = age.get();
        let group = if age < ADULT_CURVES_FROM { Group::Child } else { Group::Adult };
        let curve = self.curves.get(&(quantity, group, sex))?;
        let pair = curve.windows(2).find(|pair| pair[0].age <= age && age <= pair[1].age)?;
        let share = (age - pair[0].age) / (pair[1].age - pair[0].age);
        let between = |from: f64, to: f64| share.mul_add(to - from, from);
        Some(LmsKnot {
            age,
            l: between(pair[0].l, pair[1].l),
            m: between(pair[0].m, pair[1].m),
            s: between(pair[0].s, pair[1].s),
        })
    }
}

type Curves = BTreeMap<(CompositionQuantity, Group, Sex), Vec<LmsKnot>>;

fn curves(csv: &[u8]) -> Result<Curves, String> {
    let mut reader = csv::Reader::from_reader(csv);
    if reader.headers().map_err(|error| error.to_string())?.iter().ne(HEADER) {
        return Err("the header differs".to_owned());
    }
    let mut curves = Curves::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let (key, knot) = row(&record).ok_or_else(|| format!("row {record:?} cannot be read"))?;
        let curve = curves.entry(key).or_default();
        if curve.last().is_some_and(|last| last.age >= knot.age) {
            return Err(format!("row {record:?} is not sorted by age"));
        }
        curve.push(knot);
    }
    Ok(curves)
}

const HEADER: [&str; 7] = ["quantity", "group", "sex", "age", "l", "m", "s"];

fn row(record: &csv::StringRecord) -> Option<((CompositionQuantity, Group, Sex), LmsKnot)> {
    let quantity = CompositionQuantity::ALL.into_iter().find(|quantity| quantity.code() == &record[0])?;
    let group = [("child", Group::Child), ("adult", Group::Adult)]
        .into_iter()
        .find(|(code, _)| *code == &record[1])?
        .1;
    let sex = [Sex::Female, Sex::Male].into_iter().find(|sex| sex.code() == &record[2])?;
    let number = |at: usize| record.get(at)?.parse::<f64>().ok().filter(|number| number.is_finite());
    let knot = LmsKnot { age: number(3)?, l: number(4)?, m: number(5)?, s: number(6)? };
    (knot.m > 0.0 && knot.s > 0.0).then_some(((quantity, group, sex), knot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_table_loads_and_a_changed_one_does_not() {
        assert_eq!(CompositionTable::load(CSV, SIDECAR).as_ref().ok(), CompositionTable::bundled());
        assert!(CompositionTable::bundled().is_some());
        let changed = [CSV, b"fmi,adult,M,82,0.4,9.2,0.3\n"].concat();
        assert_eq!(CompositionTable::load(&changed, SIDECAR), Err("the checksum differs".to_owned()));
    }

    #[test]
    fn curves_are_linear_between_rows_and_end_where_they_end() {
        let table = CompositionTable::bundled().unwrap();
        let at = |quantity, sex, age| table.at_age(quantity, sex, Years::new(age).unwrap());
        let fmi = CompositionQuantity::FatMassIndex;
        // Women at 60 and 65: L 0.11237, 0.18773; M 10.40274, 10.91335; S 0.34280, 0.32983.
        let middle = at(fmi, Sex::Female, 62.5).unwrap();
        assert!((middle.l - 0.15005).abs() < 1e-9);
        assert!((middle.m - 10.658_045).abs() < 1e-9);
        assert!((middle.s - 0.336_315).abs() < 1e-9);
        assert!(at(fmi, Sex::Male, 81.0).is_some() && at(fmi, Sex::Male, 81.01).is_none());
        assert!(at(fmi, Sex::Male, 6.0).is_some() && at(fmi, Sex::Male, 5.99).is_none());
        // Fat percent is there for children only, the android and gynoid ratio for adults only.
        assert!(at(CompositionQuantity::FatPercent, Sex::Male, 40.0).is_none());
        assert!(at(CompositionQuantity::AndroidGynoidFatRatio, Sex::Female, 12.0).is_none());
    }
}
