//! The documents that are made of a result and kept with it, so that everybody gets the same bytes.

use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_exchange::hl7::{self, Mapping};
use dxa_exchange::issue::{Issue, Predecessor, Signature, Sources, Standing, Status};
use dxa_exchange::text::Language;
use dxa_exchange::view::trend::Visit;
use dxa_exchange::{encapsulated_pdf, fhir, gsps, record, sc, seg, sr};
use serde_json::{Value, json};

use super::analysis::Encoded;
use super::{Making, earlier, is_drawn};
use crate::store::{Document, Error, Store};

/// Kind of the document that says what the others say of the received objects; it is never sent.
const SOURCES: &str = "sources";

/// SOP class of a Secondary Capture.
const CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
/// SOP class of a Comprehensive SR.
const REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.33";

/// Why the report of a version could not be printed, kept in the place of its PDF; it is for the page and is never sent.
pub const UNPRINTED: &str = "unprinted";

/// SOP class of an Encapsulated PDF.
const PDF: &str = "1.2.840.10008.5.1.4.1.1.104.1";
/// SOP class of a Grayscale Softcopy Presentation State.
const STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";
/// SOP class of a Segmentation.
const MASKS: &str = "1.2.840.10008.5.1.4.1.1.66.4";

/// Everything that is made of the JSON of a result, of its pictures and of the earlier visits; `study` is one element
/// of `studies`.
///
/// Nothing is made of a study without a UID.
#[must_use]
pub fn of(
    study: &Value,
    version: i64,
    sources: &Sources,
    standing: &Standing,
    pictures: Vec<Encoded>,
    visits: &[Visit],
    making: &Making,
) -> Vec<Encoded> {
    let mut study = study.clone();
    if let Some(provenance) = study.get_mut("provenance") {
        provenance["version"] = version.into();
    }
    let document = json!({ "studies": [study] }).to_string();
    // The JSON is our own; where it cannot be read the result stands without documents.
    let Ok(mut studies) = record::read(document.as_bytes()) else { return Vec::new() };
    let Some(study) = studies.pop() else { return Vec::new() };
    let mut sources = sources.clone();
    sources.patient_id_system = making.patient_system(sources.patient_id_issuer.as_deref());
    let sources = &sources;
    let issue = Issue { sources, standing, language: Language::English };
    let mut made = Vec::new();
    let printing = making.printing.as_ref();
    let printed = printing.map(|printing| printing.pdf(&study, standing, &pictures, visits));
    // A reader who expects that the report was sent must see that it was not.
    if let Some(Err(why)) = &printed {
        made.push(text(UNPRINTED, "text/plain; charset=utf-8", why.clone().into_bytes()));
    }
    let pdf = printed.and_then(Result::ok);
    if let (Some(pdf), Some(printing)) = (&pdf, printing) {
        let issue = Issue { language: printing.language(), ..issue };
        if let Some(object) = encapsulated_pdf::encode(&study, &issue, pdf) {
            made.push(dicom("pdf", 0, PDF, Some(object.sop_instance), object.bytes));
        }
    }
    let attached = pdf.as_deref().filter(|_| printing.is_some_and(|printing| printing.report.attach));
    if let Some(report) = sr::encode(&study, &issue) {
        made.push(dicom("sr", 0, REPORT, Some(report.sop_instance), report.bytes));
    }
    if let Some(page) = sc::page(&study, &issue) {
        made.push(dicom("sc", 0, CAPTURE, Some(page.sop_instance), page.bytes));
    }
    for scan in 0..study.scans.len() {
        let number = i64::try_from(scan).unwrap_or(i64::MAX);
        if let Some(state) = gsps::encode(&study, scan, &issue) {
            made.push(dicom("gsps", number, STATE, Some(state.sop_instance), state.bytes));
        }
        if let Some(masks) = seg::encode(&study, scan, &issue) {
            made.push(dicom("seg", number, MASKS, Some(masks.sop_instance), masks.bytes));
        }
    }
    let of_fhir = attached.map(|bytes| fhir::Pdf { bytes });
    let chinese = making.chinese_bundle.then_some((1, Language::Chinese));
    for (number, language) in [(0, Language::English)].into_iter().chain(chinese) {
        let issue = Issue { language, ..issue };
        if let Some(Ok(bundle)) = fhir::bundle(&study, &issue, of_fhir).map(|bundle| bundle.to_json()) {
            made.push(Encoded { number, ..text("fhir", "application/fhir+json", bundle) });
        }
    }
    let by_default = Mapping::default();
    for (number, mapping) in (0..).zip(std::iter::once(&by_default).chain(&making.mappings)) {
        if let Some(message) = hl7::oru(&study, &issue, mapping, attached) {
            let charset = mapping.encoding.charset();
            let media_type = format!("x-application/hl7-v2+er7; charset={charset}");
            made.push(Encoded { number, ..text("hl7", &media_type, message.bytes) });
        }
    }
    if let Ok(sources) = serde_json::to_vec(sources) {
        made.push(text(SOURCES, "application/json", sources));
    }
    made.extend(pictures);
    made
}

/// The picture of a scan; number 0 is that of the report page.
#[must_use]
pub fn picture(scan: usize, bytes: Vec<u8>) -> Encoded {
    let uid = guard::open(Input::whole(&bytes), Leniency::Strict, &Limits::DEFAULT).ok().and_then(|object| {
        let element = object.root().get(dicom_dictionary_std::tags::SOP_INSTANCE_UID)?;
        Some(String::from_utf8_lossy(element.text_bytes()).into_owned())
    });
    dicom("sc", i64::try_from(scan + 1).unwrap_or(i64::MAX), CAPTURE, uid, bytes)
}

/// How far people stand behind a draft that takes the place of another.
#[must_use]
pub fn draft(version: i64, predecessor: Option<&str>) -> Standing {
    let earlier = |sop_instance: &str| Predecessor {
        sop_instance: sop_instance.to_owned(),
        version: u32::try_from(version - 1).unwrap_or(0),
    };
    Standing {
        status: Status::Preliminary,
        signature: None,
        replaces: predecessor.map(earlier).into_iter().collect(),
    }
}

/// The documents of a result that was signed: those with words are made again, pictures stay.
///
/// # Errors
/// When the documents of the version before cannot be read.
pub async fn signed(
    store: &Store,
    study: &Value,
    before: (&str, i64),
    amended: bool,
    signature: Signature,
    making: Making,
) -> Result<Vec<Encoded>, Error> {
    let (uid, version) = before;
    let kept = store.document(uid, version, SOURCES, 0, "en").await?;
    let sources = kept.and_then(|kept| serde_json::from_slice::<Sources>(&kept.body).ok());
    let Some(mut sources) = sources else { return Ok(Vec::new()) };
    // An order may have come after the analysis.
    sources.orders = store.orders_of(uid).await?;
    let predecessor = store.document(uid, version, "sr", 0, "en").await?.and_then(|report| report.uid);
    let standing = Standing {
        status: if amended { Status::Amended } else { Status::Final },
        signature: Some(signature),
        ..draft(version + 1, predecessor.as_deref())
    };
    let pictures = store.documents(uid, version, is_drawn).await?.into_iter().map(encoded).collect();
    let visits = earlier::visits(store, uid).await?;
    let study = study.clone();
    // Printing takes a tenth of a second of a processor.
    let made = move || of(&study, version + 1, &sources, &standing, pictures, &visits, &making);
    tokio::task::spawn_blocking(made).await.map_err(|_| Error::Damaged)
}

fn dicom(kind: &str, number: i64, class: &str, uid: Option<String>, body: Vec<u8>) -> Encoded {
    Encoded {
        kind: kind.to_owned(),
        number,
        language: "en".to_owned(),
        media_type: "application/dicom".to_owned(),
        sop_class: Some(class.to_owned()),
        uid,
        body,
    }
}

fn text(kind: &str, media_type: &str, body: Vec<u8>) -> Encoded {
    Encoded {
        kind: kind.to_owned(),
        number: 0,
        language: "en".to_owned(),
        media_type: media_type.to_owned(),
        sop_class: None,
        uid: None,
        body,
    }
}

fn encoded(kept: Document) -> Encoded {
    let Document { kind, number, language, media_type, sop_class, uid, body, .. } = kept;
    Encoded { kind, number, language, media_type, sop_class, uid, body }
}

impl Encoded {
    /// The document as the store keeps it.
    #[must_use]
    pub fn of_result(self, study: &str, version: i64) -> Document {
        let Self { kind, number, language, media_type, sop_class, uid, body } = self;
        Document {
            study: study.to_owned(),
            version,
            kind,
            number,
            language,
            media_type,
            sop_class,
            uid,
            body,
        }
    }
}
