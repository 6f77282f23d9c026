//! Lines of cells to tables: headings found by meaning, cells given to columns by position.

use super::super::headings::{Heading, heading};
use super::super::numbers::{DecimalMark, is_blank, read_number};
use super::super::region_names;
use super::super::table::Grid;
use super::super::vocabulary::{self, Word};
use super::layout::{Cell, Line, Span, is_value};

/// Farthest that lines of one heading and rows of one table lie apart, in font sizes.
const HEADING_LINES: f64 = 2.6;
const ROW_GAP: f64 = 6.0;
/// How many lines above a table are searched for its title.
const TITLE_LINES: usize = 15;
/// Most rows that are read of one table.
const ROWS: usize = 500;

/// A table, and rows of it whose cells could not be told apart.
pub(super) struct Found {
    pub(super) grid: Grid,
    pub(super) ambiguous: Vec<(String, Vec<String>)>,
}

/// All tables of a page.
pub(super) fn tables(lines: &[Line]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_heading(&lines[at]) {
            at += 1;
            continue;
        }
        let block = heading_block(lines, at);
        let columns = columns(&lines[block.clone()], at - block.start);
        let title = title(&lines[..block.start]);
        let (table, taken) = rows(&lines[block.end..], columns, title);
        at = block.end + taken;
        found.extend(table);
    }
    found
}

fn quantities(line: &Line) -> (usize, usize) {
    let spans: Vec<Span> = line.cells.iter().flat_map(split).collect();
    let count =
        |wanted: fn(&Heading) -> bool| spans.iter().filter(|span| wanted(&heading(&span.text))).count();
    (count(|h| matches!(h, Heading::Quantity(..))), count(|h| matches!(h, Heading::Region)))
}

fn is_heading(line: &Line) -> bool {
    if line.cells.iter().any(|cell| is_value(&cell.span.text)) {
        return false;
    }
    let (quantities, regions) = quantities(line);
    quantities >= 2 || (quantities >= 1 && regions >= 1)
}

/// The lines above and below that carry units or the other half of two-line headings.
fn heading_block(lines: &[Line], at: usize) -> std::ops::Range<usize> {
    let near = |a: usize, b: usize| (lines[a].y - lines[b].y).abs() <= HEADING_LINES * lines[at].size;
    let mut block = at..at + 1;
    while block.start > 0
        && block.len() < 3
        && near(block.start - 1, block.start)
        && continues(&lines[block.start - 1])
    {
        block.start -= 1;
    }
    while block.end < lines.len()
        && block.len() < 5
        && near(block.end, block.end - 1)
        && continues(&lines[block.end])
    {
        block.end += 1;
    }
    block
}

/// Whether a line holds nothing but words of headings and units.
fn continues(line: &Line) -> bool {
    let words = [
        Word::Region,
        Word::Bmd,
        Word::Bmc,
        Word::Area,
        Word::TScore,
        Word::ZScore,
        Word::PeakReference,
        Word::AgeMatched,
        Word::Fat,
        Word::Lean,
        Word::Mass,
        Word::Tissue,
        Word::GramPerCm2,
        Word::MilligramPerCm2,
        Word::SquareCm,
        Word::SquareMm,
        Word::Gram,
        Word::Kilogram,
        Word::Milligram,
        Word::Percent,
        Word::Sd,
        Word::Filler,
    ];
    line.cells.iter().all(|cell| {
        let reading = vocabulary::read(&cell.span.text);
        reading.is_whole() && reading.lumbar.is_none() && !reading.words.is_empty() && reading.only(&words)
    })
}

/// A heading cell in which several headings ran together, taken apart.
fn split(cell: &Cell) -> Vec<Span> {
    if cell.words.len() < 2 || cell.words.len() > 24 || !matches!(heading(&cell.span.text), Heading::Unknown)
    {
        return vec![cell.span.clone()];
    }
    let joined = |words: &[Span]| Span {
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        x0: words.first().map_or(0.0, |word| word.x0),
        x1: words.last().map_or(0.0, |word| word.x1),
    };
    let mut parts = Vec::new();
    let mut rest = cell.words.as_slice();
    while !rest.is_empty() {
        let known = |length: &usize| !matches!(heading(&joined(&rest[..*length]).text), Heading::Unknown);
        let length = (1..=rest.len()).rev().find(known).unwrap_or(1);
        parts.push(joined(&rest[..length]));
        rest = &rest[length..];
    }
    parts
}

/// The columns of a heading block; words of other lines go to the columns that they stand over or under.
fn columns(block: &[Line], main: usize) -> Vec<Span> {
    let mut columns: Vec<Span> = block[main].cells.iter().flat_map(split).collect();
    for (index, line) in block.iter().enumerate().filter(|(index, _)| *index != main) {
        for span in line.cells.iter().flat_map(split) {
            let mut placed = false;
            for column in columns.iter_mut().filter(|column| overlap(column, &span) > 0.0) {
                let (above, below) =
                    if index < main { (&span.text, &column.text) } else { (&column.text, &span.text) };
                column.text = format!("{above} {below}");
                placed = true;
            }
            // A heading with a line of its own, such as `Region` beside two-line neighbors.
            if !placed && !matches!(heading(&span.text), Heading::Unknown) {
                columns.push(span);
            }
        }
    }
    columns.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    columns
}

fn overlap(a: &Span, b: &Span) -> f64 {
    a.x1.min(b.x1) - a.x0.max(b.x0)
}

/// The nearest line above that names a bone or a side of one.
fn title(above: &[Line]) -> String {
    let texts = above.iter().rev().take(TITLE_LINES).flat_map(|line| {
        let cells = line.cells.iter().map(|cell| cell.span.text.clone());
        cells.chain([line.text()]).collect::<Vec<_>>()
    });
    let named = |text: &String| {
        let reading = vocabulary::read(text);
        reading.leftover.chars().count() <= 24 && region_names::anatomy_of(&reading).is_some()
    };
    texts.into_iter().find(named).unwrap_or_default()
}

struct Body {
    label: String,
    cells: Vec<Span>,
}

/// Reads rows until the table ends; returns the table and how many lines it took.
fn rows(lines: &[Line], columns: Vec<Span>, title: String) -> (Option<Found>, usize) {
    let labels = columns.iter().position(|column| heading(&column.text) == Heading::Region);
    // Without a heading for the labels they stand left of the first column.
    let label = labels.unwrap_or(usize::MAX);
    let values: Vec<Span> =
        columns.iter().enumerate().filter(|(index, _)| *index != label).map(|(_, c)| c.clone()).collect();
    let mut bodies = Vec::new();
    let mut taken = 0;
    let mut misses = 0;
    let mut last = lines.first().map(|line| line.y);
    for line in lines.iter().take(ROWS) {
        let far = last.is_some_and(|y| (y - line.y).abs() > ROW_GAP * line.size);
        if is_heading(line) || far || misses > 2 {
            break;
        }
        taken += 1;
        last = Some(line.y);
        match body(line, &values) {
            Some(row) => {
                misses = 0;
                bodies.push(row);
            }
            None => misses += 1,
        }
    }
    let corner = columns.get(label).map_or("Region".to_owned(), |column| column.text.clone());
    let found = (!bodies.is_empty()).then(|| assigned(bodies, values, corner, title));
    (found, taken)
}

/// A line as label and values; `None` when it is no row.
fn body(line: &Line, columns: &[Span]) -> Option<Body> {
    let first = columns.first()?;
    let mut label: Vec<&str> = Vec::new();
    let mut cells: Vec<Span> = Vec::new();
    for cell in &line.cells {
        let text = cell.span.text.as_str();
        let left =
            (cell.span.x0 + cell.span.x1) / 2.0 < first.x0 || cell.span.x1 < (first.x0 + first.x1) / 2.0;
        if cells.is_empty() && !is_value(text) && (label.is_empty() || left) {
            label.push(text);
        } else {
            cells.push(cell.span.clone());
        }
    }
    let label = label.join(" ");
    let reading = vocabulary::read(&label);
    let numeric = cells.iter().filter(|cell| is_number(&cell.text)).count();
    let section = cells.is_empty() && reading.is_whole() && !reading.words.is_empty();
    let is_row = numeric > 0
        && !label.is_empty()
        && cells.iter().all(|cell| is_number(&cell.text) || is_blank(&cell.text));
    (is_row || section).then_some(Body { label, cells })
}

fn is_number(text: &str) -> bool {
    read_number(text, DecimalMark::Point).or_else(|| read_number(text, DecimalMark::Comma)).is_some()
}

/// Gives every cell to its column; rows for which that is in doubt are kept apart.
fn assigned(bodies: Vec<Body>, columns: Vec<Span>, corner: String, title: String) -> Found {
    let mut extents = columns.clone();
    for body in bodies.iter().filter(|body| body.cells.len() == columns.len()) {
        for (extent, cell) in extents.iter_mut().zip(&body.cells) {
            extent.x0 = extent.x0.min(cell.x0);
            extent.x1 = extent.x1.max(cell.x1);
        }
    }
    let mut head = vec![corner];
    head.extend(columns.iter().map(|column| column.text.clone()));
    let mut grid = Grid { title, rows: vec![head], nameable: false };
    let mut ambiguous = Vec::new();
    for body in bodies {
        let Some(places) = places(&body.cells, &columns, &extents) else {
            ambiguous.push((body.label, body.cells.into_iter().map(|cell| cell.text).collect()));
            continue;
        };
        let mut row = vec![String::new(); columns.len() + 1];
        row[0] = body.label;
        for (place, cell) in places.into_iter().zip(body.cells) {
            row[place + 1] = cell.text;
        }
        grid.rows.push(row);
    }
    Found { grid, ambiguous }
}

/// The column of each cell: in order when there are as many, else the one that it stands under.
fn places(cells: &[Span], columns: &[Span], extents: &[Span]) -> Option<Vec<usize>> {
    if cells.len() == columns.len() {
        return Some((0..cells.len()).collect());
    }
    if cells.len() > columns.len() {
        return None;
    }
    let places: Vec<usize> = cells.iter().map(|cell| under(cell, extents)).collect::<Option<_>>()?;
    places.is_sorted_by(|a, b| a < b).then_some(places)
}

/// The one column that covers most of a cell.
fn under(cell: &Span, extents: &[Span]) -> Option<usize> {
    let width = (cell.x1 - cell.x0).max(1e-6);
    let mut covered = extents.iter().enumerate().filter(|(_, extent)| overlap(cell, extent) > 0.1 * width);
    let (index, extent) = covered.next()?;
    (covered.next().is_none() && overlap(cell, extent) >= 0.5 * width).then_some(index)
}
