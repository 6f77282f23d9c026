//! What can be simulated: names, one sentence each, and the settings each takes.

/// A kind of simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it writes, one sentence.
    pub about: &'static str,
    settings: &'static [Group],
}

impl Kind {
    /// Keys of the settings that it takes.
    pub fn settings(&self) -> impl Iterator<Item = &'static str> {
        self.settings.iter().copied().flatten().copied()
    }
}

/// All kinds, in the order in which they are best explained.
#[must_use]
pub fn kinds() -> &'static [Kind] {
    &KINDS
}

/// Settings that go together.
pub(crate) type Group = &'static [&'static str];

/// Whose scan it is, and by which device.
const PERSON: Group = &["patient.sex", "patient.age", "patient.name", "manufacturer", "model"];
/// The same, and what was scanned in the words of the device.
pub(crate) const SCANNED: Group =
    &["patient.sex", "patient.age", "patient.name", "manufacturer", "model", "protocol_name"];
/// Which visit, and what is written of it.
pub(crate) const VIEW: Group = &["visit", "date", "output", "scale", "polarity"];
/// How it is taken.
pub(crate) const BEAM: Group = &["beam", "spacing", "photons", "blur", "motion", "fan"];
/// Bone, and the tissue around it and in its place.
pub(crate) const BONE: Group = &["edge", "bmd", "thickness", "fat", "gradient", "displaced", "marrow"];

const GE: &[Group] = &[SCANNED];
const GE_SIDED: &[Group] = &[SCANNED, &["side"]];
const HOLOGIC: &[Group] = &[SCANNED, &["decimal"]];
const HOLOGIC_SIDED: &[Group] = &[SCANNED, &["decimal", "side"]];
const REPORT: &[Group] = &[PERSON, &["side"]];
const DOCUMENT: &[Group] = &[PERSON, &["decimal"]];
const RESEARCH: &[Group] = &[PERSON];

const KINDS: [Kind; 20] = [
    Kind {
        name: "fixtures",
        about: "The twenty cases of a real archive, from clean exports to broken files; takes no settings.",
        settings: &[],
    },
    Kind { name: "ge-ap-spine", about: "A GE iDXA AP spine as an 8-bit display image.", settings: GE },
    Kind { name: "ge-hip", about: "A GE iDXA hip as an 8-bit display image.", settings: GE_SIDED },
    Kind { name: "ge-lateral", about: "A GE iDXA lateral spine as an 8-bit display image.", settings: GE },
    Kind {
        name: "hologic-spine",
        about: "A Hologic spine report page with its analysis text.",
        settings: HOLOGIC,
    },
    Kind {
        name: "hologic-hip",
        about: "A Hologic hip report page with its analysis text.",
        settings: HOLOGIC_SIDED,
    },
    Kind {
        name: "hologic-forearm",
        about: "A Hologic forearm report page with its analysis text.",
        settings: HOLOGIC_SIDED,
    },
    Kind {
        name: "hologic-whole-body",
        about: "A Hologic whole-body report page with bone and body composition.",
        settings: HOLOGIC,
    },
    Kind { name: "sr", about: "An Enhanced SR of spine and one hip after TID 1500.", settings: REPORT },
    Kind {
        name: "pdf",
        about: "An Encapsulated PDF of a spine report with a text layer.",
        settings: DOCUMENT,
    },
    Kind {
        name: "bmd-map", about: "A map of bone density in g/cm² with exact regions.", settings: RESEARCH
    },
    Kind {
        name: "dual-energy-pair",
        about: "A low and a high energy image with calibration and exact regions.",
        settings: RESEARCH,
    },
    Kind {
        name: "ap-spine",
        about: "A dual-energy scan of a lumbar spine with exact regions, lines and labels; docs/simulation.md explains its settings.",
        settings: crate::spine::SETTINGS,
    },
    Kind {
        name: "phantom",
        about: "A dual-energy scan of slabs of known density in water; docs/simulation.md explains its settings.",
        settings: crate::phantom::SETTINGS,
    },
    Kind {
        name: "unusable-pair",
        about: "A dual-energy pair from which no density may come, with the refusal that is due.",
        settings: crate::unusable::SETTINGS,
    },
    Kind {
        name: "hip",
        about: "A dual-energy scan of a hip with exact regions and lines; docs/regions.md says where they run.",
        settings: crate::hip::SETTINGS,
    },
    Kind {
        name: "forearm",
        about: "A dual-energy scan of a forearm with exact regions and lines; docs/regions.md says where they run.",
        settings: crate::forearm::SETTINGS,
    },
    Kind {
        name: "lateral-spine",
        about: "A lateral spine with fractures as an 8-bit display image and its exact six points; docs/simulation.md explains its settings.",
        settings: crate::lateral::SETTINGS,
    },
    Kind {
        name: "ct-ap-spine",
        about: "A dual-energy scan of a lumbar spine projected from a labelled CT; `ct` names its folder.",
        settings: crate::ct::SETTINGS,
    },
    Kind {
        name: "ct-lateral",
        about: "A lateral spine projected from a labelled CT as an 8-bit display image; `ct` names its folder.",
        settings: crate::lateral::from_ct::SETTINGS,
    },
];
