//! What scanners told in messages, by the study that it is of.

use dxa_exchange::hl7::OrderResult;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::conditions::Conditions;
use super::{Error, Store, now};

/// Measurements of a study as a message told them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRow {
    /// MSH-3 and MSH-4.
    pub sender: String,
    /// The measurements.
    pub result: OrderResult,
    /// Unix milliseconds: when they were given to the study.
    pub updated_at: i64,
}

/// Which study of a patient a result names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedStudy {
    /// This one.
    Study(String),
    /// None that is here.
    NotHere,
    /// It cannot be said; the sentence names nobody.
    Refused(&'static str),
}

/// Finds the study of a patient that a result names: by its UID, else by the numbers of its order.
///
/// # Errors
/// When the index does not answer.
pub async fn named_study(
    connection: &mut AnyConnection,
    patient: &str,
    result: &OrderResult,
) -> Result<NamedStudy, Error> {
    if !result.study.is_empty() {
        let row = sqlx::query("SELECT patient FROM studies WHERE uid = $1")
            .bind(&result.study)
            .fetch_optional(connection)
            .await?;
        let of: Option<String> = row.map(|row| row.try_get("patient")).transpose()?;
        return Ok(match of {
            None => NamedStudy::NotHere,
            Some(of) if of == patient => NamedStudy::Study(result.study.clone()),
            Some(_) => NamedStudy::Refused("the study of the measurements is of another patient"),
        });
    }
    if result.numbers.is_empty() {
        return Ok(NamedStudy::Refused(
            "the measurements name no study, neither by its UID nor by an accession number",
        ));
    }
    let mut conditions = Conditions::default();
    conditions.text_is("patient", Some(&patient.to_owned()));
    conditions.one_of("accession_number", &result.numbers);
    let text = format!("SELECT uid FROM studies {} ORDER BY uid LIMIT 2", conditions.text());
    let rows = conditions.rows_in(connection, text).await?;
    Ok(match rows.as_slice() {
        [] => NamedStudy::NotHere,
        [one] => NamedStudy::Study(one.try_get("uid")?),
        _ => NamedStudy::Refused("several studies have the accession number of the measurements"),
    })
}

/// Keeps what a message told of a study, or of one that is not here yet.
///
/// # Errors
/// When the index does not answer.
pub async fn add_reported(
    connection: &mut AnyConnection,
    message: i64,
    sender: &str,
    study: Option<&str>,
    result: &OrderResult,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO reported (message, sender, study, body, updated_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(message)
    .bind(sender)
    .bind(study)
    .bind(serde_json::to_string(result).map_err(|_| Error::Damaged)?)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

/// What a message told of studies that were not here when it came, with its number.
///
/// # Errors
/// When the index does not answer.
pub async fn waiting_reported(
    connection: &mut AnyConnection,
    message: i64,
) -> Result<Vec<(i64, OrderResult)>, Error> {
    let rows = sqlx::query("SELECT id, body FROM reported WHERE message = $1 AND study IS NULL ORDER BY id")
        .bind(message)
        .fetch_all(connection)
        .await?;
    let read = |row: &AnyRow| Ok((row.try_get("id")?, body(row)?));
    Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

/// Gives what waited to its study, or forgets it where it is of none.
///
/// # Errors
/// When the index does not answer.
pub async fn give_reported(
    connection: &mut AnyConnection,
    id: i64,
    study: Option<&str>,
) -> Result<(), Error> {
    let query = match study {
        Some(study) => sqlx::query("UPDATE reported SET study = $2, updated_at = $3 WHERE id = $1")
            .bind(id)
            .bind(study.to_owned())
            .bind(now()),
        None => sqlx::query("DELETE FROM reported WHERE id = $1").bind(id),
    };
    query.execute(connection).await?;
    Ok(())
}

/// Forgets what a message told of studies that are not here: it is of somebody else.
///
/// # Errors
/// When the index does not answer.
pub async fn forget_reported(connection: &mut AnyConnection, message: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM reported WHERE message = $1 AND study IS NULL")
        .bind(message)
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// What messages told of a study, in the order in which they came.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn reported(&self, study: &str) -> Result<Vec<ReportedRow>, Error> {
        let rows = sqlx::query("SELECT sender, body, updated_at FROM reported WHERE study = $1 ORDER BY id")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &AnyRow| {
            Ok(ReportedRow {
                sender: row.try_get("sender")?,
                result: body(row)?,
                updated_at: row.try_get("updated_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}

fn body(row: &AnyRow) -> Result<OrderResult, sqlx::Error> {
    let body: String = row.try_get("body")?;
    serde_json::from_str(&body).map_err(|error| sqlx::Error::Decode(error.into()))
}
