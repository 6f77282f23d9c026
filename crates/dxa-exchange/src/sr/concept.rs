//! Which concept a quantity is in a structured report, and the way back.

use dxa_core::site::Site;

use crate::codes::{
    self, ANTERIOR, AREA, BY_DEVICE, Code, HEIGHT, Kind, METHOD, MIDDLE, POSTERIOR, Scheme, TOPOGRAPHICAL,
};
use crate::statement::{About, Quantity};

/// A concept with the one modifier that makes it precise.
pub(crate) struct Concept {
    pub(crate) name: Code,
    pub(crate) modifier: Option<(Code, Code)>,
}

/// The concept of a quantity of something.
pub(crate) fn of(quantity: Quantity, about: &About) -> Concept {
    use Quantity::{Area, Density, DeviceT, DeviceZ, HeightAnterior, HeightMiddle, HeightPosterior, T, Z};
    let height = |place| Concept { name: HEIGHT, modifier: Some((TOPOGRAPHICAL, place)) };
    let local = || Concept { name: own(quantity), modifier: None };
    match quantity {
        Area => Concept { name: AREA, modifier: None },
        HeightAnterior => height(ANTERIOR),
        HeightMiddle => height(MIDDLE),
        HeightPosterior => height(POSTERIOR),
        Density | T | Z | DeviceT | DeviceZ => {
            let device = matches!(quantity, DeviceT | DeviceZ).then_some((METHOD, BY_DEVICE));
            standard(quantity, about).map_or_else(local, |name| Concept { name, modifier: device })
        }
        _ => local(),
    }
}

/// The code of a standard's for a quantity of something, where there is one.
pub(crate) fn standard(quantity: Quantity, about: &About) -> Option<Code> {
    let kind = match quantity {
        Quantity::Density => Kind::Density,
        Quantity::T | Quantity::DeviceT => Kind::T,
        Quantity::Z | Quantity::DeviceZ => Kind::Z,
        _ => return None,
    };
    let (site, side) = about.subject.region()?;
    codes::loinc(kind, site.parse::<Site>().ok()?, side)
}

/// Our own code of a quantity.
pub(crate) fn own(quantity: Quantity) -> Code {
    Code::local(quantity.code(), quantity.english())
}

/// The quantity that a concept with its modifiers is.
pub(super) fn quantity(name: &Code, modifiers: &[(Code, Code)]) -> Option<Quantity> {
    let modified = |value: &Code| modifiers.iter().any(|(_, modifier)| modifier.is(value));
    if name.is(&AREA) {
        return Some(Quantity::Area);
    }
    if name.is(&HEIGHT) {
        let places = [
            (ANTERIOR, Quantity::HeightAnterior),
            (MIDDLE, Quantity::HeightMiddle),
            (POSTERIOR, Quantity::HeightPosterior),
        ];
        return places.into_iter().find(|(place, _)| modified(place)).map(|(_, quantity)| quantity);
    }
    match name.scheme {
        Scheme::Local => Quantity::from_code(&name.value),
        Scheme::Loinc => Some(match (codes::kind_of(&name.value)?, modified(&BY_DEVICE)) {
            (Kind::Density, _) => Quantity::Density,
            (Kind::T, false) => Quantity::T,
            (Kind::T, true) => Quantity::DeviceT,
            (Kind::Z, false) => Quantity::Z,
            (Kind::Z, true) => Quantity::DeviceZ,
        }),
        _ => None,
    }
}
