//! One OBX for each statement, with its reference and its reason for a missing value in an NTE.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes;
use crate::record::Study;
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Statement, Subject, Why};
use crate::text::{self, Language};

use super::delimiters::escaped;
use super::mapping::Mapping;

/// Writes the OBX and NTE segments of a study.
pub(super) struct Writer<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) language: Language,
    /// OBX-11.
    pub(super) status: &'static str,
    /// OBX-14.
    pub(super) when: &'a str,
    /// OBX-16.
    pub(super) observer: String,
    pub(super) segments: Vec<String>,
    labels: BTreeSet<String>,
    /// How often OBX-3 and OBX-4 came together.
    told: BTreeMap<(String, String), usize>,
    count: usize,
}

/// What a segment says; fields are escaped already.
#[derive(Default)]
pub(super) struct Row<'a> {
    pub(super) kind: &'a str,
    pub(super) code: String,
    pub(super) label: &'a str,
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) range: String,
    pub(super) flag: &'a str,
    pub(super) missing: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(mapping: &'a Mapping, status: &'static str, when: &'a str, observer: String) -> Self {
        Self {
            mapping,
            language: mapping.language.into(),
            status,
            when,
            observer,
            segments: Vec::new(),
            labels: BTreeSet::new(),
            told: BTreeMap::new(),
            count: 0,
        }
    }

    /// Everything that is said about one thing, after a line with its key.
    pub(super) fn group(&mut self, group: &Group, study: &Study) {
        if self.leaves_out(&kind(&group.about.subject)) {
            return;
        }
        let label = self.label(&group.about);
        let key = Row {
            kind: "ST",
            code: self.own("GROUP", &text::about(&group.about, self.language)),
            label: &label,
            value: escaped(&group.about.key()),
            ..Row::default()
        };
        self.obx(&key);
        for said in &group.statements {
            self.statement(said, group, &label, study);
        }
        self.outline(&group.outline, &label);
    }

    fn leaves_out(&self, kind: &str) -> bool {
        self.mapping.leave_out.iter().any(|left_out| left_out == kind)
    }

    fn statement(&mut self, said: &Statement, group: &Group, label: &str, study: &Study) {
        let standard =
            crate::sr::concept::standard(said.quantity, &group.about).filter(|_| group.leads(said));
        let loinc = standard.as_ref().map(|code| code.value.as_ref()).unwrap_or_default();
        let codes = [said.quantity.code(), loinc];
        if self.mapping.leave_out_codes.iter().any(|code| codes.contains(&code.as_str())) {
            return;
        }
        let (site, side) = group.about.subject.region().unzip();
        let renamed = self.mapping.renamed(codes, site, side.flatten());
        let local = self.own(said.quantity.code(), text::quantity(said.quantity, self.language));
        let code = match (renamed, &standard) {
            (Some(rename), _) => {
                let [code, text, system] =
                    [&rename.to.code, &rename.to.text, &rename.to.system].map(|text| escaped(text));
                format!("{code}^{text}^{system}^{local}")
            }
            (None, Some(standard)) => format!("{}^{}^LN^{local}", standard.value, escaped(&standard.meaning)),
            (None, None) => local,
        };
        let label = &self.sub_id(&code, label);
        let mut row = Row { code, label, flag: flag(said, study), ..Row::default() };
        match &said.answer {
            Answer::Number { value, unit } => {
                row.kind = "NM";
                row.value = if *value == 0.0 { "0".to_owned() } else { value.to_string() };
                let unit = renamed.and_then(|rename| rename.unit.clone()).unwrap_or_else(|| unit.clone());
                row.unit = format!("{}^^UCUM", escaped(&unit));
            }
            Answer::Word(word) => {
                row.kind = self.mapping.version.coded();
                let text = match self.language {
                    Language::Chinese => codes::chinese(word).map(str::to_owned),
                    Language::English => None,
                };
                row.value = self.own(word, &text.unwrap_or_else(|| codes::english(word)));
            }
            Answer::Text(text) => {
                row.kind = "TX";
                row.value = escaped(text);
            }
            Answer::Missing(_) => {
                row.kind = if said.quantity.is_word() { self.mapping.version.coded() } else { "NM" };
                row.missing = true;
            }
        }
        row.range = said.against.as_ref().map(|against| shortened(&against.reference.id)).unwrap_or_default();
        self.obx(&row);
        if let Answer::Missing(why) = said.answer {
            let refused = said.refused(&group.about, study, self.language).into_iter();
            let refused = refused.flat_map(|refused| {
                [format!("Refusal: {}", refused.code), format!("Reason: {}", refused.sentence)]
            });
            let lines: Vec<String> =
                std::iter::once(format!("Missing: {}", missing(why))).chain(refused).collect();
            self.note(&lines);
        }
        if let Some(against) = &said.against {
            self.note(&reference(against));
        }
    }

    fn outline(&mut self, outline: &Outline, label: &str) {
        let Some(value) = outline.to_text().filter(|_| !self.leaves_out("outline")) else { return };
        let code = self.own("OUTLINE", self.language.of("Outline on the image, pixels", "图像轮廓（像素）"));
        // One repetition a point: some receivers limit the length of each.
        self.obx(&Row { kind: "TX", code, label, value: value.replace(' ', "~"), ..Row::default() });
    }

    pub(super) fn own(&self, code: &str, text: &str) -> String {
        format!("{}^{}^99DXA", escaped(code), escaped(text))
    }

    pub(super) fn obx(&mut self, row: &Row<'_>) {
        self.count += 1;
        let status = if row.missing { "X" } else { self.status };
        let fields = [
            "OBX",
            &self.count.to_string(),
            row.kind,
            &row.code,
            row.label,
            &row.value,
            &row.unit,
            &row.range,
            row.flag,
            "",
            "",
            status,
            "",
            "",
            self.when,
            "",
            &self.observer,
        ];
        let segment = fields.join("|");
        self.segments.push(segment.trim_end_matches('|').to_owned());
    }

    fn note(&mut self, lines: &[String]) {
        let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
        if !lines.is_empty() {
            self.segments.push(format!("NTE|1|L|{}", lines.join("~")));
        }
    }

    /// OBX-4 of one result. A receiver tells results apart by OBX-3 and OBX-4, so that the second of a kind about one
    /// thing, as a score against another table, has a number of its own.
    fn sub_id(&mut self, code: &str, label: &str) -> String {
        let times = self.told.entry((code.to_owned(), label.to_owned())).or_insert(0);
        *times += 1;
        if *times == 1 { label.to_owned() } else { format!("{label}/{times}") }
    }

    /// What a reader would call a thing, unlike any other in the message; of the 20 letters of OBX-4, three are left
    /// for the number of a result.
    fn label(&mut self, about: &About) -> String {
        const LONGEST: usize = 17;
        let side = |side: Option<&str>| side.map(|side| format!("_{side}")).unwrap_or_default();
        let name = match &about.subject {
            Subject::Region { site, side: of, .. } | Subject::Change { site, side: of } => {
                format!("{site}{}", side(of.as_deref()))
            }
            Subject::Composition(name) | Subject::Vertebra(name) | Subject::Angle(name) => name.clone(),
            Subject::LevelChange(level) => format!("{level}_change"),
            Subject::Hip => "hip".to_owned(),
            Subject::Person => "person".to_owned(),
            Subject::DeviceItem => "item".to_owned(),
            Subject::Quality(name)
            | Subject::Rule(name)
            | Subject::Finding(name)
            | Subject::Refusal(name) => name.clone(),
            Subject::Spine => "spine".to_owned(),
            Subject::Assessment => "assessment".to_owned(),
        };
        let mut label: String = name.chars().take(LONGEST).collect();
        let mut next = 2;
        while !self.labels.insert(label.clone()) {
            let ending = format!(".{next}");
            label = name.chars().take(LONGEST - ending.len()).collect::<String>() + &ending;
            next += 1;
        }
        escaped(&label)
    }
}

fn kind(subject: &Subject) -> String {
    let key = About { scan: None, subject: subject.clone(), nth: 0 }.key();
    key.split(':').next().unwrap_or_default().to_owned()
}

/// OBX-7 holds 60 letters; the whole reference follows in a note.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    escaped(&text.chars().take(LONGEST).collect::<String>())
}

pub(super) fn missing(why: Why) -> &'static str {
    match why {
        Why::NotAttempted => "not attempted",
        Why::Failed => "failed",
        Why::Unknown => "unknown",
    }
}

/// The names under which a note says each part of a reference.
pub(super) const REFERENCE_PARTS: [&str; 7] =
    ["Population", "Table", "Version", "Status", "Site", "Quantity", "Named"];

fn reference(against: &Against) -> Vec<String> {
    let reference = &against.reference;
    let parts = [
        Some(reference.population.as_str()),
        Some(reference.id.as_str()),
        Some(reference.version.as_str()),
        Some(reference.status.as_str()),
        reference.site_as_stated.as_deref(),
        against.quantity.as_deref(),
        against.named.then_some("true"),
    ];
    let said = REFERENCE_PARTS.into_iter().zip(parts);
    said.filter_map(|(name, text)| Some(format!("{name}: {}", text.filter(|text| !text.is_empty())?)))
        .collect()
}

/// OBX-8, HL7 table 0078, by the cuts of the WHO for T, of the ISCD for Z, and any Genant grade.
///
/// Only the score that decides is flagged: T on T basis, Z on Z basis.
fn flag(said: &Statement, study: &Study) -> &'static str {
    let basis = study.assessment.score_basis.as_deref();
    let named = said.against.as_ref().is_some_and(|against| against.named);
    match (said.quantity, &said.answer) {
        (Quantity::T | Quantity::DeviceT, Answer::Number { value, .. }) if basis == Some("T") && !named => {
            if *value < -1.0 {
                "L"
            } else {
                "N"
            }
        }
        (Quantity::Z | Quantity::DeviceZ, Answer::Number { value, .. }) if basis == Some("Z") && !named => {
            if *value <= -2.0 {
                "L"
            } else {
                "N"
            }
        }
        (Quantity::Fracture, Answer::Word(fracture)) if fracture != "rejected" => "A",
        (Quantity::Grade, Answer::Word(grade)) => {
            if grade == "G0" {
                "N"
            } else {
                "A"
            }
        }
        _ => "",
    }
}
