//! Structured reports of densitometers: a small tree of content items, and its way into a data set.

use dicom_dictionary_std::{tags, uids};
use serde_json::json;

use crate::charset::Charset;
use crate::device_numbers::{Decimal, Row, Side, fixed};
use crate::dicom_writer::{DataSet, Syntax};
use crate::object::{Device, Expected, Object};
use crate::patient::{STUDY_DATE, Series, Study};

/// A coded concept: value, scheme, meaning.
#[derive(Clone, Debug)]
pub(crate) struct Code(pub(crate) String, pub(crate) &'static str, pub(crate) String);

impl Code {
    /// A concept from three texts.
    pub(crate) fn new(value: &str, scheme: &'static str, meaning: &str) -> Self {
        Self(value.to_owned(), scheme, meaning.to_owned())
    }

    /// A unit of UCUM, spelled as itself.
    pub(crate) fn unit(ucum: &str) -> Self {
        Self::new(ucum, "UCUM", if ucum == "1" { "no units" } else { ucum })
    }

    /// The item of a code sequence.
    pub(crate) fn item(&self) -> DataSet {
        DataSet::item()
            .text(tags::CODE_VALUE, &self.0)
            .text(tags::CODING_SCHEME_DESIGNATOR, self.1)
            .text(tags::CODE_MEANING, &self.2)
    }
}

/// What a content item holds.
#[derive(Clone, Debug)]
enum Held {
    Container,
    Number(String, Code),
    /// No number, and the qualifier that says why; the unit it would have.
    NoNumber(Code),
    Text(String),
    Code(Code),
    Uid(String),
}

/// One node of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    relation: &'static str,
    concept: Code,
    held: Held,
    children: Vec<Self>,
}

impl Node {
    fn new(relation: &'static str, concept: Code, held: Held) -> Self {
        Self { relation, concept, held, children: Vec::new() }
    }

    /// A heading with what stands under it.
    pub(crate) fn container(concept: Code, children: Vec<Self>) -> Self {
        Self { children, ..Self::new("CONTAINS", concept, Held::Container) }
    }

    /// A number in a unit of UCUM.
    pub(crate) fn number(concept: Code, value: &str, ucum: &str) -> Self {
        Self::new("CONTAINS", concept, Held::Number(value.to_owned(), Code::unit(ucum)))
    }

    /// A number that is missing.
    pub(crate) fn missing(concept: Code, why: Code) -> Self {
        Self::new("CONTAINS", concept, Held::NoNumber(why))
    }

    /// A text with this relationship.
    pub(crate) fn text(relation: &'static str, concept: Code, text: &str) -> Self {
        Self::new(relation, concept, Held::Text(text.to_owned()))
    }

    /// A code with this relationship.
    pub(crate) fn code(relation: &'static str, concept: Code, value: Code) -> Self {
        Self::new(relation, concept, Held::Code(value))
    }

    /// A UID with this relationship.
    pub(crate) fn uid(relation: &'static str, concept: Code, uid: String) -> Self {
        Self::new(relation, concept, Held::Uid(uid))
    }

    /// The same node with a child more.
    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    fn item(&self, charset: Charset) -> DataSet {
        let data = DataSet::item_in(charset).text(tags::RELATIONSHIP_TYPE, self.relation);
        self.fill(data, charset)
    }

    /// Value type, concept name, value and children.
    fn fill(&self, data: DataSet, charset: Charset) -> DataSet {
        let data = data.sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![self.concept.item()]);
        let data = match &self.held {
            Held::Container => {
                data.text(tags::VALUE_TYPE, "CONTAINER").text(tags::CONTINUITY_OF_CONTENT, "SEPARATE")
            }
            Held::Number(value, unit) => data
                .text(tags::VALUE_TYPE, "NUM")
                .sequence(tags::MEASURED_VALUE_SEQUENCE, vec![measured(value, unit)]),
            Held::NoNumber(why) => data
                .text(tags::VALUE_TYPE, "NUM")
                .sequence(tags::MEASURED_VALUE_SEQUENCE, vec![])
                .sequence(tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE, vec![why.item()]),
            Held::Text(text) => data.text(tags::VALUE_TYPE, "TEXT").text(tags::TEXT_VALUE, text),
            Held::Code(code) => {
                data.text(tags::VALUE_TYPE, "CODE").sequence(tags::CONCEPT_CODE_SEQUENCE, vec![code.item()])
            }
            Held::Uid(uid) => data.text(tags::VALUE_TYPE, "UIDREF").text(tags::UID, uid),
        };
        if self.children.is_empty() {
            return data;
        }
        data.sequence(tags::CONTENT_SEQUENCE, self.children.iter().map(|child| child.item(charset)).collect())
    }
}

fn measured(value: &str, unit: &Code) -> DataSet {
    DataSet::item()
        .sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit.item()])
        .text(tags::NUMERIC_VALUE, value)
}

/// Who wrote a report, and in which form.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    /// Manufacturer.
    pub(crate) manufacturer: String,
    /// Model.
    pub(crate) model: String,
    /// SOP Class: Enhanced or Comprehensive.
    pub(crate) sop_class: &'static str,
    /// Template, when it follows one.
    pub(crate) template: Option<&'static str>,
}

impl Writer {
    /// Enhanced SR after TID 1500.
    pub(crate) fn enhanced(manufacturer: &str, model: &str) -> Self {
        Self {
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            sop_class: uids::ENHANCED_SR_STORAGE,
            template: Some("1500"),
        }
    }

    /// Comprehensive SR without a template.
    pub(crate) fn flat(manufacturer: &str, model: &str) -> Self {
        Self {
            sop_class: uids::COMPREHENSIVE_SR_STORAGE,
            template: None,
            ..Self::enhanced(manufacturer, model)
        }
    }
}

/// A report with this root; the scan numbers of its device go into the truth.
pub(crate) fn report(
    study: &Study,
    writer: &Writer,
    root: &Node,
    kind: &'static str,
    device: Device,
) -> Object {
    let series = Series { label: "report", number: 90 };
    let data = study
        .object(writer.sop_class, "SR", &series, 1)
        .text(tags::MANUFACTURER, &writer.manufacturer)
        .text(tags::MANUFACTURER_MODEL_NAME, &writer.model)
        .text(tags::STUDY_DESCRIPTION, "DXA Exam")
        .text(tags::SERIES_DESCRIPTION, "DXA Results")
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "102500")
        .sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, vec![])
        .sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, vec![])
        .text(tags::COMPLETION_FLAG, "COMPLETE")
        .text(tags::VERIFICATION_FLAG, "UNVERIFIED");
    let data = match writer.template {
        Some(template) => data.sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template_item(template)]),
        None => data,
    };
    let data = root.fill(data, study.charset);
    Object::new(data, Syntax::Explicit, Expected::reported(kind)).with_device(device)
}

fn template_item(template: &str) -> DataSet {
    DataSet::item().text(tags::MAPPING_RESOURCE, "DCMR").text(tags::TEMPLATE_IDENTIFIER, template)
}

/// TID 1500: root, language, device, procedure, and one measurement group for each region.
pub(crate) fn measurement_report(study: &Study, rows: &[Row], reference: &str, more: Vec<Node>) -> Node {
    let dcm = |value, meaning| Code::new(value, "DCM", meaning);
    let mut groups: Vec<_> = rows.iter().map(|row| group(study, row, reference)).collect();
    groups.extend(more);
    let children = vec![
        Node::code(
            "HAS CONCEPT MOD",
            dcm("121049", "Language of Content Item and Descendants"),
            Code::new("en-US", "RFC5646", "English (United States)"),
        ),
        Node::code("HAS OBS CONTEXT", dcm("121005", "Observer Type"), dcm("121007", "Device")),
        Node::uid("HAS OBS CONTEXT", dcm("121012", "Device Observer UID"), study.uid("device")),
        Node::code(
            "HAS CONCEPT MOD",
            dcm("121058", "Procedure reported"),
            Code::new("241686001", "SCT", "Dual energy X-Ray absorptiometry"),
        ),
        Node::container(dcm("126010", "Imaging Measurements"), groups),
    ];
    Node::container(dcm("126000", "Imaging Measurement Report"), children)
}

/// One region after TID 1501: identity, place, density, scores, area and content.
pub(crate) fn group(study: &Study, row: &Row, reference: &str) -> Node {
    let dcm = |value, meaning| Code::new(value, "DCM", meaning);
    let codes = codes(row);
    let name = format!("{}{}", row.label, row.side.map_or(String::new(), |side| format!(" {}", side.word())));
    let mut group = Node::container(dcm("125007", "Measurement Group"), vec![])
        .with(Node::text("HAS OBS CONTEXT", dcm("112039", "Tracking Identifier"), &name))
        .with(Node::uid("HAS OBS CONTEXT", dcm("112040", "Tracking Unique Identifier"), study.uid(&name)))
        .with(finding_site(codes.place, row.side));
    let number = |value: i64, places| fixed(value, places, Decimal::Point);
    if let Some(bmd) = row.bmd {
        group = group.with(Node::number(codes.bmd, &number(i64::from(bmd), 3), "g/cm2"));
    }
    if let Some(t) = row.t {
        let population = Node::text("HAS PROPERTIES", dcm("121405", "Population Description"), reference);
        group = group.with(Node::number(codes.t, &number(i64::from(t), 1), "1").with(population));
    }
    if let Some(z) = row.z {
        group = group.with(Node::number(codes.z, &number(i64::from(z), 1), "1"));
    }
    if let Some(area) = row.area {
        let concept = Code::new("42798000", "SCT", "Area");
        group = group.with(Node::number(concept, &number(i64::from(area), 2), "cm2"));
    }
    if let Some(bmc) = row.bmc {
        group = group.with(Node::number(
            Code::new("BMC", "99SIM", "Bone Mineral Content"),
            &number(i64::from(bmc), 2),
            "g",
        ));
    }
    group
}

/// A group for the whole body whose only measurement failed: a qualifier instead of a value.
pub(crate) fn failed_group(study: &Study) -> Node {
    let dcm = |value, meaning| Code::new(value, "DCM", meaning);
    let bmd = Code::new("46383-6", "LN", "DXA Bone [Mass/Area] Bone density");
    Node::container(dcm("125007", "Measurement Group"), vec![])
        .with(Node::text("HAS OBS CONTEXT", dcm("112039", "Tracking Identifier"), "Whole body"))
        .with(Node::uid(
            "HAS OBS CONTEXT",
            dcm("112040", "Tracking Unique Identifier"),
            study.uid("Whole body"),
        ))
        .with(finding_site(Code::new("38266002", "SCT", "Entire body"), None))
        .with(Node::missing(bmd, dcm("114006", "Measurement failure")))
}

fn finding_site(place: Code, side: Option<Side>) -> Node {
    let site = Node::code("HAS CONCEPT MOD", Code::new("363698007", "SCT", "Finding Site"), place);
    let Some(side) = side else { return site };
    let value = side.pick(Code::new("7771000", "SCT", "Left"), Code::new("24028007", "SCT", "Right"));
    site.with(Node::code("HAS CONCEPT MOD", Code::new("272741003", "SCT", "Laterality"), value))
}

/// Codes of the place and of its three quantities.
struct Codes {
    place: Code,
    bmd: Code,
    t: Code,
    z: Code,
}

/// LOINC says femur for the neck and hip for the whole; the place tells the rest.
fn codes(row: &Row) -> Codes {
    let side = row.side.unwrap_or(Side::Left);
    let (place, meaning, name, [bmd, t, z]) = match row.site.as_str() {
        "L1" => ("66794005", "First lumbar vertebra", "Lumbar spine", SPINE),
        "L2" => ("14293000", "Second lumbar vertebra", "Lumbar spine", SPINE),
        "L3" => ("36470004", "Third lumbar vertebra", "Lumbar spine", SPINE),
        "L4" => ("11994002", "Fourth lumbar vertebra", "Lumbar spine", SPINE),
        "femoral_neck" => (
            "29627003",
            "Neck of femur",
            "Femur",
            side.pick(["80954-1", "80948-3", "80940-0"], ["80953-3", "80947-5", "80939-2"]),
        ),
        "total_hip" => (
            "310651003",
            "Proximal femur",
            "Hip",
            side.pick(["46278-8", "80946-7", "80938-4"], ["46279-6", "80945-9", "80937-6"]),
        ),
        _ => ("122496007", "Lumbar spine", "Lumbar spine", SPINE),
    };
    let loinc = |value, quantity| Code::new(value, "LN", &format!("DXA {name} {quantity}"));
    Codes {
        place: Code::new(place, "SCT", meaning),
        bmd: loinc(bmd, "[Mass/Area] Bone density"),
        t: loinc(t, "[T-score] Bone density"),
        z: loinc(z, "[Z-score] Bone density"),
    }
}

const SPINE: [&str; 3] = ["24966-4", "38267-1", "85394-5"];

/// A flat tree: numbers under one root, told apart by the text of their names only.
pub(crate) fn flat_report(rows: &[Row], more: Vec<Node>) -> Node {
    let mut children = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let place = flat_place(row);
        let name =
            |quantity: &str| Code(format!("{index:02}-{quantity}"), "99SIM", format!("{place} {quantity}"));
        let number = |quantity: &str, value: Option<i64>, places, unit| {
            value.map(|value| Node::number(name(quantity), &fixed(value, places, Decimal::Point), unit))
        };
        children.extend(number("BMD", row.bmd.map(i64::from), 3, "g/cm2"));
        children.extend(number("BMC", row.bmc.map(i64::from), 2, "g"));
        children.extend(number("Area", row.area.map(i64::from), 2, "cm2"));
        children.extend(number("T-score", row.t.map(i64::from), 1, "1"));
        children.extend(number("Z-score", row.z.map(i64::from), 1, "1"));
    }
    children.extend(more);
    Node::container(Code::new("DXARESULT", "99SIM", "Bone Densitometry Results"), children)
}

fn flat_place(row: &Row) -> String {
    match row.side {
        Some(side) => format!("{} Femur {}", side.word(), row.label),
        None => format!("AP Spine {}", row.label),
    }
}

/// TBS of a spine, which is passed through and never scored here.
pub(crate) fn texture_score(value: &str) -> Node {
    Node::number(Code::new("TBS", "99SIM", "Trabecular Bone Score L1-L4"), value, "1")
}

/// A number under a code that nobody knows.
pub(crate) fn unknown_number() -> Node {
    Node::number(Code::new("X-4711", "99SIM", "Cortical whatnot"), "17.25", "mm")
}

/// The items of the truth that belong to `texture_score` and `unknown_number`.
pub(crate) fn with_extras(device: Device, tbs: &str) -> Device {
    device.item("TBS,99SIM", json!(tbs)).item("X-4711,99SIM", json!("17.25"))
}
