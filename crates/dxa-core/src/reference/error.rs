//! Why a table, a profile or a look-up was refused. Tables and profiles are the site administrator's to mend.

use crate::patient::Sex;
use crate::site::Site;

/// An id that nothing has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{id}`; known are {}", known.join(", "))]
pub struct UnknownId {
    /// `profile` or `reference table`.
    pub what: &'static str,
    /// The id.
    pub id: String,
    /// The ids that there are.
    pub known: Vec<String>,
}

/// A refused reference table; the others stay usable.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("reference table `{table}` is refused: {problem}")]
pub struct ReferenceError {
    /// Id of the table: the file name without its ending.
    pub table: String,
    /// What is wrong with it.
    pub problem: TableProblem,
}

/// What is wrong with a table as a whole.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TableProblem {
    /// No `.toml` beside the `.csv`.
    #[error("its sidecar (the .toml file of the same name) is missing; add one with its provenance")]
    MissingSidecar,
    /// No `.csv` beside the `.toml`.
    #[error("its rows (the .csv file of the same name) are missing")]
    MissingRows,
    /// Two files of one name, or an id that is already loaded.
    #[error("another table has the same id; rename one")]
    DuplicateId,
    /// The sidecar is not TOML, lacks a field, or has one that is unknown or has an unknown value.
    #[error("its sidecar cannot be read: {0}")]
    Sidecar(String),
    /// The id in the sidecar is not the file name.
    #[error("its sidecar is about `{0}`")]
    IdDiffers(String),
    /// The bytes of the CSV are not those that the sidecar describes.
    #[error(
        "the checksum of its rows is {found}, its sidecar says {expected}; check what was changed, then seal it"
    )]
    Checksum {
        /// What the sidecar says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The first line is not the header of the schema.
    #[error("its header must be `{expected}`")]
    Header {
        /// The header of the schema.
        expected: &'static str,
    },
    /// Not a CSV table of equally long text rows.
    #[error("its rows cannot be read: {0}")]
    Csv(String),
    /// A header and nothing else, and no number in the sidecar that is only shown.
    #[error("it has no rows")]
    Empty,
    /// One row is wrong.
    #[error("line {line}: {problem}")]
    Row {
        /// Line of the CSV file, from 1.
        line: u64,
        /// What is wrong with the row.
        problem: RowProblem,
    },
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RowProblem {
    /// Not young, band, knot or lms.
    #[error("`{0}` is no kind of row (young, band, knot, lms)")]
    UnknownKind(String),
    /// Not F or M.
    #[error("`{0}` is no sex (F, M)")]
    UnknownSex(String),
    /// Not a site of the contract.
    #[error("`{0}` is no site")]
    UnknownSite(String),
    /// A cell that is no finite number.
    #[error("{field} `{value}` is not a number")]
    NotANumber {
        /// Column.
        field: &'static str,
        /// The cell.
        value: String,
    },
    /// A cell that this kind of row needs.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A cell that this kind of row must leave empty.
    #[error("{0} does not belong to this kind of row")]
    Unexpected(&'static str),
    /// A mean or M that no population has.
    #[error("the mean {0} is outside 0.3 to 1.6 g/cm²")]
    MeanOutOfRange(f64),
    /// A standard deviation (or M·S) that no population has.
    #[error("the standard deviation {0} is outside 0.05 to 0.30 g/cm²")]
    SdOutOfRange(f64),
    /// An L that no population has.
    #[error("the power L {0} is outside -10 to 10")]
    PowerOutOfRange(f64),
    /// Ages that are reversed, negative, above 130, or not what the kind of row needs.
    #[error("the ages {from} to {to} do not fit this kind of row")]
    Ages {
        /// First age.
        from: f64,
        /// Last age.
        to: f64,
    },
    /// A band of more than 15 years.
    #[error("a band of {0} years is wider than 15 years")]
    BandTooWide(f64),
    /// A group of fewer than 20 people.
    #[error("{0} people are fewer than 20")]
    TooFewPeople(u32),
    /// The same row twice.
    #[error("the row repeats an earlier one")]
    Duplicate,
    /// A band that shares ages with the one before.
    #[error("the band overlaps the one before")]
    Overlap,
    /// A row whose age is below that of the row before.
    #[error("the rows of a site must be sorted by age")]
    Unsorted,
    /// Bands, knots and LMS rows of one site mixed.
    #[error("one site of one sex has either bands, knots or lms rows")]
    MixedCurves,
}

/// Why a table gives no number for somebody.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LookupError {
    /// No such row; no neighbour is taken instead.
    #[error("reference table `{table}` has no {what} row for {site} of sex {}", .sex.code())]
    NotCovered {
        /// Id of the table.
        table: String,
        /// Which kind of row was looked for.
        what: &'static str,
        /// Site.
        site: Site,
        /// Sex of the row.
        sex: Sex,
    },
    /// The rows end before this age; nothing is extrapolated.
    #[error("reference table `{table}` does not cover the age {age:.2} at {site}")]
    OutOfRange {
        /// Id of the table.
        table: String,
        /// Site.
        site: Site,
        /// Age asked for, years.
        age: f64,
    },
}

/// A refused profile.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("profile `{profile}` is refused: {problem}")]
pub struct ProfileError {
    /// File name or id of the profile.
    pub profile: String,
    /// What is wrong with it.
    pub problem: ProfileProblem,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProfileProblem {
    /// Not TOML, or a field is missing, unknown or of the wrong type.
    #[error("it cannot be read: {0}")]
    File(String),
    /// The id is not the file name.
    #[error("it says that its id is `{0}`")]
    IdDiffers(String),
    /// A table that is not in the library and not marked optional.
    #[error("it names the table `{0}`, which is not loaded; add the table or mark it optional")]
    MissingTable(String),
    /// A table used for a maker that it is not about.
    #[error("it uses the table `{table}` for {maker}, which the table is not about")]
    WrongMaker {
        /// Id of the table.
        table: String,
        /// The makers that the rule names.
        maker: String,
    },
    /// A table that may only be used by name.
    #[error(
        "it uses the table `{0}`, whose source does not name the site exactly; such a table is used by name only"
    )]
    SiteNotNamed(String),
    /// A device prints no Z that a profile could choose.
    #[error("`device` stands in a rule about Z; only a printed T can decide")]
    DeviceInZ,
    /// Only a T decides, so only a T can be shown without deciding.
    #[error("`decides = false` stands in a rule about Z; it is for T only")]
    ShownOnlyInZ,
}
