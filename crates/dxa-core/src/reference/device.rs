//! Which densitometer measured: the maker as a closed vocabulary, model and software as printed.

use std::fmt;

/// A maker whose densities form one scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    /// Hologic.
    Hologic,
    /// GE Healthcare's Lunar.
    Lunar,
    /// Norland, later CooperSurgical.
    Norland,
}

impl Maker {
    /// All makers.
    pub const ALL: [Self; 3] = [Self::Hologic, Self::Lunar, Self::Norland];

    /// The name of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Hologic => "Hologic",
            Self::Lunar => "Lunar",
            Self::Norland => "Norland",
        }
    }

    /// Reads Manufacturer (0008,0070) or a manufacturer column; `None` when it names no maker, or two.
    ///
    /// ```
    /// use dxa_core::reference::Maker;
    /// assert_eq!(Maker::from_text("GE MEDICAL SYSTEMS LUNAR"), Some(Maker::Lunar));
    /// assert_eq!(Maker::from_text("Mindways"), None);
    /// ```
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let words = words(text);
        let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        let adjacent = words.windows(2).any(|pair| pair == ["cooper", "surgical"]);
        let named = [
            (Self::Hologic, has(&["hologic"])),
            (Self::Lunar, has(&["lunar", "gelunar", "ge", "gehc", "gems"])),
            (Self::Norland, adjacent || has(&["norland", "coopersurgical"])),
        ];
        let mut found = named.into_iter().filter(|(_, named)| *named);
        match (found.next(), found.next()) {
            (Some((maker, _)), None) => Some(maker),
            _ => None,
        }
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The device of one scan, as far as a reference depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Maker; `None` when the text named none.
    pub maker: Option<Maker>,
    /// Manufacturer's Model Name (0008,1090) as written.
    pub model: Option<String>,
    /// Software Versions (0018,1020) as written.
    pub software: Option<String>,
}

impl Device {
    /// The device that these three texts describe.
    #[must_use]
    pub fn from_texts(manufacturer: Option<&str>, model: Option<&str>, software: Option<&str>) -> Self {
        Self {
            maker: manufacturer.and_then(Maker::from_text),
            model: model.map(str::to_owned),
            software: software.map(str::to_owned),
        }
    }

    /// Whether all words of `name` stand in the model: `iDXA` is in `Lunar iDXA`, `Prodigy` is not in it.
    #[must_use]
    pub fn is_model(&self, name: &str) -> bool {
        let model = self.model.as_deref().map(words).unwrap_or_default();
        let name = words(name);
        !name.is_empty() && name.iter().all(|word| model.contains(word))
    }

    /// Whether the software is `version` or below it: 16.00.158 and enCORE 16.2 are 16, 160 is not.
    pub(super) fn is_software(&self, version: &str) -> bool {
        let installed = self.software.as_deref().map(version_parts).unwrap_or_default();
        let version = version_parts(version);
        !version.is_empty() && installed.starts_with(&version)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The first dotted number of a text, its parts without leading zeros: `enCORE v16.02` is 16, 2.
fn version_parts(text: &str) -> Vec<&str> {
    let number = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
    number[..end]
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| match part.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_read_from_what_devices_write() {
        let cases = [
            ("HOLOGIC", Some(Maker::Hologic)),
            ("Hologic Inc", Some(Maker::Hologic)),
            ("Hologic, Inc.", Some(Maker::Hologic)),
            ("Lunar", Some(Maker::Lunar)),
            ("GE Healthcare", Some(Maker::Lunar)),
            ("GE MEDICAL SYSTEMS LUNAR", Some(Maker::Lunar)),
            ("GE", Some(Maker::Lunar)),
            ("Norland", Some(Maker::Norland)),
            ("CooperSurgical", Some(Maker::Norland)),
            ("Cooper Surgical Inc.", Some(Maker::Norland)),
            ("", None),
            ("SIEMENS", None),
            ("Generic", None),
            ("Hologic and Lunar", None),
            ("骨密度仪", None),
        ];
        for (text, maker) in cases {
            assert_eq!(Maker::from_text(text), maker, "{text}");
        }
    }

    #[test]
    fn model_and_version_are_compared_by_whole_words_and_numbers() {
        let device = Device::from_texts(Some("GE Healthcare"), Some("Lunar iDXA"), Some("16.00.158"));
        assert!(device.is_model("iDXA") && device.is_model("lunar idxa"));
        assert!(!device.is_model("Prodigy") && !device.is_model("DXA") && !device.is_model(""));
        assert!(device.is_software("16") && device.is_software("16.0"));
        assert!(!device.is_software("1") && !device.is_software("16.1") && !device.is_software(""));
        let report = Device::from_texts(None, None, Some("enCORE 17 SP4"));
        assert!(report.is_software("17") && !report.is_software("4"));
        assert!(!Device::default().is_software("17") && !Device::default().is_model("iDXA"));
    }
}
