//! What the quality room counts: written with every result, and made for the results of older programs.

mod facts;
mod fill;

pub use facts::{Numbers, QUANTITIES, RegionFacts, ScanFacts};

use std::collections::BTreeMap;

use dxa_exchange::record::Study;
use futures_util::TryStreamExt as _;
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::{Error, Store};

/// A scanner as its objects name it; what they do not name is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scanner {
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Station Name.
    pub station: String,
    /// Device Serial Number.
    pub serial: String,
}

/// One scan with what is counted of it.
#[derive(Clone, Debug)]
pub struct CountedScan {
    /// Number of its scanner.
    pub scanner: i64,
    /// Study Instance UID.
    pub study: String,
    /// Our own id of the patient.
    pub patient: String,
    /// Day of the study, `YYYY-MM-DD`; of a study without a date the day on which it arrived.
    pub day: String,
    /// What is counted.
    pub facts: ScanFacts,
}

/// A scan of a phantom.
#[derive(Clone, Debug)]
pub struct PhantomScan {
    /// Patient ID that was given to the phantom.
    pub phantom: String,
    /// The scan.
    pub scan: CountedScan,
}

/// Takes the facts of a version in the place of those before.
pub(super) async fn put(
    connection: &mut AnyConnection,
    study: &str,
    version: i64,
    result: &Value,
) -> Result<(), Error> {
    let row = sqlx::query("SELECT patient, study_date, arrived_at FROM studies WHERE uid = $1")
        .bind(study)
        .fetch_one(&mut *connection)
        .await?;
    let (patient, date): (String, Option<String>) = (row.try_get("patient")?, row.try_get("study_date")?);
    let day =
        date.as_deref().and_then(day_of).unwrap_or_else(|| day_at(row.try_get("arrived_at").unwrap_or(0)));
    sqlx::query("DELETE FROM quality_scans WHERE study = $1").bind(study).execute(&mut *connection).await?;
    // A result that cannot be read as one has nothing to count, and is not looked at again.
    let scans = Study::deserialize(result).map(|result| facts::scans(&result)).unwrap_or_default();
    for scan in scans {
        let scanner = scanner(&mut *connection, &scan).await?;
        sqlx::query(
            "INSERT INTO quality_scans (study, scan, scanner, patient, day, phantom, facts) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(study)
        .bind(i64::try_from(scan.index).unwrap_or(i64::MAX))
        .bind(scanner)
        .bind(&patient)
        .bind(&day)
        .bind(i64::from(scan.is_phantom))
        .bind(serde_json::to_string(&scan.facts).map_err(|_| Error::Damaged)?)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "INSERT INTO quality_studies (study, version, form, arrived_at, analyzed_at) \
         SELECT uid, $2, $3, arrived_at, (SELECT MAX(created_at) FROM results WHERE results.study = studies.uid \
         AND reason IN ('new_study', 'late_objects')) FROM studies WHERE uid = $1 \
         ON CONFLICT (study) DO UPDATE SET version = excluded.version, form = excluded.form, \
         arrived_at = excluded.arrived_at, analyzed_at = excluded.analyzed_at",
    )
    .bind(study)
    .bind(version)
    .bind(facts::FORM)
    .execute(connection)
    .await?;
    Ok(())
}

/// The number of the scanner of a scan; it gets one when it is new.
async fn scanner(connection: &mut AnyConnection, scan: &facts::Scan) -> Result<i64, Error> {
    let tags = sqlx::query(
        "SELECT series.tags AS tags FROM instances JOIN series ON series.study = instances.study \
         AND series.uid = instances.series WHERE instances.uid = $1",
    )
    .bind(scan.object.as_deref().unwrap_or_default())
    .fetch_optional(&mut *connection)
    .await?;
    let tags: Option<String> = tags.map(|row| row.try_get("tags")).transpose()?;
    let tags: Value = tags.and_then(|tags| serde_json::from_str(&tags).ok()).unwrap_or_default();
    let text = |tag: &str| tags[tag]["Value"][0].as_str().unwrap_or_default().to_owned();
    let scanner = Scanner {
        manufacturer: scan.manufacturer.clone(),
        model: scan.model.clone(),
        station: text("00081010"),
        serial: text("00181000"),
    };
    const FIND: &str =
        "SELECT id FROM scanners WHERE manufacturer = $1 AND model = $2 AND station = $3 AND serial = $4";
    const ADD: &str = "INSERT INTO scanners (manufacturer, model, station, serial) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING";
    // Nearly always it is known, and reading holds nobody up.
    for statement in [FIND, ADD, FIND] {
        let found = sqlx::query(statement)
            .bind(&scanner.manufacturer)
            .bind(&scanner.model)
            .bind(&scanner.station)
            .bind(&scanner.serial)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(row) = found {
            return Ok(row.try_get("id")?);
        }
    }
    Err(Error::NotFound("scanner"))
}

/// `20240517` as `2024-05-17`; `None` of what is no day.
fn day_of(date: &str) -> Option<String> {
    let day = format!("{}-{}-{}", date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    day.parse::<jiff::civil::Date>().ok().map(|_| day)
}

fn day_at(milliseconds: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

impl Store {
    /// Every scanner by its number.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn scanners(&self) -> Result<BTreeMap<i64, Scanner>, Error> {
        let rows = sqlx::query("SELECT * FROM scanners").fetch_all(self.database().read()).await?;
        let read = |row: &AnyRow| {
            let scanner = Scanner {
                manufacturer: row.try_get("manufacturer")?,
                model: row.try_get("model")?,
                station: row.try_get("station")?,
                serial: row.try_get("serial")?,
            };
            Ok((row.try_get("id")?, scanner))
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// The day of the newest scan.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn newest_scan_day(&self) -> Result<Option<String>, Error> {
        let newest = "SELECT MAX(day) AS day FROM (SELECT MAX(day) AS day FROM quality_scans WHERE phantom = 0 \
                      UNION ALL SELECT MAX(day) AS day FROM quality_scans WHERE phantom = 1) AS newest";
        let row = sqlx::query(newest).fetch_one(self.database().read()).await?;
        Ok(row.try_get("day")?)
    }

    /// Hands over every scan of a person that was made in a period, by day.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn counted_scans(
        &self,
        from: &str,
        to: &str,
        mut take: impl FnMut(CountedScan) + Send,
    ) -> Result<(), Error> {
        let mut rows = sqlx::query(
            "SELECT scanner, study, patient, day, facts FROM quality_scans \
             WHERE phantom = 0 AND day >= $1 AND day <= $2 ORDER BY day, study, scan",
        )
        .bind(from.to_owned())
        .bind(to.to_owned())
        .fetch(self.database().read());
        while let Some(row) = rows.try_next().await? {
            take(counted(&row)?);
        }
        Ok(())
    }

    /// Every scan of a phantom until a day, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn phantom_scans(&self, to: &str) -> Result<Vec<PhantomScan>, Error> {
        let rows = sqlx::query(
            "SELECT quality_scans.*, patients.patient_id AS phantom_id FROM quality_scans \
             JOIN studies ON studies.uid = quality_scans.study JOIN patients ON patients.id = quality_scans.patient \
             WHERE phantom = 1 AND day <= $1 ORDER BY day, studies.study_time, quality_scans.study, scan",
        )
        .bind(to)
        .fetch_all(self.database().read())
        .await?;
        let read = |row: &AnyRow| {
            let phantom: Option<String> = row.try_get("phantom_id")?;
            Ok(PhantomScan { phantom: phantom.unwrap_or_default(), scan: counted(row)? })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Milliseconds from the last image of a study to its result, of the last results.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn waits_for_results(&self, last: i64) -> Result<Vec<i64>, Error> {
        let rows = sqlx::query(
            "SELECT analyzed_at - arrived_at AS waited FROM quality_studies WHERE analyzed_at >= arrived_at \
             ORDER BY analyzed_at DESC LIMIT $1",
        )
        .bind(last)
        .fetch_all(self.database().read())
        .await?;
        Ok(rows.iter().map(|row| row.try_get("waited")).collect::<Result<_, _>>()?)
    }
}

fn counted(row: &AnyRow) -> Result<CountedScan, sqlx::Error> {
    let facts: String = row.try_get("facts")?;
    Ok(CountedScan {
        scanner: row.try_get("scanner")?,
        study: row.try_get("study")?,
        patient: row.try_get("patient")?,
        day: row.try_get("day")?,
        // Written by this program.
        facts: serde_json::from_str(&facts).unwrap_or_default(),
    })
}
