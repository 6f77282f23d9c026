//! Which makers build densitometers, and which words say that an object is densitometry.

use super::header::Header;

/// Whether an object comes from a densitometer or is worded as densitometry.
#[must_use]
pub fn is_densitometry(header: &Header) -> bool {
    is_densitometer(header) || header.identity.modality.as_deref() == Some("BMD") || is_worded_so(header)
}

/// Whether maker and model are a densitometer. A maker that also builds other X-ray systems needs a known model.
#[must_use]
pub fn is_densitometer(header: &Header) -> bool {
    let device = device_text(header);
    let any = |names: &[&str]| names.iter().any(|name| device.contains(name));
    if any(OTHER_SYSTEMS) {
        return false;
    }
    any(DENSITOMETERS)
}

/// Whether the device measures by ultrasound.
#[must_use]
pub fn is_ultrasound(header: &Header) -> bool {
    let device = device_text(header);
    ULTRASOUND.iter().any(|name| device.contains(name))
}

/// Whether the device is one whose Exposed Area spans its exported raster (GE Lunar).
#[must_use]
pub fn is_ge_lunar(header: &Header) -> bool {
    let device = device_text(header);
    ["lunar", "idxa", "prodigy", "dpx", "encore"].iter().any(|name| device.contains(name))
        || (device.split_whitespace().next() == Some("ge") && is_worded_so(header))
}

/// Makers and models of X-ray densitometers, in lower case, as they write themselves.
const DENSITOMETERS: &[&str] = &[
    "lunar",
    "idxa",
    "prodigy",
    "dpx",
    "encore",
    "hologic",
    "norland",
    "stratos",
    "medilink",
    "osteocore",
    "osteosys",
    "dexxum",
    "osteometer",
    "accudexa",
    "demetech",
    "calscan",
    "kangda",
    "康达",
    "pinyuan",
    "品源",
    "科进",
];

/// Systems of densitometer makers that are something else: mammography, specimens, mini C-arm, ultrasound.
const OTHER_SYSTEMS: &[&str] = &[
    "selenia",
    "dimensions",
    "lorad",
    "affirm",
    "brevera",
    "trident",
    "faxitron",
    "securview",
    "fluoroscan",
    "insight",
    "sahara",
    "achilles",
    "sonost",
];

/// Bone ultrasound devices.
const ULTRASOUND: &[&str] = &["beammed", "sunlight", "omnisense", "sahara", "achilles", "sonost"];

/// Words that name the method in the languages exports come in.
const WORDING: &[&str] = &[
    "dxa",
    "dexa",
    "densitom",
    "bone densit",
    "bone mineral",
    "absorptiometry",
    "骨密度",
    "骨质密度",
    // Without the X also a way to take a chest radiograph.
    "双能x",
    "双能量x",
    "双光能",
    "денситом",
    "остеоденс",
];

fn device_text(header: &Header) -> String {
    let device = &header.device;
    let mut text = String::new();
    for part in [&device.manufacturer, &device.model, &device.software].into_iter().flatten() {
        text.push_str(part);
        text.push(' ');
    }
    text.to_lowercase()
}

fn is_worded_so(header: &Header) -> bool {
    let naming = &header.naming;
    [
        &header.identity.study_description,
        &naming.series_description,
        &naming.protocol,
        &naming.performed_step,
        &header.device.model,
        &header.device.manufacturer,
    ]
    .into_iter()
    .flatten()
    .any(|text| {
        let text = text.to_lowercase();
        WORDING.iter().any(|word| text.contains(word))
    })
}
