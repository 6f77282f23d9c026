//! Which column of a file is which: by the header, in any order.

use csv::ByteRecord;

/// Where each wanted column stands in the rows of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns<const N: usize> {
    places: [Option<usize>; N],
    width: usize,
}

/// Why a first line is no header for the purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// No line at all.
    #[error("it is empty; the first line must be a header with the columns {needed}")]
    Empty {
        /// The needed columns.
        needed: String,
    },
    /// Needed columns are not there.
    #[error("its header lacks {missing}; it must have the columns {needed}, separated by commas")]
    Missing {
        /// Those that are not there.
        missing: String,
        /// All needed ones.
        needed: String,
    },
    /// One name twice.
    #[error("its header has the column `{0}` twice; keep one")]
    Repeated(String),
}

impl<const N: usize> Columns<N> {
    /// Finds the wanted columns, each a list of names of which the first is its own and the others are
    /// understood too; the first `needed` of them must be there. Other columns are ignored.
    ///
    /// # Errors
    /// A needed column that is missing, or a wanted one that stands there twice.
    pub fn find(
        header: Option<&ByteRecord>,
        wanted: [&[&'static str]; N],
        needed: usize,
    ) -> Result<Self, HeaderProblem> {
        let own_names = || wanted[..needed].iter().filter_map(|names| names.first().copied());
        let needed_names = || own_names().collect::<Vec<_>>().join(",");
        let header = header.ok_or_else(|| HeaderProblem::Empty { needed: needed_names() })?;
        let cells: Vec<String> = header.iter().map(name).collect();
        let mut places = [None; N];
        for (place, names) in places.iter_mut().zip(wanted) {
            let mut found = (0..cells.len()).filter(|index| names.contains(&cells[*index].as_str()));
            *place = found.next();
            if let Some(again) = found.next() {
                return Err(HeaderProblem::Repeated(cells[again].clone()));
            }
        }
        let missing: Vec<_> = own_names().zip(places).filter(|(_, place)| place.is_none()).collect();
        if !missing.is_empty() {
            let missing: Vec<_> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
            return Err(HeaderProblem::Missing { missing: missing.join(", "), needed: needed_names() });
        }
        Ok(Self { places, width: cells.len() })
    }

    /// The bytes of a wanted column, as they stand; empty where the row or the file has none.
    #[must_use]
    pub fn raw<'r>(&self, row: &'r ByteRecord, wanted: usize) -> &'r [u8] {
        let place = self.places.get(wanted).copied().flatten();
        place.and_then(|place| row.get(place)).unwrap_or_default()
    }

    /// The text of a wanted column without surrounding blanks; `None` when it is empty. Bytes that are no
    /// UTF-8 give a text that is no number and no code.
    #[must_use]
    pub fn text<'r>(&self, row: &'r ByteRecord, wanted: usize) -> Option<&'r str> {
        let bytes = self.raw(row, wanted);
        let text = std::str::from_utf8(bytes).map_or("\u{fffd}", str::trim);
        (!text.is_empty()).then_some(text)
    }

    /// Whether a row has more cells than the header: an unquoted comma has moved its values.
    #[must_use]
    pub fn overflowed(&self, row: &ByteRecord) -> bool {
        row.iter().skip(self.width).any(|cell| !cell.trim_ascii().is_empty())
    }

    /// Whether the file has the column.
    #[must_use]
    pub fn has(&self, wanted: usize) -> bool {
        self.places.get(wanted).copied().flatten().is_some()
    }
}

/// A heading as it is compared: without byte order mark, blanks and capitals.
fn name(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [&[&str]; 3] = [&["bmd"], &["site", "region"], &["note"]];

    fn find(header: &[&str]) -> Result<Columns<3>, HeaderProblem> {
        Columns::find(Some(&ByteRecord::from(header.to_vec())), WANTED, 2)
    }

    #[test]
    fn columns_are_found_in_any_order_and_by_their_other_names() {
        let row = ByteRecord::from(vec!["x", " L1-L4 ", "0.9"]);
        for header in [["other", "site", "bmd"], ["other", " Region", "\u{feff}BMD"]] {
            let columns = find(&header).unwrap();
            assert_eq!((columns.text(&row, 0), columns.text(&row, 1)), (Some("0.9"), Some("L1-L4")));
            assert_eq!((columns.text(&row, 2), columns.has(2)), (None, false));
        }
    }

    #[test]
    fn a_wrong_header_says_what_is_wrong_with_it() {
        let sentence = |header: &[&str]| find(header).unwrap_err().to_string();
        assert!(sentence(&["site"]).contains("lacks `bmd`"));
        assert!(sentence(&["site;bmd"]).contains("separated by commas"));
        assert!(sentence(&["bmd", "site", "region"]).contains("`region` twice"));
        let empty = Columns::find(None, WANTED, 2).unwrap_err().to_string();
        assert!(empty.contains("bmd,site"), "{empty}");
    }

    #[test]
    fn a_row_that_is_too_long_is_told_from_one_with_trailing_commas() {
        let columns = find(&["bmd", "site"]).unwrap();
        assert!(!columns.overflowed(&ByteRecord::from(vec!["0", "L1", "", " "])));
        assert!(columns.overflowed(&ByteRecord::from(vec!["0", "873", "L1"])));
    }
}
