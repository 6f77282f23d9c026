//! The resources of results as FHIR serves them: those of the report that a record system holds.

use dxa_exchange::fhir::{self, Served};
use serde_json::json;
use sqlx::{AnyConnection, Row as _};

use super::conditions::Conditions;
use super::{Error, Matches, Store, is_draft_after_signature, now};

/// A resource as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Study Instance UID of the result that it is of.
    pub study: String,
    /// Unix milliseconds of its last change, which is its version too.
    pub updated_at: i64,
    /// Day that it speaks of.
    pub day: Option<String>,
    /// The resource, JSON.
    pub body: String,
}

impl ResourceRow {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> RowPlace {
        RowPlace { day: self.day.clone(), id: self.id.clone() }
    }
}

/// A value, and its system where one was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// System; empty asks for one without a system.
    pub system: Option<String>,
    /// Code or identifier; none asks for any of the system.
    pub value: Option<String>,
}

/// From a moment on and until another: one or both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between<T> {
    /// The first that counts.
    pub from: Option<T>,
    /// The first that does not count any more.
    pub to: Option<T>,
}

/// What is searched for; everything that is given must hold, one of the values of each.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Type of the resources.
    pub kind: String,
    /// Ids.
    pub ids: Vec<String>,
    /// Ids of patients.
    pub patients: Vec<String>,
    /// Identifiers of the patient.
    pub patient_identifiers: Vec<Wanted>,
    /// Identifiers.
    pub identifiers: Vec<Wanted>,
    /// Codes.
    pub codes: Vec<Wanted>,
    /// Statuses.
    pub statuses: Vec<String>,
    /// Days, `YYYY-MM-DD`; one of each must hold.
    pub days: Vec<Vec<Between<String>>>,
    /// Times of the last change; one of each must hold.
    pub updated: Vec<Vec<Between<i64>>>,
    /// Study Instance UID.
    pub study: Option<String>,
    /// Oldest first.
    pub oldest_first: bool,
    /// Rows of the page.
    pub limit: i64,
    /// The last row of the page before.
    pub after: Option<RowPlace>,
}

/// The place of a row among all of its type: what is added or taken away elsewhere moves it nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// Day, where it has one.
    pub day: Option<String>,
    /// Id.
    pub id: String,
}

/// Takes the resources of a version in the place of those before; a draft does not take the place of a report that a
/// physician stands behind.
pub(super) async fn put(
    connection: &mut AnyConnection,
    study: &str,
    version: i64,
    bundle: &[u8],
) -> Result<(), Error> {
    if is_draft_after_signature(&mut *connection, study, version).await? {
        return Ok(());
    }
    sqlx::query("DELETE FROM fhir_resources WHERE study = $1 AND type NOT IN ('Patient', 'Device')")
        .bind(study)
        .execute(&mut *connection)
        .await?;
    let at = now();
    // The Bundle is our own.
    for resource in fhir::served(bundle).map_err(|_| Error::Damaged)? {
        put_one(&mut *connection, study, resource, at).await?;
    }
    Ok(())
}

async fn put_one(
    connection: &mut AnyConnection,
    study: &str,
    resource: Served,
    at: i64,
) -> Result<(), Error> {
    let Served { kind, id, patient, status, day, codes, identifiers, mut body } = resource;
    let instant = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    body["meta"] = json!({ "versionId": at.to_string(), "lastUpdated": instant.to_string() });
    // A line each, so that a search finds whole ones.
    let codes =
        codes.iter().fold("\n".to_owned(), |all, code| format!("{all}{}|{}\n", code.system, code.value));
    sqlx::query(
        "INSERT INTO fhir_resources (type, id, study, patient, status, day, codes, updated_at, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (type, id) DO UPDATE SET study = excluded.study, \
         patient = excluded.patient, status = excluded.status, day = excluded.day, codes = excluded.codes, \
         updated_at = excluded.updated_at, body = excluded.body",
    )
    .bind(&kind)
    .bind(&id)
    .bind(study)
    .bind(patient)
    .bind(status)
    .bind(day)
    .bind(codes)
    .bind(at)
    .bind(body.to_string())
    .execute(&mut *connection)
    .await?;
    // Those of an Observation give its id by themselves.
    for identifier in identifiers.iter().filter(|_| kind != "Observation") {
        // It may have had another system, or none, before.
        sqlx::query(
            "DELETE FROM fhir_identifiers WHERE type = $1 AND value = $2 AND id = $3 AND system <> $4",
        )
        .bind(&kind)
        .bind(&identifier.value)
        .bind(&id)
        .bind(&identifier.system)
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "INSERT INTO fhir_identifiers (type, value, system, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&kind)
        .bind(&identifier.value)
        .bind(&identifier.system)
        .bind(&id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Takes the resources of results that were kept before there was a table of them: of the next `most` studies behind
    /// one. Gives the last of these, `None` when there are no more.
    ///
    /// Done again it does nothing, so that it may be stopped anywhere.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn take_resources(&self, after: &str, most: i64) -> Result<Option<String>, Error> {
        let rows = sqlx::query(
            "SELECT uid FROM studies WHERE uid > $1 AND version > 0 AND NOT EXISTS (SELECT 1 FROM fhir_resources \
             WHERE fhir_resources.study = studies.uid AND fhir_resources.type = 'DiagnosticReport') \
             ORDER BY uid LIMIT $2",
        )
        .bind(after)
        .bind(most)
        .fetch_all(self.database().read())
        .await?;
        let studies: Vec<String> = rows.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?;
        for study in &studies {
            self.take_resources_of(study).await?;
        }
        Ok(studies.last().cloned())
    }

    /// The same of one study: of the version that a record system holds.
    async fn take_resources_of(&self, study: &str) -> Result<(), Error> {
        const HELD: &str = "SELECT MAX(version) AS version FROM results WHERE study = $1 \
             AND (state <> 'preliminary' OR NOT EXISTS (SELECT 1 FROM signatures WHERE signatures.study = $1))";
        let row = sqlx::query(HELD).bind(study).fetch_one(self.database().read()).await?;
        let Some(version) = row.try_get::<Option<i64>, _>("version")? else { return Ok(()) };
        let bundle = match self.document(study, version, "fhir", 0, "en").await {
            Ok(Some(document)) => document.body,
            // Nothing is made of a study without a UID, and a damaged document is served to nobody.
            Ok(None) | Err(Error::Damaged) => {
                tracing::warn!(study, version, "FHIR does not have this result: its Bundle is not there");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut transaction = self.database().begin().await?;
        let newer = sqlx::query(HELD).bind(study).fetch_one(&mut *transaction).await?;
        // A version that was made meanwhile has brought its own.
        if newer.try_get::<Option<i64>, _>("version")? == Some(version) {
            put(&mut transaction, study, version, &bundle).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// One resource.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resource(&self, kind: &str, id: &str) -> Result<ResourceRow, Error> {
        let found = sqlx::query(
            "SELECT type, id, study, day, updated_at, body FROM fhir_resources WHERE type = $1 AND id = $2",
        )
        .bind(kind)
        .bind(id)
        .fetch_optional(self.database().read())
        .await?;
        Ok(read(&found.ok_or(Error::NotFound("resource"))?)?)
    }

    /// A page of resources: by day, then id; those of no day last. Oldest first is the same order backwards.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn resources(&self, search: &Search) -> Result<Matches<ResourceRow>, Error> {
        let mut rows = Vec::new();
        for part in parts(search.after.as_ref(), search.oldest_first) {
            let wanted = search.limit + 1 - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            let mut conditions = conditions(search);
            conditions.place(part, search.oldest_first);
            let order = if search.oldest_first {
                "day ASC NULLS FIRST, id DESC"
            } else {
                "day DESC NULLS LAST, id ASC"
            };
            let text = format!(
                "SELECT type, id, study, day, updated_at, body FROM fhir_resources {} ORDER BY {order} LIMIT {wanted}",
                conditions.text(),
            );
            rows.extend(conditions.rows(self.database(), text).await?);
        }
        Ok(Matches::page(&rows, search.limit, read)?)
    }

    /// How many there are in all.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn count_resources(&self, search: &Search) -> Result<i64, Error> {
        let conditions = conditions(search);
        let text = format!("SELECT COUNT(*) AS n FROM fhir_resources {}", conditions.text());
        let rows = conditions.rows(self.database(), text).await?;
        Ok(rows.first().ok_or(Error::NotFound("resource"))?.try_get("n")?)
    }
}

/// Rows of a page that one statement gives, so that an index leads to the first of them.
enum Part<'p> {
    All,
    /// Behind a row of a day, in the order.
    Behind {
        day: &'p str,
        id: &'p str,
    },
    /// Of no day, behind one of them.
    WithoutDay(Option<&'p str>),
    WithDay,
}

/// What follows a row, in turn.
fn parts(after: Option<&RowPlace>, oldest_first: bool) -> Vec<Part<'_>> {
    let Some(RowPlace { day, id }) = after else { return vec![Part::All] };
    match (day, oldest_first) {
        (Some(day), false) => vec![Part::Behind { day, id }, Part::WithoutDay(None)],
        (Some(day), true) => vec![Part::Behind { day, id }],
        (None, false) => vec![Part::WithoutDay(Some(id))],
        (None, true) => vec![Part::WithoutDay(Some(id)), Part::WithDay],
    }
}

impl Conditions {
    fn place(&mut self, part: Part<'_>, oldest_first: bool) {
        let (days, before, behind) = if oldest_first { (">=", ">=", "<") } else { ("<=", "<=", ">") };
        match part {
            Part::All => {}
            Part::Behind { day, id } => {
                self.compare("day", days, day);
                self.not_both(("day", "=", day), ("id", before, id));
            }
            Part::WithoutDay(id) => {
                self.is_null("day", true);
                id.into_iter().for_each(|id| self.compare("id", behind, id));
            }
            Part::WithDay => self.is_null("day", false),
        }
    }
}

fn conditions(search: &Search) -> Conditions {
    let mut all = Conditions::default();
    all.text_is("type", Some(&search.kind));
    all.text_is("study", search.study.as_ref());
    all.one_of("id", &search.ids);
    all.one_of("patient", &search.patients);
    all.one_of("status", &search.statuses);
    all.any(&search.patient_identifiers, |all, wanted| {
        identified(all, if search.kind == "Patient" { "id" } else { "patient" }, "Patient", wanted);
    });
    all.any(&search.identifiers, |all, wanted| identified(all, "id", &search.kind, wanted));
    all.any(&search.codes, coded);
    for ranges in &search.days {
        all.any(ranges, |all, Between { from, to }| {
            all.compare("day", ">=", from.as_deref().unwrap_or_default());
            to.iter().for_each(|to| all.compare("day", "<", to));
        });
    }
    for ranges in &search.updated {
        all.any(ranges, |all, Between { from, to }| {
            all.number("updated_at >=", Some(from.unwrap_or(0)));
            all.number("updated_at <", *to);
        });
    }
    all
}

/// The resource, or its patient, has an identifier.
fn identified(all: &mut Conditions, column: &str, kind: &str, Wanted { system, value }: &Wanted) {
    all.within(column, "SELECT id FROM fhir_identifiers", |inside| {
        inside.text_is("type", Some(&kind.to_owned()));
        inside.text_is("value", value.as_ref());
        inside.text_is("system", system.as_ref());
    });
}

fn coded(all: &mut Conditions, Wanted { system, value }: &Wanted) {
    let line = match (system, value) {
        (Some(system), Some(value)) => format!("*\n{system}|{value}\n*"),
        (Some(system), None) => format!("*\n{system}|*"),
        (None, Some(value)) => format!("*|{value}\n*"),
        (None, None) => "*".to_owned(),
    };
    all.like("codes", Some(&line), false);
}

fn read(row: &sqlx::any::AnyRow) -> Result<ResourceRow, sqlx::Error> {
    Ok(ResourceRow {
        kind: row.try_get("type")?,
        id: row.try_get("id")?,
        study: row.try_get("study")?,
        day: row.try_get("day")?,
        updated_at: row.try_get("updated_at")?,
        body: row.try_get("body")?,
    })
}
