//! Rows of `dxa precision`: one scan a row in, the precision of each site out.

use std::collections::BTreeMap;

use csv::ByteRecord;
use dxa_core::score::precision::{Precision, precision};
use dxa_core::site::{Side, Site};

use super::score::PLAUSIBLE_BMD;
use super::{Columns, HeaderProblem, fixed};

const COLUMNS: [&[&str]; 4] = [&["subject"], &["site"], &["bmd"], &["laterality"]];
const NEEDED: usize = 3;
const SUBJECT: usize = 0;
const SITE: usize = 1;
const BMD: usize = 2;
const SIDE: usize = 3;

/// The header of the output.
pub const HEADER: [&str; 11] = [
    "site",
    "laterality",
    "n_subjects",
    "n_scans",
    "df",
    "rms_sd",
    "rms_cv_percent",
    "lsc",
    "lsc_percent",
    "df_sufficient",
    "rms_sd_upper95",
];

/// Repeat scans by site, side and subject, as a file gave them.
#[derive(Clone, Debug)]
pub struct RepeatScans {
    columns: Columns<4>,
    sites: BTreeMap<Place, (Site, Option<Side>, BySubject)>,
}

/// The densities of each subject.
type BySubject = BTreeMap<Vec<u8>, Vec<f64>>;

/// Site as results list them, then left, right, both, none.
type Place = ((u8, usize, [u8; 4]), u8);

impl RepeatScans {
    /// Finds the columns.
    ///
    /// # Errors
    /// A header without a needed column or with one twice.
    pub fn new(header: Option<&ByteRecord>) -> Result<Self, HeaderProblem> {
        Ok(Self { columns: Columns::find(header, COLUMNS, NEEDED)?, sites: BTreeMap::new() })
    }

    /// Takes one scan.
    ///
    /// # Errors
    /// Why the row is no scan; it is left out.
    pub fn take(&mut self, row: &ByteRecord) -> Result<(), String> {
        if self.columns.overflowed(row) {
            return Err("it has more cells than the header".to_owned());
        }
        let subject = self.columns.raw(row, SUBJECT).trim_ascii();
        if subject.is_empty() {
            return Err("the subject is missing".to_owned());
        }
        let text = |column| self.columns.text(row, column);
        let site = text(SITE).ok_or("the site is missing")?;
        let site: Site = site.parse().map_err(|error| format!("{error}"))?;
        let side = side(text(SIDE))?;
        let bmd = text(BMD).ok_or("the density is missing")?;
        let number: f64 = bmd.parse().map_err(|_| format!("the density `{bmd}` is not a number"))?;
        if !PLAUSIBLE_BMD.contains(&number) {
            return Err(format!("the density {number} is outside 0.2 to 2.5 g/cm²"));
        }
        let place = (site.order(), side.map_or(u8::MAX, |side| side as u8));
        let (_, _, subjects) = self.sites.entry(place).or_insert_with(|| (site, side, BTreeMap::new()));
        subjects.entry(subject.to_vec()).or_default().push(number);
        Ok(())
    }

    /// The precision of each site, in the order in which results list sites.
    pub fn rows(&self) -> impl Iterator<Item = [String; 11]> {
        self.sites.values().map(|(site, side, subjects)| {
            let scans: Vec<Vec<f64>> = subjects.values().cloned().collect();
            output(*site, *side, &precision(&scans))
        })
    }

    /// Subjects with one scan at a site, by site: they say nothing about precision.
    pub fn scanned_once(&self) -> impl Iterator<Item = (Site, usize)> {
        self.sites.values().filter_map(|(site, _, subjects)| {
            let once = subjects.values().filter(|scans| scans.len() == 1).count();
            (once > 0).then_some((*site, once))
        })
    }
}

fn side(text: Option<&str>) -> Result<Option<Side>, String> {
    match text {
        None => Ok(None),
        Some("L" | "l") => Ok(Some(Side::Left)),
        Some("R" | "r") => Ok(Some(Side::Right)),
        Some("B" | "b") => Ok(Some(Side::Both)),
        Some(other) => Err(format!("the laterality `{other}` is not L, R, B or empty")),
    }
}

fn output(site: Site, side: Option<Side>, found: &Precision) -> [String; 11] {
    let of = |read: fn(&dxa_core::score::precision::PrecisionError) -> f64, decimals| {
        found.error.as_ref().map(|error| fixed(read(error), decimals)).unwrap_or_default()
    };
    [
        site.to_string(),
        side.map(Side::code).unwrap_or_default().to_owned(),
        found.subjects.to_string(),
        found.scans.to_string(),
        found.df.to_string(),
        of(|error| error.rms_sd, 6),
        of(|error| error.rms_cv_percent, 4),
        of(|error| error.lsc, 6),
        of(|error| error.lsc_percent, 4),
        found.is_sufficient().to_string(),
        of(|error| error.rms_sd_upper95, 6),
    ]
}
