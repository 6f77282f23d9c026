//! Where on the skeleton: SNOMED CT where it has a concept, and our own codes for regions of interest.

use dxa_core::site::{ForearmBone, Lumbar, Site};
use dxa_core::vertebra::Level;

use super::{Code, Scheme};

const fn sct(value: &'static str, meaning: &'static str) -> Code {
    Code::new(Scheme::Snomed, value, meaning)
}

/// The anatomy of a site; regions of interest that SNOMED CT does not know have that of the bone.
pub(crate) fn finding_site(site: Site) -> Code {
    match site {
        Site::Lumbar(set) if set.len() == 1 => set.iter().next().map_or(LUMBAR_SPINE, lumbar),
        Site::Lumbar(_) => LUMBAR_SPINE,
        Site::FemoralNeck => sct("29627003", "Neck of femur"),
        Site::TotalHip => sct("310651003", "Proximal femur"),
        Site::Trochanter | Site::Intertrochanter | Site::Wards => sct("71341001", "Femur"),
        Site::Forearm(ForearmBone::Radius, _) => sct("62413002", "Radius"),
        Site::Forearm(ForearmBone::RadiusUlna, _) => sct("110535000", "Radius and ulna"),
        Site::TotalBody | Site::TotalBodyLessHead => sct("38266002", "Entire body"),
    }
}

const LUMBAR_SPINE: Code = sct("122496007", "Lumbar spine");

fn lumbar(vertebra: Lumbar) -> Code {
    match vertebra {
        Lumbar::L1 => sct("66794005", "L1 vertebra"),
        Lumbar::L2 => sct("14293000", "L2 vertebra"),
        Lumbar::L3 => sct("36470004", "L3 vertebra"),
        Lumbar::L4 => sct("11994002", "L4 vertebra"),
    }
}

/// A vertebra, DICOM PS3.16 CID 7603.
pub(crate) fn vertebra(level: Level) -> Code {
    match level {
        Level::T4 => sct("73071006", "T4 vertebra"),
        Level::T5 => sct("56401006", "T5 vertebra"),
        Level::T6 => sct("45296009", "T6 vertebra"),
        Level::T7 => sct("62487009", "T7 vertebra"),
        Level::T8 => sct("11068009", "T8 vertebra"),
        Level::T9 => sct("82687006", "T9 vertebra"),
        Level::T10 => sct("7610001", "T10 vertebra"),
        Level::T11 => sct("12989004", "T11 vertebra"),
        Level::T12 => sct("23215003", "T12 vertebra"),
        Level::L1 => lumbar(Lumbar::L1),
        Level::L2 => lumbar(Lumbar::L2),
        Level::L3 => lumbar(Lumbar::L3),
        Level::L4 => lumbar(Lumbar::L4),
        Level::L5 => sct("49668003", "L5 vertebra"),
    }
}

/// Left, right or both.
pub(crate) fn laterality(side: &str) -> Option<Code> {
    match side {
        "L" => Some(sct("7771000", "Left")),
        "R" => Some(sct("24028007", "Right")),
        "B" => Some(sct("51440002", "Bilateral")),
        _ => None,
    }
}

/// Our own code of a region of interest.
pub(crate) fn region_code(site: Site) -> Code {
    let value = match site {
        Site::Lumbar(set) => {
            format!("ROI-L{}", set.iter().map(digit).collect::<String>())
        }
        Site::FemoralNeck => "ROI-NECK".to_owned(),
        Site::TotalHip => "ROI-TOTALHIP".to_owned(),
        Site::Trochanter => "ROI-TROCH".to_owned(),
        Site::Intertrochanter => "ROI-INTER".to_owned(),
        Site::Wards => "ROI-WARD".to_owned(),
        Site::Forearm(bone, part) => {
            let bone = if bone == ForearmBone::Radius { "R" } else { "RU" };
            let part = match part {
                dxa_core::site::ForearmPart::OneThird => "33",
                dxa_core::site::ForearmPart::Mid => "MID",
                dxa_core::site::ForearmPart::Ultradistal => "UD",
                dxa_core::site::ForearmPart::Total => "TOTAL",
            };
            format!("ROI-{bone}{part}")
        }
        Site::TotalBody => "ROI-WB".to_owned(),
        Site::TotalBodyLessHead => "ROI-WBLH".to_owned(),
    };
    Code::local(value, crate::text::site(site, crate::text::Language::English))
}

fn digit(vertebra: Lumbar) -> char {
    match vertebra {
        Lumbar::L1 => '1',
        Lumbar::L2 => '2',
        Lumbar::L3 => '3',
        Lumbar::L4 => '4',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_site_has_a_code_of_its_own_that_fits_a_short_string() {
        for site in Site::all() {
            let code = region_code(site);
            assert!(code.value.len() <= 16, "{code:?}");
        }
        let mut codes: Vec<_> = Site::all().into_iter().map(|site| region_code(site).value).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), Site::all().len());
        use dxa_core::site::LumbarSet;
        assert_eq!(region_code(Site::Lumbar(LumbarSet::FULL)).value, "ROI-L1234");
    }
}
