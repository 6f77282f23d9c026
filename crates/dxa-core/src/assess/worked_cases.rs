//! One worked case a rule, with its source: the table that a clinician can check line by line.
//! The limits of each rule are in the other tests of this module.

use super::Outcome::{Fired, NotFired};
use super::case::{CHINA, Person, SCAN, man, no_fractures, on, woman};
use super::{Outcome, RuleId};
use crate::context::FractureSite::{DistalForearm, Hip, Vertebra};
use crate::context::{Context, Fracture, IofItem};

const ISCD: &str = "iscd-2023";
const JAPAN: &str = "japan-2012";
/// As the Beijing training material 2025 quotes it.
const GUIDELINE: &str = "Chinese guideline for primary osteoporosis 2022";

/// Rule, profile, words of its source, case, person, outcome.
type Row = (&'static str, &'static str, &'static str, &'static str, Person, Outcome);

fn told(person: Person, tell: impl FnOnce(&mut Context)) -> Person {
    person.knowing(tell)
}

fn scores() -> Vec<Row> {
    let four = woman(70.0).t("L1", -1.5).t("L2", -1.4).t("L3", -1.6).t("L4", 0.5).t("L1-L4", -0.8);
    vec![
        ("score-t", ISCD, "young mean", "woman of 60, T at the hip", woman(60.0).t("total_hip", -1.0), Fired),
        ("score-z", ISCD, "mean at age", "man of 40, Z at the spine", man(40.0).z("L1-L4", -2.1), Fired),
        (
            "score-basis",
            ISCD,
            "ISCD Official Positions 2019/2023",
            "man of 49 is judged on Z",
            man(49.0),
            NotFired,
        ),
        (
            "sites",
            ISCD,
            "Chinese guideline 2022",
            "a spine is a site, whatever else was scanned",
            woman(70.0).t("wards", -4.0).t("L1-L4", -1.0),
            Fired,
        ),
        (
            "iscd-2023/vertebra-exclude",
            ISCD,
            "ISCD Official Positions 2023",
            "L4 is 2.1 above L3",
            four,
            Fired,
        ),
        (
            "ya-percent",
            JAPAN,
            "Japanese criteria of primary osteoporosis 2012",
            "70 % of the young mean",
            woman(70.0).percent("L2-L4", -1.0, 70.0),
            Fired,
        ),
        ("plausibility", ISCD, "This software", "a man of 125", man(125.0), Fired),
    ]
}

fn categories() -> Vec<Row> {
    let low = || woman(66.0).everywhere(-1.8);
    let recent = Fracture { date: on(SCAN), fragility: Some(true), ..super::case::fracture(Hip) };
    let frax = |hip| move |context: &mut Context| context.frax.hip_percent = Some(hip);
    vec![
        ("who", ISCD, "WHO classes", "T -2.5 at the hip", woman(60.0).t("total_hip", -2.5), Fired),
        (
            "cn-2022/dx-fracture",
            CHINA,
            GUIDELINE,
            "broken hip, normal density",
            woman(66.0).everywhere(0.0).broke(Hip),
            Fired,
        ),
        (
            "cn-2022/dx-bmd",
            CHINA,
            GUIDELINE,
            "T -2.5 at the 33 % radius",
            woman(66.0).everywhere(-1.0).t("radius_33", -2.5),
            Fired,
        ),
        (
            "cn-2022/dx-low-plus-fracture",
            CHINA,
            GUIDELINE,
            "T -1.8 and a broken wrist",
            low().broke(DistalForearm),
            Fired,
        ),
        (
            "cn-2022/treat",
            CHINA,
            GUIDELINE,
            "T -1.8 and FRAX 3 % at the hip",
            told(no_fractures(low()), frax(3.0)),
            Fired,
        ),
        (
            "cn-2022/very-high-risk",
            CHINA,
            GUIDELINE,
            "hip broken on the day of the scan",
            low().fractured(recent),
            Fired,
        ),
        ("cn-2022/frax-threshold", CHINA, GUIDELINE, "FRAX 3 % at the hip", told(low(), frax(3.0)), Fired),
        (
            "japan-2012/dx-fracture",
            JAPAN,
            "Japanese criteria",
            "broken vertebra",
            woman(70.0).broke(Vertebra),
            Fired,
        ),
        (
            "japan-2012/dx-sd",
            JAPAN,
            "Japanese criteria",
            "2.5 SD below",
            woman(70.0).t("total_hip", -2.5),
            Fired,
        ),
    ]
}

fn tools_and_received() -> Vec<Row> {
    vec![
        (
            "risk/osta",
            CHINA,
            "OSTA = (weight kg - age) x 0.2",
            "55 kg at 60 is -1",
            told(woman(60.0), |c| c.weight_kg = Some(55.0)),
            Fired,
        ),
        (
            "risk/ost",
            ISCD,
            "OST = (weight kg - age) / 5",
            "55.5 kg at 50 is 1.1",
            told(woman(50.0), |c| c.weight_kg = Some(55.5)),
            NotFired,
        ),
        (
            "risk/iof-one-minute",
            CHINA,
            "IOF one-minute",
            "smokes",
            told(woman(66.0), |c| _ = c.iof_one_minute.insert(IofItem::Smoking, true)),
            Fired,
        ),
        (
            "received/qct",
            CHINA,
            GUIDELINE,
            "79.9 mg/cm3",
            told(woman(66.0), |c| c.qct_spine_mg_cm3 = Some(79.9)),
            Fired,
        ),
        (
            "received/tbs",
            CHINA,
            GUIDELINE,
            "TBS 1.28 is passed on",
            told(woman(66.0), |c| c.tbs.value = Some(1.28)),
            Fired,
        ),
        (
            "received/qus",
            CHINA,
            GUIDELINE,
            "heel T -2.7 gets no class",
            told(woman(66.0), |c| c.ultrasound_t = Some(-2.7)),
            Fired,
        ),
        ("cn-2022/vfa-70", CHINA, GUIDELINE, "woman of 70, T -1.0", woman(70.0).everywhere(-1.0), Fired),
        ("cn-2022/vfa-65", CHINA, GUIDELINE, "man of 70, T -1.5", man(70.0).everywhere(-1.5), Fired),
        (
            "cn-2022/vfa-risk",
            CHINA,
            GUIDELINE,
            "man of 66 lost 2 cm in a year",
            told(man(66.0), |c| c.height_lost_in_a_year_cm = Some(2.0)),
            Fired,
        ),
        (
            "iscd-2019/vfa",
            ISCD,
            "ISCD Official Positions 2019",
            "woman of 70, T -1.1",
            woman(70.0).everywhere(-1.1),
            Fired,
        ),
        (
            "interval",
            CHINA,
            "A reminder",
            "under treatment",
            told(woman(66.0), |c| c.osteoporosis_treatment = Some(true)),
            Fired,
        ),
    ]
}

#[test]
fn every_rule_has_a_worked_case_with_its_source() {
    let rows: Vec<Row> = [scores(), categories(), tools_and_received()].concat();
    for (id, profile, source, case, person, expected) in &rows {
        let assessment = person.assessment(profile);
        let rule = assessment.rules.iter().find(|rule| rule.id.code() == *id).expect(id);
        assert_eq!(rule.answer.outcome(), *expected, "{id}: {case}");
        assert!(rule.source.contains(source), "{id}: {}", rule.source);
    }
    let mut without: Vec<&str> = RuleId::ALL.map(RuleId::code).to_vec();
    without.retain(|id| rows.iter().all(|row| row.0 != *id));
    assert_eq!(without, Vec::<&str>::new());
}
