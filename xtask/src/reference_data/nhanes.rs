//! The raw public records: who was examined, and what the spine and femur scans say.
//!
//! Files are the CSV exports of the NCHS releases, compressed with xz, one folder:
//! `DEMO_x`, `DXXSPN_x`, `DXXFEM_x` with x the letter of the cycle.
//! Each person has one record a file; nothing in them is imputed and nothing is imputed here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::StringRecord;
use dxa_core::patient::Sex;
use sha2::{Digest, Sha256};

/// A two-year cycle of the survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cycle {
    /// 2005-2006, files `_D`.
    Y2005,
    /// 2007-2008, files `_E`.
    Y2007,
    /// 2013-2014, files `_H`.
    Y2013,
}

impl Cycle {
    /// All that are read.
    pub(super) const ALL: [Self; 3] = [Self::Y2005, Self::Y2007, Self::Y2013];

    /// The letter of its files.
    fn letter(self) -> char {
        match self {
            Self::Y2005 => 'D',
            Self::Y2007 => 'E',
            Self::Y2013 => 'H',
        }
    }

    /// The name of one of its files.
    pub(super) fn file(self, stem: &str) -> String {
        format!("{stem}_{}.csv.xz", self.letter())
    }

    /// Its years as text.
    pub(super) fn years(self) -> &'static str {
        match self {
            Self::Y2005 => "2005-2006",
            Self::Y2007 => "2007-2008",
            Self::Y2013 => "2013-2014",
        }
    }

    /// The completed year of age that stands for itself and every older one.
    fn top_coded_age(self) -> u8 {
        match self {
            Self::Y2005 => 85,
            Self::Y2007 | Self::Y2013 => 80,
        }
    }
}

/// The files of each cycle: who was examined, spines, femurs.
pub(super) const STEMS: [&str; 3] = ["DEMO", "DXXSPN", "DXXFEM"];

/// What a scan says about one region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Region {
    /// Areal density as printed, g/cm².
    pub(super) bmd: f64,
    /// Mineral content, g.
    pub(super) bmc: f64,
    /// Projected area, cm².
    pub(super) area: f64,
}

/// The valid parts of a lumbar spine scan.
#[derive(Clone, Debug, Default)]
pub(super) struct Spine {
    /// L1 to L4, each only when its own validity code is 0.
    pub(super) vertebrae: [Option<Region>; 4],
    /// The published total, only when all four are valid.
    pub(super) total: Option<Region>,
}

/// The valid parts of a femur scan; its one validity code speaks for all.
#[derive(Clone, Debug, Default)]
pub(super) struct Femur {
    /// Femoral neck.
    pub(super) neck: Option<Region>,
    /// Trochanter.
    pub(super) trochanter: Option<Region>,
    /// Intertrochanteric region.
    pub(super) intertrochanter: Option<Region>,
    /// Ward's triangle.
    pub(super) wards: Option<Region>,
    /// The published total.
    pub(super) total: Option<Region>,
}

/// One person examined in the mobile center.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) cycle: Cycle,
    pub(super) sex: Sex,
    /// `RIDRETH1`: 1 Mexican American, 2 other Hispanic, 3 non-Hispanic White, 4 non-Hispanic Black, 5 other.
    pub(super) ethnicity_1: u8,
    /// `RIDRETH3`, from 2011 on: as above, 6 non-Hispanic Asian.
    pub(super) ethnicity_3: Option<u8>,
    /// Age at the interview in completed years.
    pub(super) completed_years: u8,
    /// Age in decimal years at the examination; `None` when top-coded.
    pub(super) age: Option<f64>,
    /// Examination weight of the two-year cycle.
    pub(super) weight: f64,
    pub(super) stratum: u16,
    pub(super) psu: u8,
    pub(super) spine: Spine,
    pub(super) femur: Femur,
}

/// A file that was read and the checksum of its bytes.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Input {
    /// File name.
    pub(super) file: String,
    /// SHA-256 of the file as it lies there (compressed), in hexadecimal.
    pub(super) sha256: String,
}

/// Everything read, with the files it came from.
pub(super) struct Records {
    pub(super) people: Vec<Person>,
    pub(super) inputs: BTreeMap<Cycle, Vec<Input>>,
}

/// Reads the three cycles from `folder`.
///
/// # Errors
/// A file that is missing, is not xz CSV, or lacks a column or a number that must be there.
pub(super) fn read(folder: &Path) -> Result<Records> {
    let mut records = Records { people: Vec::new(), inputs: BTreeMap::new() };
    for cycle in Cycle::ALL {
        let [demography, spine, femur] = STEMS;
        let demography = Sheet::read(folder, demography, cycle)?;
        let spine = Sheet::read(folder, spine, cycle)?;
        let femur = Sheet::read(folder, femur, cycle)?;
        for sequence in demography.rows.keys() {
            if let Some(person) = person(cycle, *sequence, &demography, &spine, &femur)? {
                records.people.push(person);
            }
        }
        records.inputs.insert(cycle, vec![demography.input, spine.input, femur.input]);
    }
    Ok(records)
}

/// The person with this sequence number; `None` when interviewed but never examined (weight 0).
fn person(
    cycle: Cycle,
    sequence: u32,
    demography: &Sheet,
    spine: &Sheet,
    femur: &Sheet,
) -> Result<Option<Person>> {
    let number = |column: &str| {
        demography
            .number(sequence, column)?
            .with_context(|| format!("{} of {sequence} in {} is missing", column, cycle.years()))
    };
    let weight = number("WTMEC2YR")?;
    if weight <= 0.0 {
        return Ok(None);
    }
    let completed_years = number("RIDAGEYR")? as u8;
    let months = if demography.has("RIDAGEEX") { demography.number(sequence, "RIDAGEEX")? } else { None };
    Ok(Some(Person {
        cycle,
        sex: sex(number("RIAGENDR")?)?,
        ethnicity_1: number("RIDRETH1")? as u8,
        ethnicity_3: match demography.has("RIDRETH3") {
            true => demography.number(sequence, "RIDRETH3")?.map(|code| code as u8),
            false => None,
        },
        completed_years,
        age: decimal_age(cycle, completed_years, months),
        weight,
        stratum: number("SDMVSTRA")? as u16,
        psu: number("SDMVPSU")? as u8,
        spine: spine_scan(spine, sequence)?,
        femur: femur_scan(femur, sequence)?,
    }))
}

/// `RIAGENDR`: 1 male, 2 female.
fn sex(code: f64) -> Result<Sex> {
    match code as u8 {
        1 => Ok(Sex::Male),
        2 => Ok(Sex::Female),
        _ => bail!("RIAGENDR is {code}"),
    }
}

/// Middle of the month at the examination, or of the completed year where months are not published.
///
/// # Units
/// Completed years and completed months in, decimal years out.
fn decimal_age(cycle: Cycle, completed_years: u8, months: Option<f64>) -> Option<f64> {
    let known = completed_years < cycle.top_coded_age();
    let age = months.map_or(f64::from(completed_years) + 0.5, |months| (months + 0.5) / 12.0);
    known.then_some(age)
}

fn spine_scan(sheet: &Sheet, sequence: u32) -> Result<Spine> {
    let mut spine = Spine::default();
    for (level, vertebra) in (1..).zip(&mut spine.vertebrae) {
        *vertebra = sheet.region(sequence, &format!("L{level}"), &format!("DXXL{level}BCC"))?;
    }
    if spine.vertebrae.iter().all(Option::is_some) {
        spine.total = sheet.region(sequence, "OS", "DXXOSBCC")?;
    }
    Ok(spine)
}

fn femur_scan(sheet: &Sheet, sequence: u32) -> Result<Femur> {
    let region = |name| sheet.region(sequence, name, "DXXFMBCC");
    Ok(Femur {
        neck: region("NK")?,
        trochanter: region("TR")?,
        intertrochanter: region("IN")?,
        wards: region("WD")?,
        total: region("OF")?,
    })
}

/// One file as rows by sequence number.
struct Sheet {
    name: String,
    columns: BTreeMap<String, usize>,
    rows: BTreeMap<u32, StringRecord>,
    input: Input,
}

impl Sheet {
    fn read(folder: &Path, stem: &str, cycle: Cycle) -> Result<Self> {
        let name = cycle.file(stem);
        let path = folder.join(&name);
        let packed = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut text = Vec::new();
        lzma_rs::xz_decompress(&mut packed.as_slice(), &mut text)
            .map_err(|error| anyhow::anyhow!("{name} is not xz: {error}"))?;
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let columns: BTreeMap<String, usize> = reader.headers()?.iter().map(str::to_owned).zip(0..).collect();
        let key = *columns.get("SEQN").with_context(|| format!("{name} has no column SEQN"))?;
        let mut rows = BTreeMap::new();
        for row in reader.records() {
            let row = row?;
            let sequence = row[key].parse().with_context(|| format!("SEQN `{}` in {name}", &row[key]))?;
            ensure!(rows.insert(sequence, row).is_none(), "{name} has {sequence} twice");
        }
        let input = Input { file: name.clone(), sha256: hex_sha256(&packed) };
        Ok(Self { name, columns, rows, input })
    }

    fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// The number of a person in a column; `None` when there is no row or it says `NA`.
    fn number(&self, sequence: u32, column: &str) -> Result<Option<f64>> {
        let index =
            *self.columns.get(column).with_context(|| format!("{} has no column {column}", self.name))?;
        match self.rows.get(&sequence).map(|row| &row[index]) {
            None | Some("NA" | "") => Ok(None),
            Some(text) => {
                let number = text.parse().with_context(|| format!("`{text}` in {} {column}", self.name))?;
                Ok(Some(number))
            }
        }
    }

    /// The three numbers of a region when its validity code is 0 and all are given.
    fn region(&self, sequence: u32, name: &str, validity: &str) -> Result<Option<Region>> {
        let number = |what: &str| self.number(sequence, &format!("DXX{name}{what}"));
        let valid = self.number(sequence, validity)?.is_some_and(|code| code.abs() < 0.5);
        Ok(match (number("BMD")?, number("BMC")?, number("A")?) {
            (Some(bmd), Some(bmc), Some(area)) if valid => Some(Region { bmd, bmc, area }),
            _ => None,
        })
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_the_middle_of_what_is_published_and_unknown_when_top_coded() {
        assert_eq!(decimal_age(Cycle::Y2005, 84, None), Some(84.5));
        assert_eq!(decimal_age(Cycle::Y2005, 85, None), None);
        assert_eq!(decimal_age(Cycle::Y2007, 80, None), None);
        assert_eq!(decimal_age(Cycle::Y2007, 20, Some(245.5)), Some(20.5));
    }

    #[test]
    fn checksum_is_the_published_test_vector() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex_sha256(b"abc"), expected, "FIPS 180-2, appendix B.1");
    }
}
