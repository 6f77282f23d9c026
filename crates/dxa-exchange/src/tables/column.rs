//! Columns: what each is, said in the same call that fills it, so that the dictionary is never about another table.

use jiff::civil::{Date, date};

/// What a column holds; its type in files, and what de-identification does to it, follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Key of a study, made here.
    Key,
    /// A word of a closed list, or a name this software gives.
    Code,
    /// A decimal number.
    Number,
    /// Years of a person's age.
    Age,
    /// A whole number.
    Integer,
    /// True or false.
    Flag,
    /// A calendar date.
    Date,
    /// A digest of files as they were.
    Digest,
    /// A DICOM unique identifier.
    Uid,
    /// An identifier of a person.
    Person,
    /// A text that names a person or an event, and has no use without them.
    Identifying,
    /// A text as a device or a person wrote it, or a sentence that may quote one.
    Text,
    /// The path of a file.
    Path,
}

/// How values stand in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// 64-bit floating point.
    Number,
    /// 64-bit integer.
    Integer,
    /// Boolean.
    Flag,
    /// Days.
    Date,
}

impl Content {
    /// How values stand in files.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Number | Self::Age => Kind::Number,
            Self::Integer => Kind::Integer,
            Self::Flag => Kind::Flag,
            Self::Date => Kind::Date,
            Self::Key
            | Self::Digest
            | Self::Code
            | Self::Uid
            | Self::Person
            | Self::Identifying
            | Self::Text
            | Self::Path => Kind::Text,
        }
    }

    /// The word of the dictionary for the type.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self.kind() {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Integer => "integer",
            Kind::Flag => "boolean",
            Kind::Date => "date",
        }
    }

    /// What `--deidentify` does to a value.
    #[must_use]
    pub fn when_deidentified(self) -> &'static str {
        match self {
            Self::Key | Self::Digest => "keyed digest",
            Self::Code | Self::Number | Self::Integer | Self::Flag => "kept",
            Self::Age => "kept up to 90, and 90 above",
            Self::Date => "shifted by days of the person",
            Self::Uid => "replaced by a keyed UID",
            Self::Person => "keyed pseudonym",
            Self::Identifying => "removed",
            Self::Text => "kept without serial numbers, unless it holds an identifier of the person",
            Self::Path => "keyed digest",
        }
    }
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub content: Content,
    /// Unit, UCUM; empty where it has none.
    pub unit: &'static str,
    /// One sentence, with the codes and what null means where that is not plain.
    pub meaning: &'static str,
}

/// A value as text, or null.
pub type Cell = Option<String>;

/// One row while it is filled; or, of the dictionary, while its columns are named.
#[derive(Debug, Default)]
pub struct Row {
    cells: Vec<Cell>,
    columns: Vec<Column>,
    describes: bool,
}

impl Row {
    /// The cells that `fill` puts in.
    pub(crate) fn filled(fill: impl FnOnce(&mut Self)) -> Vec<Cell> {
        let mut row = Self::default();
        fill(&mut row);
        row.cells
    }

    /// The columns that `fill` names.
    pub(crate) fn columns(fill: impl FnOnce(&mut Self)) -> Vec<Column> {
        let mut row = Self { describes: true, ..Self::default() };
        fill(&mut row);
        row.columns
    }

    fn put(&mut self, column: Column, cell: impl FnOnce() -> Cell) {
        if self.describes {
            self.columns.push(column);
        } else {
            self.cells.push(cell());
        }
    }

    fn words(&mut self, content: Content, name: &'static str, meaning: &'static str, text: Option<&str>) {
        let cell = || text.filter(|text| !text.is_empty()).map(str::to_owned);
        self.put(Column { name, content, unit: "", meaning }, cell);
    }

    /// The key of the study.
    pub fn key(&mut self, name: &'static str, meaning: &'static str, key: &str) {
        self.words(Content::Key, name, meaning, Some(key));
    }

    /// A code.
    pub fn code(&mut self, name: &'static str, meaning: &'static str, code: Option<&str>) {
        self.words(Content::Code, name, meaning, code);
    }

    /// A digest of files.
    pub fn digest(&mut self, name: &'static str, meaning: &'static str, digest: &str) {
        self.words(Content::Digest, name, meaning, Some(digest));
    }

    /// A UID.
    pub fn uid(&mut self, name: &'static str, meaning: &'static str, uid: Option<&str>) {
        self.words(Content::Uid, name, meaning, uid);
    }

    /// An identifier of a person.
    pub fn person(&mut self, name: &'static str, meaning: &'static str, id: Option<&str>) {
        self.words(Content::Person, name, meaning, id);
    }

    /// A text that is of no use without the person.
    pub fn identifying(&mut self, name: &'static str, meaning: &'static str, text: Option<&str>) {
        self.words(Content::Identifying, name, meaning, text);
    }

    /// A text.
    pub fn text(&mut self, name: &'static str, meaning: &'static str, text: Option<&str>) {
        self.words(Content::Text, name, meaning, text);
    }

    /// A path.
    pub fn path(&mut self, name: &'static str, meaning: &'static str, path: Option<&str>) {
        self.words(Content::Path, name, meaning, path);
    }

    /// A date, `YYYY-MM-DD`.
    pub fn date(&mut self, name: &'static str, meaning: &'static str, date: Option<&str>) {
        self.words(Content::Date, name, meaning, date);
    }

    /// A number with its unit; what is no number is null.
    pub fn number(
        &mut self,
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        number: Option<f64>,
    ) {
        let cell = || number.filter(|number| number.is_finite()).map(|number| number.to_string());
        self.put(Column { name, content: Content::Number, unit, meaning }, cell);
    }

    /// An age in years.
    pub fn age(&mut self, name: &'static str, meaning: &'static str, years: Option<f64>) {
        let column = Column { name, content: Content::Age, unit: "a", meaning };
        self.put(column, || years.map(|years| years.to_string()));
    }

    /// A whole number.
    pub fn integer(&mut self, name: &'static str, meaning: &'static str, number: Option<i64>) {
        let column = Column { name, content: Content::Integer, unit: "", meaning };
        self.put(column, || number.map(|number| number.to_string()));
    }

    /// True or false.
    pub fn flag(&mut self, name: &'static str, meaning: &'static str, flag: Option<bool>) {
        let column = Column { name, content: Content::Flag, unit: "", meaning };
        self.put(column, || flag.map(|flag| flag.to_string()));
    }
}

/// Days from 1970-01-01 to a date `YYYY-MM-DD`; `None` where the text is none.
#[must_use]
pub fn days(text: &str) -> Option<i32> {
    let day: Date = text.parse().ok()?;
    Some(day.since((jiff::Unit::Day, date(1970, 1, 1))).ok()?.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(
            (days("1970-01-01"), days("2024-05-17"), days("1969-12-31")),
            (Some(0), Some(19860), Some(-1))
        );
        assert_eq!(days("May"), None);
    }
}
