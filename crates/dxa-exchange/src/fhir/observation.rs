//! What a study states, as Observations: a panel for each thing, its results as members, the rest as components.

use dxa_core::site::Site;
use dxa_core::vertebra::Level;

use crate::codes::{self, Code, Scheme};
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Refused, Statement, Subject, Why};
use crate::text::{self, Language};

use super::bundle::Frame;
use super::coding::{amount, coding, concept, hl7, own, word};
use super::types::{Annotation, Component, Concept, Extension, Identifier, Observation, Range, Reference};

/// Our identifiers of what an Observation is about: `study UID|key|code`.
pub(super) const KEY_SYSTEM: &str = "urn:oid:2.25.226815438790315671842904711562368950193.1";
/// Our extension with what a score is compared with.
pub(super) const AGAINST: &str = "urn:oid:2.25.226815438790315671842904711562368950193.2";
/// Our extension with an outline on the image.
pub(super) const OUTLINE: &str = "urn:oid:2.25.226815438790315671842904711562368950193.3";

/// The panel of a group and its members.
pub(super) fn observations(group: &Group, frame: &Frame<'_>) -> (Observation, Vec<Observation>) {
    let (own_results, rest): (Vec<_>, Vec<_>) =
        group.statements.iter().partition(|said| is_result(said.quantity, &group.about.subject));
    let mut counts = std::collections::BTreeMap::new();
    let members: Vec<Observation> = own_results
        .into_iter()
        .map(|said| {
            let nth = counts.entry(said.quantity).or_insert(0);
            *nth += 1;
            member(said, *nth - 1, group, frame)
        })
        .collect();
    let mut panel = blank(group, frame, "PANEL");
    panel.code =
        concept(vec![coding(&Code::local("PANEL", "Results about one thing"), Some("同一对象的结果"))], None);
    panel.code.text = Some(text::about(&group.about, frame.language));
    panel.has_member = members.iter().map(|member| super::bundle::refer("Observation", &member.id)).collect();
    panel.component = rest.into_iter().map(|said| component(said, group, frame)).collect();
    panel.extension = outline(&group.outline).into_iter().collect();
    panel.derived_from = vec![frame.imaging_study.clone()];
    (panel, members)
}

/// What a reader of a record looks for; everything else is said inside of the panel.
fn is_result(quantity: Quantity, subject: &Subject) -> bool {
    use Quantity::{
        Area, Change, ChangePercent, Content, DeformityIndex, Density, DeviceT, DeviceZ, Fat, FatPercent,
        Grade, HeightAnterior, HeightMiddle, HeightPosterior, HipAxisLength, Kyphosis, Lean, LevelChange,
        LossAnterior, LossMiddle, LossPosterior, NeckShaftAngle, NeckWidth, Shape, T, TotalMass, WhoCategory,
        Z,
    };
    let judged =
        matches!(subject, Subject::Rule(_) | Subject::Finding(_) | Subject::Refusal(_) | Subject::Quality(_));
    let results = [
        Area,
        Change,
        ChangePercent,
        Content,
        DeformityIndex,
        Density,
        DeviceT,
        DeviceZ,
        Fat,
        FatPercent,
        Grade,
        HeightAnterior,
        HeightMiddle,
        HeightPosterior,
        HipAxisLength,
        Kyphosis,
        Lean,
        LevelChange,
        LossAnterior,
        LossMiddle,
        LossPosterior,
        NeckShaftAngle,
        NeckWidth,
        Shape,
        T,
        TotalMass,
        WhoCategory,
        Z,
    ];
    !judged && results.contains(&quantity)
}

fn blank(group: &Group, frame: &Frame<'_>, code: &str) -> Observation {
    let value = format!("{}|{}|{code}", frame.study_uid, group.about.key());
    Observation {
        id: super::id(&["observation", &value]),
        identifier: vec![Identifier {
            system: Some(KEY_SYSTEM.to_owned()),
            value: Some(value),
            ..Identifier::default()
        }],
        status: frame.status.to_owned(),
        category: vec![hl7("observation-category", "imaging", "Imaging")],
        subject: Some(frame.patient.clone()),
        effective_date_time: frame.when.clone(),
        body_site: body_site(&group.about, frame.language),
        device: Some(frame.software.clone()),
        ..Observation::default()
    }
}

fn member(said: &Statement, nth: usize, group: &Group, frame: &Frame<'_>) -> Observation {
    let code = said.quantity.code();
    let code = if nth > 0 { format!("{code}#{nth}") } else { code.to_owned() };
    let mut observation = blank(group, frame, &code);
    let standard = crate::sr::concept::standard(said.quantity, &group.about).filter(|_| group.leads(said));
    let codings = standard.iter().map(|code| coding(code, None)).chain([own(said.quantity)]).collect();
    let name = format!(
        "{}: {}",
        text::about(&group.about, frame.language),
        text::quantity(said.quantity, frame.language)
    );
    observation.code = concept(codings, Some(name));
    let Component {
        value_quantity,
        value_codeable_concept,
        value_string,
        data_absent_reason,
        reference_range,
        ..
    } = component(said, group, frame);
    observation.value_quantity = value_quantity;
    observation.value_codeable_concept = value_codeable_concept;
    observation.value_string = value_string;
    observation.data_absent_reason = data_absent_reason;
    observation.reference_range = reference_range;
    observation.derived_from = vec![derived_from(said.quantity, group, frame)];
    if by_device(said.quantity, &group.about) {
        observation.method = Some(concept(vec![coding(&codes::BY_DEVICE, Some("设备报告"))], None));
        observation.device = frame.scanner(group.about.scan).or(observation.device);
    }
    if matches!(said.answer, Answer::Missing(_)) {
        let refused = said.refused(&group.about, frame.study, frame.language).into_iter();
        observation.note = refused.map(|refused| Annotation { text: refused.sentence }).collect();
    }
    observation
}

/// A score follows from the density; everything else from the study.
fn derived_from(quantity: Quantity, group: &Group, frame: &Frame<'_>) -> Reference {
    let follows =
        quantity.is_score() && group.statements.iter().any(|said| said.quantity == Quantity::Density);
    if follows {
        let density = blank(group, frame, Quantity::Density.code());
        return super::bundle::refer("Observation", &density.id);
    }
    frame.imaging_study.clone()
}

fn by_device(quantity: Quantity, about: &About) -> bool {
    let reported =
        matches!(&about.subject, Subject::Region { provenance, .. } if provenance.starts_with("device"));
    let computed = quantity.is_score();
    matches!(quantity, Quantity::DeviceT | Quantity::DeviceZ)
        || (!computed && (reported || matches!(about.subject, Subject::Composition(_) | Subject::DeviceItem)))
}

fn component(said: &Statement, group: &Group, frame: &Frame<'_>) -> Component {
    let name = text::quantity(said.quantity, frame.language).to_owned();
    let mut component =
        Component { code: concept(vec![own(said.quantity)], Some(name)), ..Component::default() };
    match &said.answer {
        Answer::Number { value, unit } => component.value_quantity = Some(amount(*value, unit)),
        Answer::Word(answer) => component.value_codeable_concept = Some(word(answer, frame.language)),
        Answer::Text(text) => component.value_string = Some(text.clone()),
        Answer::Missing(why) => {
            let refused = said.refused(&group.about, frame.study, frame.language);
            component.data_absent_reason = Some(absent(*why, &refused));
        }
    }
    component.reference_range = said.against.iter().filter_map(range).collect();
    component
}

/// FHIR's own word, and behind it the refusal by its code and sentence.
fn absent(why: Why, refused: &[Refused]) -> Concept {
    let (code, display) = match why {
        Why::NotAttempted => ("not-performed", "Not Performed"),
        Why::Failed => ("error", "Error"),
        Why::Unknown => ("unknown", "Unknown"),
    };
    let mut absent = hl7("data-absent-reason", code, display);
    let code = |refused: &Refused| coding(&codes::code_of_word(&refused.code), codes::chinese(&refused.code));
    absent.coding.extend(refused.iter().map(code));
    let sentences: Vec<&str> = refused.iter().map(|refused| refused.sentence.as_str()).collect();
    absent.text = Some(sentences.join(" ")).filter(|text| !text.is_empty());
    absent
}

/// The population in words, and the table in an extension.
fn range(against: &Against) -> Option<Range> {
    let reference = &against.reference;
    let part = |url: &str, text: &str| Extension {
        url: url.to_owned(),
        value_string: Some(text.to_owned()),
        ..Extension::default()
    };
    let rows = [
        ("id", Some(reference.id.as_str())),
        ("version", Some(reference.version.as_str())),
        ("population", Some(reference.population.as_str())),
        ("status", Some(reference.status.as_str())),
        ("site", reference.site_as_stated.as_deref()),
        ("quantity", against.quantity.as_deref()),
        ("named", against.named.then_some("true")),
    ];
    let said: Vec<Extension> = rows
        .into_iter()
        .filter_map(|(url, text)| Some(part(url, text.filter(|text| !text.is_empty())?)))
        .collect();
    let text = match (reference.population.as_str(), reference.id.as_str()) {
        ("", "") => return None,
        ("", printed) => printed.to_owned(),
        (population, id) => format!("{population} ({id} {}, {})", reference.version, reference.status),
    };
    let extension = Extension { url: AGAINST.to_owned(), extension: said, ..Extension::default() };
    Some(Range { extension: vec![extension], applies_to: Vec::new(), text: Some(text) })
}

fn outline(outline: &Outline) -> Option<Extension> {
    let text = outline.to_text()?;
    Some(Extension { url: OUTLINE.to_owned(), value_string: Some(text), ..Extension::default() })
}

/// The anatomy with its side, and our own region of interest.
fn body_site(about: &About, language: Language) -> Option<Concept> {
    let mut codings = Vec::new();
    match &about.subject {
        Subject::Vertebra(level) | Subject::LevelChange(level) => {
            codings.push(coding(&codes::vertebra(level.parse::<Level>().ok()?), None))
        }
        subject => {
            let (site, side) = subject.region()?;
            let site = site.parse::<Site>().ok()?;
            let anatomy = codes::finding_site(site);
            if let Some(side) = side.and_then(codes::laterality) {
                // SNOMED CT's own grammar: the bone, refined by its side.
                let value = format!("{}:{}={}", anatomy.value, codes::LATERALITY.value, side.value);
                let meaning = format!("{}, {}", anatomy.meaning, side.meaning.to_lowercase());
                codings.push(coding(
                    &Code { scheme: Scheme::Snomed, value: value.into(), meaning: meaning.into() },
                    None,
                ));
            }
            codings.push(coding(&anatomy, None));
            let chinese = text::site(site, Language::Chinese);
            codings.push(coding(&codes::region_code(site), Some(&chinese)));
        }
    }
    Some(concept(codings, Some(text::about(about, language))))
}
