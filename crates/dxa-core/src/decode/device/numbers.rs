//! Printed numbers: decimal point or comma, thousands separators, blanks, and how far a print was rounded.

/// Which character parts the integer from the decimals in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalMark {
    /// `1,234.5`.
    Point,
    /// `1.234,5`.
    Comma,
}

/// A number as printed: its value and how many decimals were shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Printed {
    pub(super) value: f64,
    pub(super) decimals: u32,
}

impl Printed {
    /// Half a unit of the last printed decimal: the true value lies this close.
    pub(super) fn half_unit(self) -> f64 {
        0.5 / 10f64.powi(i32::try_from(self.decimals).unwrap_or(0))
    }

    /// The same number in another unit.
    pub(super) fn scaled(self, factor: f64) -> Measure {
        Measure { value: self.value * factor, half_unit: self.half_unit() * factor }
    }
}

/// A number in its canonical unit with the half-width of its rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measure {
    pub(super) value: f64,
    pub(super) half_unit: f64,
}

/// What a table cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing, or dashes.
    Blank,
    /// One number.
    Number(Printed),
    /// A number that the document's two possible decimal marks read differently.
    Ambiguous,
    /// Text.
    Text,
}

/// Longest text that is looked at as a number.
const LONGEST: usize = 24;

/// Reads a cell; without a mark, only what both marks do not read differently.
pub(super) fn read_cell(text: &str, mark: Option<DecimalMark>) -> Cell {
    let text = text.trim();
    if is_blank(text) {
        return Cell::Blank;
    }
    let point = read_number(text, DecimalMark::Point);
    let comma = read_number(text, DecimalMark::Comma);
    let read = match (mark, point, comma) {
        (None, Some(a), Some(b)) if a != b => return Cell::Ambiguous,
        (Some(DecimalMark::Comma), _, comma @ Some(_)) => comma,
        (Some(DecimalMark::Point), point @ Some(_), _) => point,
        // A cell that only the other mark can read has one meaning; it is read that way.
        (_, point, comma) => point.or(comma),
    };
    read.map_or(Cell::Text, Cell::Number)
}

/// Whether the text stands for "no value".
pub(super) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '−' | '.' | '\u{a0}' | '_' | '/' | '*'))
        || ["n/a", "na", "n.a.", "nan", "null", "none"].iter().any(|none| text.eq_ignore_ascii_case(none))
}

/// The decimal mark that the cells of a document show; `None` when they show none or both.
pub(super) fn decimal_mark<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DecimalMark> {
    let mut only = (false, false);
    let mut either = (false, false);
    for text in cells.map(str::trim).filter(|text| text.contains([',', '.', '，', '．'])) {
        let point = read_number(text, DecimalMark::Point);
        let comma = read_number(text, DecimalMark::Comma);
        match (point, comma) {
            (Some(_), None) => only.0 = true,
            (None, Some(_)) => only.1 = true,
            (Some(a), Some(b)) if a != b => {
                either.0 |= a.decimals > 0;
                either.1 |= b.decimals > 0;
            }
            _ => {}
        }
    }
    match (only, either) {
        ((true, false), _) | ((false, false), (true, false)) => Some(DecimalMark::Point),
        ((false, true), _) | ((false, false), (false, true)) => Some(DecimalMark::Comma),
        _ => None,
    }
}

/// Reads one number with this decimal mark; a percent sign or footnote star after it is allowed.
pub(super) fn read_number(text: &str, mark: DecimalMark) -> Option<Printed> {
    // Before anything is copied: a line of a page can be one long run of text.
    if text.len() > 4 * LONGEST {
        return None;
    }
    let text = narrow(text.trim().trim_end_matches(['*', '#', '†', '%', '％', ' ', '\u{a0}']));
    if text.len() > LONGEST {
        return None;
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (decimal, thousands) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
    let has_mark = whole.len() != digits.len();
    if !fraction.chars().all(|c| c.is_ascii_digit()) || (has_mark && fraction.is_empty()) {
        return None;
    }
    let whole = without_groups(whole, thousands)?;
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let value: f64 = format!("{}.{fraction}0", if whole.is_empty() { "0" } else { &whole }).parse().ok()?;
    // Adding zero turns −0.0 into 0.0.
    Some(Printed { value: sign * value + 0.0, decimals: u32::try_from(fraction.len()).ok()? })
}

/// Integer digits without thousands separators, which must stand before groups of three.
fn without_groups(whole: &str, separator: char) -> Option<String> {
    let is_separator = |c: char| c == separator || c == ' ' || c == '\'';
    if !whole.contains(is_separator) {
        return whole.chars().all(|c| c.is_ascii_digit()).then(|| whole.to_owned());
    }
    let mut groups = whole.split(is_separator);
    let first = groups.next()?;
    let first_fits = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let all_fit = first_fits && groups.all(|group| group.len() == 3);
    let digits: String = whole.chars().filter(|c| !is_separator(*c)).collect();
    (all_fit && digits.chars().all(|c| c.is_ascii_digit())).then_some(digits)
}

/// Full-width forms, minus signs and narrow blanks as their ASCII counterparts.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '−' | '–' | '—' | '‐' | '‑' | '－' => '-',
            '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{3000}' => ' ',
            '’' => '\'',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, mark: DecimalMark) -> Option<f64> {
        read_number(text, mark).map(|printed| printed.value)
    }

    #[test]
    fn both_conventions_read_their_own_groups_and_nothing_else() {
        use DecimalMark::{Comma, Point};
        for (text, mark, wanted) in [
            ("13.26", Point, Some(13.26)),
            ("13,26", Comma, Some(13.26)),
            ("13,26", Point, None),
            ("2,012.33", Point, Some(2012.33)),
            ("2.012,33", Comma, Some(2012.33)),
            ("2 012,33", Comma, Some(2012.33)),
            ("2\u{a0}012,33", Comma, Some(2012.33)),
            ("0,873", Point, None),
            ("1,027", Point, Some(1027.0)),
            ("1,027", Comma, Some(1.027)),
            ("−1.8", Point, Some(-1.8)),
            ("- 1.8", Point, Some(-1.8)),
            ("+0.4", Point, Some(0.4)),
            (".873", Point, Some(0.873)),
            ("82%", Point, Some(82.0)),
            ("－１．８", Point, Some(-1.8)),
            ("1.2.3", Point, None),
            ("12.", Point, None),
            ("1e5", Point, None),
            ("", Point, None),
            ("-", Point, None),
            ("L1", Point, None),
            ("inf", Point, None),
        ] {
            assert_eq!(value(text, mark), wanted, "{text} {mark:?}");
        }
    }

    #[test]
    fn minus_zero_is_zero() {
        assert!(value("-0.0", DecimalMark::Point).unwrap().is_sign_positive());
    }

    #[test]
    fn a_document_shows_its_mark() {
        let mark = |cells: &[&str]| decimal_mark(cells.iter().copied());
        assert_eq!(mark(&["13.26", "1.027"]), Some(DecimalMark::Point));
        assert_eq!(mark(&["13,26", "1,027"]), Some(DecimalMark::Comma));
        assert_eq!(mark(&["1,027", "1,100"]), Some(DecimalMark::Comma));
        assert_eq!(mark(&["1.027"]), Some(DecimalMark::Point));
        assert_eq!(mark(&["13,26", "0.873"]), None);
        assert_eq!(mark(&["12"]), None);
    }

    #[test]
    fn without_a_mark_only_what_has_one_meaning_is_read() {
        assert_eq!(read_cell("1,027", None), Cell::Ambiguous);
        assert_eq!(read_cell("0,873", None), Cell::Number(Printed { value: 0.873, decimals: 3 }));
        assert_eq!(read_cell(" -- ", None), Cell::Blank);
        assert_eq!(read_cell("n/a", None), Cell::Blank);
        assert_eq!(read_cell("bold", None), Cell::Text);
    }
}
