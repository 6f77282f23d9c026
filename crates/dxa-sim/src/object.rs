//! One simulated object: its data set, and what a reader ought to make of it.

use serde_json::{Map, Value, json};

use crate::device_numbers::{Composition, Row};
use crate::dicom_writer::{DataSet, Syntax};
use crate::random::sha256_hex;

/// A data set with its truth.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// The data set.
    pub(crate) data: DataSet,
    /// How it is laid out in bytes.
    pub(crate) syntax: Syntax,
    /// Its pixels without compression, little endian.
    pub(crate) pixels: Option<Vec<u8>>,
    /// What the contract asks a reader to say of it.
    pub(crate) expected: Expected,
    /// What its device printed.
    pub(crate) device: Device,
    /// Truth of this object alone.
    pub(crate) more: Map<String, Value>,
}

/// Numbers that travel in an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Device {
    /// Regions.
    pub(crate) rows: Vec<Row>,
    /// Body composition.
    pub(crate) composition: Vec<Composition>,
    /// Reference population as printed.
    pub(crate) reference: Option<String>,
    /// Items that are neither, by key or code.
    pub(crate) items: Map<String, Value>,
}

impl Device {
    /// Regions with the name of their reference.
    pub(crate) fn of(rows: Vec<Row>, reference: &str) -> Self {
        Self { rows, reference: Some(reference.to_owned()), ..Self::default() }
    }

    /// An item that is neither region nor composition, under the key or code that the object has.
    pub(crate) fn item(mut self, key: &str, value: Value) -> Self {
        self.items.insert(key.to_owned(), value);
        self
    }
}

/// What a reader ought to say, in the codes of the analysis JSON.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    kind: &'static str,
    laterality: Option<&'static str>,
    tier: &'static str,
    spacing: Option<[f64; 2]>,
    spacing_source: &'static str,
    refusals: Vec<&'static str>,
    error: Option<&'static str>,
    one_scan_with: Option<&'static str>,
}

impl Expected {
    /// A display image: no density can come from it.
    pub(crate) fn display(kind: &'static str) -> Self {
        Self { refusals: vec!["not_calibrated"], ..Self::tier(kind, "display") }
    }

    /// An object with the device's own numbers.
    pub(crate) fn reported(kind: &'static str) -> Self {
        Self::tier(kind, "reported")
    }

    /// Pixels that hold density.
    pub(crate) fn quantitative(kind: &'static str) -> Self {
        Self::tier(kind, "quantitative")
    }

    /// An object that is refused as a whole.
    pub(crate) fn refused(kind: &'static str, refusal: &'static str) -> Self {
        Self { refusals: vec![refusal], ..Self::tier(kind, "none") }
    }

    fn tier(kind: &'static str, tier: &'static str) -> Self {
        Self {
            kind,
            laterality: None,
            tier,
            spacing: None,
            spacing_source: "none",
            refusals: Vec::new(),
            error: None,
            one_scan_with: None,
        }
    }

    /// The side.
    pub(crate) fn side(self, laterality: Option<&'static str>) -> Self {
        Self { laterality, ..self }
    }

    /// Row and column spacing in mm, and where it is from.
    pub(crate) fn spacing(self, millimetres: [f64; 2], spacing_source: &'static str) -> Self {
        Self { spacing: Some(millimetres), spacing_source, ..self }
    }

    /// Row and column spacing, mm.
    pub(crate) fn spacing_mm(&self) -> Option<[f64; 2]> {
        self.spacing
    }

    /// One refusal more.
    pub(crate) fn refusing(mut self, refusal: &'static str) -> Self {
        self.refusals.push(refusal);
        self
    }

    /// The file is no part of any study: it is listed in `errors` with this code.
    pub(crate) fn error(self, code: &'static str) -> Self {
        Self { error: Some(code), ..self }
    }

    /// The file is another object of the scan that this file begins.
    pub(crate) fn one_scan_with(self, file: &'static str) -> Self {
        Self { one_scan_with: Some(file), ..self }
    }

    fn to_json(&self) -> Value {
        if let Some(error) = self.error {
            return json!({ "error": error });
        }
        json!({
            "kind": self.kind,
            "laterality": self.laterality,
            "tier": self.tier,
            "pixel_spacing_mm": self.spacing,
            "spacing_source": self.spacing_source,
            "refusals": self.refusals,
            "error": null,
            "one_scan_with": self.one_scan_with,
        })
    }
}

impl Object {
    /// An object without numbers.
    pub(crate) fn new(data: DataSet, syntax: Syntax, expected: Expected) -> Self {
        Self { data, syntax, pixels: None, expected, device: Device::default(), more: Map::new() }
    }

    /// The pixels it holds.
    pub(crate) fn with_pixels(self, pixels: Vec<u8>) -> Self {
        Self { pixels: Some(pixels), ..self }
    }

    /// The numbers it holds.
    pub(crate) fn with_device(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// Something that only this object has.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.more.insert(key.to_owned(), value);
        self
    }

    /// The same object with another expectation.
    pub(crate) fn expect(mut self, change: impl FnOnce(Expected) -> Expected) -> Self {
        self.expected = change(self.expected);
        self
    }

    /// The same object with changed elements.
    pub(crate) fn change(mut self, change: impl FnOnce(DataSet) -> DataSet) -> Self {
        self.data = change(self.data);
        self
    }

    /// Its entry in the truth.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let reference = self.device.reference.as_deref();
        let mut truth = Map::new();
        truth.insert("expected".to_owned(), self.expected.to_json());
        truth.insert("transfer_syntax".to_owned(), json!(self.syntax.uid()));
        truth.insert("text_is_as_labelled".to_owned(), json!(self.data.charset().is_honest()));
        truth.insert("elements".to_owned(), Value::Object(self.data.written().clone()));
        truth.insert("pixels_sha256".to_owned(), json!(self.pixels.as_deref().map(sha256_hex)));
        let rows: Vec<_> = self.device.rows.iter().map(|row| row.to_json(reference)).collect();
        truth.insert("device_regions".to_owned(), json!(rows));
        let body: Vec<_> = self.device.composition.iter().map(Composition::to_json).collect();
        truth.insert("device_composition".to_owned(), json!(body));
        truth.insert("device_items".to_owned(), Value::Object(self.device.items.clone()));
        truth.extend(self.more.clone());
        truth
    }
}

/// Words as the bytes of a little-endian file.
pub(crate) fn little_endian(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
