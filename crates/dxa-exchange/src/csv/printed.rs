//! What devices printed, by device: the input of `dxa reference infer`.

use std::collections::BTreeMap;

use csv::ByteRecord;
use dxa_core::patient::{Ethnicity, Sex};
use dxa_core::reference::infer::{Printed, PrintedScore, Series};
use dxa_core::site::Site;

use super::score::PLAUSIBLE_BMD;
use super::{Columns, HeaderProblem};

const COLUMNS: [&[&str]; 13] = [
    &["sex"],
    &["site", "region"],
    &["bmd", "bmd_g_cm2"],
    &["t", "t_score", "device_t"],
    &["z", "z_score", "device_z"],
    &["age", "age_years"],
    &["date", "scan_date", "study_date"],
    &["device", "device_id", "station", "station_name"],
    &["manufacturer", "maker"],
    &["model"],
    &["software", "software_version"],
    &["reference", "device_reference", "reference_tag"],
    &["ethnicity"],
];
const NEEDED: usize = 3;
const SEX: usize = 0;
const SITE: usize = 1;
const BMD: usize = 2;
const T: usize = 3;
const Z: usize = 4;
const AGE: usize = 5;
const DATE: usize = 6;
const DEVICE: usize = 7;
const MAKER: usize = 8;
const MODEL: usize = 9;
const SOFTWARE: usize = 10;
const REFERENCE: usize = 11;
const ETHNICITY: usize = 12;

/// Which reference a group of results may share: everything a device may make it depend on, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Device or station.
    pub device: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Software.
    pub software: String,
    /// The name that the device printed for its reference.
    pub reference: String,
    /// Population, by its code.
    pub ethnicity: Option<Ethnicity>,
}

/// All results of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// Whose they are.
    pub source: Source,
    /// By sex and site, each with the dates of its scans (empty without dates).
    pub series: Vec<(Series, Vec<String>)>,
}

/// Results as a file gave them.
#[derive(Clone, Debug)]
pub struct PrintedResults {
    columns: Columns<13>,
    sources: BTreeMap<Source, BySite>,
}

type SeriesKey = (Sex, (u8, usize, [u8; 4]));
type BySite = BTreeMap<SeriesKey, (Sex, Site, Vec<Dated>)>;
type Dated = (String, PrintedScore);

impl PrintedResults {
    /// Finds the columns.
    ///
    /// # Errors
    /// A header without sex, site, density, or without either score.
    pub fn new(header: Option<&ByteRecord>) -> Result<Self, HeaderProblem> {
        let columns = Columns::find(header, COLUMNS, NEEDED)?;
        if !columns.has(T) && !columns.has(Z) {
            let needed = "sex,site,bmd and t or z".to_owned();
            return Err(HeaderProblem::Missing { missing: "`t` or `z`".to_owned(), needed });
        }
        Ok(Self { columns, sources: BTreeMap::new() })
    }

    /// Takes one result.
    ///
    /// # Errors
    /// Why the row tells nothing; it is left out.
    pub fn take(&mut self, row: &ByteRecord) -> Result<(), String> {
        if self.columns.overflowed(row) {
            return Err("it has more cells than the header".to_owned());
        }
        let sex = match self.columns.text(row, SEX) {
            Some("F" | "f") => Sex::Female,
            Some("M" | "m") => Sex::Male,
            _ => return Err("the sex is not F or M".to_owned()),
        };
        let site = self.columns.text(row, SITE).ok_or("the site is missing")?;
        let site: Site = site.parse().map_err(|error| format!("{error}"))?;
        let date = self.date(row)?;
        let scan = self.scan(row)?;
        let series = self.sources.entry(self.source(row)?).or_default();
        let (_, _, scans) = series.entry((sex, site.order())).or_insert_with(|| (sex, site, Vec::new()));
        scans.push((date, scan));
        Ok(())
    }

    fn scan(&self, row: &ByteRecord) -> Result<PrintedScore, String> {
        let number = |column, what: &str| match self.columns.text(row, column) {
            None => Ok(None),
            Some(text) => Printed::from_text(text)
                .map(Some)
                .ok_or_else(|| format!("the {what} `{text}` is not a number")),
        };
        let bmd = number(BMD, "density")?.ok_or("the density is missing")?;
        if !PLAUSIBLE_BMD.contains(&bmd.value) {
            return Err(format!("the density {} is outside 0.2 to 2.5 g/cm²", bmd.value));
        }
        let (t, z) = (number(T, "T-score")?, number(Z, "Z-score")?);
        if t.is_none() && z.is_none() {
            return Err("there is neither a T- nor a Z-score".to_owned());
        }
        let age = number(AGE, "age")?.map(|age| age.value).filter(|age| (0.0..=130.0).contains(age));
        let line = row.position().map_or(0, csv::Position::line);
        Ok(PrintedScore { line, bmd, t, z, age })
    }

    /// Year, month and day as one sortable text.
    fn date(&self, row: &ByteRecord) -> Result<String, String> {
        if !self.columns.has(DATE) {
            return Ok(String::new());
        }
        let text = self.columns.text(row, DATE).ok_or("the date is missing")?;
        let parts: Vec<&str> = text.split(['T', ' ']).next().unwrap_or(text).split(['-', '/', '.']).collect();
        let digits = parts.concat();
        let plain = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
        let year_first = parts.len() == 1 || parts.first().is_some_and(|year| year.len() == 4);
        if !plain || !year_first {
            return Err(format!("the date `{text}` is not written YYYY-MM-DD"));
        }
        Ok(format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
    }

    fn source(&self, row: &ByteRecord) -> Result<Source, String> {
        let own = |column| self.columns.text(row, column).unwrap_or_default().to_owned();
        let ethnicity = self.columns.text(row, ETHNICITY);
        let known = |text: &str| {
            let found = Ethnicity::ALL.into_iter().find(|known| known.code() == text);
            found.ok_or_else(|| format!("`{text}` is no code of an ethnicity"))
        };
        Ok(Source {
            device: own(DEVICE),
            manufacturer: own(MAKER),
            model: own(MODEL),
            software: own(SOFTWARE),
            reference: own(REFERENCE),
            ethnicity: ethnicity.map(known).transpose()?,
        })
    }

    /// The results by source, those of each series in the order of their dates.
    #[must_use]
    pub fn archives(self) -> Vec<Archive> {
        let dated = self.columns.has(DATE);
        let archive = |(source, series): (Source, BySite)| {
            let mut all: Vec<_> = series.into_values().collect();
            believe_last_digits(&mut all);
            let series = all.into_iter().map(|(sex, site, mut scans)| {
                scans.sort_by(|(one, first), (other, second)| (one, first.line).cmp(&(other, second.line)));
                let (dates, scans) = scans.into_iter().unzip();
                (Series { sex, site, scans, dated }, if dated { dates } else { Vec::new() })
            });
            Archive { source, series: series.collect() }
        };
        self.sources.into_iter().map(archive).collect()
    }
}

/// A file often drops trailing zeros: the last digit of a source's numbers is that of its longest number.
fn believe_last_digits(series: &mut [(Sex, Site, Vec<Dated>)]) {
    let scans = || series.iter().flat_map(|(_, _, scans)| scans).map(|(_, scan)| scan);
    let least = |halves: &mut dyn Iterator<Item = f64>| halves.fold(f64::INFINITY, f64::min);
    let bmd = least(&mut scans().map(|scan| scan.bmd.half));
    let t = least(&mut scans().filter_map(|scan| scan.t).map(|t| t.half));
    let z = least(&mut scans().filter_map(|scan| scan.z).map(|z| z.half));
    for (_, scan) in series.iter_mut().flat_map(|(_, _, scans)| scans) {
        scan.bmd.half = bmd;
        if let Some(own) = &mut scan.t {
            own.half = t;
        }
        if let Some(own) = &mut scan.z {
            own.half = z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (PrintedResults, Vec<String>) {
        let text = lines.join("\n");
        let mut reader = super::super::reader(text.as_bytes());
        let mut rows = reader.byte_records().map(Result::unwrap);
        let mut results = PrintedResults::new(rows.next().as_ref()).unwrap();
        let refused = rows.filter_map(|row| results.take(&row).err()).collect();
        (results, refused)
    }

    #[test]
    fn results_are_grouped_sorted_by_date_and_given_the_resolution_of_their_source() {
        let (results, refused) = read(&[
            "station,sex,site,bmd,t,date",
            "A,F,total_hip,0.9,-1,2020-02-01",
            "A,F,total_hip,0.873,-1.6,20200101",
            "B,F,total_hip,0.873,-1.6,2020-01-01T10:00",
            "A,M,L1-L4,1.0,0.2,2020-01-01",
        ]);
        assert_eq!(refused, Vec::<String>::new());
        let archives = results.archives();
        assert_eq!(archives.iter().map(|a| a.source.device.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        let (series, dates) = &archives[0].series[0];
        assert_eq!(dates, &["2020-01-01", "2020-02-01"]);
        assert_eq!(series.scans.iter().map(|scan| scan.line).collect::<Vec<_>>(), [3, 2]);
        // "0.9" and "-1" are 0.900 and -1.0 with their zeros dropped.
        assert!(series.scans.iter().all(|scan| (scan.bmd.half - 0.0005).abs() < 1e-12));
        assert!(series.scans.iter().all(|scan| (scan.t.unwrap().half - 0.05).abs() < 1e-12));
    }

    #[test]
    fn rows_that_tell_nothing_are_left_out_with_a_reason() {
        let (_, refused) = read(&[
            "sex,site,bmd,t,date",
            "X,total_hip,0.9,-1.0,2020-01-01",
            "F,hip,0.9,-1.0,2020-01-01",
            "F,total_hip,9.0,-1.0,2020-01-01",
            "F,total_hip,0.9,,2020-01-01",
            "F,total_hip,0.9,-1.0,01/02/2020",
            "F,total_hip,0.9,-1.0,",
            "F,total_hip,0.9,minus one,2020-01-01",
        ]);
        assert_eq!(refused.len(), 7, "{refused:?}");
    }

    #[test]
    fn a_file_without_scores_is_refused() {
        let header = ByteRecord::from(vec!["sex", "site", "bmd"]);
        assert!(PrintedResults::new(Some(&header)).unwrap_err().to_string().contains("`t` or `z`"));
    }
}
