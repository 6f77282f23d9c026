//! Content items, and how they are written as a data set.

use dicom_core::value::C;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

use crate::codes::{Code, unit};
use crate::data_set::{DataSet, decimal};

/// How an item belongs to the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Contains,
    Context,
    Modifier,
    Property,
    InferredFrom,
    SelectedFrom,
}

impl Relation {
    fn term(self) -> &'static str {
        match self {
            Self::Contains => "CONTAINS",
            Self::Context => "HAS OBS CONTEXT",
            Self::Modifier => "HAS CONCEPT MOD",
            Self::Property => "HAS PROPERTIES",
            Self::InferredFrom => "INFERRED FROM",
            Self::SelectedFrom => "SELECTED FROM",
        }
    }
}

/// One content item.
#[derive(Clone, Debug)]
pub(super) struct Item {
    relation: Option<Relation>,
    concept: Option<Code>,
    value: Value,
    children: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Value {
    Container { template: Option<&'static str> },
    Code(Code),
    Text(String),
    Uid(String),
    Number { value: f64, unit: String },
    Object { class: String, instance: String, is_image: bool },
    Lines(Vec<[f64; 2]>),
}

impl Item {
    pub(super) fn root(concept: Code, template: &'static str, children: Vec<Self>) -> Self {
        Self {
            relation: None,
            concept: Some(concept),
            value: Value::Container { template: Some(template) },
            children,
        }
    }

    fn new(relation: Relation, concept: Option<Code>, value: Value) -> Self {
        Self { relation: Some(relation), concept, value, children: Vec::new() }
    }

    pub(super) fn container(concept: Code, template: Option<&'static str>, children: Vec<Self>) -> Self {
        Self { children, ..Self::new(Relation::Contains, Some(concept), Value::Container { template }) }
    }

    pub(super) fn code(relation: Relation, concept: Code, value: Code) -> Self {
        Self::new(relation, Some(concept), Value::Code(value))
    }

    pub(super) fn text(relation: Relation, concept: Code, value: impl Into<String>) -> Self {
        Self::new(relation, Some(concept), Value::Text(value.into()))
    }

    pub(super) fn uid(relation: Relation, concept: Code, value: impl Into<String>) -> Self {
        Self::new(relation, Some(concept), Value::Uid(value.into()))
    }

    pub(super) fn number(relation: Relation, concept: Code, value: f64, unit: &str) -> Self {
        Self::new(relation, Some(concept), Value::Number { value, unit: unit.to_owned() })
    }

    pub(super) fn object(
        relation: Relation,
        concept: Option<Code>,
        class: &str,
        instance: &str,
        is_image: bool,
    ) -> Self {
        let value = Value::Object { class: class.to_owned(), instance: instance.to_owned(), is_image };
        Self::new(relation, concept, value)
    }

    pub(super) fn lines(relation: Relation, concept: Code, points: Vec<[f64; 2]>) -> Self {
        Self::new(relation, Some(concept), Value::Lines(points))
    }

    pub(super) fn with(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Writes the item into a data set: that of the document, or that of an item of its parent.
    pub(super) fn write(&self, set: &mut DataSet) {
        if let Some(relation) = self.relation {
            set.text(tags::RELATIONSHIP_TYPE, VR::CS, relation.term());
        }
        set.text(tags::VALUE_TYPE, VR::CS, self.value.type_term());
        if let Some(concept) = &self.concept {
            set.code(tags::CONCEPT_NAME_CODE_SEQUENCE, concept);
        }
        self.value.write(set);
        let children = self.children.iter().map(|child| {
            let mut item = DataSet::new();
            child.write(&mut item);
            item
        });
        let children: Vec<DataSet> = children.collect();
        if !children.is_empty() {
            set.sequence(tags::CONTENT_SEQUENCE, children);
        }
    }
}

impl Value {
    fn type_term(&self) -> &'static str {
        match self {
            Self::Container { .. } => "CONTAINER",
            Self::Code(_) => "CODE",
            Self::Text(_) => "TEXT",
            Self::Uid(_) => "UIDREF",
            Self::Number { .. } => "NUM",
            Self::Object { is_image: true, .. } => "IMAGE",
            Self::Object { .. } => "COMPOSITE",
            Self::Lines(_) => "SCOORD",
        }
    }

    fn write(&self, set: &mut DataSet) {
        match self {
            Self::Container { template } => {
                set.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
                if let Some(template) = template {
                    let mut item = DataSet::new();
                    item.text(tags::MAPPING_RESOURCE, VR::CS, "DCMR");
                    item.text(tags::TEMPLATE_IDENTIFIER, VR::CS, template);
                    set.sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![item]);
                }
            }
            Self::Code(code) => set.code(tags::CONCEPT_CODE_SEQUENCE, code),
            Self::Text(text) => set.text(tags::TEXT_VALUE, VR::UT, text),
            Self::Uid(uid) => set.text(tags::UID, VR::UI, uid),
            Self::Number { value, unit: ucum } => {
                let mut item = DataSet::new();
                let (text, exact) = decimal(*value);
                item.text(tags::NUMERIC_VALUE, VR::DS, &text);
                if !exact {
                    item.put(tags::FLOATING_POINT_VALUE, VR::FD, PrimitiveValue::from(*value));
                }
                item.code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, &unit(ucum));
                set.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![item]);
            }
            Self::Object { class, instance, .. } => {
                let mut item = DataSet::new();
                item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class);
                item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance);
                set.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![item]);
            }
            Self::Lines(points) => {
                #[expect(clippy::cast_possible_truncation, reason = "coordinates are single floats in DICOM")]
                let numbers: C<f32> = points.iter().flatten().map(|number| *number as f32).collect();
                set.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(numbers));
                set.text(tags::GRAPHIC_TYPE, VR::CS, "POLYLINE");
            }
        }
    }
}
