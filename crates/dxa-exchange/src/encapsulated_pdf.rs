//! A printed report as a DICOM object, for archives.

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

use crate::data_set::DataSet;
use crate::issue::{Issue, Status, WrittenObject};
use crate::record::Study;
use crate::study_header::{self, Series};

/// Behind the report page.
const SERIES: Series =
    Series { kind: "pdf series", modality: "DOC", number: "905", description: "DXA report" };

/// Wraps the PDF of a study; `None` for a study without a UID.
///
/// The same result, sources, standing and PDF give the same bytes.
#[must_use]
pub fn encode(study: &Study, issue: &Issue<'_>, pdf: &[u8]) -> Option<WrittenObject> {
    study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
    let mut set = DataSet::new();
    study_header::write(&mut set, study, issue, uids::ENCAPSULATED_PDF_STORAGE, &SERIES);
    study_header::content_time(&mut set, issue);
    set.text_or_empty(tags::ACQUISITION_DATE_TIME, VR::DT, None);
    set.text(tags::INSTANCE_NUMBER, VR::IS, &study.provenance.version.to_string());
    set.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
    set.text_or_empty(tags::LATERALITY, VR::CS, None);
    set.text(tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
    set.text(tags::DOCUMENT_TITLE, VR::ST, issue.language.of("Bone densitometry report", "骨密度检测报告"));
    let verified = if issue.standing.status == Status::Preliminary { "UNVERIFIED" } else { "VERIFIED" };
    set.text(tags::VERIFICATION_FLAG, VR::CS, verified);
    set.sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, Vec::new());
    set.text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, "application/pdf");
    let length = u32::try_from(pdf.len()).ok()?;
    set.put(tags::ENCAPSULATED_DOCUMENT_LENGTH, VR::UL, PrimitiveValue::from(length));
    let mut bytes = pdf.to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    set.put(tags::ENCAPSULATED_DOCUMENT, VR::OB, PrimitiveValue::U8(bytes.into()));
    let sop_instance = set.derived_uid("encapsulated pdf")?;
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    let bytes = set.into_file(uids::ENCAPSULATED_PDF_STORAGE, &sop_instance)?;
    Some(WrittenObject { sop_instance, bytes })
}
