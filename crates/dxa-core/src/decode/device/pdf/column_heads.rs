//! Heading lines taken apart into the headings of their columns.

use super::super::headings::{Heading, heading};
use super::super::vocabulary::{self, Word};
use super::layout::{Cell, Line, Span, is_value, overlap};

/// Most words of one heading where several run together, and of a cell in which they may.
const ONE_HEADING: usize = 6;
const RUN_TOGETHER: usize = 16;
/// Most words of a heading line.
const HEADING_WORDS: usize = 48;
/// Most words of all heading lines of one document; real reports have a few hundred.
const ALL_HEADING_WORDS: usize = 2_000;

/// One heading of a line.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) span: Span,
    pub(super) heading: Heading,
}

/// Takes heading lines apart, as many as one document may have.
pub(super) struct Heads {
    words_left: usize,
    /// Whether heading lines were left out because there were too many.
    pub(super) exhausted: bool,
}

impl Default for Heads {
    fn default() -> Self {
        Self { words_left: ALL_HEADING_WORDS, exhausted: false }
    }
}

impl Heads {
    /// The headings of a line; `None` when it is no heading line.
    pub(super) fn of(&mut self, line: &Line) -> Option<Vec<Head>> {
        let words: usize = line.cells.iter().map(|cell| cell.words.len()).sum();
        if words > HEADING_WORDS || line.cells.iter().any(holds_value) || !names_quantity(line) {
            return None;
        }
        let parts = self.split_all(&line.cells);
        let count = |wanted: fn(&Heading) -> bool| parts.iter().filter(|part| wanted(&part.heading)).count();
        let quantities = count(|heading| matches!(heading, Heading::Quantity(..)));
        let regions = count(|heading| matches!(heading, Heading::Region));
        (quantities >= 2 || (quantities >= 1 && regions >= 1)).then_some(parts)
    }

    fn split_all(&mut self, cells: &[Cell]) -> Vec<Head> {
        cells.iter().flat_map(|cell| self.split(cell)).collect()
    }

    /// A heading cell in which several headings ran together, taken apart.
    fn split(&mut self, cell: &Cell) -> Vec<Head> {
        let whole = heading(&cell.span.text);
        if !(2..=RUN_TOGETHER).contains(&cell.words.len()) || !matches!(whole, Heading::Unknown) {
            return vec![Head { span: cell.span.clone(), heading: whole }];
        }
        if cell.words.len() > self.words_left {
            self.exhausted = true;
            return Vec::new();
        }
        self.words_left -= cell.words.len();
        run_apart(&cell.words)
    }
}

/// Words to headings, the longest known one first; unknown words side by side are one: `Radius + Ulna`.
fn run_apart(words: &[Span]) -> Vec<Head> {
    let mut parts: Vec<(std::ops::Range<usize>, Heading)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let known = |length: usize| {
            let heading = heading(&joined(&rest[..length]).text);
            (!matches!(heading, Heading::Unknown)).then_some((length, heading))
        };
        let (length, heading) =
            (1..=rest.len().min(ONE_HEADING)).rev().find_map(known).unwrap_or((1, Heading::Unknown));
        match parts.last_mut() {
            Some((range, Heading::Unknown)) if heading == Heading::Unknown => range.end = at + length,
            _ => parts.push((at..at + length, heading)),
        }
        at += length;
    }
    parts.into_iter().map(|(range, heading)| Head { span: joined(&words[range]), heading }).collect()
}

fn joined(words: &[Span]) -> Span {
    Span {
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        x0: words.first().map_or(0.0, |word| word.x0),
        x1: words.last().map_or(0.0, |word| word.x1),
    }
}

fn holds_value(cell: &Cell) -> bool {
    is_value(&cell.span.text) && cell.span.text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a line has a word of a quantity at all; nearly all lines do not.
fn names_quantity(line: &Line) -> bool {
    let names = |word: &Word| word.is_quantity() || *word == Word::Total;
    line.cells.iter().any(|cell| vocabulary::read(&cell.span.text).words.iter().any(names))
}

/// Whether a line holds nothing but words of headings and units.
pub(super) fn continues(line: &Line) -> bool {
    let belongs = |word: &Word| {
        word.is_quantity()
            || word.is_comparison()
            || word.is_unit()
            || matches!(word, Word::Region | Word::Tissue | Word::Filler)
    };
    line.cells.iter().all(|cell| {
        let reading = vocabulary::read(&cell.span.text);
        reading.is_whole()
            && reading.lumbar.is_none()
            && !reading.words.is_empty()
            && reading.words.iter().all(belongs)
    })
}

/// The columns of a heading block; words of other lines go to the columns that they stand over or under.
pub(super) fn columns(block: &[Line], main: usize, parts: &[Head], heads: &mut Heads) -> Vec<Span> {
    let mut columns: Vec<Span> = parts.iter().map(|part| part.span.clone()).collect();
    for (index, line) in block.iter().enumerate().filter(|(index, _)| *index != main) {
        for span in line.cells.iter().flat_map(|cell| spread(cell, &columns, heads)).collect::<Vec<_>>() {
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
fn spread(cell: &Cell, columns: &[Span], heads: &mut Heads) -> Vec<Span> {
    let over = |span: &Span| columns.iter().filter(|column| overlap(column, span) > 0.0).count();
    let apart = over(&cell.span) > 1 && cell.words.iter().all(|word| over(word) == 1);
    if apart {
        return cell.words.clone();
    }
    heads.split(cell).into_iter().map(|part| part.span).collect()
}
