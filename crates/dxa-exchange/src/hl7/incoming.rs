//! What a message of a record system or scanner tells: of whom, facts of the context, orders, measurements.

use jiff::civil::Date;
use serde_json::Value;

use super::fact::{FactCode, OWN, ToldFact, meaning, settled};
use super::measured::{Measured, OrderResult, Role, is_withdrawn};
use super::message::{Field, RawMessage};
use super::result_code::ResultCode;
use crate::context::Facts;
use crate::issue::OrderNumber;
use crate::statement::Quantity;

/// What a message says of who it is about. A name is no part of it: nobody is known by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Hospital numbers with the authority that gave each; empty where none is named.
    pub numbers: Vec<(String, String)>,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// `F` or `M`.
    pub sex: Option<String>,
}

/// An order of an examination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// ORC-1.
    pub control: String,
    /// ORC-2, else OBR-2.
    pub placer: OrderNumber,
    /// ORC-3, else OBR-3.
    pub filler: OrderNumber,
    /// Accession number.
    pub accession: String,
    /// Study Instance UID, where the order names one.
    pub study: String,
    /// What is ordered.
    pub procedure: String,
    /// When it is to be, as written.
    pub scheduled: String,
}

/// What a message tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// MSH-10.
    pub control_id: String,
    /// MSH-9: `ADT^A08`.
    pub kind: String,
    /// MSH-3 and MSH-4.
    pub sender: String,
    /// MSH-12.
    pub version: String,
    /// Whom it is about.
    pub person: Person,
    /// Keys and values of a context file, each with the time that the message gives it.
    pub facts: Facts,
    /// Orders.
    pub orders: Vec<Order>,
    /// What was measured, order by order.
    pub results: Vec<OrderResult>,
    /// What was not taken and why; codes and keys, never values.
    pub left: Vec<String>,
}

/// Codes of ours that are no quantities: a message with one of them is a result of this software.
const OURS: [&str; 3] = ["GROUP", "OUTLINE", "REPORT-PDF"];
/// DICOM Study, under which a message names the Study Instance UID.
const DICOM_STUDY: &str = "113014";

/// Types of messages that order something. In others ORC says what was ordered before: an ORU with it is a result.
const ORDERS: [&str; 3] = ["ORM", "OMG", "OMI"];

/// Reads what a message tells; the tables say what the codes of its sender mean.
#[must_use]
pub fn incoming(message: &RawMessage, facts: &[FactCode], results: &[ResultCode]) -> Incoming {
    let header = |number: usize, part: usize| message.field("MSH", number).component(part);
    let mut read = Incoming {
        control_id: header(10, 1),
        kind: format!("{}^{}", header(9, 1), header(9, 2)),
        sender: format!("{}^{}", header(3, 1), header(4, 1)),
        version: header(12, 1),
        ..Incoming::default()
    };
    read.person = person(message, &mut read.left);
    let mut order = Order::default();
    let told = message.moment(&header(7, 1));
    let mut section = Section { told, ..Section::default() };
    let mut facts_told = read.groups(message, facts, told);
    for (name, at) in message.segments() {
        match name {
            "OBX" => facts_told.extend(read.observation(message, at, facts, &mut section)),
            "ORC" => {
                read.orders.extend(Some(std::mem::take(&mut order)).filter(Order::is_one));
                order.control = message.field_at(at, 1).component(1);
                order.placer = number(message.field_at(at, 2));
                order.filler = number(message.field_at(at, 3));
            }
            "OBR" => {
                read.close(std::mem::replace(&mut section, Section::of(message, at, told)), results);
                order.request(message, at);
            }
            "IPC" => {
                order.accession = message.field_at(at, 1).component(1);
                order.study = message.field_at(at, 3).component(1);
            }
            // IHE's own segment of an order: the study that the scanner will make.
            "ZDS" => {
                order.study = message.field_at(at, 1).component(1);
                section.result.study.clone_from(&order.study);
            }
            _ => {}
        }
    }
    read.close(section, results);
    read.facts = settled(facts_told, &mut read.left);
    let strange = message.strange_escapes().into_iter();
    read.left.extend(strange.map(|field| format!("{field} has an escape that is no text")));
    read.orders.extend(Some(order).filter(Order::is_one));
    if !ORDERS.contains(&header(9, 1).as_str()) {
        read.orders.clear();
    }
    read
}

fn person(message: &RawMessage, left: &mut Vec<String>) -> Person {
    let numbers = message.field("PID", 3).repetitions();
    let numbers = numbers.map(|number| (number.component(1), number.component(4)));
    let born = message.field("PID", 7).component(1);
    let birth_date = day(&born);
    if !born.is_empty() && birth_date.is_none() {
        left.push("PID-7 is no date".to_owned());
    }
    let sex = message.field("PID", 8).component(1);
    Person {
        numbers: numbers.filter(|(number, _)| !number.is_empty()).collect(),
        birth_date,
        sex: Some(sex).filter(|sex| matches!(sex.as_str(), "F" | "M")),
    }
}

/// A number of an order with who gave it.
fn number(field: Field<'_>) -> OrderNumber {
    let authority = [2, 3, 4].map(|part| field.component(part).replace('^', " ")).join("^");
    OrderNumber { value: field.component(1), authority: authority.trim_end_matches('^').to_owned() }
}

/// The day of a time stamp.
fn day(text: &str) -> Option<Date> {
    let digits = text.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Date::strptime("%Y%m%d", digits).ok()
}

impl Order {
    /// Whether it takes an order back, HL7 table 0119: canceled or discontinued, asked for or done.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        matches!(self.control.as_str(), "CA" | "CR" | "DC" | "DR" | "OC" | "OD")
    }

    fn is_one(&self) -> bool {
        let is_named = [&self.placer.value, &self.accession].iter().any(|number| !number.is_empty());
        is_named && !self.control.is_empty()
    }

    fn request(&mut self, message: &RawMessage, at: usize) {
        let of = |number: usize| message.field_at(at, number).component(1);
        let first = |numbers: [usize; 2]| {
            numbers.into_iter().map(of).find(|text| !text.is_empty()).unwrap_or_default()
        };
        for (of_order, at_request) in [(&mut self.placer, 2), (&mut self.filler, 3)] {
            if of_order.value.is_empty() {
                *of_order = number(message.field_at(at, at_request));
            }
        }
        // Where an accession number stands is a custom of the site: OBR-18 or the filler's number.
        self.accession = first([18, 3]);
        self.procedure = of(4);
        self.scheduled = first([36, 7]);
    }
}

/// What stands below one OBR.
#[derive(Default)]
struct Section {
    procedure: String,
    result: OrderResult,
    /// When its facts were so: OBR-7, else MSH-7.
    told: Option<i64>,
    /// Some of it is a result of this software.
    is_ours: bool,
}

impl Section {
    fn of(message: &RawMessage, at: usize, told: Option<i64>) -> Self {
        let of = |number: usize, part: usize| message.field_at(at, number).component(part);
        let procedure = [of(4, 2), of(4, 5), of(4, 1)].into_iter().find(|text| !text.is_empty());
        // The accession number, the filler's, the placer's: which of them objects carry is a custom of the site.
        let numbers = [18, 3, 2].map(|number| of(number, 1));
        let numbers = numbers.into_iter().filter(|number| !number.is_empty()).collect();
        Self {
            procedure: procedure.unwrap_or_default(),
            result: OrderResult { numbers, ..OrderResult::default() },
            told: message.moment(&of(7, 1)).or(told),
            is_ours: false,
        }
    }
}

impl Incoming {
    /// What an OBX tells: a fact, or something of its section.
    fn observation(
        &mut self,
        message: &RawMessage,
        at: usize,
        facts: &[FactCode],
        section: &mut Section,
    ) -> Option<ToldFact> {
        let field = |number: usize| message.field_at(at, number);
        let (code, system) = (field(3).component(1), field(3).component(3));
        if is_ours(&code, &system) || is_ours(&field(3).component(4), &field(3).component(6)) {
            section.is_ours = true;
            return None;
        }
        if code == DICOM_STUDY && system == "DCM" {
            section.result.study = field(5).component(1);
            return None;
        }
        let Some(meaning) = meaning(&code, &system, facts) else {
            match Measured::read(&section.procedure, field) {
                Some(measured) => section.result.measured.push(measured),
                None => self.unknown(&code),
            }
            return None;
        };
        let value = if is_withdrawn(&field(11).component(1)) {
            Value::Null
        } else {
            meaning.value(field, &mut self.left)?
        };
        // Where OBX-14 is when a bone broke, it is not when that was told.
        let observed = Some(field(14).component(1)).filter(|_| meaning.date != Some(14));
        let at = observed.and_then(|time| message.moment(&time)).or(section.told);
        Some(ToldFact { key: meaning.key, value, at })
    }

    /// What PID-10 and PID-22 tell, race and ethnic group: each country has words of its own.
    fn groups(&mut self, message: &RawMessage, facts: &[FactCode], at: Option<i64>) -> Vec<ToldFact> {
        let mut told = Vec::new();
        for number in [10, 22] {
            let name = format!("PID-{number}");
            for said in message.field("PID", number).repetitions() {
                let (word, system) = (said.component(1), said.component(3));
                if word.is_empty() {
                    continue;
                }
                let own = if system == OWN { "ethnicity" } else { name.as_str() };
                let meaning = meaning(own, &system, facts);
                match meaning.and_then(|meaning| Some((meaning.word(&word)?, meaning.key))) {
                    Some((value, key)) => told.push(ToldFact { key, value, at }),
                    None => self.left.push(format!("{name} is not known")),
                }
            }
        }
        told
    }

    /// Keeps the measurements of a section that is read, with what stands beside them, and names what is not known.
    fn close(&mut self, section: Section, table: &[ResultCode]) {
        let Section { mut result, is_ours, .. } = section;
        if is_ours {
            self.left.push("a result of this software is not taken back".to_owned());
            return;
        }
        result.measured = result.measured.into_iter().map(|measured| measured.by(table)).collect();
        let roles: Vec<Role> = result.measured.iter().map(Measured::role).collect();
        let is_densitometry = roles.contains(&Role::Known);
        for (measured, role) in result.measured.iter().zip(&roles) {
            if *role == Role::Unknown || !is_densitometry {
                self.unknown(&measured.codes[0].code);
            }
        }
        if is_densitometry {
            self.left.extend(result.doubts());
            self.results.push(result);
        }
    }

    fn unknown(&mut self, code: &str) {
        self.left.push(format!("OBX-3 {} is not known", shown(code)));
    }
}

/// Whether a code is of a result that this software made.
fn is_ours(code: &str, system: &str) -> bool {
    system == OWN && (OURS.contains(&code) || Quantity::from_code(code).is_some())
}

/// A code as far as it can be no more than one.
fn shown(code: &str) -> String {
    code.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-._".contains(*letter)).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(segments: &str, mapping: &[FactCode]) -> Incoming {
        let header = "MSH|^~\\&|EMR|HOSP|DXA||20240517||ORU^R01|77|P|2.5.1";
        let text = format!("{header}\r{}", segments.replace('\n', "\r"));
        incoming(&RawMessage::parse(text.as_bytes()).unwrap(), mapping, &[])
    }

    #[test]
    fn facts_are_taken_in_the_units_of_their_keys() {
        let read = told(
            "PID|1||42^^^HOSP||王^小东||19610203|F\nOBX|1|NM|8302-2^Height^LN||1.58|m\n\
             OBX|2|NM|29463-7^Weight^LN||54000|g\nOBX|3|ST|menopause^^99DXA||post\n\
             OBX|4|NM|glucocorticoid.prednisolone_mg_per_day^^99DXA||7.5|mg/d\nOBX|5|CE|S1^Smokes^L||J",
            &[FactCode {
                code: "S1".to_owned(),
                key: "iof_one_minute.smoking".to_owned(),
                values: [("J".to_owned(), json!(true))].into(),
                ..FactCode::default()
            }],
        );
        assert_eq!(
            Value::from(read.facts.context()),
            json!({ "height_cm": 158.0, "weight_kg": 54.0, "menopause": "post",
                    "glucocorticoid": { "prednisolone_mg_per_day": 7.5 }, "iof_one_minute": { "smoking": true } })
        );
        assert!(
            super::super::super::context::read(Value::from(read.facts.context()).to_string().as_bytes())
                .is_ok()
        );
        assert_eq!(read.person.numbers, [("42".to_owned(), "HOSP".to_owned())]);
        assert_eq!(read.person.birth_date, Some(jiff::civil::date(1961, 2, 3)));
        assert!(read.left.is_empty(), "{:?}", read.left);
    }

    #[test]
    fn what_is_not_understood_is_named_and_the_rest_is_taken() {
        let read = told(
            "PID|1||42||||19611341\nOBX|1|NM|8302-2^^LN||62|[in_i]\nOBX|2|ST|X9^^L||secret\n\
             OBX|3|NM|29463-7^^LN||54|kg\nOBX|4|ST|menopause^^99DXA||post||||||D",
            &[],
        );
        assert_eq!(Value::from(read.facts.context()), json!({ "weight_kg": 54.0, "menopause": null }));
        assert_eq!(
            read.left,
            ["PID-7 is no date", "the value or unit of height_cm is not understood", "OBX-3 X9 is not known"]
        );
    }
}
