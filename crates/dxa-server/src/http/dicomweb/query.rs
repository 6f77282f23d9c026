//! The query of a QIDO-RS request: attributes by keyword or tag, paging, and what to include.

use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::{StandardDataDictionary, tags};

use crate::http::problem::{Code, Problem};
use crate::store::{Level, Query, is_uid};

/// A query, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) query: Query,
    pub(super) include: Include,
    /// The client wanted names that sound alike.
    pub(super) fuzzy: bool,
}

/// Attributes to answer beside those that always are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Include {
    pub(super) all: bool,
    pub(super) keys: Vec<String>,
}

/// Rows of one answer at most.
pub(super) const MOST: i64 = 1000;
/// Values in one list of UIDs.
const MOST_UIDS: usize = 500;
/// Longest value of one attribute, characters: the longest that DICOM gives a name.
const LONGEST: usize = 324;

/// Reads the query of a request; `level` says which attributes can be matched.
///
/// # Errors
/// 400 for an attribute that cannot be matched: leaving it out would answer with other patients' studies.
pub(super) fn read(pairs: &[(String, String)], level: Level) -> Result<Asked, Problem> {
    let mut asked = Asked { query: Query { limit: MOST, ..Query::default() }, ..Asked::default() };
    for (key, value) in pairs {
        match key.as_str() {
            "limit" => asked.query.limit = number(key, value)?.clamp(0, MOST),
            "offset" => asked.query.offset = number(key, value)?,
            "fuzzymatching" => asked.fuzzy = value == "true",
            "includefield" => include(&mut asked.include, value)?,
            // Understood by PS3.18, without an effect here.
            "emptyvaluematching" | "multiplevaluematching" | "accept" => {}
            _ => {
                let tag = tag(key).ok_or_else(|| refuse(key, "is no attribute"))?;
                match_attribute(&mut asked.query, tag, key, value, level)?;
            }
        }
    }
    Ok(asked)
}

fn refuse(key: &str, why: &str) -> Problem {
    // The key is the client's; only what can be a keyword is repeated.
    let safe: String = key.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    Problem::new(Code::BadRequest, format!("the query parameter {safe} {why}"))
}

fn number(key: &str, value: &str) -> Result<i64, Problem> {
    let number = value.parse::<i64>().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| refuse(key, "must be a number from 0"))
}

/// A tag from eight hexadecimal digits or from a keyword.
pub(super) fn tag(key: &str) -> Option<Tag> {
    if key.len() == 8 && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let number = u32::from_str_radix(key, 16).ok()?;
        return Some(Tag((number >> 16) as u16, (number & 0xFFFF) as u16));
    }
    StandardDataDictionary.by_name(key).map(|entry| entry.tag())
}

fn include(include: &mut Include, value: &str) -> Result<(), Problem> {
    for field in value.split(',').map(str::trim).filter(|field| !field.is_empty()) {
        if field == "all" {
            include.all = true;
            continue;
        }
        // A path into a sequence includes the sequence.
        let first = field.split('.').next().unwrap_or(field);
        let tag = tag(first).ok_or_else(|| refuse("includefield", "names no attribute"))?;
        include.keys.push(format!("{:04X}{:04X}", tag.0, tag.1));
    }
    Ok(())
}

fn match_attribute(query: &mut Query, tag: Tag, key: &str, value: &str, level: Level) -> Result<(), Problem> {
    if value.chars().count() > LONGEST && !is_uid_list(tag) {
        return Err(refuse(key, "is too long"));
    }
    // Universal matching.
    if value.is_empty() || value == "*" {
        return Ok(());
    }
    let text = || Some(value.to_owned());
    let below_study = level != Level::Study;
    match tag {
        tags::STUDY_INSTANCE_UID => query.studies = uids(key, value)?,
        tags::PATIENT_ID => query.patient_id = text(),
        tags::PATIENT_NAME => query.patient_name = text(),
        tags::PATIENT_BIRTH_DATE => query.birth_date = Some(range(key, value)?),
        tags::STUDY_DATE => query.study_date = Some(range(key, value)?),
        tags::STUDY_TIME => query.study_time = Some(range(key, value)?),
        tags::ACCESSION_NUMBER => query.accession_number = text(),
        tags::STUDY_ID => query.study_id = text(),
        tags::STUDY_DESCRIPTION => query.description = text(),
        tags::REFERRING_PHYSICIAN_NAME => query.referring_physician = text(),
        tags::MODALITIES_IN_STUDY => query.modality = text(),
        tags::SOP_CLASSES_IN_STUDY => query.sop_class = text(),
        tags::MODALITY if below_study => query.modality = text(),
        tags::SERIES_INSTANCE_UID if below_study => query.series = uids(key, value)?,
        tags::SERIES_NUMBER if below_study => query.series_number = Some(number(key, value)?),
        tags::SOP_INSTANCE_UID if level == Level::Instance => query.instances = uids(key, value)?,
        tags::SOP_CLASS_UID if level == Level::Instance => query.sop_class = text(),
        tags::INSTANCE_NUMBER if level == Level::Instance => {
            query.instance_number = Some(number(key, value)?)
        }
        _ => return Err(refuse(key, "cannot be matched here")),
    }
    Ok(())
}

fn is_uid_list(tag: Tag) -> bool {
    matches!(tag, tags::STUDY_INSTANCE_UID | tags::SERIES_INSTANCE_UID | tags::SOP_INSTANCE_UID)
}

fn uids(key: &str, value: &str) -> Result<Vec<String>, Problem> {
    let uids: Vec<String> = value.split([',', '\\']).map(|uid| uid.trim().to_owned()).collect();
    let valid = uids.len() <= MOST_UIDS && uids.iter().all(|uid| is_uid(uid));
    if valid { Ok(uids) } else { Err(refuse(key, "must be a list of UIDs")) }
}

/// A date or time, or a range of them.
fn range(key: &str, value: &str) -> Result<String, Problem> {
    let is_bound = |bound: &str| bound.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let valid = match value.split_once('-') {
        Some((from, to)) => is_bound(from) && is_bound(to) && !(from.is_empty() && to.is_empty()),
        None => is_bound(value),
    };
    if valid { Ok(value.to_owned()) } else { Err(refuse(key, "must be a date or time, or a range of them")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, level: Level) -> Result<Asked, Problem> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        read(&pairs, level)
    }

    #[test]
    fn keywords_and_tags_are_the_same() {
        for query in ["PatientID=A*", "00100020=A*"] {
            assert_eq!(asked(query, Level::Study).unwrap().query.patient_id.as_deref(), Some("A*"));
        }
        let include =
            asked("includefield=StudyDescription,00100030&includefield=all", Level::Study).unwrap().include;
        assert_eq!(include, Include { all: true, keys: vec!["00081030".to_owned(), "00100030".to_owned()] });
    }

    #[test]
    fn what_cannot_be_matched_is_refused_and_not_left_out() {
        for query in [
            "PatientComments=x",
            "NoSuchThing=1",
            "limit=-1",
            "limit=x",
            "StudyInstanceUID=../../x",
            "StudyDate=yesterday",
            "StudyDate=-",
            "SeriesNumber=1",
            "includefield=nothing",
        ] {
            assert_eq!(asked(query, Level::Study).unwrap_err().code(), Code::BadRequest, "{query}");
        }
        assert_eq!(asked("limit=1000000000", Level::Study).unwrap().query.limit, MOST);
    }
}
