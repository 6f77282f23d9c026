//! The same densities under the other profiles, side by side.

use dxa_core::patient::{Ethnicity, Sex};
use dxa_core::reference::{Device, Library, Profile, ScoreKind, Subject};
use dxa_core::score::{self, Measured};
use dxa_core::units::{GramsPerCm2, Years};
use dxa_exchange::record::{Region, Study};
use dxa_exchange::text::said;
use dxa_exchange::view::Say;
use dxa_exchange::view::number::{NOTHING, decimals};

/// A profile with its scores of the regions that stand for the study.
pub(super) struct Other {
    pub(super) profile: &'static str,
    pub(super) title: &'static str,
    pub(super) is_chosen: bool,
    pub(super) cells: Vec<Cell>,
}

/// The scores of one region.
pub(super) struct Cell {
    pub(super) scores: String,
    pub(super) references: String,
}

/// The regions, and every profile with its scores.
pub(super) fn of(study: &Study, regions: &[&Region], say: Say) -> (Vec<String>, Vec<Other>) {
    let sites = regions
        .iter()
        .map(|region| said::place(&region.site, region.laterality.as_deref(), say.language))
        .collect();
    if regions.is_empty() {
        return (sites, Vec::new());
    }
    let subject = subject(study);
    let others = Profile::bundled_ids().filter_map(Profile::bundled).map(|profile| Other {
        profile: &profile.id,
        title: &profile.title,
        is_chosen: profile.id == study.assessment.profile,
        cells: regions.iter().map(|region| cell(profile, &subject, region, study)).collect(),
    });
    (sites, others.collect())
}

fn subject(study: &Study) -> Subject {
    let patient = &study.patient;
    let sex = [Sex::Female, Sex::Male].into_iter().find(|sex| Some(sex.code()) == patient.sex.as_deref());
    let ethnicity =
        Ethnicity::ALL.into_iter().find(|known| Some(known.code()) == patient.ethnicity.as_deref());
    Subject { sex, age: patient.age_years.and_then(Years::new), ethnicity }
}

fn cell(profile: &Profile, subject: &Subject, region: &Region, study: &Study) -> Cell {
    let scan = study.scans.get(region.scan);
    let text =
        |of: fn(&dxa_exchange::record::Scan) -> &Option<String>| scan.and_then(|scan| of(scan).as_deref());
    let device = Device::from_texts(
        text(|scan| &scan.manufacturer),
        text(|scan| &scan.model),
        text(|scan| &scan.software),
    );
    let Ok(site) = region.site.parse() else {
        return Cell { scores: NOTHING.to_owned(), references: String::new() };
    };
    let measured = Measured {
        site,
        bmd: region.bmd_g_cm2.and_then(GramsPerCm2::new),
        device_t: region.device.t,
        device_reference: region.device.reference.as_deref(),
    };
    let found = score::score_region(profile, Library::bundled(), subject, &device, &measured);
    let t = found.deciding.as_ref().map(|t| t.value);
    let z = found.of(ScoreKind::Z);
    let references =
        [found.deciding.as_ref().map(|t| t.reference.clone()), z.map(|z| z.reference.id.clone())];
    let mut references: Vec<String> = references.into_iter().flatten().collect();
    references.dedup();
    Cell {
        scores: format!("{} / {}", decimals(t, 1), decimals(z.map(|z| z.value), 1)),
        references: references.join(" · "),
    }
}
