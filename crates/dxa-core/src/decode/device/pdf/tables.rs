//! Lines of cells to tables: headings found by meaning, cells given to columns by position.

use std::cell::OnceCell;

use super::super::headings::{Heading, heading};
use super::super::numbers::{DecimalMark, is_blank, read_number};
use super::super::region_names;
use super::super::table::Grid;
use super::super::vocabulary;
use super::column_heads::{Head, Heads, columns, continues};
use super::layout::{Cell, Line, Span, is_value, overlap};

/// Farthest that lines of one heading and rows of one table lie apart, in font sizes.
const HEADING_LINES: f64 = 2.6;
const ROW_GAP: f64 = 6.0;
/// How many lines above a table are searched for its title.
const TITLE_LINES: usize = 15;
/// How many lines above tables beside each other are theirs.
const TITLES_ABOVE: usize = 4;
/// How often tables beside each other may again stand beside each other.
const BESIDE: usize = 2;
/// Longest label of a region that is not known.
const LABEL: usize = 32;
/// Most rows that are read of one table.
const ROWS: usize = 500;

/// A table, and rows of it whose cells could not be told apart.
pub(super) struct Found {
    pub(super) grid: Grid,
    pub(super) ambiguous: Vec<(String, Vec<String>)>,
}

/// All tables of a page.
pub(super) fn tables(lines: &[Line], heads: &mut Heads) -> Vec<Found> {
    tables_beside(lines, heads, 0)
}

fn tables_beside(lines: &[Line], heads: &mut Heads, depth: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let page = Page::of(lines, heads);
    let (mut at, mut done) = (0, 0);
    while at < lines.len() {
        let Some(parts) = &page.headings[at] else {
            at += 1;
            continue;
        };
        let beside = if depth < BESIDE { next_tables(parts) } else { Vec::new() };
        if !beside.is_empty() {
            let end = page.side_by_side_end(at);
            // The titles of all stand above the headings, but below the table before.
            let together = &lines[at.saturating_sub(TITLES_ABOVE).max(done)..end];
            for part in apart(together, &beside) {
                found.extend(tables_beside(&part, heads, depth + 1));
            }
            (at, done) = (end, end);
            continue;
        }
        let block = heading_block(lines, at);
        let columns = columns(&lines[block.clone()], at - block.start, parts, heads);
        let (table, taken) =
            rows(&lines[block.end..], &page.headings[block.end..], columns, || page.title_above(block.start));
        at = block.end + taken;
        done = at;
        found.extend(table);
    }
    found
}

/// The lines of a page, each looked at once, however many tables refer to it.
struct Page<'l> {
    lines: &'l [Line],
    headings: Vec<Option<Vec<Head>>>,
    titles: Vec<OnceCell<Option<String>>>,
}

impl<'l> Page<'l> {
    fn of(lines: &'l [Line], heads: &mut Heads) -> Self {
        let headings = lines.iter().map(|line| heads.of(line)).collect();
        Self { lines, headings, titles: vec![OnceCell::new(); lines.len()] }
    }

    /// The line at which tables beside each other end: at a heading that is not theirs.
    fn side_by_side_end(&self, at: usize) -> usize {
        let other =
            |parts: &Option<Vec<Head>>| parts.as_ref().is_some_and(|parts| next_tables(parts).is_empty());
        let next = self.headings[at + 1..].iter().position(other);
        next.map_or(self.lines.len(), |next| at + 1 + next)
    }

    /// The nearest line above that names a bone or a side of one.
    fn title_above(&self, at: usize) -> String {
        let first = at.saturating_sub(TITLE_LINES);
        let titles = (first..at).rev().filter_map(|index| self.title(index));
        titles.into_iter().next().unwrap_or_default().to_owned()
    }

    fn title(&self, index: usize) -> Option<&str> {
        self.titles[index].get_or_init(|| title(&self.lines[index])).as_deref()
    }
}

/// The first text of a line, cell by cell and then as a whole, that names a bone.
fn title(line: &Line) -> Option<String> {
    let named = |text: &String| {
        let reading = vocabulary::read(text);
        let bone = region_names::anatomy_of(&reading).is_some() || region_names::is_lateral_spine(&reading);
        reading.leftover.chars().count() <= 24 && bone
    };
    let cells = line.cells.iter().map(|cell| cell.span.text.clone());
    cells.chain(std::iter::once_with(|| line.text())).find(named)
}

/// Where the second and further tables begin that stand beside the first.
fn next_tables(parts: &[Head]) -> Vec<f64> {
    let mut labels = parts.iter().filter(|part| part.heading == Heading::Region).map(|part| &part.span);
    let Some(first) = labels.next() else { return Vec::new() };
    labels.filter(|label| label.x0 > first.x1).map(|label| label.x0 - 1.0).collect()
}

/// The cells between these positions, each stretch as lines of its own.
fn apart(lines: &[Line], starts: &[f64]) -> Vec<Vec<Line>> {
    let stretch = |index: usize| {
        let from = if index == 0 { f64::NEG_INFINITY } else { starts[index - 1] };
        let to = starts.get(index).copied().unwrap_or(f64::INFINITY);
        let cut = |line: &Line| {
            let within = |cell: &&Cell| (from..to).contains(&cell.span.x0);
            let cells: Vec<Cell> = line.cells.iter().filter(within).cloned().collect();
            (!cells.is_empty()).then(|| Line { cells, ..line.clone() })
        };
        lines.iter().filter_map(cut).collect()
    };
    (0..=starts.len()).map(stretch).collect()
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

struct Body {
    label: String,
    cells: Vec<Span>,
}

/// Reads rows until the table ends; returns the table and how many lines it took.
fn rows(
    lines: &[Line],
    headings: &[Option<Vec<Head>>],
    columns: Vec<Span>,
    title: impl FnOnce() -> String,
) -> (Option<Found>, usize) {
    let labels = columns.iter().position(|column| heading(&column.text) == Heading::Region);
    // A first heading that is no quantity, such as `Radius + Ulna`, stands over the labels.
    let first = columns.first().filter(|column| heading(&column.text) == Heading::Unknown).map(|_| 0);
    // Without any heading the labels stand left of the first column.
    let label = labels.or(first).unwrap_or(usize::MAX);
    let values: Vec<Span> =
        columns.iter().enumerate().filter(|(index, _)| *index != label).map(|(_, c)| c.clone()).collect();
    let mut bodies = Vec::new();
    let mut taken = 0;
    let mut misses = 0;
    let mut last = lines.first().map(|line| line.y);
    for (line, is_heading) in lines.iter().zip(headings).take(ROWS) {
        let far = last.is_some_and(|y| (y - line.y).abs() > ROW_GAP * line.size);
        if is_heading.is_some() || far || misses > 2 {
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
    let found = (!bodies.is_empty()).then(|| assigned(bodies, values, corner, title()));
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
    // Prose with numbers in it is no row; an unknown region has a short name and several numbers.
    let short = label.chars().count() <= LABEL && !label.is_empty() && !label.contains([':', '=']);
    let numbers_only = cells.iter().all(|cell| is_number(&cell.text) || is_blank(&cell.text));
    let unknown_region =
        short && (numbers_only || cells.len() == columns.len()) && numeric >= 2.min(columns.len());
    let known_region = reading.is_whole() && (!reading.words.is_empty() || reading.lumbar.is_some());
    let is_row = numeric > 0 && (known_region || unknown_region);
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
