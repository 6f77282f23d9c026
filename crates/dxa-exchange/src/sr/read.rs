//! A structured report of ours read back into what it states.

use dicom_dictionary_std::tags;
use dxa_core::guard::{self, Elements, Input, Leniency, Limits};

use crate::codes::{self, Code, Scheme};
use crate::record::Reference;
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Statement, Subject, Why};

use super::concept;

/// What a structured report of ours states.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadReport {
    /// SOP Instance UID.
    pub sop_instance: String,
    /// Signed.
    pub verified: bool,
    /// SOP Instance UIDs of the reports it replaces.
    pub replaces: Vec<String>,
    /// The conclusion.
    pub conclusion: Option<String>,
    /// Everything it states.
    pub groups: Vec<Group>,
}

/// Why a file is no structured report of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SrError {
    /// The guard did not let it through.
    #[error("the file is not DICOM that can be read: {0}")]
    Unreadable(String),
    /// It is none of ours.
    #[error("the object is no measurement report with keys of this software")]
    NotOurs,
}

/// Reads a report that [`super::encode`] wrote.
///
/// # Errors
/// A file that is not DICOM or another object.
pub fn read(bytes: &[u8]) -> Result<ReadReport, SrError> {
    let object = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT)
        .map_err(|error| SrError::Unreadable(error.to_string()))?;
    let root = object.root();
    if !concept_name(root).is_some_and(|name| name.is(&codes::REPORT)) {
        return Err(SrError::NotOurs);
    }
    let mut report = ReadReport {
        sop_instance: text(root, tags::SOP_INSTANCE_UID).unwrap_or_default(),
        verified: text(root, tags::VERIFICATION_FLAG).as_deref() == Some("VERIFIED"),
        replaces: replaced(root),
        conclusion: None,
        groups: Vec::new(),
    };
    for container in children(root) {
        let Some(name) = concept_name(container) else { continue };
        if name.is(&codes::MEASUREMENTS) {
            report.groups.extend(children(container).filter_map(measurement_group));
        } else if name.is(&codes::QUALITATIVE) {
            report.groups.extend(assessment(container));
            report.groups.extend(children(container).filter_map(judged_group));
            let mut items = children(container);
            let conclusion = items.find(|item| is_named(*item, &codes::CONCLUSION));
            report.conclusion = conclusion.and_then(|item| text(item, tags::TEXT_VALUE));
        }
    }
    Ok(report)
}

fn replaced(root: Elements<'_>) -> Vec<String> {
    items(root, tags::PREDECESSOR_DOCUMENTS_SEQUENCE)
        .flat_map(|study| items(study, tags::REFERENCED_SERIES_SEQUENCE))
        .flat_map(|series| items(series, tags::REFERENCED_SOP_SEQUENCE))
        .filter_map(|object| text(object, tags::REFERENCED_SOP_INSTANCE_UID))
        .collect()
}

fn measurement_group(container: Elements<'_>) -> Option<Group> {
    let key = children(container).find(|item| is_named(*item, &codes::TRACKING_ID))?;
    let about = About::parse(&text(key, tags::TEXT_VALUE)?)?;
    let mut group = Group { about, statements: Vec::new(), outline: Outline::None };
    let mut ends: Vec<(Quantity, Vec<[f64; 2]>)> = Vec::new();
    for item in children(container) {
        if is_named(item, &codes::IMAGE_REGION) {
            let mut corners = points(item);
            corners.pop();
            group.outline = Outline::Polygon(corners);
        }
        let Some(said) = statement(item) else { continue };
        let line = children(item).find(|child| is_named(*child, &codes::SOURCE));
        ends.extend(line.map(|line| (said.quantity, points(line))));
        group.statements.push(said);
    }
    if let Some(six) = six_points(&ends) {
        group.outline = Outline::SixPoints(six);
    }
    Some(group)
}

fn six_points(ends: &[(Quantity, Vec<[f64; 2]>)]) -> Option<[[f64; 2]; 6]> {
    let of = |wanted| {
        let (_, points) = ends.iter().find(|(quantity, _)| *quantity == wanted)?;
        Some((*points.first()?, *points.get(1)?))
    };
    let (as_, ai) = of(Quantity::PixelsAnterior)?;
    let (ms, mi) = of(Quantity::PixelsMiddle)?;
    let (ps, pi) = of(Quantity::PixelsPosterior)?;
    Some([ps, ms, as_, ai, mi, pi])
}

/// The answers that stand alone, without a key, are those of the assessment.
fn assessment(container: Elements<'_>) -> Option<Group> {
    let alone = children(container).filter(|item| key_inside(*item).is_none());
    let statements: Vec<Statement> = alone.filter_map(statement).collect();
    let about = About { scan: None, subject: Subject::Assessment, nth: 0 };
    (!statements.is_empty()).then_some(Group { about, statements, outline: Outline::None })
}

/// A rule, doubt or refusal: an answer with a key and what else is said of it inside.
fn judged_group(item: Elements<'_>) -> Option<Group> {
    let about = About::parse(&key_inside(item)?)?;
    let statements = std::iter::once(item).chain(children(item)).filter_map(statement).collect();
    Some(Group { about, statements, outline: Outline::None })
}

fn key_inside(item: Elements<'_>) -> Option<String> {
    let key = children(item).find(|child| is_named(*child, &codes::TRACKING_ID))?;
    text(key, tags::TEXT_VALUE)
}

fn statement(item: Elements<'_>) -> Option<Statement> {
    let modifier = |child: Elements<'_>| {
        let related = text(child, tags::RELATIONSHIP_TYPE).as_deref() == Some("HAS CONCEPT MOD");
        Some((concept_name(child)?, coded(child, tags::CONCEPT_CODE_SEQUENCE)?)).filter(|_| related)
    };
    let modifiers: Vec<(Code, Code)> = children(item).filter_map(modifier).collect();
    let quantity = concept::quantity(&concept_name(item)?, &modifiers)?;
    let answer = match text(item, tags::VALUE_TYPE)?.as_str() {
        "NUM" => number(item)?,
        "CODE" => word(coded(item, tags::CONCEPT_CODE_SEQUENCE)?),
        "TEXT" => Answer::Text(text(item, tags::TEXT_VALUE)?),
        _ => return None,
    };
    let scored = quantity.names_its_reference();
    Some(Statement { quantity, answer, against: scored.then(|| against(item)) })
}

fn number(item: Elements<'_>) -> Option<Answer> {
    let measured = items(item, tags::MEASURED_VALUE_SEQUENCE).next()?;
    let double = measured.get(tags::FLOATING_POINT_VALUE).map(|element| element.bytes().to_vec());
    let double = double.and_then(|bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?)));
    let value = double.or_else(|| text(measured, tags::NUMERIC_VALUE)?.parse().ok())?;
    let unit = coded(measured, tags::MEASUREMENT_UNITS_CODE_SEQUENCE)?.value.into_owned();
    Some(Answer::Number { value, unit })
}

fn word(code: Code) -> Answer {
    let missing = [
        (codes::NOT_ATTEMPTED, Why::NotAttempted),
        (codes::FAILED, Why::Failed),
        (codes::UNKNOWN, Why::Unknown),
    ];
    let why = missing.into_iter().find(|(qualifier, _)| qualifier.is(&code)).map(|(_, why)| why);
    why.map_or_else(|| Answer::Word(code.value.into_owned()), Answer::Missing)
}

fn against(item: Elements<'_>) -> Against {
    let said = |concept: &Code| {
        let property = children(item).find(|child| is_named(*child, concept))?;
        text(property, tags::TEXT_VALUE)
    };
    let known = |concept: &Code| said(concept).unwrap_or_default();
    Against {
        reference: Reference {
            id: known(&codes::REFERENCE),
            version: known(&codes::REFERENCE_VERSION),
            population: known(&codes::POPULATION),
            status: known(&codes::REFERENCE_STATUS),
            site_as_stated: said(&codes::REFERENCE_SITE),
        },
        named: said(&codes::REFERENCE_NAMED).is_some(),
        quantity: said(&codes::SCORED_QUANTITY),
    }
}

fn items<'o>(set: Elements<'o>, tag: dicom_core::Tag) -> impl Iterator<Item = Elements<'o>> {
    dxa_core::decode::header::items(set, tag)
}

fn children<'o>(item: Elements<'o>) -> impl Iterator<Item = Elements<'o>> {
    items(item, tags::CONTENT_SEQUENCE)
}

fn is_named(item: Elements<'_>, concept: &Code) -> bool {
    concept_name(item).is_some_and(|name| name.is(concept))
}

fn concept_name(item: Elements<'_>) -> Option<Code> {
    coded(item, tags::CONCEPT_NAME_CODE_SEQUENCE)
}

fn coded(item: Elements<'_>, tag: dicom_core::Tag) -> Option<Code> {
    let code = items(item, tag).next()?;
    let value = text(code, tags::CODE_VALUE).or_else(|| text(code, tags::LONG_CODE_VALUE))?;
    let scheme = Scheme::from_designator(&text(code, tags::CODING_SCHEME_DESIGNATOR)?)?;
    let meaning = text(code, tags::CODE_MEANING).unwrap_or_default();
    Some(Code { scheme, value: value.into(), meaning: meaning.into() })
}

/// Text of ours is UTF-8.
fn text(set: Elements<'_>, tag: dicom_core::Tag) -> Option<String> {
    let element = set.get(tag)?;
    let text = String::from_utf8_lossy(element.text_bytes()).trim_end_matches([' ', '\0']).to_owned();
    (!text.is_empty()).then_some(text)
}

/// Points to a thousandth of a pixel, as results have them; a single float holds no more.
fn points(item: Elements<'_>) -> Vec<[f64; 2]> {
    let Some(element) = item.get(tags::GRAPHIC_DATA) else { return Vec::new() };
    let mut numbers = Vec::new();
    for bytes in element.bytes().chunks_exact(4) {
        let number = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        numbers.push(dxa_core::units::round_half_away(f64::from(number), 3));
    }
    numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}
