//! The index rows of a batch, in one transaction.

use std::collections::HashMap;

use sqlx::{Any, Row as _, Transaction};

use super::super::database::Database;
use super::super::keep::Prepared;
use super::super::segment::{Objects, Place, Written};
use super::super::{Error, Facts, hexadecimal, opaque_id};
use super::Verdict;
use crate::work;

/// Writes rows, and remembers which patients and series have theirs.
pub(super) struct Rows {
    database: Database,
    patients: HashMap<String, String>,
    series: HashMap<(String, String), ()>,
}

/// The rows of a batch as far as they are written; they vanish with this.
pub(super) struct Begun {
    transaction: Transaction<'static, Any>,
    /// Our own ids of the patients of the new objects, in their order.
    patients: Vec<String>,
}

impl Begun {
    /// The instances of a batch, what goes to quarantine, and how far the index knows the segments; then all is there.
    pub(super) async fn finish(
        self,
        prepared: &[Prepared],
        verdicts: &mut [Verdict],
        written: &Written,
        arrived_at: i64,
    ) -> Result<(), Error> {
        let Self { mut transaction, patients } = self;
        let mut patients = patients.iter();
        for (prepared, verdict) in prepared.iter().zip(verdicts.iter_mut()) {
            match verdict {
                Verdict::New(index) => {
                    let (place, patient) =
                        (&written.places[*index], patients.next().map_or("", String::as_str));
                    if !instance(&mut transaction, prepared, patient, place, arrived_at).await? {
                        *verdict = meanwhile(&mut transaction, prepared, place, arrived_at).await?;
                    }
                }
                Verdict::Conflict(Some(index)) => {
                    quarantine(&mut transaction, prepared, &written.places[*index], arrived_at).await?;
                }
                Verdict::Conflict(None) | Verdict::Same => {}
            }
        }
        segments(&mut transaction, written, arrived_at).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Patients and series remembered at most.
const REMEMBERED: usize = 4096;

impl Rows {
    pub(super) fn new(database: Database) -> Self {
        Self { database, patients: HashMap::new(), series: HashMap::new() }
    }

    /// Writes all rows of a batch; verdicts change where another process kept the same instance meanwhile.
    pub(super) async fn insert(
        &mut self,
        objects: &Objects,
        prepared: &[Prepared],
        verdicts: &mut [Verdict],
        written: &Written,
        arrived_at: i64,
    ) -> Result<(), Error> {
        let begun = self.begin(objects, prepared, verdicts, arrived_at).await?;
        begun.finish(prepared, verdicts, written, arrived_at).await
    }

    /// The rows that can be written before it is known where the objects lie: patients, studies, series, work.
    ///
    /// Nothing of it is there until [`Begun::finish`]; when that does not come about, [`Self::forget`].
    pub(super) async fn begin(
        &mut self,
        objects: &Objects,
        prepared: &[Prepared],
        verdicts: &[Verdict],
        arrived_at: i64,
    ) -> Result<Begun, Error> {
        if self.patients.len() > REMEMBERED || self.series.len() > REMEMBERED {
            self.forget();
        }
        let mut transaction = if objects.can_recover() {
            self.database.begin_recoverable().await?
        } else {
            self.database.begin().await?
        };
        let (mut patients, mut studies) = (Vec::new(), Vec::new());
        let new = prepared.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::New(_)));
        for (Prepared { facts, .. }, _) in new {
            let patient = self.patient(&mut transaction, facts, arrived_at).await?;
            study(&mut transaction, facts, &patient, arrived_at).await?;
            self.series(&mut transaction, facts, arrived_at).await?;
            patients.push(patient);
            studies.push(facts.study.as_str());
        }
        studies.sort_unstable();
        studies.dedup();
        for study in studies {
            work::queue::arrived(&mut transaction, study, arrived_at).await?;
        }
        Ok(Begun { transaction, patients })
    }

    /// What was written may not be there.
    pub(super) fn forget(&mut self) {
        self.patients.clear();
        self.series.clear();
    }

    async fn patient(
        &mut self,
        transaction: &mut Transaction<'static, Any>,
        facts: &Facts,
        arrived_at: i64,
    ) -> Result<String, Error> {
        let identity = facts.identity();
        if let Some(id) = self.patients.get(&identity) {
            return Ok(id.clone());
        }
        sqlx::query(
            "INSERT INTO patients (id, identity, patient_id, issuer, name, birth_date, sex, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (identity) DO NOTHING",
        )
        .bind(opaque_id()?)
        .bind(&identity)
        .bind(&facts.patient_id)
        .bind(&facts.issuer)
        .bind(&facts.name)
        .bind(&facts.birth_date)
        .bind(&facts.sex)
        .bind(arrived_at)
        .execute(&mut **transaction)
        .await?;
        let row = sqlx::query("SELECT id FROM patients WHERE identity = $1")
            .bind(&identity)
            .fetch_one(&mut **transaction)
            .await?;
        let id: String = row.try_get("id")?;
        self.patients.insert(identity, id.clone());
        Ok(id)
    }

    async fn series(
        &mut self,
        transaction: &mut Transaction<'static, Any>,
        facts: &Facts,
        arrived_at: i64,
    ) -> Result<(), Error> {
        let key = (facts.study.clone(), facts.series.clone());
        if self.series.contains_key(&key) {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO series (uid, study, modality, series_number, description, body_part, laterality, tags, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (study, uid) DO NOTHING",
        )
        .bind(&facts.series)
        .bind(&facts.study)
        .bind(&facts.modality)
        .bind(facts.series_number)
        .bind(&facts.series_description)
        .bind(&facts.body_part)
        .bind(&facts.laterality)
        .bind(json(&facts.series_tags))
        .bind(arrived_at)
        .execute(&mut **transaction)
        .await?;
        self.series.insert(key, ());
        Ok(())
    }
}

/// Whether the row is new.
async fn instance(
    transaction: &mut Transaction<'static, Any>,
    prepared: &Prepared,
    patient: &str,
    place: &Place,
    arrived_at: i64,
) -> Result<bool, Error> {
    let facts = &prepared.facts;
    // A damaged instance that comes again with the same content takes the place of the damaged bytes.
    let inserted = sqlx::query(
        "INSERT INTO instances (uid, sop_class, study, series, patient, instance_number, transfer_syntax, \
         rows_px, columns_px, frames, digest, segment, position, length, crc, tags, source, arrived_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (uid) DO UPDATE SET segment = excluded.segment, position = excluded.position, \
         length = excluded.length, crc = excluded.crc, damaged = 0 \
         WHERE instances.damaged = 1 AND instances.digest = excluded.digest",
    )
    .bind(&facts.uid)
    .bind(&facts.sop_class)
    .bind(&facts.study)
    .bind(&facts.series)
    .bind(patient)
    .bind(facts.instance_number)
    .bind(&facts.transfer_syntax)
    .bind(facts.rows)
    .bind(facts.columns)
    .bind(facts.frames)
    .bind(hexadecimal(&prepared.digest))
    .bind(&place.segment)
    .bind(place.position)
    .bind(place.length)
    .bind(place.crc)
    .bind(json(&facts.instance_tags))
    .bind(&prepared.source)
    .bind(arrived_at)
    .execute(&mut **transaction)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Another process kept this instance between our look and our row.
async fn meanwhile(
    transaction: &mut Transaction<'static, Any>,
    prepared: &Prepared,
    place: &Place,
    arrived_at: i64,
) -> Result<Verdict, Error> {
    let row = sqlx::query("SELECT digest FROM instances WHERE uid = $1")
        .bind(&prepared.facts.uid)
        .fetch_one(&mut **transaction)
        .await?;
    if row.try_get::<String, _>("digest")? == hexadecimal(&prepared.digest) {
        return Ok(Verdict::Same);
    }
    quarantine(transaction, prepared, place, arrived_at).await?;
    Ok(Verdict::Conflict(None))
}

async fn study(
    transaction: &mut Transaction<'static, Any>,
    facts: &Facts,
    patient: &str,
    arrived_at: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO studies (uid, patient, study_date, study_time, accession_number, study_id, description, \
         referring_physician, tags, created_at, arrived_at, arrivals, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1, 'receiving') \
         ON CONFLICT (uid) DO UPDATE SET arrived_at = excluded.arrived_at, arrivals = studies.arrivals + 1, \
         revision = studies.revision + 1, state = 'receiving', \
         patient_mismatch = CASE WHEN studies.patient <> excluded.patient THEN 1 ELSE studies.patient_mismatch END",
    )
    .bind(&facts.study)
    .bind(patient)
    .bind(&facts.study_date)
    .bind(&facts.study_time)
    .bind(&facts.accession)
    .bind(&facts.study_id)
    .bind(&facts.study_description)
    .bind(&facts.referring)
    .bind(json(&facts.study_tags))
    .bind(arrived_at)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn quarantine(
    transaction: &mut Transaction<'static, Any>,
    prepared: &Prepared,
    place: &Place,
    arrived_at: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO quarantine (id, uid, study, digest, segment, position, length, crc, reason, source, arrived_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'other_content', $9, $10) ON CONFLICT (uid, digest) DO NOTHING",
    )
    .bind(opaque_id()?)
    .bind(&prepared.facts.uid)
    .bind(&prepared.facts.study)
    .bind(hexadecimal(&prepared.digest))
    .bind(&place.segment)
    .bind(place.position)
    .bind(place.length)
    .bind(place.crc)
    .bind(&prepared.source)
    .bind(arrived_at)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// How far the index knows each segment.
async fn segments(
    transaction: &mut Transaction<'static, Any>,
    written: &Written,
    arrived_at: i64,
) -> Result<(), Error> {
    for (name, end) in &written.ends {
        sqlx::query(
            "INSERT INTO segments (name, indexed_to, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET indexed_to = excluded.indexed_to",
        )
        .bind(name)
        .bind(*end)
        .bind(arrived_at)
        .execute(&mut **transaction)
        .await?;
    }
    for name in &written.sealed {
        sqlx::query("UPDATE segments SET sealed = 1 WHERE name = $1")
            .bind(name)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

fn json(tags: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(tags).unwrap_or_else(|_| "{}".to_owned())
}
