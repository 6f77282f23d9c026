//! `studies`: one row a study.

use crate::record::Study;

use super::column::{Cell, Row};
use super::{Studied, Table, of_study};

pub(super) const TABLE: Table = Table {
    name: "studies",
    about: "One row a study: whose, when, what its numbers amount to, and what was read for it.",
    keys: 1,
    columns: || Row::columns(|row| fill(row, &Studied::default(), None)),
    rows,
};

fn rows(studied: &Studied) -> Vec<Vec<Cell>> {
    let row = |study: &Study| Row::filled(|row| fill(row, studied, Some(study)));
    studied.study.as_ref().map(row).into_iter().collect()
}

fn fill(row: &mut Row, studied: &Studied, study: Option<&Study>) {
    of_study(row, studied);
    whose(row, study);
    device(row, study);
    assessment(row, study);
    spine(row, study);
    let count = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok());
    row.integer("files", "Files that the result was made from.", count(studied.files));
    row.integer(
        "copies",
        "Files that hold the same object as another file and were left out.",
        count(studied.copies),
    );
    row.digest(
        "input_sha256",
        "SHA-256 over the SHA-256 of each file, in the order of their paths.",
        &studied.input_sha256,
    );
    let provenance = study.map(|study| &study.provenance);
    row.code("software", "Software that computed the result.", provenance.map(|from| from.software.as_str()));
    row.code(
        "protocol_sha256",
        "SHA-256 of everything that can change a number.",
        provenance.map(|from| from.protocol_sha256.as_str()),
    );
}

fn whose(row: &mut Row, study: Option<&Study>) {
    let patient = study.map(|study| &study.patient);
    let text = |text: fn(&Study) -> Option<&str>| study.and_then(text);
    row.person("patient_id", "Patient ID.", text(|study| study.patient.id.as_deref()));
    row.date("study_date", "Study Date, else the date of a scan.", text(|study| study.study.date.as_deref()));
    row.identifying(
        "accession_number",
        "Accession Number.",
        text(|study| study.study.accession_number.as_deref()),
    );
    row.identifying(
        "study_description",
        "Study Description.",
        text(|study| study.study.description.as_deref()),
    );
    row.code("sex", "F or M; null where unknown.", text(|study| study.patient.sex.as_deref()));
    row.identifying(
        "birth_date",
        "Birth date, YYYY-MM-DD.",
        text(|study| study.patient.birth_date.as_deref()),
    );
    row.age("age_years", "Age at the scan, years.", patient.and_then(|patient| patient.age_years));
    row.number("height_cm", "cm", "Height of the person.", patient.and_then(|patient| patient.height_cm));
    row.number("weight_kg", "kg", "Weight of the person.", patient.and_then(|patient| patient.weight_kg));
    row.text("ethnic_group", "Ethnic group as written.", text(|study| study.patient.ethnic_group.as_deref()));
    row.code(
        "ethnicity",
        "Population used for Z-scores: nhw, nhb, mexican_american, nh_asian, chinese, japanese, korean, vietnamese or other.",
        text(|study| study.patient.ethnicity.as_deref()),
    );
}

/// The device of the first scan that names one.
fn device(row: &mut Row, study: Option<&Study>) {
    let scan = study.and_then(|study| study.scans.iter().find(|scan| scan.manufacturer.is_some()));
    row.text(
        "manufacturer",
        "Manufacturer of the first scan that names one.",
        scan.and_then(|scan| scan.manufacturer.as_deref()),
    );
    row.text("model", "Model of the same scan.", scan.and_then(|scan| scan.model.as_deref()));
    row.integer(
        "scans",
        "Scans of the study.",
        study.and_then(|study| i64::try_from(study.scans.len()).ok()),
    );
}

fn assessment(row: &mut Row, study: Option<&Study>) {
    let assessment = study.map(|study| &study.assessment);
    let lowest = assessment.and_then(|one| one.lowest.as_ref());
    row.code("profile", "Profile of rules and tables.", assessment.map(|one| one.profile.as_str()));
    let basis = assessment.and_then(|one| one.score_basis.as_deref());
    row.code("score_basis", "T or Z: which score decides.", basis);
    row.code("lowest_site", "Site of the lowest T-score that counts.", lowest.map(|one| one.site.as_str()));
    let side = lowest.and_then(|one| one.laterality.as_deref());
    row.code("lowest_laterality", "Side of that site.", side);
    row.number("lowest_t", "{SD}", "The lowest T-score that counts.", lowest.map(|one| one.t));
    row.text(
        "lowest_reference",
        "Compared with whom: a table, or the device's own reference.",
        lowest.map(|one| one.reference.as_str()),
    );
    row.code(
        "who_category",
        "normal, low_bone_mass, osteoporosis, severe_osteoporosis or not_applicable; null without a T-score.",
        assessment.and_then(|one| one.who_category.as_deref()),
    );
    row.code(
        "age_category",
        "within_expected or below_expected on Z-scores; null otherwise.",
        assessment.and_then(|one| one.age_category.as_deref()),
    );
    row.flag(
        "osteoporosis",
        "Diagnosis by the criteria of the profile; false only when every criterion could be answered.",
        assessment.and_then(|one| one.diagnosis.osteoporosis),
    );
    let risk = assessment.and_then(|one| one.fracture_risk.as_deref());
    row.code("fracture_risk", "very_high, high, not_high or unknown.", risk);
    row.flag(
        "vfa_indicated",
        "A vertebral fracture assessment is indicated; null where it cannot be told.",
        assessment.and_then(|one| one.vfa_indicated),
    );
}

fn spine(row: &mut Row, study: Option<&Study>) {
    let spine = study.and_then(|study| study.spine.as_ref());
    row.number(
        "spinal_deformity_index",
        "",
        "Sum of the grades of the lateral spine.",
        spine.and_then(|spine| spine.deformity_index),
    );
    let levels = spine.and_then(|spine| i64::try_from(spine.levels_evaluated.len()).ok());
    row.integer("levels_evaluated", "Vertebrae of the lateral spine that could be judged.", levels);
    let kyphosis = spine.and_then(|spine| spine.kyphosis_deg.as_ref()?.get("t4_t12").copied().flatten());
    row.number("kyphosis_t4_t12_deg", "deg", "Kyphosis between T4 and T12.", kyphosis);
}
