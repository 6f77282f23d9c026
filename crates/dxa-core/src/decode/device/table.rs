//! Result tables, wherever they were printed: headings and rows to regions, composition and items.

use super::Hints;
use super::assembly::{Assembly, Values, sided};
use super::checks::quotient_fits;
use super::headings::{Heading, Quantity, Unit, heading};
use super::numbers::{Cell, DecimalMark, Measure, Printed, decimal_mark, read_cell};
use super::region_names::{self, Place, Surroundings};
use super::spine_total;
use super::vocabulary::{self, Reading, Word};
use crate::findings::{Finding, Severity};
use crate::reported::{BodyPart, DeviceItem, ItemStatus, ReportedAnatomy};
use crate::site::{Lumbar, Side, Site};

/// A table as plain text: the first row are the headings.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    /// Words above the table, such as `Left Femur`.
    pub(super) title: String,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether unknown labels may be named in a finding; text of a page may hold a person's name.
    pub(super) nameable: bool,
}

/// Density that a column without a unit must stay within to be taken as g/cm²; mg/cm² is a thousand times more.
const UNITLESS_BMD: std::ops::RangeInclusive<f64> = 0.05..=4.0;

/// Reads tables of one document into the assembly.
pub(super) fn read_grids(grids: &[Grid], hints: Hints, assembly: &mut Assembly) {
    let grids: Vec<Grid> = grids.iter().map(upright).collect();
    let cells = grids.iter().flat_map(|grid| grid.rows.iter().skip(1).flat_map(|row| row.iter().skip(1)));
    let mark = decimal_mark(cells.map(String::as_str));
    for grid in &grids {
        Table::of(grid, mark, hints).read_into(assembly);
    }
}

/// Some tables have their quantities down the side.
fn upright(grid: &Grid) -> Grid {
    let quantities = |texts: &mut dyn Iterator<Item = &String>| {
        texts.filter(|text| matches!(heading(text), Heading::Quantity(..))).count()
    };
    let across = grid.rows.first().map_or(0, |row| quantities(&mut row.iter()));
    let down = quantities(&mut grid.rows.iter().filter_map(|row| row.first()));
    if down < 2 || across >= down {
        return grid.clone();
    }
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let rows = (0..width).map(|column| grid.rows.iter().map(|row| cell(row, column)).collect()).collect();
    Grid { rows, ..grid.clone() }
}

/// One column under its heading.
struct Column {
    text: String,
    heading: Heading,
}

/// One row: its label and the cells under the headings.
struct Row {
    label: String,
    reading: Reading,
    cells: Vec<(String, Cell)>,
}

struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
    around: Surroundings,
    nameable: bool,
}

impl Table {
    fn of(grid: &Grid, mark: Option<DecimalMark>, hints: Hints) -> Self {
        let empty = Vec::new();
        let headings = grid.rows.first().unwrap_or(&empty);
        let mut columns: Vec<Column> =
            headings.iter().map(|text| Column { text: text.clone(), heading: heading(text) }).collect();
        let label = columns.iter().position(|column| column.heading == Heading::Region).unwrap_or(0);
        let corner = if label < columns.len() { columns.remove(label).text } else { String::new() };
        let rows: Vec<Row> =
            grid.rows.iter().skip(1).map(|cells| row(cells, label, columns.len(), mark)).collect();
        let around = surroundings(&grid.title, &corner, &columns, &rows, hints);
        let mut table = Self { columns, rows, around, nameable: grid.nameable };
        table.settle_units();
        table
    }

    /// A heading without a unit is taken as the usual one only where the numbers themselves allow no other.
    fn settle_units(&mut self) {
        if self.missing(Quantity::Bmd)
            && self.numbers(Quantity::Bmd).all(|bmd| UNITLESS_BMD.contains(&bmd.value))
        {
            self.set_factor(Quantity::Bmd, 1.0);
        }
        if (self.missing(Quantity::Area) || self.missing(Quantity::Bmc)) && self.quotients_fit() {
            for quantity in [Quantity::Area, Quantity::Bmc] {
                if self.missing(quantity) {
                    self.set_factor(quantity, 1.0);
                }
            }
        }
    }

    fn column(&self, quantity: Quantity) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| matches!(column.heading, Heading::Quantity(q, _) if q == quantity))
    }

    fn missing(&self, quantity: Quantity) -> bool {
        let heading = self.column(quantity).map(|index| self.columns[index].heading);
        matches!(heading, Some(Heading::Quantity(_, Unit::Missing)))
    }

    fn set_factor(&mut self, quantity: Quantity, factor: f64) {
        if let Some(index) = self.column(quantity) {
            self.columns[index].heading = Heading::Quantity(quantity, Unit::Known(factor));
        }
    }

    fn numbers(&self, quantity: Quantity) -> impl Iterator<Item = Printed> {
        let index = self.column(quantity);
        self.rows.iter().filter_map(move |row| number(row, index?))
    }

    /// Whether BMC / area gives BMD in all rows that have the three, with g and cm² for what has no unit.
    fn quotients_fit(&self) -> bool {
        let factor = |quantity: Quantity| {
            let index = self.column(quantity)?;
            match self.columns[index].heading {
                Heading::Quantity(_, Unit::Known(factor)) => Some((index, factor)),
                Heading::Quantity(_, Unit::Missing) if quantity != Quantity::Bmd => Some((index, 1.0)),
                _ => None,
            }
        };
        let (Some(area), Some(bmc), Some(bmd)) =
            (factor(Quantity::Area), factor(Quantity::Bmc), factor(Quantity::Bmd))
        else {
            return false;
        };
        let mut rows = self.rows.iter().filter_map(|row| {
            let get =
                |(index, factor): (usize, f64)| number(row, index).map(|printed| printed.scaled(factor));
            Some(quotient_fits(get(bmc)?, get(area)?, get(bmd)?))
        });
        rows.next().is_some_and(|first| first && rows.all(|fits| fits))
    }

    fn read_into(&self, assembly: &mut Assembly) {
        self.report_units(assembly);
        let mut around = self.around;
        let mut totals: Vec<(&Row, Values)> = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            if !row.cells.iter().any(|(_, cell)| *cell != Cell::Blank) {
                around = section(&row.reading, around);
                continue;
            }
            let place = region_names::place(&row.reading, around);
            let values = self.values(row, index, place, assembly);
            match place {
                Place::Site(site, side) => self.add_site(row, site, side, values, assembly),
                Place::Part(part) => self.add_part(row, part, values, assembly),
                Place::SpineTotal => totals.push((row, values)),
                Place::Siteless | Place::Unknown => {}
            }
        }
        for (row, values) in totals {
            self.add_spine_total(row, values, assembly);
        }
    }

    /// Columns whose unit is not known are held back as a whole.
    fn report_units(&self, assembly: &mut Assembly) {
        for column in &self.columns {
            if let Heading::Quantity(quantity, Unit::Missing | Unit::Wrong) = column.heading {
                let message = format!(
                    "The unit of the column {} is missing or not known; its numbers are held back.",
                    quantity.name()
                );
                assembly.find("unit_unknown", Severity::Withhold, message);
            }
        }
    }

    /// Numbers of a row by quantity; whatever is not one of ours goes to the items.
    fn values(&self, row: &Row, index: usize, place: Place, assembly: &mut Assembly) -> Values {
        let sited = !matches!(place, Place::Siteless | Place::Unknown);
        let mut values = Values::new();
        for (column, (text, cell)) in self.columns.iter().zip(&row.cells) {
            match (column.heading, cell) {
                (_, Cell::Blank) => {}
                (Heading::Quantity(quantity, Unit::Known(factor)), Cell::Number(printed)) if sited => {
                    // Two columns of one quantity that differ leave none.
                    let measure = printed.scaled(factor);
                    if values.insert(quantity, measure).is_some_and(|other| other != measure) {
                        values.remove(&quantity);
                        self.keep(row, index, column, text, place, assembly);
                    }
                }
                (Heading::Region, _) => {}
                _ => self.keep(row, index, column, text, place, assembly),
            }
            let number = matches!(column.heading, Heading::Quantity(_, Unit::Known(_))) && sited;
            match cell {
                Cell::Ambiguous => assembly.findings.push(ambiguous(place)),
                Cell::Text if number => assembly.findings.push(no_number(&column.text, place)),
                _ => {}
            }
        }
        values
    }

    /// Keeps a cell as an item: carried when row and column are known, else unknown.
    fn keep(
        &self,
        row: &Row,
        index: usize,
        column: &Column,
        text: &str,
        place: Place,
        assembly: &mut Assembly,
    ) {
        let known_column = !matches!(column.heading, Heading::Unknown);
        let key = format!("{} {}", row.label, column.text).trim().to_owned();
        let unit = unit_text(&column.text);
        let item = DeviceItem { key, code: None, value: text.to_owned(), unit, status: ItemStatus::Unknown };
        match place {
            Place::Unknown if self.nameable => assembly.keep_unknown(&row.label, item),
            Place::Unknown => assembly.keep_unknown(&format!("table row {}", index + 1), item),
            _ if !known_column => assembly.keep_unknown(&column.text, item),
            _ => assembly.items.push(DeviceItem { status: ItemStatus::PassedThrough, ..item }),
        }
    }

    fn add_site(&self, row: &Row, site: Site, side: Option<Side>, values: Values, assembly: &mut Assembly) {
        let (density, composition) = parted(values);
        if site == Site::TotalBody {
            assembly.add_composition(BodyPart::Total, composition);
        } else {
            self.carry(row, &composition, assembly);
        }
        assembly.add_region(site, side, density, None);
    }

    fn add_part(&self, row: &Row, part: BodyPart, values: Values, assembly: &mut Assembly) {
        let (density, composition) = parted(values);
        assembly.add_composition(part, composition);
        self.carry(row, &density, assembly);
    }

    fn add_spine_total(&self, row: &Row, values: Values, assembly: &mut Assembly) {
        let vertebrae: Vec<(Lumbar, Values)> = assembly
            .regions
            .iter()
            .filter_map(|known| match known.site {
                Site::Lumbar(set) if set.len() == 1 => Some((set.iter().next()?, known.values.clone())),
                _ => None,
            })
            .collect();
        if let Some(set) = spine_total::covered(&values, &vertebrae) {
            return assembly.add_region(Site::Lumbar(set), None, values, None);
        }
        self.carry(row, &values, assembly);
        let message =
            "The row of the spine total is the sum of no one set of the printed vertebrae; it names no site.";
        assembly.find("total_inconsistent", Severity::Review, message.to_owned());
    }

    /// Keeps known quantities of a row that has no place for them.
    fn carry(&self, row: &Row, values: &Values, assembly: &mut Assembly) {
        for (column, (text, _)) in self.columns.iter().zip(&row.cells) {
            if matches!(column.heading, Heading::Quantity(quantity, _) if values.contains_key(&quantity)) {
                let key = format!("{} {}", row.label, column.text);
                assembly.carry(key, text.clone(), unit_text(&column.text));
            }
        }
    }
}

fn row(cells: &[String], label: usize, width: usize, mark: Option<DecimalMark>) -> Row {
    let mut cells = cells.to_vec();
    let text = if label < cells.len() { cells.remove(label) } else { String::new() };
    cells.resize(width, String::new());
    let cells = cells.into_iter().map(|text| (text.clone(), read_cell(&text, mark))).collect();
    Row { reading: vocabulary::read(&text), label: text, cells }
}

fn number(row: &Row, index: usize) -> Option<Printed> {
    match row.cells.get(index)?.1 {
        Cell::Number(printed) => Some(printed),
        _ => None,
    }
}

fn surroundings(title: &str, corner: &str, columns: &[Column], rows: &[Row], hints: Hints) -> Surroundings {
    let composed = columns.iter().any(|column| {
        matches!(column.heading, Heading::Quantity(Quantity::Fat | Quantity::Lean | Quantity::FatPercent, _))
    });
    let (title, corner) = (vocabulary::read(title), vocabulary::read(corner));
    let anatomy = region_names::common_anatomy(rows.iter().map(|row| &row.reading))
        .or(composed.then_some(ReportedAnatomy::WholeBody))
        .or_else(|| region_names::anatomy_of(&corner))
        .or_else(|| region_names::anatomy_of(&title))
        .or(hints.anatomy);
    let side = title_side(&corner).or_else(|| title_side(&title)).or(hints.side);
    Surroundings {
        anatomy,
        side,
        bone: region_names::bone_of(&corner).or_else(|| region_names::bone_of(&title)),
        lateral: hints.lateral || [&title, &corner].into_iter().any(region_names::is_lateral_spine),
    }
}

/// A heading names a side only beside a paired bone.
pub(super) fn title_side(reading: &Reading) -> Option<Side> {
    let paired = [Word::Hip, Word::Femur, Word::Forearm, Word::Radius, Word::Ulna, Word::Neck, Word::Arm]
        .map(|word| reading.has(word));
    region_names::side_of(reading).filter(|side| *side != Side::Both && paired.contains(&true))
}

/// A row without numbers is a heading for the rows below it.
fn section(reading: &Reading, around: Surroundings) -> Surroundings {
    // `Both` alone may be the two bones of a forearm; a mean is of two sides.
    let side = region_names::side_of(reading).filter(|side| *side != Side::Both || reading.has(Word::Mean));
    Surroundings {
        side: side.or(around.side),
        bone: region_names::bone_of(reading).or(around.bone),
        ..around
    }
}

/// Density quantities and composition quantities apart.
fn parted(values: Values) -> (Values, Values) {
    values.into_iter().partition(|(quantity, _): &(Quantity, Measure)| {
        !matches!(quantity, Quantity::Fat | Quantity::Lean | Quantity::Mass | Quantity::FatPercent)
    })
}

/// The unit as a heading writes it in brackets.
fn unit_text(heading: &str) -> Option<String> {
    let open = heading.find(['[', '(', '（'])?;
    let unit = heading[open..]
        .trim_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | '（' | '）') || c.is_whitespace());
    (!unit.is_empty()).then(|| unit.to_owned())
}

fn ambiguous(place: Place) -> Finding {
    let site = site_of(place);
    let named = site.map_or("a row".to_owned(), |(site, side)| sided(site, side));
    let message = format!(
        "A number of {named} can be read with a decimal comma or a thousands separator; it is held back."
    );
    located(Finding::new("number_ambiguous", Severity::Withhold, message), site)
}

fn no_number(column: &str, place: Place) -> Finding {
    let site = site_of(place);
    let named = site.map_or("a row".to_owned(), |(site, side)| sided(site, side));
    let message = format!("The cell of {named} under {column} is not one number; it is held back.");
    located(Finding::new("number_ambiguous", Severity::Withhold, message), site)
}

fn site_of(place: Place) -> Option<(Site, Option<Side>)> {
    match place {
        Place::Site(site, side) => Some((site, side)),
        _ => None,
    }
}

/// A finding about a row that could not be read for sure.
pub(super) fn withheld_row(message: String, site: Option<(Site, Option<Side>)>) -> Finding {
    located(Finding::new("row_ambiguous", Severity::Withhold, message), site)
}

fn located(finding: Finding, site: Option<(Site, Option<Side>)>) -> Finding {
    match site {
        Some((site, side)) => finding.at(site, side),
        None => finding,
    }
}
