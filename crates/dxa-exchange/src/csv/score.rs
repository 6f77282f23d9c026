//! Rows of `dxa score`: a person, a device and a density in; scores with their references out.

mod judged;

use std::io::Read;

use csv::ByteRecord;
use dxa_core::patient::{Ethnicity, Menopause, Sex};
use dxa_core::reference::{Device, Library, Maker, Profile, ReferenceTable, Subject, UnknownId};
use dxa_core::score::{RegionScores, Score, ScoreKind};
use dxa_core::site::{Side, Site};
use dxa_core::units::{GramsPerCm2, Years};
use rayon::prelude::*;

use super::{Columns, HeaderProblem, TableProblem, fixed};
use judged::{Judged, judged};

/// The columns that are read; the last three may be absent.
const COLUMNS: [&[&str]; 11] = [
    &["id"],
    &["sex"],
    &["age"],
    &["ethnicity"],
    &["manufacturer"],
    &["site"],
    &["laterality"],
    &["bmd"],
    &["menopause"],
    &["model"],
    &["software"],
];
const NEEDED: usize = 8;
const ID: usize = 0;
const SEX: usize = 1;
const AGE: usize = 2;
const ETHNICITY: usize = 3;
const MAKER: usize = 4;
const SITE: usize = 5;
const SIDE: usize = 6;
const BMD: usize = 7;
const MENOPAUSE: usize = 8;
const MODEL: usize = 9;
const SOFTWARE: usize = 10;

/// The header of the output.
const HEADER: [&str; 11] = [
    "id",
    "site",
    "laterality",
    "t",
    "t_exact",
    "t_reference",
    "z",
    "z_exact",
    "z_reference",
    "category",
    "notes",
];

/// What the scores are against.
pub enum Scheme<'l> {
    /// The profile chooses.
    Profile(&'static Profile, &'l Library),
    /// These tables, one output row each.
    Named(Vec<&'l ReferenceTable>),
}

impl<'l> Scheme<'l> {
    /// The tables with these ids, or the profile's choice where there are none.
    ///
    /// # Errors
    /// No such profile or table.
    pub fn chosen(profile: &str, references: &[String], library: &'l Library) -> Result<Self, UnknownId> {
        if references.is_empty() {
            return Ok(Self::Profile(Profile::named(profile)?, library));
        }
        let named = references.iter().map(|id| library.named(id));
        Ok(Self::Named(named.collect::<Result<_, _>>()?))
    }
}

/// The table of scores of a file of rows, as pieces of CSV in the order of the file: the header, then some thousand
/// rows at a time, scored on all cores.
///
/// ```
/// use dxa_core::reference::{Library, Profile};
/// use dxa_exchange::csv::score::{Scheme, Scored};
///
/// let rows = "id,sex,age,ethnicity,manufacturer,site,laterality,bmd\n7,F,63,nhw,Hologic,femoral_neck,L,0.612\n";
/// let scheme = Scheme::chosen(Profile::DEFAULT, &[], Library::bundled())?;
/// let table = Scored::of(rows.as_bytes(), scheme)?.collect::<Result<Vec<_>, _>>()?.concat();
/// let table = String::from_utf8(table)?;
/// assert!(table.lines().nth(1).is_some_and(|row| row.starts_with("7,femoral_neck,L,-2.")), "{table}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Scored<'l, R> {
    input: csv::Reader<R>,
    reader: RowReader,
    scheme: Scheme<'l>,
    rows: Vec<ByteRecord>,
    step: Step,
}

/// How far a table is.
enum Step {
    Header,
    Rows,
    End,
}

/// Rows that are read before they are scored together.
const ROWS_A_CHUNK: usize = 16_384;
/// Rows that one thread takes at a time.
const ROWS_A_TASK: usize = 512;

impl<'l, R: Read> Scored<'l, R> {
    /// Reads the header.
    ///
    /// # Errors
    /// A file that cannot be read, or whose header lacks a needed column.
    pub fn of(input: R, scheme: Scheme<'l>) -> Result<Self, TableProblem> {
        let mut input = super::reader(input);
        let mut header = ByteRecord::new();
        let has_header = input.read_byte_record(&mut header)?;
        let reader = RowReader::new(has_header.then_some(&header))?;
        Ok(Self { input, reader, scheme, rows: Vec::new(), step: Step::Header })
    }

    /// The next rows, scored; fewer than a chunk when the file ends.
    fn scored(&mut self) -> csv::Result<Vec<u8>> {
        let mut filled = 0;
        while filled < ROWS_A_CHUNK {
            if filled == self.rows.len() {
                self.rows.push(ByteRecord::new());
            }
            if !self.input.read_byte_record(&mut self.rows[filled])? {
                break;
            }
            filled += 1;
        }
        if filled < ROWS_A_CHUNK {
            self.step = Step::End;
        }
        let (reader, scheme) = (&self.reader, &self.scheme);
        let tasks = self.rows[..filled].par_chunks(ROWS_A_TASK);
        let parts: Vec<Vec<u8>> = tasks.map(|rows| table(rows, reader, scheme)).collect();
        Ok(parts.concat())
    }
}

impl<R: Read> Iterator for Scored<'_, R> {
    type Item = Result<Vec<u8>, TableProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step {
            Step::Header => {
                self.step = Step::Rows;
                Some(Ok(format!("{}\n", HEADER.join(",")).into_bytes()))
            }
            Step::Rows => Some(self.scored().map_err(|error| {
                self.step = Step::End;
                error.into()
            })),
            Step::End => None,
        }
    }
}

/// The output rows of some input rows.
fn table(rows: &[ByteRecord], reader: &RowReader, scheme: &Scheme<'_>) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::with_capacity(rows.len() * 96));
    for input in rows {
        let row = reader.read(input);
        let who = identity(reader, input, &row);
        for Judged { scores, category, notes } in judged(&row, scheme) {
            let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
            let scored = cells(&scores, category, &notes);
            // Writing to memory cannot fail.
            let fields = who.iter().map(Vec::as_slice).chain(scored.iter().map(String::as_bytes));
            let _ = out.write_record(fields);
        }
    }
    out.into_inner().unwrap_or_default()
}

/// Densities that a person can have, g/cm² (clinical rule `plausibility`).
pub const PLAUSIBLE_BMD: std::ops::RangeInclusive<f64> = 0.2..=2.5;

/// Reads rows of one file.
#[derive(Clone, Debug)]
struct RowReader {
    columns: Columns<11>,
    sites: Vec<(String, Site)>,
}

/// A row as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// Sex, age and population.
    subject: Subject,
    /// Who measured.
    device: Device,
    /// Site.
    site: Option<Site>,
    /// Side.
    side: Option<Side>,
    /// Density.
    bmd: Option<GramsPerCm2>,
    /// Menopause.
    menopause: Option<Menopause>,
    /// Why the row cannot be scored; codes of docs/score.md.
    obstacles: Vec<&'static str>,
    /// What was not understood and is not needed.
    remarks: Vec<&'static str>,
}

impl RowReader {
    /// Finds the columns.
    ///
    /// # Errors
    /// A header without a needed column or with one twice.
    fn new(header: Option<&ByteRecord>) -> Result<Self, HeaderProblem> {
        let columns = Columns::find(header, COLUMNS, NEEDED)?;
        let sites = Site::all().into_iter().map(|site| (site.to_string(), site)).collect();
        Ok(Self { columns, sites })
    }

    /// Reads one row. Nothing in a row is an error: what cannot be read is an obstacle or a remark.
    fn read(&self, cells: &ByteRecord) -> Row {
        let text = |column| self.columns.text(cells, column);
        let (mut obstacles, mut remarks) = (Vec::new(), Vec::new());
        if self.columns.overflowed(cells) {
            obstacles.push("row_too_long");
        }
        let sex = take(&mut obstacles, sex(text(SEX)));
        let age = take(&mut obstacles, age(text(AGE)));
        let maker = take(&mut obstacles, maker(text(MAKER))).flatten();
        let site = take(&mut obstacles, self.site(text(SITE)));
        let bmd = take(&mut obstacles, bmd(text(BMD)));
        let ethnicity = take(&mut remarks, code(text(ETHNICITY), &ETHNICITIES, "ethnicity_unknown"));
        let side = take(&mut remarks, code(text(SIDE), &SIDES, "laterality_unknown")).flatten();
        let menopause = take(&mut remarks, code(text(MENOPAUSE), &MENOPAUSES, "menopause_unknown"));
        let own = |column| text(column).map(str::to_owned);
        Row {
            subject: Subject { sex, age, ethnicity: ethnicity.flatten() },
            device: Device { maker, model: own(MODEL), software: own(SOFTWARE) },
            site,
            side,
            bmd,
            menopause: menopause.flatten(),
            obstacles,
            remarks,
        }
    }

    fn site(&self, text: Option<&str>) -> Result<Site, &'static str> {
        let text = text.ok_or("site_missing")?;
        let known = self.sites.iter().find(|(code, _)| code == text).map(|(_, site)| *site);
        known.or_else(|| text.parse().ok()).ok_or("site_unknown")
    }
}

/// The row's identity as it is written back: the bytes of its cells, the site by its code where it has one.
fn identity(reader: &RowReader, cells: &ByteRecord, row: &Row) -> [Vec<u8>; 3] {
    let raw = |column| reader.columns.raw(cells, column).to_vec();
    let site = row.site.map_or_else(|| raw(SITE), |site| site.to_string().into_bytes());
    let side = row.side.map_or_else(|| raw(SIDE), |side| side.code().into());
    [raw(ID), site, side]
}

/// The cells of one output row after its identity.
fn cells(scores: &RegionScores, category: Option<&str>, notes: &[&str]) -> [String; 8] {
    let [t, t_exact, t_reference] = score_cells(scores.of(ScoreKind::T));
    let [z, z_exact, z_reference] = score_cells(scores.of(ScoreKind::Z));
    let category = category.unwrap_or_default().to_owned();
    [t, t_exact, t_reference, z, z_exact, z_reference, category, notes.join(";")]
}

fn score_cells(score: Option<&Score>) -> [String; 3] {
    match score {
        Some(score) => [fixed(score.value, 1), fixed(score.exact, 4), score.reference.id.clone()],
        None => [String::new(), String::new(), String::new()],
    }
}

/// The value, or `None` with its code put down.
fn take<T>(codes: &mut Vec<&'static str>, read: Result<T, &'static str>) -> Option<T> {
    read.map_err(|code| codes.push(code)).ok()
}

fn sex(text: Option<&str>) -> Result<Sex, &'static str> {
    match text {
        None => Err("sex_missing"),
        Some("F" | "f") => Ok(Sex::Female),
        Some("M" | "m") => Ok(Sex::Male),
        Some(_) => Err("sex_unknown"),
    }
}

fn age(text: Option<&str>) -> Result<Years, &'static str> {
    let number = text.ok_or("age_missing")?.parse().map_err(|_| "age_not_a_number")?;
    Years::new(number).ok_or("age_implausible")
}

fn bmd(text: Option<&str>) -> Result<GramsPerCm2, &'static str> {
    let number: f64 = text.ok_or("bmd_missing")?.parse().map_err(|_| "bmd_not_a_number")?;
    let plausible = PLAUSIBLE_BMD.contains(&number).then(|| GramsPerCm2::new(number));
    plausible.flatten().ok_or("bmd_implausible")
}

/// A device without a maker may still be scored by name; a maker that is not known may not.
fn maker(text: Option<&str>) -> Result<Option<Maker>, &'static str> {
    match text {
        None => Ok(None),
        Some(text) => Maker::from_text(text).map(Some).ok_or("manufacturer_unknown"),
    }
}

fn code<T: Copy>(
    text: Option<&str>,
    codes: &[(&str, T)],
    unknown: &'static str,
) -> Result<Option<T>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    let found = codes.iter().find(|(code, _)| text.eq_ignore_ascii_case(code));
    found.map(|(_, value)| Some(*value)).ok_or(unknown)
}

const SIDES: [(&str, Side); 3] = [("L", Side::Left), ("R", Side::Right), ("B", Side::Both)];

const MENOPAUSES: [(&str, Menopause); 3] =
    [("pre", Menopause::Pre), ("peri", Menopause::Peri), ("post", Menopause::Post)];

const ETHNICITIES: [(&str, Ethnicity); 9] = [
    ("nhw", Ethnicity::NonHispanicWhite),
    ("nhb", Ethnicity::NonHispanicBlack),
    ("mexican_american", Ethnicity::MexicanAmerican),
    ("nh_asian", Ethnicity::NonHispanicAsian),
    ("chinese", Ethnicity::Chinese),
    ("japanese", Ethnicity::Japanese),
    ("korean", Ethnicity::Korean),
    ("vietnamese", Ethnicity::Vietnamese),
    ("other", Ethnicity::Other),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &str) -> Row {
        let header = "id,sex,age,ethnicity,manufacturer,site,laterality,bmd,menopause";
        let header = ByteRecord::from(header.split(',').collect::<Vec<_>>());
        RowReader::new(Some(&header)).unwrap().read(&ByteRecord::from(cells.split('|').collect::<Vec<_>>()))
    }

    #[test]
    fn a_good_row_is_read_whole() {
        let row = read("7|F|63.28|chinese|GE MEDICAL SYSTEMS LUNAR|L4-L3,L1|L|0.873|post");
        assert_eq!((row.obstacles.len(), row.remarks.len()), (0, 0));
        assert_eq!(row.site.unwrap().to_string(), "L1,L3-L4");
        assert_eq!(row.device.maker, Some(Maker::Lunar));
        assert_eq!((row.side, row.menopause), (Some(Side::Left), Some(Menopause::Post)));
        assert_eq!(row.subject.ethnicity, Some(Ethnicity::Chinese));
    }

    #[test]
    fn every_absurd_value_has_its_code() {
        let cases = [
            ("|||||||", "sex_missing age_missing site_missing bmd_missing"),
            ("1|X|60||Hologic|L1-L4||0.9", "sex_unknown"),
            ("1|F|060Y||Hologic|L1-L4||0.9", "age_not_a_number"),
            ("1|F|-1||Hologic|L1-L4||0.9", "age_implausible"),
            ("1|F|NaN||Hologic|L1-L4||0.9", "age_implausible"),
            ("1|F|131||Hologic|L1-L4||0.9", "age_implausible"),
            ("1|F|60||Acme|L1-L4||0.9", "manufacturer_unknown"),
            ("1|F|60||Hologic|lumbar spine||0.9", "site_unknown"),
            ("1|F|60||Hologic|L1-L4||0,9", "bmd_not_a_number"),
            ("1|F|60||Hologic|L1-L4||930", "bmd_implausible"),
            ("1|F|60||Hologic|L1-L4||-0.9", "bmd_implausible"),
            ("1|F|60||Hologic|L1-L4||inf", "bmd_implausible"),
            ("1|F|60||Hologic|L1-L4||0|873|post|x", "bmd_implausible row_too_long"),
        ];
        for (cells, codes) in cases {
            let mut found = read(cells).obstacles;
            found.sort_unstable();
            let mut expected: Vec<_> = codes.split(' ').collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{cells}");
        }
    }

    #[test]
    fn what_is_not_needed_is_a_remark() {
        let row = read("1|F|60|martian|Hologic|L1-L4|middle|0.9|maybe");
        assert_eq!(row.obstacles, Vec::<&str>::new());
        assert_eq!(row.remarks, ["ethnicity_unknown", "laterality_unknown", "menopause_unknown"]);
    }
}
