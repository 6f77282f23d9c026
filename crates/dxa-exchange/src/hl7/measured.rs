//! What a scanner measured and tells in OBX segments: kept as it was written, and read as a structured report is.
//!
//! A number is taken when its quantity, its unit and its region are each named and none contradicts another, by the
//! same code that reads content trees (`dxa_core::decode::device::structured_report`).

use dxa_core::decode::device::structured_report::{Code, ContentItem, Numeric, read_content};
use dxa_core::decode::header::{Device, Header};
use dxa_core::decode::object::ReadObject;
use dxa_core::findings::{Finding, Severity};
use dxa_core::reported::{DeviceReport, ItemStatus};
use dxa_core::site::{Side, Site};
use serde::{Deserialize, Serialize};

use super::message::Field;
use super::result_code::{MeasuredQuantity, ResultCode};

/// What OBX-3 says of a code, and the same of its alternate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSaid {
    /// Code.
    pub code: String,
    /// Text.
    pub text: String,
    /// Coding system.
    pub system: String,
}

/// One OBX as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// What OBR-4 says was done, in words.
    pub procedure: String,
    /// OBX-3, then its alternate.
    pub codes: [CodeSaid; 2],
    /// OBX-4.
    pub label: String,
    /// OBX-5.
    pub value: String,
    /// OBX-6.
    pub unit: String,
    /// OBX-11.
    pub status: String,
    /// What the clinic says that it is.
    #[serde(default)]
    pub told: ToldMeaning,
}

/// What a clinic's table says of a measurement; what it does not say is read from the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldMeaning {
    /// What was measured.
    pub quantity: Option<MeasuredQuantity>,
    /// Where, as the contract names sites.
    pub site: Option<String>,
    /// `L` or `R`.
    pub side: Option<String>,
    /// The unit of numbers that come without one.
    pub unit: Option<String>,
}

/// Measurements of one order, and what says which study they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderResult {
    /// Study Instance UID.
    pub study: String,
    /// Numbers under which the study may be known: the accession number stands where the custom of a site has it.
    pub numbers: Vec<String>,
    /// The measurements.
    pub measured: Vec<Measured>,
}

/// All that one sender told of a study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderResult {
    /// MSH-3 and MSH-4.
    pub sender: String,
    /// Manufacturer of the scanner, where the clinic says so.
    pub manufacturer: Option<String>,
    /// Model of the scanner, where the clinic says so.
    pub model: Option<String>,
    /// The measurements.
    pub measured: Vec<Measured>,
}

/// What a measurement is to the reader of content trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A quantity of densitometry, whether or not it can be used.
    Known,
    /// A quantity that is passed through.
    Carried,
    /// Not known.
    Unknown,
}

/// Scheme of names in words, which no standard has.
const IN_WORDS: &str = "99HL7";
/// Types of OBX-5 that can hold a number.
const NUMBERS: [&str; 3] = ["NM", "SN", "ST"];

impl Measured {
    /// Reads an OBX that can hold a number; `field` gives its fields.
    pub(super) fn read<'m>(procedure: &str, field: impl Fn(usize) -> Field<'m>) -> Option<Self> {
        let kind = field(2).component(1);
        if !NUMBERS.contains(&kind.as_str()) {
            return None;
        }
        let said = |first: usize| CodeSaid {
            code: field(3).component(first),
            text: field(3).component(first + 1),
            system: field(3).component(first + 2),
        };
        // A structured number is `comparator^number`; one that is only compared is no number.
        let value = if kind == "SN" {
            [field(5).component(1), field(5).component(2)].concat().trim_start_matches('=').to_owned()
        } else {
            field(5).component(1)
        };
        // A text can be anything, and only a number is kept.
        if kind == "ST" && !value.chars().all(|letter| letter.is_ascii_digit() || "+-.,".contains(letter)) {
            return None;
        }
        Some(Self {
            procedure: procedure.to_owned(),
            codes: [said(1), said(4)],
            label: field(4).component(1),
            value,
            unit: unit(field(6)),
            status: field(11).component(1),
            told: ToldMeaning::default(),
        })
    }

    /// The same with what the clinic's table says of it; of several rows the first that says something holds.
    #[must_use]
    pub fn by(self, table: &[ResultCode]) -> Self {
        let mut told = ToldMeaning::default();
        for row in table.iter().filter(|row| row.is_about(&self)) {
            told.quantity = told.quantity.or(row.quantity);
            for (known, said) in
                [(&mut told.site, &row.site), (&mut told.side, &row.side), (&mut told.unit, &row.unit)]
            {
                if known.is_none() {
                    known.clone_from(said);
                }
            }
        }
        Self { told, ..self }
    }

    pub(super) fn role(&self) -> Role {
        // What is taken back has no value, and is still of some quantity.
        let value = if self.value.is_empty() { "1" } else { &self.value };
        let valued = Self { value: value.to_owned(), ..self.clone() };
        let report = read_content(&tree(&[valued]));
        let is_unknown = report.items.iter().any(|item| item.status == ItemStatus::Unknown);
        match (is_unknown, report.items.is_empty() || !report.findings.is_empty()) {
            (true, _) => Role::Unknown,
            (false, true) => Role::Known,
            (false, false) => Role::Carried,
        }
    }

    /// Whether two are about the same observation. The alternate code counts: it may be what names the region.
    fn is_about_the_same(&self, other: &Self) -> bool {
        self.codes == other.codes && self.label == other.label && self.procedure == other.procedure
    }

    fn is_withdrawn(&self) -> bool {
        is_withdrawn(&self.status)
    }

    /// The measurement, inside of everything that names where it was made: the nearest name holds.
    fn item(&self) -> ContentItem {
        let standard = self.codes.iter().find(|said| matches!(said.system.as_str(), "LN" | "LOINC"));
        let own = standard.unwrap_or(&self.codes[0]);
        let concept = match self.told.quantity {
            Some(quantity) => Code::new(&own.code, IN_WORDS, quantity.word()),
            None => Code::new(&own.code, if standard.is_some() { "LN" } else { IN_WORDS }, &own.text),
        };
        let unit = Some(self.unit.as_str()).filter(|unit| !unit.is_empty());
        let unit = unit.or(self.told.unit.as_deref()).unwrap_or_default();
        let number = ContentItem {
            relationship: Some("CONTAINS".to_owned()),
            value_type: "NUM".to_owned(),
            concept: Some(concept),
            numeric: Some(Numeric {
                value: Some(self.value.clone()).filter(|value| !value.is_empty()),
                unit: Some(Code::new(unit, "UCUM", unit)),
                qualifier: None,
            }),
            children: self.told.children(),
            ..ContentItem::default()
        };
        let other = self.codes.iter().find(|said| !std::ptr::eq(*said, own));
        let other = other.map(|said| if said.text.is_empty() { &said.code } else { &said.text });
        let names = [other, Some(&self.label), Some(&self.procedure)].into_iter().flatten();
        names.filter(|name| is_name(name)).fold(number, |inner, name| container(name, vec![inner]))
    }
}

impl ToldMeaning {
    fn children(&self) -> Vec<ContentItem> {
        let site = self.site.as_ref().map(|site| ContentItem {
            relationship: Some("HAS OBS CONTEXT".to_owned()),
            value_type: "TEXT".to_owned(),
            concept: Some(Code::new("112039", "DCM", "Tracking Identifier")),
            text: Some(site.clone()),
            ..ContentItem::default()
        });
        let code = |side: &String| if side == Side::Left.code() { "7771000" } else { "24028007" };
        let side = self.side.as_ref().map(|side| ContentItem {
            relationship: Some("HAS CONCEPT MOD".to_owned()),
            value_type: "CODE".to_owned(),
            concept: Some(Code::new("272741003", "SCT", "Laterality")),
            code_value: Some(Code::new(code(side), "SCT", "")),
            ..ContentItem::default()
        });
        site.into_iter().chain(side).collect()
    }
}

/// Whether a value is taken back, HL7 table 0085: deleted, not to be obtained, wrong.
pub(super) fn is_withdrawn(status: &str) -> bool {
    matches!(status, "D" | "X" | "W")
}

/// A number alone counts, it does not name.
fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// OBX-6 in the writing of UCUM; a unit in several components is given as it stands and then known to nobody.
fn unit(field: Field<'_>) -> String {
    let written = field.component(1).replace('²', "2").replace('^', "");
    match written.as_str() {
        "gm/cm2" | "gms/cm2" => "g/cm2".to_owned(),
        "gm" | "gms" => "g".to_owned(),
        // T and Z are told in standard deviations.
        "SD" | "sd" | "{SD}" => "1".to_owned(),
        _ => written,
    }
}

fn container(name: &str, children: Vec<ContentItem>) -> ContentItem {
    ContentItem {
        relationship: Some("CONTAINS".to_owned()),
        value_type: "CONTAINER".to_owned(),
        concept: Some(Code::new("", IN_WORDS, name)),
        children,
        ..ContentItem::default()
    }
}

fn tree(measured: &[Measured]) -> ContentItem {
    ContentItem {
        value_type: "CONTAINER".to_owned(),
        children: measured.iter().map(Measured::item).collect(),
        ..ContentItem::default()
    }
}

impl OrderResult {
    /// What of it cannot be used, for the ledger: codes and regions, never values.
    pub(super) fn doubts(&self) -> Vec<String> {
        let report = read_content(&tree(&self.measured));
        let doubts = report.findings.iter().filter(|finding| finding.code != "device_item_unknown");
        let place = |finding: &Finding| {
            let site = finding.site.map(|site| format!(" {site}")).unwrap_or_default();
            let side = finding.side.map(|side| format!(" {}", side.code())).unwrap_or_default();
            format!("{}{site}{side}", finding.code)
        };
        doubts.map(place).collect()
    }
}

/// What each sender told of a study, from its messages in the order in which they came.
///
/// A correction takes the place of what it corrects, a final value that of a preliminary one, and what is withdrawn is
/// gone. The same told twice is told once; two values of which neither corrects the other are both given, and the
/// reader holds both back.
#[must_use]
pub fn together(told: impl IntoIterator<Item = (String, Vec<Measured>)>) -> Vec<SenderResult> {
    let mut senders: Vec<SenderResult> = Vec::new();
    for (sender, measured) in told {
        let place = senders.iter().position(|known| known.sender == sender).unwrap_or_else(|| {
            senders.push(SenderResult { sender, ..SenderResult::default() });
            senders.len() - 1
        });
        let known = &mut senders[place].measured;
        for new in measured {
            let takes_place = new.is_withdrawn() || new.status == "C";
            known.retain(|old| {
                let may_change = takes_place || matches!(old.status.as_str(), "P" | "R" | "S" | "I");
                !(old.is_about_the_same(&new) && may_change)
            });
            let is_known = known
                .iter()
                .any(|old| old.is_about_the_same(&new) && (&old.value, &old.unit) == (&new.value, &new.unit));
            if !new.is_withdrawn() && !is_known {
                known.push(new);
            }
        }
    }
    senders.retain(|sender| !sender.measured.is_empty());
    senders
}

impl SenderResult {
    /// The numbers as a device's result; they say by which way they came.
    #[must_use]
    pub fn report(&self) -> DeviceReport {
        let mut report = read_content(&tree(&self.measured));
        let message = format!(
            "These numbers came in an HL7 message of {}, and not in a DICOM object.",
            self.shown_sender()
        );
        report.findings.insert(0, Finding::new("reported_by_message", Severity::Note, message));
        report
    }

    /// The same as an object of the study that the object `beside` is of.
    #[must_use]
    pub fn object(&self, beside: &Header) -> ReadObject {
        let device = Device {
            manufacturer: self.manufacturer.clone(),
            model: self.model.clone(),
            ..Device::default()
        };
        ReadObject::of_message(self.report(), device, beside)
    }

    /// The sender as far as it can be no more than the name of a system.
    fn shown_sender(&self) -> String {
        const LONGEST: usize = 40;
        let plain = |letter: char| if letter == '^' { ' ' } else { letter };
        let letters = self.sender.chars().map(plain);
        let name: String = letters
            .filter(|letter| letter.is_ascii_alphanumeric() || " -_.".contains(*letter))
            .take(LONGEST)
            .collect();
        let name = name.trim();
        if name.is_empty() { "a sender without a name".to_owned() } else { name.to_owned() }
    }
}

/// Whether a text is a site of the contract.
pub(super) fn is_site(text: &str) -> bool {
    text.parse::<Site>().is_ok()
}
