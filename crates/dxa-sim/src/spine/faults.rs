//! What may be wrong with a spine or with how it lies, as a caller asks for it.

use super::vertebra::Vertebra;
use crate::SimError;
use crate::settings::Settings;

/// What a caller set of the bone; nothing means that it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Faults {
    /// `bmd`: mean density, g/cm².
    pub(crate) density: Option<f64>,
    /// `scoliosis`: angle between the most tilted vertebrae, degrees.
    pub(crate) scoliosis_deg: Option<f64>,
    /// `rotation` around the long axis, degrees.
    pub(crate) rotation_deg: f64,
    /// `lumbar`: number of lumbar vertebrae.
    pub(crate) lumbar: u8,
    /// `fracture`: level, and share of the height that is lost.
    pub(crate) fracture: Option<(String, f64)>,
    /// `osteophyte`: level, and size in mm; a negative size is on the left of the image.
    pub(crate) osteophyte: Option<(String, f64)>,
    /// `outlier`: level, and factor on its density.
    pub(crate) outlier: Option<(String, f64)>,
    /// `missing` from the field.
    pub(crate) missing: Missing,
    /// `artefact`.
    pub(crate) artefact: Artefact,
}

/// What lies outside the field although it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nothing.
    Nothing,
    /// All of T12.
    T12,
    /// The upper half of L1.
    L1,
    /// All of L5.
    L5,
    /// The lower half of L4.
    L4,
}

/// Metal in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Artefact {
    /// None.
    None,
    /// A button or coin over a measured vertebra.
    OverSpine,
    /// The same beside the spine.
    BesideSpine,
    /// Two rods with screws from L2 to L4.
    Rods,
}

impl Artefact {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OverSpine => "metal",
            Self::BesideSpine => "metal_beside",
            Self::Rods => "rods",
        }
    }
}

impl Faults {
    /// Reads them.
    ///
    /// # Errors
    /// A value that its key does not take.
    pub(crate) fn of(settings: &Settings) -> Result<Self, SimError> {
        let percent = "a level from L1 to L4 and a loss of 5 to 70 percent, as L2:30";
        let size =
            "a level from L1 to L4 and a size of 2 to 15 mm, negative for the left of the image, as L3:6";
        let factor = "a level from L1 to L4 and a factor of 0.3 to 3, as L4:1.4";
        let missing = [
            ("none", Missing::Nothing),
            ("t12", Missing::T12),
            ("l1", Missing::L1),
            ("l5", Missing::L5),
            ("l4", Missing::L4),
        ];
        let artefacts = [Artefact::None, Artefact::OverSpine, Artefact::BesideSpine, Artefact::Rods]
            .map(|artefact| (artefact.name(), artefact));
        let lumbar = [("4", 4), ("5", 5), ("6", 6)];
        let fracture = settings.read("fracture", |text| at_level(text, [5.0, 70.0]), percent)?;
        Ok(Self {
            density: settings.number("bmd", [0.1, 3.0], "0.1 to 3 g/cm²")?,
            scoliosis_deg: settings.number("scoliosis", [-60.0, 60.0], "-60 to 60 degrees")?,
            rotation_deg: settings.number("rotation", [-40.0, 40.0], "-40 to 40 degrees")?.unwrap_or(0.0),
            lumbar: settings.choice("lumbar", &lumbar, "4, 5 or 6")?.unwrap_or(5),
            fracture: fracture.map(|(level, percent)| (level, percent / 100.0)),
            osteophyte: settings.read("osteophyte", spur, size)?,
            outlier: settings.read("outlier", |text| at_level(text, [0.3, 3.0]), factor)?,
            missing: settings
                .choice("missing", &missing, "none, t12, l1, l5 or l4")?
                .unwrap_or(Missing::Nothing),
            artefact: settings
                .choice("artefact", &artefacts, "none, metal, metal_beside or rods")?
                .unwrap_or(Artefact::None),
        })
    }

    /// Applies what concerns one vertebra.
    ///
    /// A fracture keeps the mineral of a vertebra: what it loses in height it gains in density.
    pub(crate) fn change(&self, vertebra: &mut Vertebra) {
        let at = |fault: &Option<(String, f64)>| {
            fault.as_ref().filter(|(level, _)| *level == vertebra.level).map(|(_, value)| *value)
        };
        if let Some(loss) = at(&self.fracture) {
            vertebra.half[1] *= 1.0 - loss;
            vertebra.density /= 1.0 - loss;
        }
        if let Some(factor) = at(&self.outlier) {
            vertebra.density *= factor;
        }
        vertebra.osteophyte = at(&self.osteophyte).map(|size| [size.signum(), size.abs()]);
        vertebra.rotation = libm::sin(self.rotation_deg.to_radians());
    }
}

fn at_level(text: &str, [low, high]: [f64; 2]) -> Option<(String, f64)> {
    let (level, value) = text.split_once(':')?;
    let value = value.parse().ok().filter(|value| (low..=high).contains(value))?;
    ["L1", "L2", "L3", "L4"].contains(&level).then(|| (level.to_owned(), value))
}

fn spur(text: &str) -> Option<(String, f64)> {
    at_level(text, [2.0, 15.0]).or_else(|| at_level(text, [-15.0, -2.0]))
}
