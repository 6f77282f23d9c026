//! Whom a page is about and what was scanned, from its labels: `Sex: Female`, `Scan: Left Hip`, `出生日期：…`.

use super::super::patient_facts::PatientFacts;
use super::super::region_names;
use super::super::vocabulary;
use super::layout::Line;

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Name,
    Id,
    Sex,
    BirthDate,
    Scan,
}

/// Labels in lower case, as they stand before a colon.
const LABELS: [(&str, Label); 40] = [
    ("patient name", Label::Name),
    ("patient", Label::Name),
    ("name", Label::Name),
    ("姓名", Label::Name),
    ("患者姓名", Label::Name),
    ("фио", Label::Name),
    ("пациент", Label::Name),
    ("patient id", Label::Id),
    ("patient-id", Label::Id),
    ("id", Label::Id),
    ("患者编号", Label::Id),
    ("病历号", Label::Id),
    ("patient sex", Label::Sex),
    ("sex", Label::Sex),
    ("sex / ethnic", Label::Sex),
    ("sex/ethnic", Label::Sex),
    ("gender", Label::Sex),
    ("性别", Label::Sex),
    ("пол", Label::Sex),
    ("geschlecht", Label::Sex),
    ("dob", Label::BirthDate),
    ("d.o.b.", Label::BirthDate),
    ("date of birth", Label::BirthDate),
    ("birth date", Label::BirthDate),
    ("birthdate", Label::BirthDate),
    ("出生日期", Label::BirthDate),
    ("生日", Label::BirthDate),
    ("дата рождения", Label::BirthDate),
    ("geburtsdatum", Label::BirthDate),
    ("scan", Label::Scan),
    ("scan type", Label::Scan),
    ("scan region", Label::Scan),
    ("exam", Label::Scan),
    ("examination", Label::Scan),
    ("region scanned", Label::Scan),
    ("site", Label::Scan),
    ("检查部位", Label::Scan),
    ("扫描部位", Label::Scan),
    ("部位", Label::Scan),
    ("область исследования", Label::Scan),
];

/// Longest label and value that are looked at, in characters.
const LONGEST_LABEL: usize = 24;
const LONGEST_VALUE: usize = 80;

/// What the labels of one page say.
#[derive(Clone, Default)]
pub(super) struct Announced {
    pub(super) patient: PatientFacts,
    /// The bone that was scanned, such as `Left Hip`; empty when none or several are named.
    pub(super) scan: String,
}

/// Reads the labels of a page; the first value of each holds.
pub(super) fn announced(lines: &[Line]) -> Announced {
    let mut told = Announced::default();
    let mut scans: Vec<String> = Vec::new();
    for (label, value) in lines.iter().flat_map(labelled) {
        let facts = &mut told.patient;
        let _ = match label {
            Label::Name if facts.name.is_none() => facts.take("name", &value),
            Label::Id if facts.id.is_none() => facts.take("id", &value),
            Label::Sex if facts.sex.is_none() => facts.take("sex", &value),
            Label::BirthDate if facts.birth_dates.is_empty() => facts.take("dob", &value),
            Label::Scan if is_bone(&value) && !scans.contains(&value) => {
                scans.push(value);
                true
            }
            _ => false,
        };
    }
    if let [scan] = scans.as_slice() {
        told.scan.clone_from(scan);
    }
    told
}

fn is_bone(value: &str) -> bool {
    let reading = vocabulary::read(value);
    let bone = region_names::anatomy_of(&reading).is_some() || region_names::is_lateral_spine(&reading);
    reading.is_whole() && bone
}

/// All labels of a line with what stands behind their colon, up to the next label or the end of the cell.
fn labelled(line: &Line) -> Vec<(Label, String)> {
    let mut found = Vec::new();
    for (index, cell) in line.cells.iter().enumerate() {
        let text = cell.span.text.replace('：', ":");
        let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at).take(8).collect();
        for (nth, colon) in colons.iter().enumerate() {
            let Some((label, _)) = label_before(&text[..*colon]) else { continue };
            let next = colons.get(nth + 1).and_then(|next| {
                let (_, start) = label_before(&text[..*next])?;
                (start > *colon).then_some(start)
            });
            let value = text[colon + 1..next.unwrap_or(text.len())].trim();
            // The value may stand in a cell of its own.
            let following = || line.cells.get(index + 1).map_or("", |next| next.span.text.trim());
            let value = if value.is_empty() && next.is_none() { following() } else { value };
            if !value.is_empty() && value.chars().count() <= LONGEST_VALUE {
                found.push((label, value.to_owned()));
            }
        }
    }
    found
}

/// The longest label at the end of a text, and where it begins.
fn label_before(text: &str) -> Option<(Label, usize)> {
    let text = text.trim_end();
    let first = text.char_indices().rev().take(LONGEST_LABEL).last().map_or(0, |(at, _)| at);
    let tail = text[first..].to_lowercase();
    // Lower case may have another length; such a label is none of these.
    let tail = if tail.len() == text.len() - first { tail } else { return None };
    let fits = |(name, label): &&(&str, Label)| {
        let Some(before) = tail.strip_suffix(name) else { return false };
        let starts = first + before.len() == 0;
        // `Scan ID` and `File name` are not the patient's.
        let alone = starts || !matches!(label, Label::Name | Label::Id | Label::Scan);
        let apart = before.is_empty() || before.ends_with(|c: char| !c.is_alphabetic()) || !name.is_ascii();
        alone && apart
    };
    let (name, label) = LABELS.iter().filter(fits).max_by_key(|(name, _)| name.len())?;
    Some((*label, text.len() - name.len()))
}

#[cfg(test)]
mod tests {
    use super::super::layout::{Cell, Span};
    use super::*;
    use crate::patient::Sex;
    use jiff::civil::date;

    fn line(cells: &[&str]) -> Line {
        let span = |text: &str| Span { text: text.to_owned(), x0: 0.0, x1: 1.0 };
        let cells = cells.iter().map(|text| Cell { span: span(text), words: vec![span(text)] }).collect();
        Line { y: 0.0, size: 10.0, cells }
    }

    #[test]
    fn labels_of_every_layout_are_read() {
        for cells in [
            &["Name: Doe, Jane Sex: Female DOB: 03 February 1961"] as &[_],
            &["Name: Doe, Jane", "Sex: Female", "Birth Date: 1961-02-03 63.2 years"],
            &["Patient Name:", "Doe, Jane", "Gender:", "F", "Date of Birth:", "03.02.1961"],
            &["姓名：Doe Jane 性别：女 出生日期：1961年2月3日"],
            &["Patient: Jane Doe", "Sex / Ethnic: Female White", "DOB: February 3, 1961"],
        ] {
            let told = announced(&[line(cells)]).patient;
            assert!(told.name.as_deref().is_some_and(|name| name.contains("Jane")), "{cells:?}");
            assert_eq!(told.sex, Some(Sex::Female), "{cells:?}");
            assert_eq!(told.birth_dates, [date(1961, 2, 3)], "{cells:?}");
        }
    }

    #[test]
    fn labels_of_other_things_are_left_alone() {
        let told =
            announced(&[line(&["Scan ID: A1", "File name: x.dfx", "Referring Physician: Roe", "Essex: M"])]);
        assert_eq!((told.patient.id, told.patient.name, told.patient.sex), (None, None, None));
    }

    #[test]
    fn the_scanned_bone_is_the_one_that_is_named() {
        assert_eq!(announced(&[line(&["Scan: Left Hip"])]).scan, "Left Hip");
        assert_eq!(announced(&[line(&["扫描部位：右侧髋部"])]).scan, "右侧髋部");
        assert_eq!(announced(&[line(&["Scan: 17.05.2024 - A05172401"])]).scan, "");
        assert_eq!(announced(&[line(&["Scan: Left Hip"]), line(&["Scan: Right Hip"])]).scan, "");
    }
}
