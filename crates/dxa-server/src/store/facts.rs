//! What the index holds of one object: identifiers, what QIDO-RS answers, and nothing that is not asked for.

use dicom_core::dictionary::{DataDictionary, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dxa_core::decode::text::CharacterSet;
use dxa_core::guard::{Element, Elements, Object};
use serde_json::{Map, Value, json};

use super::Refusal;

/// The index rows of one object.
#[derive(Clone, Debug, Default)]
pub struct Facts {
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
    /// Patient ID, issuer, name, birth date (as written) and sex.
    pub patient_id: Option<String>,
    /// Issuer of the Patient ID.
    pub issuer: Option<String>,
    /// Patient's Name, all component groups.
    pub name: Option<String>,
    /// Patient's Birth Date, YYYYMMDD.
    pub birth_date: Option<String>,
    /// Patient's Sex.
    pub sex: Option<String>,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Study Time.
    pub study_time: Option<String>,
    /// Accession Number.
    pub accession: Option<String>,
    /// Study ID.
    pub study_id: Option<String>,
    /// Study Description.
    pub study_description: Option<String>,
    /// Referring Physician's Name.
    pub referring: Option<String>,
    /// Modality.
    pub modality: Option<String>,
    /// Series Number.
    pub series_number: Option<i64>,
    /// Series Description.
    pub series_description: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Laterality of the series.
    pub laterality: Option<String>,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// Rows.
    pub rows: Option<i64>,
    /// Columns.
    pub columns: Option<i64>,
    /// Number of Frames.
    pub frames: Option<i64>,
    /// Attributes of the patient and study, DICOM JSON model.
    pub study_tags: Map<String, Value>,
    /// Attributes of the series.
    pub series_tags: Map<String, Value>,
    /// Attributes of the instance.
    pub instance_tags: Map<String, Value>,
}

impl Facts {
    /// Reads the facts of a walked object.
    ///
    /// # Errors
    /// An object without valid identifiers.
    pub fn read(object: &Object<'_>) -> Result<Self, Refusal> {
        let root = object.root();
        let set = CharacterSet::of(root);
        let text = |tag| root.get(tag).and_then(|element| text(&set, &element));
        let uid = |tag, name| {
            let uid = text(tag).filter(|uid| is_uid(uid));
            uid.ok_or(Refusal::Identity(name))
        };
        let number = |tag| text(tag).and_then(|text| text.trim().parse::<i64>().ok());
        let short = |tag| root.get(tag).and_then(|element| element.u16()).map(i64::from);
        Ok(Self {
            uid: uid(tags::SOP_INSTANCE_UID, "SOP Instance UID (0008,0018)")?,
            sop_class: uid(tags::SOP_CLASS_UID, "SOP Class UID (0008,0016)")?,
            study: uid(tags::STUDY_INSTANCE_UID, "Study Instance UID (0020,000D)")?,
            series: uid(tags::SERIES_INSTANCE_UID, "Series Instance UID (0020,000E)")?,
            transfer_syntax: object.syntax().uid.clone(),
            patient_id: text(tags::PATIENT_ID),
            issuer: text(tags::ISSUER_OF_PATIENT_ID),
            name: text(tags::PATIENT_NAME),
            birth_date: text(tags::PATIENT_BIRTH_DATE),
            sex: text(tags::PATIENT_SEX),
            study_date: text(tags::STUDY_DATE),
            study_time: text(tags::STUDY_TIME),
            accession: text(tags::ACCESSION_NUMBER),
            study_id: text(tags::STUDY_ID),
            study_description: text(tags::STUDY_DESCRIPTION),
            referring: text(tags::REFERRING_PHYSICIAN_NAME),
            modality: text(tags::MODALITY),
            series_number: number(tags::SERIES_NUMBER),
            series_description: text(tags::SERIES_DESCRIPTION),
            body_part: text(tags::BODY_PART_EXAMINED),
            laterality: text(tags::LATERALITY),
            instance_number: number(tags::INSTANCE_NUMBER),
            rows: short(tags::ROWS),
            columns: short(tags::COLUMNS),
            frames: number(tags::NUMBER_OF_FRAMES),
            study_tags: pick(&set, root, &STUDY_TAGS),
            series_tags: pick(&set, root, &SERIES_TAGS),
            instance_tags: pick(&set, root, &INSTANCE_TAGS),
        })
    }

    /// What makes a patient the same: the identifier with its issuer, or the study where there is none.
    #[must_use]
    pub(super) fn identity(&self) -> String {
        match &self.patient_id {
            Some(id) => format!("id\n{}\n{id}", self.issuer.as_deref().unwrap_or_default()),
            None => format!("study\n{}", self.study),
        }
    }
}

/// Digits and single dots between them, at most 64 characters.
#[must_use]
pub fn is_uid(uid: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    uid.len() <= 64 && uid.contains('.') && uid.split('.').all(is_part)
}

/// One element in the DICOM JSON model (PS3.18 F.2), without bulk data; `None` for a value that is not given there.
#[must_use]
pub fn dicom_json(set: &CharacterSet, element: &Element<'_>) -> Option<Value> {
    let vr = match element.vr() {
        VR::UN => dictionary_vr(element.tag())?,
        vr => vr,
    };
    let name = vr.to_string();
    if element.is_empty() {
        return Some(json!({ "vr": name }));
    }
    let values: Vec<Value> = match vr {
        VR::SQ => element.items().map(|item| Value::Object(all(set, item))).collect(),
        VR::PN => parts(set, element).into_iter().map(person).collect(),
        VR::US => element.u16s().into_iter().map(Value::from).collect(),
        VR::FD => element.f64s().into_iter().map(Value::from).collect(),
        VR::DS => parts(set, element).iter().map(|part| number::<f64>(part)).collect(),
        VR::IS => parts(set, element).iter().map(|part| number::<i64>(part)).collect(),
        VR::LT | VR::ST | VR::UT | VR::UR => text(set, element).map(Value::from).into_iter().collect(),
        VR::AE | VR::AS | VR::CS | VR::DA | VR::DT | VR::LO | VR::SH | VR::TM | VR::UC | VR::UI => {
            parts(set, element)
                .into_iter()
                .map(|part| if part.is_empty() { Value::Null } else { part.into() })
                .collect()
        }
        _ => return None,
    };
    Some(json!({ "vr": name, "Value": values }))
}

const STUDY_TAGS: [Tag; 17] = [
    tags::SPECIFIC_CHARACTER_SET,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::TIMEZONE_OFFSET_FROM_UTC,
    tags::STUDY_DESCRIPTION,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::PATIENT_AGE,
    tags::PATIENT_SIZE,
    tags::PATIENT_WEIGHT,
    tags::STUDY_INSTANCE_UID,
    tags::STUDY_ID,
];

const SERIES_TAGS: [Tag; 16] = [
    tags::MODALITY,
    tags::MANUFACTURER,
    tags::INSTITUTION_NAME,
    tags::STATION_NAME,
    tags::SERIES_DATE,
    tags::SERIES_TIME,
    tags::SERIES_DESCRIPTION,
    tags::MANUFACTURER_MODEL_NAME,
    tags::BODY_PART_EXAMINED,
    tags::DEVICE_SERIAL_NUMBER,
    tags::PROTOCOL_NAME,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::LATERALITY,
    tags::PERFORMED_PROCEDURE_STEP_START_DATE,
    tags::PERFORMED_PROCEDURE_STEP_START_TIME,
];

const INSTANCE_TAGS: [Tag; 14] = [
    tags::IMAGE_TYPE,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::ACQUISITION_DATE,
    tags::CONTENT_DATE,
    tags::CONTENT_TIME,
    tags::VIEW_POSITION,
    tags::INSTANCE_NUMBER,
    tags::IMAGE_LATERALITY,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::BITS_ALLOCATED,
    tags::CONCEPT_NAME_CODE_SEQUENCE,
];

fn pick(set: &CharacterSet, root: Elements<'_>, wanted: &[Tag]) -> Map<String, Value> {
    let elements = root.iter().filter(|element| wanted.contains(&element.tag()));
    elements
        .filter_map(|element| Some((key(element.tag()), utf8(element.tag(), dicom_json(set, &element)?))))
        .collect()
}

/// DICOM JSON is UTF-8 whatever the object was written in.
fn utf8(tag: Tag, value: Value) -> Value {
    if tag == tags::SPECIFIC_CHARACTER_SET { json!({ "vr": "CS", "Value": ["ISO_IR 192"] }) } else { value }
}

fn all(set: &CharacterSet, item: Elements<'_>) -> Map<String, Value> {
    item.iter().filter_map(|element| Some((key(element.tag()), dicom_json(set, &element)?))).collect()
}

fn key(tag: Tag) -> String {
    format!("{:04X}{:04X}", tag.0, tag.1)
}

fn text(set: &CharacterSet, element: &Element<'_>) -> Option<String> {
    let decoded = set.decode(element.text_bytes()).value;
    let trimmed = decoded.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

fn parts(set: &CharacterSet, element: &Element<'_>) -> Vec<String> {
    let decoded = set.decode(element.text_bytes()).value;
    decoded.split('\\').map(|part| part.trim().to_owned()).collect()
}

fn person(name: String) -> Value {
    let groups = ["Alphabetic", "Ideographic", "Phonetic"].into_iter().zip(name.split('='));
    let groups: Map<String, Value> = groups
        .filter(|(_, part)| !part.is_empty())
        .map(|(group, part)| (group.to_owned(), part.into()))
        .collect();
    if groups.is_empty() { Value::Null } else { Value::Object(groups) }
}

fn number<T: std::str::FromStr + Into<Value>>(text: &str) -> Value {
    text.trim().parse::<T>().map_or(Value::Null, Into::into)
}

fn dictionary_vr(tag: Tag) -> Option<VR> {
    match StandardDataDictionary.by_tag(tag)?.vr {
        VirtualVr::Exact(vr) => Some(vr),
        other => Some(other.relaxed()),
    }
}
