//! What is there: patients, studies, series and instances, for QIDO-RS and for the list of studies.

use dxa_exchange::view::URGENT;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::conditions::Conditions;
use super::{Error, Place, Store};

/// One study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyRow {
    /// Study Instance UID.
    pub uid: String,
    /// Our own id of its patient.
    pub patient: String,
    /// Its objects name two patients; nothing of it is scored.
    pub patient_mismatch: bool,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// Study Description.
    pub description: Option<String>,
    /// Attributes of patient and study in the DICOM JSON model.
    pub tags: String,
    /// When its first object came, Unix milliseconds.
    pub created_at: i64,
    /// When its last object came.
    pub arrived_at: i64,
    /// `receiving`, `analyzing`, `analyzed` or `failed`.
    pub state: String,
    /// Why it was set aside.
    pub failure: Option<String>,
    /// Newest version of its result, 0 without one.
    pub version: i64,
    /// Raised with every change of the study or its results; the entity tag.
    pub revision: i64,
    /// Number of series.
    pub series: i64,
    /// Number of instances.
    pub instances: i64,
    /// Modalities of its series, joined by `\`.
    pub modalities: String,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// Series Instance UID.
    pub uid: String,
    /// Study Instance UID.
    pub study: String,
    /// Modality.
    pub modality: Option<String>,
    /// Attributes in the DICOM JSON model.
    pub tags: String,
    /// Attributes of its study.
    pub study_tags: String,
    /// Number of instances.
    pub instances: i64,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceRow {
    /// SOP Instance UID.
    pub uid: String,
    /// SOP Class UID.
    pub sop_class: String,
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
    /// Transfer syntax UID.
    pub transfer_syntax: String,
    /// Number of Frames.
    pub frames: Option<i64>,
    /// SHA-256 of the data set, hexadecimal.
    pub digest: String,
    /// Where its bytes are.
    pub place: Place,
    /// Attributes in the DICOM JSON model.
    pub tags: String,
    /// Attributes of its series.
    pub series_tags: String,
    /// Attributes of its study.
    pub study_tags: String,
    /// Its stored bytes were found damaged.
    pub damaged: bool,
    /// When it came, Unix milliseconds.
    pub arrived_at: i64,
}

impl InstanceRow {
    /// Whether it is an image that can be shown: the index knows the rows of what is one.
    #[must_use]
    pub fn has_image(&self) -> bool {
        !self.damaged && self.tags.contains("\"00280010\"")
    }
}

/// What a query lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Studies.
    Study,
    /// Series.
    Series,
    /// Instances.
    Instance,
}

/// Conditions, all of which hold. A text may hold `*` and `?` where QIDO-RS allows them; a date may be a range.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Study Instance UIDs; empty: any.
    pub studies: Vec<String>,
    /// Series Instance UIDs.
    pub series: Vec<String>,
    /// SOP Instance UIDs.
    pub instances: Vec<String>,
    /// Our own id of the patient.
    pub patient: Option<String>,
    /// Patient ID.
    pub patient_id: Option<String>,
    /// Patient's Name, compared without case.
    pub patient_name: Option<String>,
    /// Patient's Birth Date.
    pub birth_date: Option<String>,
    /// Study Date: `YYYYMMDD`, `YYYYMMDD-`, `-YYYYMMDD`, `YYYYMMDD-YYYYMMDD`.
    pub study_date: Option<String>,
    /// Study Time, the same way.
    pub study_time: Option<String>,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// Study ID.
    pub study_id: Option<String>,
    /// Study Description.
    pub description: Option<String>,
    /// Referring Physician's Name.
    pub referring_physician: Option<String>,
    /// A modality that one of the series has.
    pub modality: Option<String>,
    /// Series Number.
    pub series_number: Option<i64>,
    /// SOP Class UID.
    pub sop_class: Option<String>,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// State of the study.
    pub state: Option<String>,
    /// State of the newest report: `preliminary`, `final` or `amended`.
    pub report: Option<String>,
    /// What makes it urgent, a word of the summary of its newest result; `any` for any.
    pub urgent: Option<String>,
    /// Only studies whose objects came after this, Unix milliseconds.
    pub arrived_after: Option<i64>,
    /// Rows at most; 0: 100.
    pub limit: i64,
    /// Rows left out before.
    pub offset: i64,
}

/// Rows of a query.
#[derive(Clone, Debug)]
pub struct Matches<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// There are more behind it.
    pub more: bool,
}

impl<T> Matches<T> {
    /// A page of what a statement found that asked for one row more than the page has.
    pub(super) fn page(
        found: &[AnyRow],
        limit: i64,
        read: fn(&AnyRow) -> Result<T, sqlx::Error>,
    ) -> Result<Self, sqlx::Error> {
        let wanted = usize::try_from(limit).unwrap_or(0);
        let rows = found.iter().take(wanted).map(read).collect::<Result<_, _>>()?;
        Ok(Self { rows, more: found.len() > wanted })
    }
}

impl Store {
    /// Studies, newest first; where any urgency is asked for, the gravest before that.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn studies(&self, query: &Query) -> Result<Matches<StudyRow>, Error> {
        let conditions = conditions(query, Level::Study);
        let text = format!(
            "SELECT studies.*, \
             (SELECT string_agg(modality, '\\' ORDER BY modality) FROM (SELECT DISTINCT modality FROM series \
             WHERE series.study = studies.uid) AS of_series) AS modalities, \
             (SELECT COUNT(*) FROM series WHERE series.study = studies.uid) AS series_count, \
             (SELECT COUNT(*) FROM instances WHERE instances.study = studies.uid) AS instance_count \
             FROM studies JOIN patients ON patients.id = studies.patient {} \
             ORDER BY {}studies.study_date DESC NULLS LAST, studies.uid LIMIT {} OFFSET {}",
            conditions.text(),
            if query.urgent.as_deref() == Some("any") { gravity() } else { String::new() },
            limit(query) + 1,
            query.offset.max(0)
        );
        self.rows(text, &conditions, limit(query), study).await
    }

    /// One study.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn study(&self, uid: &str) -> Result<StudyRow, Error> {
        let query = Query { studies: vec![uid.to_owned()], limit: 1, ..Query::default() };
        self.studies(&query).await?.rows.pop().ok_or(Error::NotFound("study"))
    }

    /// Series, by study and number.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn series(&self, query: &Query) -> Result<Matches<SeriesRow>, Error> {
        let conditions = conditions(query, Level::Series);
        let text = format!(
            "SELECT series.uid, series.study, series.modality, series.tags, studies.tags AS study_tags, \
             (SELECT COUNT(*) FROM instances WHERE instances.study = series.study AND instances.series = series.uid) \
             AS instance_count \
             FROM series JOIN studies ON studies.uid = series.study JOIN patients ON patients.id = studies.patient {} \
             ORDER BY series.study, series.series_number, series.uid LIMIT {} OFFSET {}",
            conditions.text(),
            limit(query) + 1,
            query.offset.max(0)
        );
        self.rows(text, &conditions, limit(query), series).await
    }

    /// Instances, by study, series and number.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn instances(&self, query: &Query) -> Result<Matches<InstanceRow>, Error> {
        let conditions = conditions(query, Level::Instance);
        let text = format!(
            "SELECT instances.*, series.tags AS series_tags, studies.tags AS study_tags FROM instances \
             JOIN series ON series.study = instances.study AND series.uid = instances.series \
             JOIN studies ON studies.uid = instances.study JOIN patients ON patients.id = studies.patient {} \
             ORDER BY instances.study, series.series_number, instances.series, instances.instance_number, \
             instances.uid LIMIT {} OFFSET {}",
            conditions.text(),
            limit(query) + 1,
            query.offset.max(0)
        );
        self.rows(text, &conditions, limit(query), instance).await
    }

    /// All instances of a study that are not damaged, in the order in which an analysis takes them.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn instances_of(&self, study: &str) -> Result<Vec<InstanceRow>, Error> {
        let query = Query { studies: vec![study.to_owned()], limit: ALL, ..Query::default() };
        let rows = self.instances(&query).await?.rows;
        Ok(rows.into_iter().filter(|row| !row.damaged).collect())
    }

    /// Whether objects with other content came under this SOP Instance UID.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn quarantined(&self, study: &str) -> Result<i64, Error> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM quarantine WHERE study = $1")
            .bind(study)
            .fetch_one(self.database().read())
            .await?;
        Ok(row.try_get("n")?)
    }

    async fn rows<T>(
        &self,
        text: String,
        conditions: &Conditions,
        limit: i64,
        read: fn(&AnyRow) -> Result<T, sqlx::Error>,
    ) -> Result<Matches<T>, Error> {
        Ok(Matches::page(&conditions.rows(self.database(), text).await?, limit, read)?)
    }
}

/// Instances of one study that an analysis takes at most.
const ALL: i64 = 100_000;

fn limit(query: &Query) -> i64 {
    if query.limit <= 0 { 100 } else { query.limit.min(ALL) }
}

/// How a word of `urgent` stands in a summary; only words without wildcards are asked for.
fn in_summary(word: &str) -> String {
    let word: String = word.chars().filter(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
    if word == "any" { r#"%"urgent":["%"#.to_owned() } else { format!(r#"%"urgent":[%"{word}"%"#) }
}

/// How grave the newest result of a study is, to be ordered by.
fn gravity() -> String {
    let of =
        |(at, word): (usize, &&str)| format!("WHEN results.summary LIKE '{}' THEN {at} ", in_summary(word));
    let cases: String = URGENT.iter().enumerate().map(of).collect();
    format!(
        "(SELECT CASE {cases}ELSE {} END FROM results WHERE results.study = studies.uid \
         AND results.version = studies.version), ",
        URGENT.len()
    )
}

/// The conditions of a query at a level.
fn conditions(query: &Query, level: Level) -> Conditions {
    let mut all = Conditions::default();
    all.one_of("studies.uid", &query.studies);
    all.text_is("studies.patient", query.patient.as_ref());
    all.like("patients.patient_id", query.patient_id.as_ref(), false);
    all.like("patients.name", query.patient_name.as_ref(), true);
    all.range("patients.birth_date", query.birth_date.as_ref());
    all.range("studies.study_date", query.study_date.as_ref());
    all.range("studies.study_time", query.study_time.as_ref());
    all.like("studies.accession_number", query.accession_number.as_ref(), false);
    all.like("studies.study_id", query.study_id.as_ref(), false);
    all.like("studies.description", query.description.as_ref(), true);
    all.like("studies.referring_physician", query.referring_physician.as_ref(), true);
    all.text_is("studies.state", query.state.as_ref());
    all.number("studies.arrived_at >", query.arrived_after);
    match level {
        Level::Study => {
            all.inside(
                "SELECT 1 FROM series WHERE series.study = studies.uid AND series.modality =",
                query.modality.as_ref(),
            );
            all.inside(
                "SELECT 1 FROM instances WHERE instances.study = studies.uid AND instances.sop_class =",
                query.sop_class.as_ref(),
            );
            all.inside(
                "SELECT 1 FROM results WHERE results.study = studies.uid AND results.version = studies.version \
                 AND results.state =",
                query.report.as_ref(),
            );
            all.inside(
                "SELECT 1 FROM results WHERE results.study = studies.uid AND results.version = studies.version \
                 AND results.summary LIKE",
                query.urgent.as_deref().map(in_summary).as_ref(),
            );
        }
        Level::Series => {
            all.one_of("series.uid", &query.series);
            all.text_is("series.modality", query.modality.as_ref());
            all.number("series.series_number =", query.series_number);
        }
        Level::Instance => {
            all.one_of("series.uid", &query.series);
            all.one_of("instances.uid", &query.instances);
            all.text_is("series.modality", query.modality.as_ref());
            all.number("series.series_number =", query.series_number);
            all.text_is("instances.sop_class", query.sop_class.as_ref());
            all.number("instances.instance_number =", query.instance_number);
        }
    }
    all
}

fn study(row: &AnyRow) -> Result<StudyRow, sqlx::Error> {
    Ok(StudyRow {
        uid: row.try_get("uid")?,
        patient: row.try_get("patient")?,
        patient_mismatch: row.try_get::<i64, _>("patient_mismatch")? != 0,
        study_date: row.try_get("study_date")?,
        accession_number: row.try_get("accession_number")?,
        description: row.try_get("description")?,
        tags: row.try_get("tags")?,
        created_at: row.try_get("created_at")?,
        arrived_at: row.try_get("arrived_at")?,
        state: row.try_get("state")?,
        failure: row.try_get("failure")?,
        version: row.try_get("version")?,
        revision: row.try_get("revision")?,
        series: row.try_get("series_count")?,
        instances: row.try_get("instance_count")?,
        modalities: row.try_get::<Option<String>, _>("modalities")?.unwrap_or_default(),
    })
}

fn series(row: &AnyRow) -> Result<SeriesRow, sqlx::Error> {
    Ok(SeriesRow {
        uid: row.try_get("uid")?,
        study: row.try_get("study")?,
        modality: row.try_get("modality")?,
        tags: row.try_get("tags")?,
        study_tags: row.try_get("study_tags")?,
        instances: row.try_get("instance_count")?,
    })
}

fn instance(row: &AnyRow) -> Result<InstanceRow, sqlx::Error> {
    Ok(InstanceRow {
        uid: row.try_get("uid")?,
        sop_class: row.try_get("sop_class")?,
        study: row.try_get("study")?,
        series: row.try_get("series")?,
        transfer_syntax: row.try_get("transfer_syntax")?,
        frames: row.try_get("frames")?,
        digest: row.try_get("digest")?,
        place: Place {
            segment: row.try_get("segment")?,
            position: row.try_get("position")?,
            length: row.try_get("length")?,
            crc: row.try_get("crc")?,
        },
        tags: row.try_get("tags")?,
        series_tags: row.try_get("series_tags")?,
        study_tags: row.try_get("study_tags")?,
        damaged: row.try_get::<i64, _>("damaged")? != 0,
        arrived_at: row.try_get("arrived_at")?,
    })
}
