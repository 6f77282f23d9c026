//! The index rows of a batch, in one transaction.

use std::collections::HashSet;

use sqlx::{Any, Row as _, Transaction};

use super::super::database::{Database, Engine};
use super::super::keep::Prepared;
use super::super::script::Script;
use super::super::segment::{Objects, Place, Written};
use super::super::{Error, Facts, hexadecimal, opaque_id};
use super::Verdict;
use crate::work;

/// Writes rows, and remembers which patients and series have theirs.
pub(super) struct Rows {
    database: Database,
    patients: HashSet<String>,
    series: HashSet<(String, String)>,
}

/// The rows of a batch, not yet there; they vanish with this.
pub(super) struct Begun(Transaction<'static, Any>);

impl Begun {
    /// Now all is there.
    pub(super) async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    /// Nothing of it is there.
    pub(super) async fn forget(self) -> Result<(), Error> {
        Ok(self.0.rollback().await?)
    }
}

/// Patients and series remembered at most.
const REMEMBERED: usize = 4096;

impl Rows {
    pub(super) fn new(database: Database) -> Self {
        Self { database, patients: HashSet::new(), series: HashSet::new() }
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
        self.begin(objects, prepared, verdicts, written, arrived_at).await?.commit().await
    }

    /// As [`Self::insert`], but nothing is there until [`Begun::commit`]; when that does not come about,
    /// [`Self::forget`].
    pub(super) async fn begin(
        &mut self,
        objects: &Objects,
        prepared: &[Prepared],
        verdicts: &mut [Verdict],
        written: &Written,
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
        let engine = self.database.engine();
        let mut marks = Script::default();
        segments(&mut marks, written, arrived_at);
        let mut studies = HashSet::new();
        for (prepared, verdict) in prepared.iter().zip(verdicts) {
            let Some(place) = verdict.record().map(|record| &written.places[record]) else { continue };
            let mut script = std::mem::take(&mut marks);
            if matches!(verdict, Verdict::Conflict(_)) {
                quarantine(&mut script, prepared, place, arrived_at)?;
                script.run(engine, &mut transaction).await?;
                continue;
            }
            let facts = &prepared.facts;
            if self.patients.insert(facts.identity()) {
                patient(&mut script, facts, arrived_at)?;
            }
            study(&mut script, facts, arrived_at);
            if self.series.insert((facts.study.clone(), facts.series.clone())) {
                series(&mut script, facts, arrived_at);
            }
            if studies.insert(facts.study.as_str()) {
                work::queue::arrived(&mut script, &facts.study, arrived_at);
            }
            instance(&mut script, prepared, place, arrived_at);
            if script.run(engine, &mut transaction).await?.is_empty() {
                *verdict = meanwhile(engine, &mut transaction, prepared, place, arrived_at).await?;
            }
        }
        marks.run(engine, &mut transaction).await?;
        Ok(Begun(transaction))
    }

    /// What was written may not be there.
    pub(super) fn forget(&mut self) {
        self.patients.clear();
        self.series.clear();
    }
}

/// Another sender or process kept this instance between our look and our row.
async fn meanwhile(
    engine: Engine,
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
    let mut script = Script::default();
    quarantine(&mut script, prepared, place, arrived_at)?;
    script.run(engine, transaction).await?;
    Ok(Verdict::Conflict(None))
}

fn patient(script: &mut Script, facts: &Facts, arrived_at: i64) -> Result<(), Error> {
    script.add(
        "INSERT INTO patients (id, identity, patient_id, issuer, name, birth_date, sex, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (identity) DO NOTHING",
        [
            opaque_id()?.into(),
            facts.identity().into(),
            (&facts.patient_id).into(),
            (&facts.issuer).into(),
            (&facts.name).into(),
            (&facts.birth_date).into(),
            (&facts.sex).into(),
            arrived_at.into(),
        ],
    );
    Ok(())
}

fn series(script: &mut Script, facts: &Facts, arrived_at: i64) {
    script.add(
        "INSERT INTO series (uid, study, modality, series_number, description, body_part, laterality, tags, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (study, uid) DO NOTHING",
        [
            facts.series.as_str().into(),
            facts.study.as_str().into(),
            (&facts.modality).into(),
            facts.series_number.into(),
            (&facts.series_description).into(),
            (&facts.body_part).into(),
            (&facts.laterality).into(),
            json(&facts.series_tags).into(),
            arrived_at.into(),
        ],
    );
}

/// Gives a row unless the instance is there.
fn instance(script: &mut Script, prepared: &Prepared, place: &Place, arrived_at: i64) {
    let facts = &prepared.facts;
    // A damaged instance that comes again with the same content takes the place of the damaged bytes.
    script.add(
        "INSERT INTO instances (uid, sop_class, study, series, patient, instance_number, transfer_syntax, \
         rows_px, columns_px, frames, digest, segment, position, length, crc, tags, source, arrived_at) \
         VALUES ($1, $2, $3, $4, (SELECT id FROM patients WHERE identity = $5), $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (uid) DO UPDATE SET segment = excluded.segment, position = excluded.position, \
         length = excluded.length, crc = excluded.crc, damaged = 0 \
         WHERE instances.damaged = 1 AND instances.digest = excluded.digest RETURNING uid",
        [
            facts.uid.as_str().into(),
            facts.sop_class.as_str().into(),
            facts.study.as_str().into(),
            facts.series.as_str().into(),
            facts.identity().into(),
            facts.instance_number.into(),
            facts.transfer_syntax.as_str().into(),
            facts.rows.into(),
            facts.columns.into(),
            facts.frames.into(),
            hexadecimal(&prepared.digest).into(),
            place.segment.as_str().into(),
            place.position.into(),
            place.length.into(),
            place.crc.into(),
            json(&facts.instance_tags).into(),
            prepared.source.as_str().into(),
            arrived_at.into(),
        ],
    );
}

fn study(script: &mut Script, facts: &Facts, arrived_at: i64) {
    script.add(
        "INSERT INTO studies (uid, patient, study_date, study_time, accession_number, study_id, description, \
         referring_physician, tags, created_at, arrived_at, arrivals, state) \
         VALUES ($1, (SELECT id FROM patients WHERE identity = $2), $3, $4, $5, $6, $7, $8, $9, $10, $10, 1, \
         'receiving') \
         ON CONFLICT (uid) DO UPDATE SET arrived_at = excluded.arrived_at, arrivals = studies.arrivals + 1, \
         revision = studies.revision + 1, state = 'receiving', \
         patient_mismatch = CASE WHEN studies.patient <> excluded.patient THEN 1 ELSE studies.patient_mismatch END",
        [
            facts.study.as_str().into(),
            facts.identity().into(),
            (&facts.study_date).into(),
            (&facts.study_time).into(),
            (&facts.accession).into(),
            (&facts.study_id).into(),
            (&facts.study_description).into(),
            (&facts.referring).into(),
            json(&facts.study_tags).into(),
            arrived_at.into(),
        ],
    );
}

fn quarantine(script: &mut Script, prepared: &Prepared, place: &Place, arrived_at: i64) -> Result<(), Error> {
    script.add(
        "INSERT INTO quarantine (id, uid, study, digest, segment, position, length, crc, reason, source, arrived_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'other_content', $9, $10) ON CONFLICT (uid, digest) DO NOTHING",
        [
            opaque_id()?.into(),
            prepared.facts.uid.as_str().into(),
            prepared.facts.study.as_str().into(),
            hexadecimal(&prepared.digest).into(),
            place.segment.as_str().into(),
            place.position.into(),
            place.length.into(),
            place.crc.into(),
            prepared.source.as_str().into(),
            arrived_at.into(),
        ],
    );
    Ok(())
}

/// How far the index knows each segment.
fn segments(script: &mut Script, written: &Written, arrived_at: i64) {
    for (name, end) in &written.ends {
        script.add(
            "INSERT INTO segments (name, indexed_to, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET indexed_to = excluded.indexed_to",
            [name.as_str().into(), (*end).into(), arrived_at.into()],
        );
    }
    for name in &written.sealed {
        script.add("UPDATE segments SET sealed = 1 WHERE name = $1", [name.as_str().into()]);
    }
}

fn json(tags: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(tags).unwrap_or_else(|_| "{}".to_owned())
}
