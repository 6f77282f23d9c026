//! What a caller may override with `--set key=value`.

use std::collections::BTreeMap;

use crate::device_numbers::{Decimal, Side};
use crate::patient::Sex;
use crate::{Kind, SimError};

/// The overrides of one run; `None` means that the builder decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// `patient.sex`.
    pub(crate) sex: Option<Sex>,
    /// `patient.age`, completed years.
    pub(crate) age: Option<u16>,
    /// `patient.name` in DICOM form.
    pub(crate) name: Option<String>,
    /// `manufacturer`.
    pub(crate) manufacturer: Option<String>,
    /// `model`.
    pub(crate) model: Option<String>,
    /// `protocol_name`.
    pub(crate) protocol_name: Option<String>,
    /// `decimal`.
    pub(crate) decimal: Option<Decimal>,
    /// `side`.
    pub(crate) side: Option<Side>,
    /// Everything about a scene, as given; its kind reads it.
    scene: BTreeMap<String, String>,
}

impl Settings {
    /// Reads the settings of a caller.
    ///
    /// # Errors
    /// A key that the kind does not take, or a value that its key does not take.
    pub(crate) fn parse(kind: &Kind, given: &BTreeMap<String, String>) -> Result<Self, SimError> {
        let mut settings = Self::default();
        for (key, value) in given {
            if kind.settings().all(|known| known != key) {
                return Err(unknown(kind, key));
            }
            settings.set(key, value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), SimError> {
        let bad = |expected| SimError::BadSetting { key: key.to_owned(), value: value.to_owned(), expected };
        match key {
            "patient.sex" => self.sex = Some(sex(value).ok_or_else(|| bad("F or M"))?),
            "patient.age" => self.age = Some(age(value).ok_or_else(|| bad("whole years from 1 to 110"))?),
            "patient.name" => self.name = Some(value.to_owned()),
            "manufacturer" => self.manufacturer = Some(value.to_owned()),
            "model" => self.model = Some(value.to_owned()),
            "protocol_name" => self.protocol_name = Some(value.to_owned()),
            "decimal" => self.decimal = Some(decimal(value).ok_or_else(|| bad("comma or point"))?),
            "side" => self.side = Some(side(value).ok_or_else(|| bad("L or R"))?),
            _ => {
                self.scene.insert(key.to_owned(), value.to_owned());
            }
        }
        Ok(())
    }

    /// A setting of a scene.
    pub(crate) fn scene(&self, key: &str) -> Option<&str> {
        self.scene.get(key).map(String::as_str)
    }
}

fn unknown(kind: &Kind, key: &str) -> SimError {
    let known = kind.settings().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none".to_owned() } else { known };
    SimError::UnknownSetting { kind: kind.name.to_owned(), key: key.to_owned(), known }
}

fn sex(value: &str) -> Option<Sex> {
    match value {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        _ => None,
    }
}

fn age(value: &str) -> Option<u16> {
    value.parse().ok().filter(|years| (1..=110).contains(years))
}

fn decimal(value: &str) -> Option<Decimal> {
    match value {
        "comma" => Some(Decimal::Comma),
        "point" => Some(Decimal::Point),
        _ => None,
    }
}

fn side(value: &str) -> Option<Side> {
    match value {
        "L" => Some(Side::Left),
        "R" => Some(Side::Right),
        _ => None,
    }
}
