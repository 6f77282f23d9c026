//! Whom a report is about, where its tree names the subject (TID 1007).

use super::content::ContentItem;
use crate::decode::device::patient_facts::PatientFacts;

/// Concepts of the subject, all of scheme DCM, and the fact that each states.
const SUBJECT: [(&str, &str); 4] =
    [("121029", "name"), ("121030", "id"), ("121031", "dob"), ("121032", "sex")];

/// Deepest nesting that is followed; the guard admits 32.
const DEPTH: usize = 64;

/// The subject that the tree names; the first statement of each fact holds.
#[must_use]
pub fn subject(root: &ContentItem) -> PatientFacts {
    let mut facts = PatientFacts::default();
    let mut told = [false; SUBJECT.len()];
    collect(root, &mut facts, &mut told, 0);
    facts
}

fn collect(item: &ContentItem, facts: &mut PatientFacts, told: &mut [bool; SUBJECT.len()], depth: usize) {
    let concept = SUBJECT.iter().position(|(code, _)| item.is_concept(&[(code, "DCM")]));
    if let Some(index) = concept.filter(|index| !told[*index]) {
        let value = item.code_value.as_ref().map_or_else(|| item.value_text(), |code| code.value.clone());
        told[index] = facts.take(SUBJECT[index].1, value.trim());
    }
    for child in item.children.iter().filter(|_| depth < DEPTH) {
        collect(child, facts, told, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::Code;
    use super::*;
    use crate::patient::Sex;

    #[test]
    fn a_subject_is_read_wherever_the_tree_names_it() {
        let text = |code: &str, value: &str| ContentItem {
            concept: Some(Code::new(code, "DCM", "")),
            text: Some(value.to_owned()),
            ..ContentItem::default()
        };
        let sex = ContentItem {
            concept: Some(Code::new("121032", "DCM", "Subject Sex")),
            code_value: Some(Code::new("M", "DCM", "Male")),
            ..ContentItem::default()
        };
        let group = ContentItem { children: vec![text("121031", "19610203"), sex], ..ContentItem::default() };
        let root =
            ContentItem { children: vec![text("121029", "Doe^Jane"), group], ..ContentItem::default() };
        let facts = subject(&root);
        assert_eq!((facts.name.as_deref(), facts.sex), (Some("Doe^Jane"), Some(Sex::Male)));
        assert_eq!(facts.birth_dates, [jiff::civil::date(1961, 2, 3)]);
        assert_eq!(subject(&ContentItem::default()), PatientFacts::default());
    }
}
