//! A site's own precision as `dxa precision` wrote it, read back to judge changes.

use csv::ByteRecord;
use dxa_core::assess::SitePrecision;
use dxa_core::score::precision::SUFFICIENT_DF;
use dxa_core::site::{Side, Site};

use super::{Columns, HeaderProblem};

const COLUMNS: [&[&str]; 5] = [&["site"], &["rms_sd"], &["laterality"], &["df"], &["model"]];
const NEEDED: usize = 2;
const SITE: usize = 0;
const RMS_SD: usize = 1;
const SIDE: usize = 2;
const DF: usize = 3;
const MODEL: usize = 4;

/// Precision errors that a scanner can have, g/cm².
const RMS_SD_RANGE: std::ops::RangeInclusive<f64> = 0.001..=0.2;

/// Why a file of precision errors cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrecisionProblem {
    /// Its first line.
    #[error("{0}")]
    Header(#[from] HeaderProblem),
    /// Not CSV.
    #[error("it cannot be read: {0}")]
    Csv(String),
    /// One of its rows.
    #[error("line {line}: {what}")]
    Row {
        /// Line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// The precision errors of a file, and a sentence for each that rests on too few scans and is left out.
///
/// # Errors
/// A file that is no such table; a wrong row refuses the file, for a change must not be judged by less
/// than was asked for.
///
/// ```
/// let file = b"site,laterality,df,rms_sd\nL1-L4,,30,0.010\ntotal_hip,L,12,0.008\n";
/// let (own, left_out) = dxa_exchange::csv::site_precision::read(&file[..])?;
/// assert_eq!((own.len(), left_out.len()), (1, 1)); // 12 degrees of freedom are fewer than 27
/// # Ok::<(), dxa_exchange::csv::site_precision::PrecisionProblem>(())
/// ```
pub fn read(input: impl std::io::Read) -> Result<(Vec<SitePrecision>, Vec<String>), PrecisionProblem> {
    let mut reader = super::reader(input);
    let mut row = ByteRecord::new();
    let mut next = |row: &mut ByteRecord| {
        reader.read_byte_record(row).map_err(|error| PrecisionProblem::Csv(error.to_string()))
    };
    let has_header = next(&mut row)?;
    let columns = Columns::find(has_header.then_some(&row), COLUMNS, NEEDED)?;
    let (mut own, mut left_out) = (Vec::<SitePrecision>::new(), Vec::new());
    while next(&mut row)? {
        let line = row.position().map_or(0, csv::Position::line);
        let refused = |what| PrecisionProblem::Row { line, what };
        let (precision, df) = precision(&columns, &row).map_err(refused)?;
        let same = |other: &SitePrecision| {
            (other.site, other.side, &other.model) == (precision.site, precision.side, &precision.model)
        };
        if own.iter().any(same) {
            return Err(refused(format!("the precision of {} stands there twice", precision.site)));
        }
        match df.filter(|df| *df < SUFFICIENT_DF) {
            None => own.push(precision),
            Some(df) => left_out.push(format!(
                "the precision of {} rests on {df} degrees of freedom and {SUFFICIENT_DF} are needed; the default is used",
                precision.site
            )),
        }
    }
    Ok((own, left_out))
}

fn precision(columns: &Columns<5>, row: &ByteRecord) -> Result<(SitePrecision, Option<usize>), String> {
    if columns.overflowed(row) {
        return Err("it has more cells than the header".to_owned());
    }
    let text = |column| columns.text(row, column);
    let site: Site = text(SITE).ok_or("the site is missing")?.parse().map_err(|error| format!("{error}"))?;
    let written = text(RMS_SD).ok_or_else(|| format!("the precision error of {site} is missing"))?;
    let rms_sd = written.parse().ok().filter(|rms_sd| RMS_SD_RANGE.contains(rms_sd));
    let rms_sd_g_cm2 =
        rms_sd.ok_or_else(|| format!("the precision error `{written}` is not 0.001 to 0.2 g/cm²"))?;
    let df = text(DF).map(|df| df.parse().map_err(|_| format!("df `{df}` is not a number"))).transpose()?;
    let side = match text(SIDE) {
        None => None,
        Some("L" | "l") => Some(Side::Left),
        Some("R" | "r") => Some(Side::Right),
        Some("B" | "b") => Some(Side::Both),
        Some(other) => return Err(format!("the laterality `{other}` is not L, R, B or empty")),
    };
    let model = text(MODEL).map(str::to_owned);
    Ok((SitePrecision { site, side, model, rms_sd_g_cm2 }, df))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_precision_study_are_read_and_others_left() {
        let file = "site,laterality,n_subjects,n_scans,df,rms_sd,lsc,model\n\
                    L1-L4,,30,60,30,0.010,0.0277,Horizon A\n\"L1,L3-L4\",,30,60,30,0.012,,\ntotal_hip,R,30,60,30,0.008,,\n";
        let (own, left_out) = read(file.as_bytes()).unwrap();
        let found: Vec<_> = own
            .iter()
            .map(|own| (own.site.to_string(), own.side, own.model.as_deref(), own.rms_sd_g_cm2))
            .collect();
        let of = |site: &str| site.to_owned();
        assert_eq!(
            found,
            [
                (of("L1-L4"), None, Some("Horizon A"), 0.010),
                (of("L1,L3-L4"), None, None, 0.012),
                (of("total_hip"), Some(Side::Right), None, 0.008)
            ]
        );
        assert_eq!(left_out, Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (file, named) in [
            ("", "header"),
            ("site\nL1-L4\n", "rms_sd"),
            ("site,rms_sd\nL9,0.01\n", "L9"),
            ("site,rms_sd\nL1-L4,\n", "missing"),
            ("site,rms_sd\nL1-L4,1.1\n", "1.1"),
            ("site,rms_sd\nL1-L4,NaN\n", "NaN"),
            ("site,rms_sd\nL1-L4,0.01\nL1-L4,0.02\n", "twice"),
            ("site,rms_sd,laterality\ntotal_hip,0.01,left\n", "left"),
            ("site,rms_sd\nL1,L3,0.01\n", "more cells"),
        ] {
            let sentence = read(file.as_bytes()).unwrap_err().to_string();
            assert!(sentence.contains(named), "{file}: {sentence}");
        }
    }
}
