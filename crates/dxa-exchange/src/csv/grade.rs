//! Rows of `dxa grade`: the six points of a vertebra in; heights, losses, grade and its probabilities out.

use std::collections::BTreeMap;
use std::io::Read;

use csv::ByteRecord;
use dxa_core::geometry::DetectorPoint;
use dxa_core::grade::{GradedSpine, GradedVertebra, Grader, Person};
use dxa_core::patient::Sex;
use dxa_core::reference::vertebrae::Term;
use dxa_core::units::{Years, round_half_away};
use dxa_core::vertebra::{Level, SixPoints};

use super::{Columns, HeaderProblem, TableProblem, written};

/// The columns that are read; the last two may be absent.
const COLUMNS: [&[&str]; 16] = [
    &["subject"],
    &["level"],
    &["ps_x"],
    &["ps_y"],
    &["ms_x"],
    &["ms_y"],
    &["as_x"],
    &["as_y"],
    &["ai_x"],
    &["ai_y"],
    &["mi_x"],
    &["mi_y"],
    &["pi_x"],
    &["pi_y"],
    &["sex"],
    &["age"],
];
const NEEDED: usize = 14;
const SUBJECT: usize = 0;
const LEVEL: usize = 1;
const FIRST_COORDINATE: usize = 2;
const SEX: usize = 14;
const AGE: usize = 15;

/// The header of the output.
const HEADER: [&str; 17] = [
    "subject",
    "level",
    "evaluable",
    "height_anterior",
    "height_middle",
    "height_posterior",
    "loss_anterior",
    "loss_middle",
    "loss_posterior",
    "loss_max",
    "shape",
    "grade",
    "p0",
    "p1",
    "p2",
    "p3",
    "flags",
];

/// The header of the explanation.
const EXPLANATION_HEADER: [&str; 9] =
    ["subject", "level", "term", "value", "measured", "normal_mean", "normal_sd", "normal_n", "log_odds"];

/// One row as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    subject: Vec<u8>,
    /// As it stands, for the output.
    level_text: Vec<u8>,
    level: Option<Level>,
    points: Option<SixPoints>,
    sex: Option<Sex>,
    age: Option<Years>,
    /// Why the row cannot be evaluated; codes of docs/grade.md.
    obstacles: Vec<&'static str>,
    /// What was not understood and is not needed.
    remarks: Vec<&'static str>,
}

/// Grades all rows of a file.
///
/// # Errors
/// A file that cannot be read, or whose header lacks a needed column.
pub fn graded(input: impl Read, grader: &Grader<'_>) -> Result<GradedRows, TableProblem> {
    let mut input = super::reader(input);
    let mut row = ByteRecord::new();
    let has_header = input.read_byte_record(&mut row)?;
    let mut spines = Spines::new(has_header.then_some(&row))?;
    while input.read_byte_record(&mut row)? {
        spines.take(&row);
    }
    Ok(spines.grade(grader))
}

/// All rows of one file, to be graded together because the rows of a subject are one spine.
#[derive(Clone, Debug)]
struct Spines {
    columns: Columns<16>,
    rows: Vec<Row>,
}

impl Spines {
    /// Finds the columns.
    ///
    /// # Errors
    /// A header without a needed column or with one twice.
    fn new(header: Option<&ByteRecord>) -> Result<Self, HeaderProblem> {
        Ok(Self { columns: Columns::find(header, COLUMNS, NEEDED)?, rows: Vec::new() })
    }

    /// Takes one row. Nothing in a row is an error: what cannot be read makes it not evaluable.
    fn take(&mut self, cells: &ByteRecord) {
        let (mut obstacles, mut remarks) = (Vec::new(), Vec::new());
        let text = |column| self.columns.text(cells, column);
        if self.columns.overflowed(cells) {
            obstacles.push("row_too_long");
        }
        let subject = self.columns.raw(cells, SUBJECT).trim_ascii().to_vec();
        if subject.is_empty() {
            obstacles.push("subject_missing");
        }
        let level = keep(&mut obstacles, level(text(LEVEL)));
        let coordinates: [Option<&str>; 12] = std::array::from_fn(|at| text(FIRST_COORDINATE + at));
        let points = keep(&mut obstacles, points(coordinates));
        let sex = keep(&mut remarks, sex(text(SEX))).flatten();
        let age = keep(&mut remarks, age(text(AGE))).flatten();
        let level_text = self.columns.raw(cells, LEVEL).to_vec();
        self.rows.push(Row { subject, level_text, level, points, sex, age, obstacles, remarks });
    }

    /// Grades every spine and keeps the rows in their order.
    fn grade(self, grader: &Grader<'_>) -> GradedRows {
        let mut spines: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, row) in self.rows.iter().enumerate() {
            spines.entry(&row.subject).or_default().push(index);
        }
        let mut results: Vec<RowResult> = vec![RowResult::default(); self.rows.len()];
        for members in spines.values() {
            grade_spine(&self.rows, members, grader, &mut results);
        }
        GradedRows { rows: self.rows, results }
    }
}

/// What came of a row: a vertebra, or codes that say why not; and codes beside.
#[derive(Clone, Debug, Default, PartialEq)]
struct RowResult {
    vertebra: Option<GradedVertebra>,
    flags: Vec<&'static str>,
}

fn grade_spine(rows: &[Row], members: &[usize], grader: &Grader<'_>, results: &mut [RowResult]) {
    let mut levels: BTreeMap<Level, usize> = BTreeMap::new();
    for level in members.iter().filter_map(|index| rows[*index].level) {
        *levels.entry(level).or_default() += 1;
    }
    let is_repeated = |row: &Row| row.level.is_some_and(|level| levels.get(&level) > Some(&1));
    let usable = |row: &Row| row.obstacles.is_empty() && !is_repeated(row);
    let points: BTreeMap<Level, SixPoints> = members
        .iter()
        .map(|index| &rows[*index])
        .filter(|row| usable(row))
        .filter_map(|row| row.level.zip(row.points))
        .collect();
    let (person, doubts) = person(members.iter().map(|index| &rows[*index]));
    let mut graded: GradedSpine = grader.grade(&points, person);
    for index in members {
        let row = &rows[*index];
        let mut flags = row.obstacles.clone();
        if is_repeated(row) {
            flags.push("duplicate_level");
        }
        let found = row.level.filter(|_| usable(row)).and_then(|level| graded.remove(&level));
        let vertebra = match found {
            Some(Ok(vertebra)) => {
                flags.extend(&vertebra.flags);
                flags.extend(vertebra.expected_posterior.is_none().then_some("no_expected_height"));
                Some(vertebra)
            }
            Some(Err(why)) => {
                flags.push(why.code());
                None
            }
            None => None,
        };
        flags.extend(row.remarks.iter().chain(&doubts));
        results[*index] = RowResult { vertebra, flags };
    }
}

/// Sex and age of a subject: what its rows agree on.
fn person<'r>(rows: impl Iterator<Item = &'r Row> + Clone) -> (Person, Vec<&'static str>) {
    let mut doubts = Vec::new();
    let sex = agreed(rows.clone().filter_map(|row| row.sex), "sex_conflict", &mut doubts);
    let age = agreed(rows.filter_map(|row| row.age), "age_conflict", &mut doubts);
    (Person { sex, age }, doubts)
}

fn agreed<T: PartialEq + Copy>(
    values: impl Iterator<Item = T>,
    conflict: &'static str,
    doubts: &mut Vec<&'static str>,
) -> Option<T> {
    let mut values = values;
    let first = values.next()?;
    if values.all(|value| value == first) {
        return Some(first);
    }
    doubts.push(conflict);
    None
}

/// Graded rows in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct GradedRows {
    rows: Vec<Row>,
    results: Vec<RowResult>,
}

impl GradedRows {
    /// The table: a row for each row of the file.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        written(&HEADER, self.cells())
    }

    /// The explanation: a row for each term of each vertebra's log-odds of a fracture.
    #[must_use]
    pub fn explanation_csv(&self, grader: &Grader<'_>) -> Vec<u8> {
        written(&EXPLANATION_HEADER, self.explanation(grader))
    }

    fn cells(&self) -> impl Iterator<Item = Vec<Vec<u8>>> {
        self.rows.iter().zip(&self.results).map(|(row, result)| {
            let mut cells = vec![row.subject.clone(), row.level_text.clone()];
            let numbers = result.vertebra.as_ref().map_or_else(not_evaluable, evaluable);
            cells.extend(numbers.into_iter().map(String::into_bytes));
            cells.push(result.flags.join(";").into_bytes());
            cells
        })
    }

    fn explanation(&self, grader: &Grader<'_>) -> impl Iterator<Item = Vec<Vec<u8>>> {
        let graded = self.rows.iter().zip(&self.results);
        graded.filter_map(|(row, result)| Some((row, result.vertebra.as_ref()?))).flat_map(
            move |(row, vertebra)| {
                let contributions: Vec<_> = grader.model.contributions(&vertebra.evidence).collect();
                contributions.into_iter().map(move |contribution| {
                    let mut cells = vec![row.subject.clone(), row.level_text.clone()];
                    let numbers = [contribution.value, contribution.log_odds].map(number);
                    let [value, log_odds] = numbers;
                    let measured = measured(vertebra, contribution.term);
                    let parts = [contribution.term.code().to_owned(), value].into_iter();
                    let parts = parts.chain(measured).chain([log_odds]);
                    cells.extend(parts.map(String::into_bytes));
                    cells
                })
            },
        )
    }
}

/// What a term was measured as, and the mean, standard deviation and number of its normal.
fn measured(vertebra: &GradedVertebra, term: Term) -> [String; 4] {
    let found = vertebra.evidence.deviations.iter().find(|(of, _)| *of == term);
    found.map_or_else(Default::default, |(_, deviation)| {
        let normal = deviation.normal;
        [number(deviation.value), number(normal.mean), number(normal.sd), normal.n.to_string()]
    })
}

/// The cells from `evaluable` to `p3`.
fn evaluable(vertebra: &GradedVertebra) -> Vec<String> {
    let (heights, losses) = (vertebra.heights, vertebra.losses);
    let mut cells = vec!["true".to_owned()];
    cells.extend([heights.anterior, heights.middle, heights.posterior].map(number));
    cells.extend([losses.anterior, losses.middle].map(number));
    cells.push(losses.posterior.map(number).unwrap_or_default());
    cells.push(number(losses.largest()));
    cells.extend([vertebra.shape.code().to_owned(), vertebra.grade.to_string()]);
    // Every digit is written, so that the four sum to 1 and no two vertebrae are tied by rounding.
    cells.extend(vertebra.probabilities.map(|probability| probability.to_string()));
    cells
}

fn not_evaluable() -> Vec<String> {
    let mut cells = vec![String::new(); HEADER.len() - 3];
    cells[0] = "false".to_owned();
    cells
}

/// Nine decimals at most: the noise of binary fractions is not shown.
fn number(value: f64) -> String {
    round_half_away(value, 9).to_string()
}

/// The value, or `None` with its code put down.
fn keep<T>(codes: &mut Vec<&'static str>, read: Result<T, &'static str>) -> Option<T> {
    read.map_err(|code| codes.push(code)).ok()
}

fn level(text: Option<&str>) -> Result<Level, &'static str> {
    text.ok_or("level_missing")?.parse().map_err(|_| "level_unknown")
}

fn points(texts: [Option<&str>; 12]) -> Result<SixPoints, &'static str> {
    if texts.iter().any(Option::is_none) {
        return Err("points_missing");
    }
    let mut numbers = [0.0; 12];
    for (number, text) in numbers.iter_mut().zip(texts.iter().flatten()) {
        *number = text.parse().map_err(|_| "coordinate_not_a_number")?;
    }
    let point = |at: usize| DetectorPoint { x_mm: numbers[2 * at], y_mm: numbers[2 * at + 1] };
    Ok(SixPoints::from_array(std::array::from_fn(point)))
}

fn sex(text: Option<&str>) -> Result<Option<Sex>, &'static str> {
    match text {
        None => Ok(None),
        Some("F" | "f") => Ok(Some(Sex::Female)),
        Some("M" | "m") => Ok(Some(Sex::Male)),
        Some(_) => Err("sex_unknown"),
    }
}

fn age(text: Option<&str>) -> Result<Option<Years>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    let number = text.parse().map_err(|_| "age_not_a_number")?;
    Years::new(number).map(Some).ok_or("age_implausible")
}
