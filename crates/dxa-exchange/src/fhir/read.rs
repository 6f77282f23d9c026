//! A Bundle of ours read back into what it states.

use crate::codes::Scheme;
use crate::record::Reference;
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Statement, Subject, Why};

use super::observation::{AGAINST, KEY_SYSTEM, OUTLINE};
use super::types::{Bundle, Component, Concept, Extension, Observation, Range, Resource};

/// What a Bundle of ours states.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadBundle {
    /// Study Instance UID.
    pub study_uid: String,
    /// Status of the report.
    pub status: String,
    /// Everything it states.
    pub groups: Vec<Group>,
}

/// Why a JSON document is no Bundle of ours.
#[derive(Debug, thiserror::Error)]
pub enum FhirError {
    /// Not JSON of this shape.
    #[error("the JSON is no Bundle: {0}")]
    NotABundle(#[from] serde_json::Error),
    /// No Observation has a key of ours.
    #[error("the Bundle has no observations with keys of this software")]
    NotOurs,
}

/// Reads a Bundle that [`super::bundle`] made.
///
/// # Errors
/// A document of another shape or origin.
pub fn read(json: &[u8]) -> Result<ReadBundle, FhirError> {
    let bundle: Bundle = serde_json::from_slice(json)?;
    let mut read = ReadBundle { study_uid: String::new(), status: String::new(), groups: Vec::new() };
    for entry in &bundle.entry {
        match &entry.resource {
            Resource::DiagnosticReport(report) => report.status.clone_into(&mut read.status),
            Resource::Observation(observation) => read.take(observation),
            _ => {}
        }
    }
    read.groups.retain(|group| !group.statements.is_empty());
    if read.groups.is_empty() { Err(FhirError::NotOurs) } else { Ok(read) }
}

impl ReadBundle {
    fn take(&mut self, observation: &Observation) {
        let identifier =
            observation.identifier.iter().find(|identifier| identifier.system.as_deref() == Some(KEY_SYSTEM));
        let Some(value) = identifier.and_then(|identifier| identifier.value.as_deref()) else { return };
        let Some((uid, rest)) = value.split_once('|') else { return };
        let Some((key, code)) = rest.rsplit_once('|') else { return };
        let Some(about) = About::parse(key) else { return };
        uid.clone_into(&mut self.study_uid);
        let group = self.group(about);
        if code == "PANEL" {
            group.statements.extend(observation.component.iter().filter_map(statement));
            group.outline = outline(&observation.extension, &group.about.subject);
        } else {
            let component = Component {
                code: observation.code.clone(),
                value_quantity: observation.value_quantity.clone(),
                value_codeable_concept: observation.value_codeable_concept.clone(),
                value_string: observation.value_string.clone(),
                data_absent_reason: observation.data_absent_reason.clone(),
                reference_range: observation.reference_range.clone(),
            };
            group.statements.extend(statement(&component));
        }
    }

    fn group(&mut self, about: About) -> &mut Group {
        let at = self.groups.iter().position(|group| group.about == about);
        let at = at.unwrap_or_else(|| {
            self.groups.push(Group { about, statements: Vec::new(), outline: Outline::None });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}

fn statement(component: &Component) -> Option<Statement> {
    let quantity = Quantity::from_code(&local(&component.code)?)?;
    let answer = if let Some(amount) = &component.value_quantity {
        Answer::Number { value: amount.value?, unit: amount.code.clone()? }
    } else if let Some(word) = &component.value_codeable_concept {
        Answer::Word(local(word)?)
    } else if let Some(text) = &component.value_string {
        Answer::Text(text.clone())
    } else {
        Answer::Missing(why(component.data_absent_reason.as_ref()?)?)
    };
    let scored = quantity.names_its_reference();
    let against = component.reference_range.first().map(against).unwrap_or_default();
    Some(Statement { quantity, answer, against: scored.then_some(against) })
}

fn local(concept: &Concept) -> Option<String> {
    let system = Scheme::Local.uri();
    let coding = concept.coding.iter().find(|coding| coding.system.as_deref() == Some(&system))?;
    coding.code.clone()
}

fn why(concept: &Concept) -> Option<Why> {
    match concept.coding.first()?.code.as_deref()? {
        "not-performed" => Some(Why::NotAttempted),
        "error" => Some(Why::Failed),
        _ => Some(Why::Unknown),
    }
}

fn against(range: &Range) -> Against {
    let parts = range.extension.iter().filter(|extension| extension.url == AGAINST);
    let parts: Vec<&Extension> = parts.flat_map(|extension| &extension.extension).collect();
    let said =
        |url: &str| parts.iter().find(|part| part.url == url).and_then(|part| part.value_string.clone());
    let known = |url: &str| said(url).unwrap_or_default();
    Against {
        reference: Reference {
            id: known("id"),
            version: known("version"),
            population: known("population"),
            status: known("status"),
            site_as_stated: said("site"),
        },
        named: said("named").is_some(),
        quantity: said("quantity"),
    }
}

fn outline(extensions: &[Extension], subject: &Subject) -> Outline {
    let said = extensions.iter().find(|extension| extension.url == OUTLINE);
    let text = said.and_then(|extension| extension.value_string.as_deref());
    text.map_or(Outline::None, |text| Outline::from_text(text, subject))
}
