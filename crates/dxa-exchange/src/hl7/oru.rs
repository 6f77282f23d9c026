//! The message ORU^R01.

use base64::Engine as _;

use crate::codes::DXA_STUDY;
use crate::issue::{Issue, OrderNumber, OrderNumbers, Status};
use crate::record::Study;
use crate::statement;
use crate::study_header;
use crate::uid;

use super::delimiters::escaped;
use super::mapping::{Mapping, Version};
use super::observation::{Row, Writer};

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// MSH-10: the same for every sending of the same message.
    pub control_id: String,
    /// The message in its character set, without a frame.
    pub bytes: Vec<u8>,
}

/// OBX-4 of what is about the whole study.
const STUDY: &str = "study";

/// Writes the result of a study; `None` for a study without a UID.
///
/// The same result, sources, standing and mapping give the same bytes.
#[must_use]
pub fn oru(study: &Study, issue: &Issue<'_>, mapping: &Mapping, pdf: Option<&[u8]>) -> Option<Message> {
    let study_uid = study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
    let when = when(study, issue);
    let status = status(issue.standing.status);
    let interpreter =
        issue.standing.signature.as_ref().map(|signature| person(&signature.name)).unwrap_or_default();
    let mut writer = Writer::new(mapping, status, &when, interpreter.clone());
    writer.obx(&Row {
        kind: "HD",
        code: "113014^DICOM Study^DCM".to_owned(),
        label: STUDY,
        value: escaped(study_uid),
        ..Row::default()
    });
    for group in statement::of(study) {
        writer.group(&group, study);
    }
    let conclusion = crate::text::conclusion(study, mapping.language.into());
    writer.obx(&Row {
        kind: "TX",
        code: "121077^Conclusion^DCM".to_owned(),
        label: STUDY,
        value: escaped(&conclusion),
        ..Row::default()
    });
    if let Some(pdf) = pdf.filter(|_| mapping.pdf) {
        let data = base64::engine::general_purpose::STANDARD.encode(pdf);
        let code = writer.own("REPORT-PDF", "Report as a document");
        writer.obx(&Row {
            kind: "ED",
            code,
            label: STUDY,
            value: format!("^AP^PDF^Base64^{data}"),
            ..Row::default()
        });
    }
    let mut segments = vec![pid(study, issue), "PV1|1|U".to_owned()];
    let order = Order::of(study_uid, issue);
    let order_control = "RE".to_owned();
    segments.push(fields("ORC", &[(1, order_control), (2, order.placer.clone()), (3, order.filler.clone())]));
    segments.push(obr(study, issue, mapping, order, &when, status, &interpreter));
    segments.append(&mut writer.segments);
    segments
        .retain(|segment| !mapping.drop_segments.iter().any(|name| segment.split('|').next() == Some(name)));
    segments.extend(mapping.extra_segments.iter().cloned());
    let body = segments.join("\r");
    // Two versions that say the same are two messages: a receiver that knows the first would keep what came between.
    let version = study.provenance.version.to_string();
    let control_id = uid::derived_uuid(&[b"oru", version.as_bytes(), body.as_bytes()]);
    let control_id: String = control_id.replace('-', "").chars().take(20).collect();
    let text = format!("{}\r{body}\r", msh(mapping, &sent(issue, &when), &control_id));
    Some(Message { control_id, bytes: mapping.encoding.encode(&text) })
}

fn msh(mapping: &Mapping, sent: &str, control_id: &str) -> String {
    let kind = if mapping.version < Version::V2_4 { "ORU^R01" } else { "ORU^R01^ORU_R01" };
    let (from, to) = (&mapping.sending, &mapping.receiving);
    let values = [
        "MSH",
        "^~\\&",
        &escaped(&from.application),
        &escaped(&from.facility),
        &escaped(&to.application),
        &escaped(&to.facility),
        sent,
        "",
        kind,
        control_id,
        &mapping.processing,
        mapping.version.term(),
        "",
        "",
        "AL",
        "NE",
        "",
        mapping.encoding.term(),
    ];
    values.join("|")
}

/// A segment whose fields are numbered from 1; what is not named is empty.
fn fields(name: &str, values: &[(usize, String)]) -> String {
    let last = values.iter().filter(|(_, value)| !value.is_empty()).map(|(at, _)| *at).max().unwrap_or(0);
    let mut all = vec![String::new(); last];
    for (at, value) in values {
        if let Some(field) = all.get_mut(at - 1) {
            field.clone_from(value);
        }
    }
    format!("{name}|{}", all.join("|"))
}

fn pid(study: &Study, issue: &Issue<'_>) -> String {
    let patient = &study.patient;
    let issuer = issue.sources.patient_id_issuer.as_deref().unwrap_or_default();
    let id = patient.id.as_deref().filter(|id| !id.is_empty());
    let id = id.map(|id| format!("{}^^^{}^MR", escaped(id), escaped(issuer)));
    let sex = match patient.sex.as_deref() {
        Some("F") => "F",
        Some("M") => "M",
        _ => "U",
    };
    let birth = patient.birth_date.as_ref().map(|date| date.replace('-', ""));
    fields(
        "PID",
        &[
            (1, "1".to_owned()),
            (3, id.unwrap_or_default()),
            (5, names(study)),
            (7, birth.unwrap_or_default()),
            (8, sex.to_owned()),
        ],
    )
}

/// One repetition a script, each with its representation code.
fn names(study: &Study) -> String {
    let raw = study.patient.name_raw.as_deref().or(study.patient.name.as_deref()).unwrap_or_default();
    let scripts = ["A", "I", "P"];
    let groups = raw.split('=').zip(scripts).filter(|(group, _)| !group.trim_matches(['^', ' ']).is_empty());
    let names = groups.map(|(group, script)| {
        let parts: Vec<String> = group.split('^').map(|part| escaped(part.trim())).collect();
        let part = |at: usize| parts.get(at).map(String::as_str).unwrap_or_default();
        // DICOM: family, given, middle, prefix, suffix. HL7: family, given, middle, suffix, prefix, degree.
        format!("{}^{}^{}^{}^{}^^L^{script}", part(0), part(1), part(2), part(4), part(3))
    });
    names.collect::<Vec<_>>().join("~")
}

/// A person without a number, as XCN.
fn person(name: &str) -> String {
    let group = name.split('=').next().unwrap_or_default();
    let parts: Vec<String> = group.split('^').take(3).map(escaped).collect();
    if parts.iter().all(String::is_empty) { String::new() } else { format!("^{}", parts.join("^")) }
}

fn obr(
    study: &Study,
    issue: &Issue<'_>,
    mapping: &Mapping,
    order: Order,
    when: &str,
    status: &str,
    interpreter: &str,
) -> String {
    let standard = format!("{}^{}^LN", DXA_STUDY.value, escaped(&DXA_STUDY.meaning));
    let procedure = mapping.procedure.as_ref().map_or(standard, |named| {
        format!("{}^{}^{}", escaped(&named.code), escaped(&named.text), escaped(&named.system))
    });
    let ordering = issue.sources.referring_physician.as_deref().map(person).unwrap_or_default();
    let accession = study.study.accession_number.as_deref().map(escaped).unwrap_or_default();
    let signed = issue.standing.signature.as_ref().map(|signature| study_header::date_time(&signature.at));
    let name = interpreter.trim_start_matches('^').replace('^', "&");
    let interpreter = if name.is_empty() { String::new() } else { format!("&{name}") };
    let mut values = vec![
        (1, "1".to_owned()),
        (2, order.placer),
        (3, order.filler),
        (4, procedure),
        (7, when.to_owned()),
        (16, ordering),
        (22, signed.unwrap_or_default()),
        (24, "RAD".to_owned()),
        (25, status.to_owned()),
        (32, interpreter),
    ];
    if !accession.is_empty() && (1..=47).contains(&mapping.accession_field) {
        values.retain(|(at, _)| *at != mapping.accession_field);
        values.push((mapping.accession_field, accession));
    }
    fields("OBR", &values)
}

/// The numbers under which whoever ordered finds the result.
struct Order {
    placer: String,
    filler: String,
}

impl Order {
    /// Those of the one order that the study was made for: of several, a message with one OBR can name none.
    fn of(study_uid: &str, issue: &Issue<'_>) -> Self {
        let order = match issue.sources.orders.as_slice() {
            [order] => order.clone(),
            _ => OrderNumbers::default(),
        };
        let filler = entity(&order.filler);
        Self {
            placer: entity(&order.placer),
            filler: if filler.is_empty() { own_filler(study_uid) } else { filler },
        }
    }
}

/// A number with who gave it, as EI.
fn entity(OrderNumber { value, authority }: &OrderNumber) -> String {
    if value.is_empty() {
        return String::new();
    }
    let parts = std::iter::once(value.as_str()).chain(authority.split('^').filter(|_| !authority.is_empty()));
    parts.map(escaped).collect::<Vec<_>>().join("^")
}

/// Our own number of the report where no order gives it one: the same for all versions of it.
fn own_filler(study_uid: &str) -> String {
    let id = uid::derived_uuid(&[b"filler", study_uid.as_bytes()]).replace('-', "");
    format!("{}^DXA", &id[..16])
}

/// When the study was made, as far as it is known.
fn when(study: &Study, issue: &Issue<'_>) -> String {
    let Some(day) = study.study.date.as_ref().map(|date| date.replace('-', "")) else { return String::new() };
    let digits = |text: &str| text.len() >= 6 && text.bytes().take(6).all(|byte| byte.is_ascii_digit());
    let time = issue.sources.study_time.as_deref().filter(|time| digits(time)).map(|time| &time[..6]);
    let zone = issue.sources.timezone.as_deref().filter(|zone| zone.len() == 5 && time.is_some());
    format!("{day}{}{}", time.unwrap_or_default(), zone.unwrap_or_default())
}

/// MSH-7: when it was signed, else when the study was made, so that a re-run sends the same message.
fn sent(issue: &Issue<'_>, when: &str) -> String {
    let signed = issue.standing.signature.as_ref().map(|signature| study_header::date_time(&signature.at));
    let time = signed.unwrap_or_else(|| when.to_owned());
    if time.is_empty() { "19000101".to_owned() } else { time }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Preliminary => "P",
        Status::Final => "F",
        Status::Amended => "C",
    }
}
