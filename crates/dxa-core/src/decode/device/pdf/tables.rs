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
/// How many lines above tables beside each other are theirs.
const TITLES_ABOVE: usize = 4;
/// Most words of one heading where several run together.
const ONE_HEADING: usize = 6;
/// Most words of a heading line.
const HEADING_WORDS: usize = 48;
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
pub(super) fn tables(lines: &[Line]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut done = 0;
    let headings: Vec<bool> = lines.iter().map(is_heading).collect();
    while at < lines.len() {
        if !headings[at] {
            at += 1;
            continue;
        }
        if let Some(x) = second_table(&lines[at]) {
            let end = side_by_side_end(lines, at);
            // The titles of both stand above the headings, but below the table before.
            let both = &lines[at.saturating_sub(TITLES_ABOVE).max(done)..end];
            for right in [false, true] {
                found.extend(tables(&half(both, x, right)));
            }
            (at, done) = (end, end);
            continue;
        }
        let block = heading_block(lines, at);
        let columns = columns(&lines[block.clone()], at - block.start);
        let title = title(&lines[..block.start]);
        let (table, taken) = rows(&lines[block.end..], &headings[block.end..], columns, title);
        at = block.end + taken;
        done = at;
        found.extend(table);
    }
    found
}

/// Where the second of two tables begins that stand beside each other.
fn second_table(line: &Line) -> Option<f64> {
    let spans: Vec<Span> = line.cells.iter().flat_map(split).collect();
    let mut labels = spans.iter().filter(|span| heading(&span.text) == Heading::Region);
    let first = labels.next()?;
    let second = labels.next()?;
    (second.x0 > first.x1).then_some(second.x0 - 1.0)
}

/// The line at which tables beside each other end: at a heading that is not theirs.
fn side_by_side_end(lines: &[Line], at: usize) -> usize {
    let next = lines[at + 1..].iter().position(|line| is_heading(line) && second_table(line).is_none());
    next.map_or(lines.len(), |next| at + 1 + next)
}

/// The cells left or right of a position.
fn half(lines: &[Line], x: f64, right: bool) -> Vec<Line> {
    let cut = |line: &Line| {
        let cells: Vec<Cell> =
            line.cells.iter().filter(|cell| (cell.span.x0 >= x) == right).cloned().collect();
        (!cells.is_empty()).then(|| Line { cells, ..line.clone() })
    };
    lines.iter().filter_map(cut).collect()
}

fn quantities(line: &Line) -> (usize, usize) {
    let spans: Vec<Span> = line.cells.iter().flat_map(split).collect();
    let count =
        |wanted: fn(&Heading) -> bool| spans.iter().filter(|span| wanted(&heading(&span.text))).count();
    (count(|h| matches!(h, Heading::Quantity(..))), count(|h| matches!(h, Heading::Region)))
}

fn is_heading(line: &Line) -> bool {
    let printed = |text: &str| is_value(text) && text.contains(|c: char| c.is_ascii_digit());
    if line.cells.iter().any(|cell| printed(&cell.span.text)) {
        return false;
    }
    if line.cells.iter().map(|cell| cell.words.len()).sum::<usize>() > HEADING_WORDS {
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
    if cell.words.len() < 2 || cell.words.len() > 16 || !matches!(heading(&cell.span.text), Heading::Unknown)
    {
        return vec![cell.span.clone()];
    }
    let joined = |words: &[Span]| Span {
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        x0: words.first().map_or(0.0, |word| word.x0),
        x1: words.last().map_or(0.0, |word| word.x1),
    };
    let mut parts: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    while at < cell.words.len() {
        let rest = &cell.words[at..];
        let known = |length: &usize| !matches!(heading(&joined(&rest[..*length]).text), Heading::Unknown);
        let found = (1..=rest.len().min(ONE_HEADING)).rev().find(known);
        at += found.unwrap_or(1);
        match parts.last_mut() {
            // Unknown words side by side are one heading: `Radius + Ulna`.
            Some((end, false)) if found.is_none() => *end = at,
            _ => parts.push((at, found.is_some())),
        }
    }
    let starts = std::iter::once(0).chain(parts.iter().map(|(end, _)| *end));
    starts.zip(&parts).map(|(start, (end, _))| joined(&cell.words[start..*end])).collect()
}

/// The columns of a heading block; words of other lines go to the columns that they stand over or under.
fn columns(block: &[Line], main: usize) -> Vec<Span> {
    let mut columns: Vec<Span> = block[main].cells.iter().flat_map(split).collect();
    for (index, line) in block.iter().enumerate().filter(|(index, _)| *index != main) {
        for span in line.cells.iter().flat_map(|cell| spread(cell, &columns)).collect::<Vec<_>>() {
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

/// A cell of a second heading line: word by word where each word has a column of its own.
fn spread(cell: &Cell, columns: &[Span]) -> Vec<Span> {
    let over = |span: &Span| columns.iter().filter(|column| overlap(column, span) > 0.0).count();
    let apart = over(&cell.span) > 1 && cell.words.iter().all(|word| over(word) == 1);
    if apart { cell.words.clone() } else { split(cell) }
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
fn rows(lines: &[Line], headings: &[bool], columns: Vec<Span>, title: String) -> (Option<Found>, usize) {
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
        if *is_heading || far || misses > 2 {
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
