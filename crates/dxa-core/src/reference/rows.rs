//! The rows of a table: one CSV schema for every table, each row checked on its own.

use super::error::{RowProblem, TableProblem};
use crate::patient::Sex;
use crate::site::Site;

pub(super) const HEADER: &str = "kind,sex,site,age_min,age_max,n,mean,sd,l,m,s";

/// Means that a BMD population can have, g/cm².
const MEAN_RANGE: (f64, f64) = (0.3, 1.6);
/// Standard deviations that a BMD population can have, g/cm².
const SD_RANGE: (f64, f64) = (0.05, 0.30);
/// Powers of the LMS method that a population can have.
const POWER_RANGE: (f64, f64) = (-10.0, 10.0);
/// Oldest age that a row may name, years.
const AGE_MAX: f64 = 130.0;
/// Widest band, years: a mean over more says little about one age.
const BAND_YEARS_MAX: f64 = 15.0;
/// Smallest group whose standard deviation means anything.
const PEOPLE_MIN: u32 = 20;

/// One checked row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) sex: Sex,
    pub(super) site: Site,
    pub(super) content: Content,
}

/// What the kinds of row carry. Ages in years, means and standard deviations in g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content {
    Young { ages: Option<(f64, f64)>, n: Option<u32>, mean: f64, sd: f64 },
    Band { from: f64, to: f64, n: Option<u32>, mean: f64, sd: f64 },
    Knot { age: f64, mean: f64, sd: f64 },
    Lms { age: f64, l: f64, m: f64, s: f64 },
}

pub(super) fn parse(csv: &[u8]) -> Result<Vec<Row>, TableProblem> {
    let mut reader = csv::Reader::from_reader(csv);
    let headers = reader.headers().map_err(|error| csv_problem(&error))?;
    if headers.iter().ne(HEADER.split(',')) {
        return Err(TableProblem::Header { expected: HEADER });
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| csv_problem(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = row(&Cells(&record), line).map_err(|problem| TableProblem::Row { line, problem })?;
        rows.push(row);
    }
    Ok(rows)
}

fn csv_problem(error: &csv::Error) -> TableProblem {
    TableProblem::Csv(error.to_string())
}

fn row(cells: &Cells<'_>, line: u64) -> Result<Row, RowProblem> {
    let content = match cells.text(0) {
        "young" => young(cells),
        "band" => band(cells),
        "knot" => knot(cells),
        "lms" => lms(cells),
        other => Err(RowProblem::UnknownKind(other.to_owned())),
    }?;
    let sex = match cells.text(1) {
        "F" => Sex::Female,
        "M" => Sex::Male,
        other => return Err(RowProblem::UnknownSex(other.to_owned())),
    };
    let site = cells.text(2).parse().map_err(|_| RowProblem::UnknownSite(cells.text(2).to_owned()))?;
    Ok(Row { line, sex, site, content })
}

fn young(cells: &Cells<'_>) -> Result<Content, RowProblem> {
    cells.leave_empty(&LMS_CELLS)?;
    let ages = match (cells.number(AGE_MIN_CELL)?, cells.number(AGE_MAX_CELL)?) {
        (None, None) => None,
        (Some(from), Some(to)) => Some(ordered(from, to)?),
        (Some(_), None) => return Err(RowProblem::Missing("age_max")),
        (None, Some(_)) => return Err(RowProblem::Missing("age_min")),
    };
    let (mean, sd) = cells.mean_and_sd()?;
    Ok(Content::Young { ages, n: cells.people(PEOPLE_MIN)?, mean, sd })
}

fn band(cells: &Cells<'_>) -> Result<Content, RowProblem> {
    cells.leave_empty(&LMS_CELLS)?;
    let (from, to) = ordered(cells.need(AGE_MIN_CELL)?, cells.need(AGE_MAX_CELL)?)?;
    if from.fract() > 0.0 || to.fract() > 0.0 {
        return Err(RowProblem::Ages { from, to });
    }
    let years = to - from + 1.0;
    if years > BAND_YEARS_MAX {
        return Err(RowProblem::BandTooWide(years));
    }
    let (mean, sd) = cells.mean_and_sd()?;
    Ok(Content::Band { from, to, n: cells.people(PEOPLE_MIN)?, mean, sd })
}

fn knot(cells: &Cells<'_>) -> Result<Content, RowProblem> {
    cells.leave_empty(&LMS_CELLS)?;
    let age = cells.one_age()?;
    let (mean, sd) = cells.mean_and_sd()?;
    cells.people(0)?;
    Ok(Content::Knot { age, mean, sd })
}

fn lms(cells: &Cells<'_>) -> Result<Content, RowProblem> {
    cells.leave_empty(&[MEAN_CELL, SD_CELL])?;
    let age = cells.one_age()?;
    let [l, m, s] = [cells.need(LMS_CELLS[0])?, cells.need(LMS_CELLS[1])?, cells.need(LMS_CELLS[2])?];
    within(l, POWER_RANGE).ok_or(RowProblem::PowerOutOfRange(l))?;
    within(m, MEAN_RANGE).ok_or(RowProblem::MeanOutOfRange(m))?;
    within(m * s, SD_RANGE).ok_or(RowProblem::SdOutOfRange(m * s))?;
    cells.people(0)?;
    Ok(Content::Lms { age, l, m, s })
}

type Cell = (usize, &'static str);
const AGE_MIN_CELL: Cell = (3, "age_min");
const AGE_MAX_CELL: Cell = (4, "age_max");
const PEOPLE_CELL: Cell = (5, "n");
const MEAN_CELL: Cell = (6, "mean");
const SD_CELL: Cell = (7, "sd");
const LMS_CELLS: [Cell; 3] = [(8, "l"), (9, "m"), (10, "s")];

struct Cells<'a>(&'a csv::StringRecord);

impl Cells<'_> {
    fn text(&self, index: usize) -> &str {
        self.0.get(index).unwrap_or_default()
    }

    fn number(&self, (index, field): Cell) -> Result<Option<f64>, RowProblem> {
        let text = self.text(index);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse() {
            Ok(number) if f64::is_finite(number) => Ok(Some(number)),
            _ => Err(RowProblem::NotANumber { field, value: text.to_owned() }),
        }
    }

    fn need(&self, cell: Cell) -> Result<f64, RowProblem> {
        self.number(cell)?.ok_or(RowProblem::Missing(cell.1))
    }

    fn leave_empty(&self, cells: &[Cell]) -> Result<(), RowProblem> {
        match cells.iter().find(|(index, _)| !self.text(*index).is_empty()) {
            Some((_, field)) => Err(RowProblem::Unexpected(field)),
            None => Ok(()),
        }
    }

    fn people(&self, least: u32) -> Result<Option<u32>, RowProblem> {
        let (index, field) = PEOPLE_CELL;
        match self.text(index) {
            "" => Ok(None),
            text => match text.parse() {
                Ok(people) if people < least => Err(RowProblem::TooFewPeople(people)),
                Ok(people) => Ok(Some(people)),
                Err(_) => Err(RowProblem::NotANumber { field, value: text.to_owned() }),
            },
        }
    }

    fn one_age(&self) -> Result<f64, RowProblem> {
        let (from, to) = ordered(self.need(AGE_MIN_CELL)?, self.need(AGE_MAX_CELL)?)?;
        if from < to { Err(RowProblem::Ages { from, to }) } else { Ok(from) }
    }

    fn mean_and_sd(&self) -> Result<(f64, f64), RowProblem> {
        let mean = self.need(MEAN_CELL)?;
        let sd = self.need(SD_CELL)?;
        within(mean, MEAN_RANGE).ok_or(RowProblem::MeanOutOfRange(mean))?;
        within(sd, SD_RANGE).ok_or(RowProblem::SdOutOfRange(sd))?;
        Ok((mean, sd))
    }
}

fn ordered(from: f64, to: f64) -> Result<(f64, f64), RowProblem> {
    if 0.0 <= from && from <= to && to <= AGE_MAX {
        Ok((from, to))
    } else {
        Err(RowProblem::Ages { from, to })
    }
}

fn within(value: f64, (least, most): (f64, f64)) -> Option<f64> {
    (least <= value && value <= most).then_some(value)
}
