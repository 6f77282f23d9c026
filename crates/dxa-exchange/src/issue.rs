//! What surrounds a result when it leaves: the received objects it rests on, and how far people stand behind it.

use dxa_core::decode::object::ReadObject;
use serde::{Deserialize, Serialize};

use crate::text::Language;

/// A document about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// What the result rests on.
    pub sources: &'a Sources,
    /// How far people stand behind it.
    pub standing: &'a Standing,
    /// Language of sentences.
    pub language: Language,
}

/// What documents say of the received objects and the JSON of an analysis does not hold.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sources {
    /// Study ID.
    pub study_id: Option<String>,
    /// Study Date, `YYYYMMDD`.
    pub study_date: Option<String>,
    /// Study Time as written.
    pub study_time: Option<String>,
    /// Referring Physician's Name.
    pub referring_physician: Option<String>,
    /// Issuer of Patient ID.
    pub patient_id_issuer: Option<String>,
    /// The system of the patient's number in FHIR, where the site says which it is.
    pub patient_id_system: Option<String>,
    /// Timezone Offset From UTC.
    pub timezone: Option<String>,
    /// The orders that the study was made for.
    pub orders: Vec<OrderNumbers>,
    /// The objects.
    pub objects: Vec<SourceObject>,
}

/// Shows no names.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("objects", &self.objects).finish_non_exhaustive()
    }
}

/// The numbers of an order, as the message that ordered has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNumbers {
    /// Of whoever ordered.
    pub placer: OrderNumber,
    /// Of whoever was to carry it out; empty where the order has none.
    pub filler: OrderNumber,
}

/// A number of an order, and who gave it: an EI of HL7.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNumber {
    /// The number; empty where there is none.
    pub value: String,
    /// Namespace, universal id and its type, parted by `^`; empty where nobody is named.
    pub authority: String,
}

/// One received object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceObject {
    /// Series Instance UID.
    pub series: String,
    /// SOP Instance UID.
    pub sop_instance: String,
    /// SOP Class UID.
    pub sop_class: String,
    /// Modality.
    #[serde(default)]
    pub modality: Option<String>,
    /// Device Serial Number.
    #[serde(default)]
    pub device_serial: Option<String>,
    /// Photometric Interpretation.
    #[serde(default)]
    pub photometric: Option<String>,
}

impl Sources {
    /// What the objects of one study say.
    #[must_use]
    pub fn of<'o>(objects: impl IntoIterator<Item = &'o ReadObject>) -> Self {
        let mut sources = Self::default();
        for object in objects {
            let (identity, person) = (&object.header.identity, &object.header.person);
            let first = |known: &mut Option<String>, said: &Option<String>| {
                if known.is_none() {
                    known.clone_from(said);
                }
            };
            let date = identity.study_date.map(|date| date.strftime("%Y%m%d").to_string());
            first(&mut sources.study_id, &identity.study_id);
            first(&mut sources.study_date, &date);
            first(&mut sources.study_time, &identity.study_time);
            first(&mut sources.referring_physician, &identity.referring_physician);
            first(&mut sources.timezone, &identity.timezone);
            first(&mut sources.patient_id_issuer, &person.id_issuer);
            if let (Some(sop_instance), Some(sop_class), Some(series)) =
                (identity.sop_instance.clone(), identity.sop_class.clone(), identity.series.clone())
            {
                let modality = identity.modality.clone();
                let device_serial = object.header.device.serial.clone();
                sources.objects.push(SourceObject {
                    series,
                    sop_instance,
                    sop_class,
                    modality,
                    device_serial,
                    photometric: object.header.image.photometric.clone(),
                });
            }
        }
        sources.objects.sort();
        sources.objects.dedup();
        sources
    }

    /// The object with this SOP Instance UID.
    #[must_use]
    pub fn object(&self, sop_instance: &str) -> Option<&SourceObject> {
        self.objects.iter().find(|object| object.sop_instance == sop_instance)
    }
}

/// How far people stand behind a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Draft, signed, or signed again after a change.
    pub status: Status,
    /// Who signed; a draft has none.
    pub signature: Option<Signature>,
    /// The documents that this one replaces, the latest first.
    pub replaces: Vec<Predecessor>,
}

/// The life of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has signed it.
    #[default]
    Preliminary,
    /// Signed.
    Final,
    /// Signed again after a change.
    Amended,
}

/// Who signed and when.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Name, as a DICOM person name.
    pub name: String,
    /// Organization.
    #[serde(default)]
    pub organization: Option<String>,
    /// When, `YYYY-MM-DDTHH:MM:SS` with or without an offset.
    pub at: String,
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signature").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A written DICOM object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenObject {
    /// Its SOP Instance UID; another content or standing is another instance.
    pub sop_instance: String,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// An earlier structured report of the same study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// Its SOP Instance UID.
    pub sop_instance: String,
    /// Version of the result that it told.
    pub version: u32,
}
