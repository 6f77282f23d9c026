//! The public readings of lateral spine images: six points of each vertebra and the expert's final grade.
//!
//! `nhanes2013_vfa_sixpoint_dev.csv.gz`: a row a vertebra, pixels of the reading, isotropic, y down.
//! Its columns are named `sp` for the superior posterior point where the program says `ps`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::StringRecord;
use dxa_core::geometry::DetectorPoint;
use dxa_core::grade::Person;
use dxa_core::patient::Sex;
use dxa_core::units::Years;
use dxa_core::vertebra::{Level, SixPoints};
use flate2::read::GzDecoder;

use super::super::nhanes::{Input, hex_sha256};

const FILE: &str = "nhanes2013_vfa_sixpoint_dev.csv.gz";

/// One person's spine as read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Sequence number of the survey.
    pub(super) sequence: u32,
    /// Sex and age.
    pub(crate) person: Person,
    /// Points of the vertebrae that could be marked.
    pub(crate) points: BTreeMap<Level, SixPoints>,
    /// Final grades (`genant_fx`) of those that were graded.
    pub(crate) grades: BTreeMap<Level, u8>,
    /// Heights as published: anterior, middle, posterior.
    pub(super) published: BTreeMap<Level, [f64; 3]>,
}

impl Reading {
    /// The worst grade of the spine.
    pub(crate) fn worst(&self) -> u8 {
        self.grades.values().copied().max().unwrap_or(0)
    }
}

/// All readings, in the order of the sequence numbers, and the file they came from.
pub(crate) struct Readings {
    /// A spine a person.
    pub(crate) people: Vec<Reading>,
    /// The file.
    pub(in super::super) input: Input,
}

/// Columns of the points in the order of the program: around the body from the posterior superior corner.
const POINTS: [&str; 6] = ["sp", "sm", "sa", "ia", "im", "ip"];

/// Reads the folder.
///
/// # Errors
/// A file that is missing, is not gzip CSV, or lacks a column.
pub(crate) fn read(folder: &Path) -> Result<Readings> {
    let path = folder.join(FILE);
    let packed = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut rows = csv::Reader::from_reader(GzDecoder::new(packed.as_slice()));
    let columns = Columns::find(rows.headers().with_context(|| format!("{FILE} is not gzip CSV"))?)?;
    let mut people: BTreeMap<u32, Reading> = BTreeMap::new();
    for row in rows.records() {
        let row = row?;
        let sequence = row[columns.sequence].parse().context("a sequence number is no number")?;
        let person = columns.person(&row)?;
        let reading = people.entry(sequence).or_insert_with(|| Reading {
            sequence,
            person,
            points: BTreeMap::new(),
            grades: BTreeMap::new(),
            published: BTreeMap::new(),
        });
        columns.take(&row, reading)?;
    }
    let input = Input { file: FILE.to_owned(), sha256: hex_sha256(&packed) };
    Ok(Readings { people: people.into_values().collect(), input })
}

struct Columns {
    sequence: usize,
    level: usize,
    grade: usize,
    sex: usize,
    age: usize,
    points: [(usize, usize); 6],
    heights: [usize; 3],
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self> {
        let place = |name: &str| {
            let found = header.iter().position(|column| column == name);
            found.with_context(|| format!("{FILE} has no column {name}"))
        };
        let mut points = [(0, 0); 6];
        for (slot, name) in points.iter_mut().zip(POINTS) {
            *slot = (place(&format!("{name}_x"))?, place(&format!("{name}_y"))?);
        }
        Ok(Self {
            sequence: place("seqn")?,
            level: place("level")?,
            grade: place("genant_fx")?,
            sex: place("sex_1m_2f")?,
            age: place("age")?,
            points,
            heights: [place("h_ant_px")?, place("h_mid_px")?, place("h_post_px")?],
        })
    }

    fn person(&self, row: &StringRecord) -> Result<Person> {
        let sex = match &row[self.sex] {
            "1" => Sex::Male,
            "2" => Sex::Female,
            other => bail!("the sex `{other}` is not known"),
        };
        let age = row[self.age].parse().ok().and_then(Years::new);
        Ok(Person { sex: Some(sex), age })
    }

    /// Adds a vertebra; one without all its points is left out, one without a grade keeps its points.
    fn take(&self, row: &StringRecord, reading: &mut Reading) -> Result<()> {
        let level: Level = row[self.level].parse()?;
        let number = |at: usize| row[at].parse::<f64>().ok();
        let point = |(x, y)| Some(DetectorPoint { x_mm: number(x)?, y_mm: number(y)? });
        let points: Option<Vec<DetectorPoint>> = self.points.into_iter().map(point).collect();
        let Some(Ok(points)) = points.map(<[DetectorPoint; 6]>::try_from) else { return Ok(()) };
        reading.points.insert(level, SixPoints::from_array(points));
        if let [Some(anterior), Some(middle), Some(posterior)] = self.heights.map(number) {
            reading.published.insert(level, [anterior, middle, posterior]);
        }
        if let Some(grade) = number(self.grade) {
            reading.grades.insert(level, grade as u8);
        }
        Ok(())
    }
}
