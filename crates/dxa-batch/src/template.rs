//! What an export has: tables with chosen columns, from a file or from the command line.
//!
//! ```toml
//! [[table]]
//! name = "hips"                # of the file; without it, that of `from`
//! from = "regions"             # whose rows it has
//! columns = ["studies.patient_id as person", "site", "laterality", "bmd_g_cm2 as bmd"]
//! ```

use std::str::FromStr;

use dxa_exchange::csv::regions::harmless;
use serde::Deserialize;

use crate::layout::{Field, Layout, STUDIES};
use dxa_exchange::tables::{TABLES, place};

/// Tables with chosen columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub(crate) layouts: Vec<Layout>,
}

/// Why something is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongTemplate(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Vec<Entry>,
}

/// One table of a template.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    name: Option<String>,
    from: String,
    columns: Vec<String>,
}

/// `regions:site,bmd_g_cm2 as bmd`.
impl FromStr for Entry {
    type Err = WrongTemplate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, columns) = text.split_once(':').ok_or_else(|| {
            WrongTemplate(format!("`{text}` names no table; write one as `regions:site,bmd_g_cm2`"))
        })?;
        let columns = columns.split(',').map(|column| column.trim().to_owned()).collect();
        Ok(Self { name: None, from: from.trim().to_owned(), columns })
    }
}

impl Template {
    /// Reads a template file.
    ///
    /// # Errors
    /// TOML of another shape, and what [`Self::of`] says.
    pub fn read(toml: &str) -> Result<Self, WrongTemplate> {
        let file: File = toml::from_str(toml).map_err(|error| {
            // The first line says what is wrong, and the others draw it.
            let at = error.span().map(|span| 1 + toml[..span.start].matches('\n').count());
            let line = at.map(|line| format!("line {line}: ")).unwrap_or_default();
            WrongTemplate(format!("{line}{}", error.message()))
        })?;
        Self::of(&file.table)
    }

    /// The tables of some entries.
    ///
    /// # Errors
    /// An unknown table or column, a name that no file can have, a name that stands there twice.
    pub fn of(entries: &[Entry]) -> Result<Self, WrongTemplate> {
        if entries.is_empty() {
            return Err(WrongTemplate("there is no table to export".to_owned()));
        }
        let layouts = entries.iter().map(layout).collect::<Result<Vec<_>, _>>()?;
        let names = layouts.iter().map(|layout| layout.name.to_lowercase());
        match repeated(names) {
            Some(name) => Err(WrongTemplate(format!("two tables have the name `{name}`; give one another"))),
            None => Ok(Self { layouts }),
        }
    }
}

fn layout(entry: &Entry) -> Result<Layout, WrongTemplate> {
    let known = || TABLES.map(|table| table.name).join(", ");
    let place = place(&entry.from)
        .ok_or_else(|| WrongTemplate(format!("there is no table `{}`; there are {}", entry.from, known())))?;
    let name = entry.name.clone().unwrap_or_else(|| entry.from.clone());
    if !is_file_name(&name) {
        return Err(WrongTemplate(format!(
            "`{name}` cannot be the name of a table; it is 1 to 27 letters a to z, digits, - and _, and not `dictionary`"
        )));
    }
    let fields: Vec<Field> =
        entry.columns.iter().map(|column| field(place, column)).collect::<Result<_, _>>()?;
    if fields.is_empty() {
        return Err(WrongTemplate(format!("the table `{name}` has no column")));
    }
    match repeated(fields.iter().map(|field| field.name.clone())) {
        Some(twice) => Err(WrongTemplate(format!(
            "the table `{name}` has the column `{twice}` twice; name one another way with `as`"
        ))),
        None => Ok(Layout::chosen(name, place, fields)),
    }
}

/// `studies.age_years as age`, or without the one or the other.
fn field(place: usize, text: &str) -> Result<Field, WrongTemplate> {
    let (source, name) = match text.split_once(" as ") {
        Some((source, name)) => (source.trim(), name.trim()),
        None => (text.trim(), text.trim().rsplit('.').next().unwrap_or_default()),
    };
    let (from, column) = match source.split_once('.') {
        None => (place, source),
        Some((table, column)) if table == TABLES[place].name => (place, column),
        Some((table, column)) if table == TABLES[STUDIES].name => (STUDIES, column),
        Some(_) => {
            return Err(WrongTemplate(format!(
                "`{source}` is no column beside the rows of `{}`; those of `studies` can stand there",
                TABLES[place].name
            )));
        }
    };
    let at = TABLES[from].column(column).ok_or_else(|| {
        let known: Vec<&str> = TABLES[from].columns().iter().map(|column| column.name).collect();
        let table = TABLES[from].name;
        WrongTemplate(format!("`{table}` has no column `{column}`; it has {}", known.join(", ")))
    })?;
    if name.is_empty() || name.chars().any(char::is_control) || harmless(name) != name {
        return Err(WrongTemplate(format!("`{name}` cannot be the name of a column")));
    }
    Ok(Field::of(from, at, name.to_owned()))
}

/// A sheet's name has 31 letters, of which ` 123` are for the sheets that a table goes on in.
const LETTERS: usize = 27;

fn is_file_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (1..=LETTERS).contains(&name.len()) && name.bytes().all(plain) && name != "dictionary"
}

/// The first name that stands there twice.
fn repeated(names: impl Iterator<Item = String>) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn columns_of_the_study_stand_beside_the_rows_of_a_table() {
        let template = Template::read(
            "[[table]]\nname = \"why\"\nfrom = \"refusals\"\n\
             columns = [\"studies.sex as 性别\", \"code\", \"refusals.message\", \"studies.study_uid\"]\n",
        )
        .unwrap();
        let layout = &template.layouts[0];
        let names: Vec<&str> = layout.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!((layout.name.as_str(), names), ("why", vec!["性别", "code", "message", "study_uid"]));
        let mut record = Record { rows: vec![Vec::new(); TABLES.len()], ..Record::default() };
        let mut study = vec![None; TABLES[STUDIES].columns().len()];
        study[1] = text("1.2");
        study[TABLES[STUDIES].column("sex").unwrap()] = text("F");
        record.rows[STUDIES] = vec![study];
        let why = [text("k"), text("1.2"), None, None, text("no_reference"), text("No table.")];
        record.rows[place("refusals").unwrap()] = vec![why.to_vec(), vec![None; 6]];
        let rows: Vec<Vec<Option<String>>> = layout.rows(&record).map(|row| row.into_owned()).collect();
        assert_eq!(
            rows,
            [
                vec![text("F"), text("no_reference"), text("No table."), text("1.2")],
                vec![text("F"), None, None, text("1.2")]
            ]
        );
    }

    #[test]
    fn what_is_no_template_is_told() {
        for (entry, says) in [
            ("regions", "no table"),
            ("people:name", "there is no table `people`"),
            ("regions:bmd", "`regions` has no column `bmd`; it has study_key"),
            ("regions:scores.value", "those of `studies`"),
            ("regions:site,site", "`site` twice"),
            ("regions:", "has no column ``"),
            ("regions:site as =1+1", "name of a column"),
        ] {
            let read = entry.parse::<Entry>().and_then(|entry| Template::of(&[entry]));
            let error = read.unwrap_err().to_string();
            assert!(error.contains(says), "{entry}: {error}");
        }
        for (toml, says) in [
            ("", "table"),
            ("[[table]]\nfrom = \"regions\"\n", "columns"),
            ("[[table]]\nfrom = \"regions\"\ncolumns = []\n", "no column"),
            ("[[table]]\nfrom = \"regions\"\ncolumns = [\"site\"]\nwhere = 1\n", "line 4"),
            ("[[table]]\nname = \"../x\"\nfrom = \"regions\"\ncolumns = [\"site\"]\n", "`../x` cannot be"),
        ] {
            let error = Template::read(toml).unwrap_err().to_string();
            assert!(error.contains(says), "{toml}: {error}");
        }
        let twice: Vec<Entry> = ["regions:site", "regions:scan"].map(|text| text.parse().unwrap()).into();
        assert!(Template::of(&twice).unwrap_err().to_string().contains("two tables"));
    }
}
