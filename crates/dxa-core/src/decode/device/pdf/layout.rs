//! Placed characters to lines of cells.

use super::super::numbers::{DecimalMark, is_blank, read_number};
use super::content::Glyph;

/// Gaps in font sizes: from here on a gap parts words, and from here on it parts cells.
const WORD_GAP: f64 = 0.15;
const CELL_GAP: f64 = 0.75;
/// Farthest that baselines of one line lie apart, in font sizes; exponents stand higher.
const BASELINE: f64 = 0.42;

/// Most cells of one line; a line with more is no line of a table.
const CELLS: usize = 128;

/// A run of text on one line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) x0: f64,
    pub(super) x1: f64,
}

/// A cell with the words that it is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) span: Span,
    pub(super) words: Vec<Span>,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) cells: Vec<Cell>,
}

impl Line {
    /// All text of the line.
    pub(super) fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.span.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// How far two spans stand over each other; negative when they do not.
pub(super) fn overlap(a: &Span, b: &Span) -> f64 {
    a.x1.min(b.x1) - a.x0.max(b.x0)
}

/// Lines from the top of the page down; lines of another direction follow after.
pub(super) fn lines(glyphs: &[Glyph]) -> Vec<Line> {
    let mut lines = Vec::new();
    for turn in 0..4 {
        let mut glyphs: Vec<&Glyph> = glyphs.iter().filter(|glyph| glyph.turn == turn).collect();
        glyphs.sort_by(|a, b| b.y.total_cmp(&a.y));
        lines.extend(baselines(&glyphs).into_iter().filter_map(line));
    }
    lines
}

/// Characters of one baseline together.
fn baselines<'g>(glyphs: &[&'g Glyph]) -> Vec<Vec<&'g Glyph>> {
    let mut rows: Vec<(f64, f64, Vec<&Glyph>)> = Vec::new();
    for glyph in glyphs {
        match rows.last_mut() {
            Some((y, size, row)) if (*y - glyph.y).abs() <= BASELINE * size.max(glyph.size) => {
                row.push(glyph);
                // The largest characters say where the line is.
                if glyph.size > *size + 0.01 {
                    (*y, *size) = (glyph.y, glyph.size);
                }
            }
            _ => rows.push((glyph.y, glyph.size, vec![glyph])),
        }
    }
    rows.into_iter().map(|(_, _, row)| row).collect()
}

fn line(mut glyphs: Vec<&Glyph>) -> Option<Line> {
    glyphs.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let largest = glyphs.iter().max_by(|a, b| a.size.total_cmp(&b.size))?;
    let (y, size) = (largest.y, largest.size);
    let cells = cells(words(&glyphs), size);
    (!cells.is_empty()).then_some(Line { y, size, cells })
}

fn words(glyphs: &[&Glyph]) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    let mut open = false;
    for glyph in glyphs {
        if glyph.text.trim().is_empty() {
            open = false;
            continue;
        }
        match words.last_mut() {
            Some(word) if open && glyph.x0 - word.x1 <= WORD_GAP * glyph.size => {
                // The same character drawn twice over itself makes bold print.
                let doubled =
                    word.text.ends_with(&glyph.text) && glyph.x0 - word.x1 < -0.8 * (glyph.x1 - glyph.x0);
                if !doubled {
                    word.text.push_str(&glyph.text);
                    word.x1 = word.x1.max(glyph.x1);
                }
            }
            _ => words.push(Span { text: glyph.text.clone(), x0: glyph.x0, x1: glyph.x1 }),
        }
        open = true;
    }
    words
}

fn cells(words: Vec<Span>, size: f64) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for word in words {
        if cells.len() > CELLS {
            break;
        }
        match cells.last_mut() {
            Some(cell) if belongs(cell, &word, size) => {
                cell.span.text.push(' ');
                cell.span.text.push_str(&word.text);
                cell.span.x1 = word.x1;
                cell.words.push(word);
            }
            _ => cells.push(Cell { span: word.clone(), words: vec![word] }),
        }
    }
    cells
}

/// Whether a word goes on in the cell before it: close by, and not two numbers of two columns.
fn belongs(cell: &Cell, word: &Span, size: f64) -> bool {
    let gap = word.x0 - cell.span.x1;
    if gap > CELL_GAP * size {
        return false;
    }
    let thousands = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let group = word.text.len() >= 3 && word.text.bytes().take(3).all(|b| b.is_ascii_digit()) && {
        let rest = &word.text[3..];
        rest.is_empty() || rest.starts_with([',', '.'])
    };
    if thousands(&cell.span.text) && group && gap <= 0.35 * size {
        return true;
    }
    // `T -` over `score` is one heading.
    let hyphen = word.text == "-"
        && cell.span.text.chars().count() == 1
        && cell.span.text.starts_with(char::is_alphabetic);
    hyphen || (!is_value(&cell.span.text) && !is_value(&word.text))
}

/// Whether a text is a value of a table: a number with decimals or sign, or dashes for none.
pub(super) fn is_value(text: &str) -> bool {
    let number =
        || read_number(text, DecimalMark::Point).or_else(|| read_number(text, DecimalMark::Comma)).is_some();
    let shaped = || text.contains(['.', ',']) || text.starts_with(['-', '−', '–', '+', '－']);
    // Long text is no number, which is found out first: a cell grows word by word.
    (number() && shaped()) || (is_blank(text) && !text.trim().is_empty())
}
