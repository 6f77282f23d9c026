//! Worked clinical cases, one or more a rule. Expectations are read off the wording of each rule's source.

use super::Outcome::{CannotTell as Unknown, Fired, NotFired};
use super::case::{CHINA, Person, SCAN, check, fracture, man, no_fractures, on, woman};
use super::{FractureRisk, WhoCategory};
use crate::context::Context;
use crate::context::FractureSite::{DistalForearm, Hip, Other, Pelvis, ProximalHumerus, Vertebra};
use crate::context::{DateRange, Fracture, GlucocorticoidUse, NotAssessable};
use crate::patient::Menopause;
use crate::site::{Lumbar, Side};
use crate::vertebra::Level;
use jiff::civil::date;

/// ISCD adult positions: postmenopausal women, women in the transition and men from 50 by T; others by Z.
#[test]
fn score_basis() {
    let knowing = |age, menopause| woman(age).knowing(move |context| context.menopause = Some(menopause));
    check(
        "iscd-2023",
        "score-basis",
        [
            ("man of 49.99", man(49.99), NotFired),
            ("man of 50", man(50.0), Fired),
            ("woman of 49.99, menopause unknown", woman(49.99), NotFired),
            ("woman of 50, menopause unknown", woman(50.0), Fired),
            ("woman of 45 after menopause", knowing(45.0, Menopause::Post), Fired),
            ("woman of 46 in the transition", knowing(46.0, Menopause::Peri), Fired),
            ("woman of 52 before menopause", knowing(52.0, Menopause::Pre), NotFired),
            ("woman of 19.99 said to be past menopause", knowing(19.99, Menopause::Post), NotFired),
            ("nobody known", Person { patient: crate::patient::Patient::default(), ..man(50.0) }, Unknown),
        ],
    );
}

#[test]
fn menopause_is_said_to_be_assumed_only_where_it_was() {
    let assumed = |person: Person| {
        person.judged("iscd-2023").1.iter().any(|finding| finding.code == "menopause_assumed")
    };
    assert!(assumed(woman(63.0).everywhere(-1.0)));
    assert!(assumed(woman(30.0).z("L1-L4", -1.0)));
    assert!(!assumed(woman(63.0)));
    assert!(!assumed(man(63.0).everywhere(-1.0)));
    assert!(!assumed(woman(63.0).everywhere(-1.0).knowing(|c| c.menopause = Some(Menopause::Post))));
    assert!(!assumed(woman(19.0).z("L1-L4", -1.0)));
}

/// WHO classes at their limits, with the rounding of the printed T.
#[test]
fn who_classes() {
    use WhoCategory::{LowBoneMass, Normal, NotApplicable, Osteoporosis, SevereOsteoporosis};
    let class = |person: Person| person.assessment("iscd-2023").who;
    assert_eq!(class(woman(60.0).everywhere(-0.9)), Some(Normal));
    assert_eq!(class(woman(60.0).everywhere(-1.0)), Some(Normal));
    assert_eq!(class(woman(60.0).everywhere(-1.1)), Some(LowBoneMass));
    assert_eq!(class(woman(60.0).everywhere(-2.4)), Some(LowBoneMass));
    assert_eq!(class(woman(60.0).everywhere(-2.5)), Some(Osteoporosis));
    assert_eq!(class(woman(60.0).everywhere(-2.5).broke(DistalForearm)), Some(SevereOsteoporosis));
    assert_eq!(class(woman(60.0).everywhere(-2.4).broke(Hip)), Some(LowBoneMass));
    assert_eq!(class(woman(60.0)), None);
    assert_eq!(class(man(49.0).everywhere(-3.0)), Some(NotApplicable));
    // A fracture that is only suspected in the image, or told but not documented, makes nothing severe.
    let suspected = Person { suspected: true, ..woman(60.0).everywhere(-2.6) };
    assert_eq!(class(suspected.clone()), Some(Osteoporosis));
    let confirmed = Person { suspected: false, confirmed: vec![Level::L1], ..suspected };
    assert_eq!(class(confirmed), Some(SevereOsteoporosis));
    let told = Fracture { fragility: Some(true), confirmed: Some(false), ..fracture(Vertebra) };
    assert_eq!(class(woman(60.0).everywhere(-2.6).fractured(told)), Some(Osteoporosis));
}

#[test]
fn the_printed_t_decides_and_the_other_side_of_the_limit_is_said() {
    let (assessment, findings) = woman(60.0).everywhere(-2.46).judged("iscd-2023");
    assert_eq!(assessment.who, Some(WhoCategory::Osteoporosis));
    assert!(findings.iter().any(|finding| finding.code == "near_cut"));
    let (assessment, findings) = woman(60.0).everywhere(-2.44).judged("iscd-2023");
    assert_eq!(assessment.who, Some(WhoCategory::LowBoneMass));
    assert!(findings.iter().all(|finding| finding.code != "near_cut"));
}

/// Sites: lumbar spine, total hip, neck of either side; 33 % radius in its conditions; never the others.
#[test]
fn sites_that_count() {
    let lowest = |person: Person| {
        let lowest = person.assessment("iscd-2023").lowest?;
        Some((lowest.site.to_string(), lowest.side, lowest.t))
    };
    let both_hips = woman(70.0).t("L1-L4", -1.0).t("total_hip", -1.5).side(Side::Left);
    let both_hips = both_hips.t("total_hip", -1.7).side(Side::Right).t("total_hip", -2.9).side(Side::Both);
    let with_others = both_hips.t("wards", -4.0).t("trochanter", -3.5).t("radius_33", -3.0);
    assert_eq!(lowest(with_others.clone()), Some(("total_hip".to_owned(), Some(Side::Right), -1.7)));
    for condition in [0, 1, 2] {
        let person = with_others.clone().knowing(|context| match condition {
            0 => context.hyperparathyroidism = Some(true),
            1 => context.over_table_weight = Some(true),
            _ => context.androgen_deprivation = Some(true),
        });
        assert_eq!(lowest(person), Some(("radius_33".to_owned(), None, -3.0)), "{condition}");
    }
    // Without a hip, or without a spine, the radius takes its place; other parts of the forearm never do.
    let no_hip = woman(70.0).t("L1-L4", -1.0).t("radius_33", -2.0).t("radius_ud", -3.0);
    assert_eq!(lowest(no_hip), Some(("radius_33".to_owned(), None, -2.0)));
    let no_spine = woman(70.0).t("total_hip", -1.0).t("radius_33", -2.0).t("radius_total", -3.0);
    assert_eq!(lowest(no_spine), Some(("radius_33".to_owned(), None, -2.0)));
    // One vertebra is no spine.
    assert_eq!(lowest(woman(70.0).t("L2", -3.0)), None);
}

fn four_vertebrae(t: [f64; 4]) -> Person {
    woman(70.0).t("L1", t[0]).t("L2", t[1]).t("L3", t[2]).t("L4", t[3]).t("L1-L4", -0.8)
}

/// ISCD: a vertebra more than 1.0 from its neighbors leaves, and the subset has its own reference.
#[test]
fn vertebrae_left_out() {
    let used = |person: &Person| person.assessment("iscd-2023").spines[0].used.map(|used| used.to_string());
    let degenerate = four_vertebrae([-1.5, -1.4, -1.6, 0.5]);
    assert_eq!(used(&degenerate).as_deref(), Some("L1-L3"));
    // Without a T of the subset the spine has none, whatever the total of four says.
    assert_eq!(degenerate.assessment("iscd-2023").lowest, None);
    let lowest = degenerate.clone().t("L1-L3", -1.5).assessment("iscd-2023").lowest.unwrap();
    assert_eq!((lowest.site.to_string().as_str(), lowest.t.to_string().as_str()), ("L1-L3", "-1.5"));
    // Two readers' exclusions, then the rule on the rest.
    let read = four_vertebrae([-1.5, -1.4, -1.6, -3.0]).knowing(|context| {
        context.not_assessable.insert(Lumbar::L1, NotAssessable::Artefact);
    });
    assert_eq!(used(&read).as_deref(), Some("L2-L3"));
    let assessment = read.assessment("iscd-2023");
    let why = |site: &str| {
        let reason = assessment.excluded(0, site.parse().unwrap())?;
        Some((reason.code(), reason.by()))
    };
    assert_eq!(why("L1"), Some(("artefact", "user")));
    assert_eq!(why("L4"), Some(("t_outlier", "rule")));
    assert_eq!((why("L2"), why("L1-L4")), (None, None));
    // Nothing is left to count: another site is used.
    let apart = four_vertebrae([0.0, 2.0, 0.0, 2.0]).knowing(|context| {
        context.not_assessable.insert(Lumbar::L1, NotAssessable::Fracture);
        context.not_assessable.insert(Lumbar::L2, NotAssessable::Fracture);
    });
    assert_eq!(used(&apart), None);
    let lowest = apart.t("total_hip", -0.3).t("radius_33", -1.2).assessment("iscd-2023").lowest.unwrap();
    assert_eq!(lowest.site.to_string(), "radius_33");
    check(
        "iscd-2023",
        "iscd-2023/vertebra-exclude",
        [
            ("an outlier", four_vertebrae([-1.5, -1.4, -1.6, 0.5]), Fired),
            ("1.0 apart", four_vertebrae([-1.5, -1.4, -1.6, -0.6]), NotFired),
            ("only a total", woman(70.0).t("L1-L4", -1.0), Unknown),
            ("no spine", woman(70.0).t("total_hip", -1.0), Unknown),
        ],
    );
    // T-scores against different references are not compared; our own, against one, are.
    let mut mixed = four_vertebrae([-1.5, -1.4, -1.6, 0.5]);
    mixed.regions[0].1.deciding.as_mut().unwrap().reference = "device: other".to_owned();
    assert_eq!(used(&mixed).as_deref(), Some("L1-L3"));
    mixed.regions[0].1.scores.clear();
    mixed.regions[1].1.scores[0].reference.id = "another".to_owned();
    assert_eq!(used(&mixed).as_deref(), Some("L1-L4"));
    let findings = four_vertebrae([-1.0, -1.2, -2.6, -2.5]).judged("iscd-2023").1;
    let differs = findings.iter().filter(|finding| finding.code == "vertebra_t_differs");
    let levels: Vec<_> = differs.map(|finding| finding.site.unwrap().to_string()).collect();
    assert_eq!(levels, ["L2", "L3"]);
}

/// Japan 2012: ≤ 70 % of the young mean, or < 80 % with a fragility fracture; ≤ −2.5 SD; hip or vertebra.
#[test]
fn japan_2012() {
    let percent = |percent: f64| {
        let person = woman(70.0).percent("L2-L4", -1.0, percent).percent("total_hip", -1.0, 95.0);
        person.percent("femoral_neck", -1.0, 95.0)
    };
    check(
        "japan-2012",
        "ya-percent",
        [
            ("70 %", percent(70.0), Fired),
            ("70.1 % without fracture", no_fractures(percent(70.1)), NotFired),
            ("79.9 % with a broken wrist", percent(79.9).broke(DistalForearm), Fired),
            ("80 % with a broken wrist", percent(80.0).broke(DistalForearm), NotFired),
            ("75 %, fractures unknown", percent(75.0), Unknown),
            ("spine only", no_fractures(woman(70.0).percent("L2-L4", -1.0, 90.0)), Unknown),
        ],
    );
    check("japan-2012", "japan-2012/dx-sd", [("−2.5", percent(90.0).t("total_hip", -2.5), Fired)]);
    check(
        "japan-2012",
        "japan-2012/dx-fracture",
        [("hip", percent(90.0).broke(Hip), Fired), ("wrist", percent(90.0).broke(DistalForearm), NotFired)],
    );
    let diagnosis = no_fractures(percent(85.0)).assessment("japan-2012").diagnosis;
    assert_eq!(diagnosis.osteoporosis, Some(false));
}

/// Chinese guideline 2022, diagnosis.
#[test]
fn china_2022_criteria() {
    let high_trauma = Fracture { fragility: Some(false), ..fracture(Hip) };
    let told = Fracture { fragility: Some(true), confirmed: Some(false), ..fracture(Vertebra) };
    let suspected = Person { suspected: true, ..no_fractures(woman(66.0).everywhere(0.0)) };
    let confirmed = Person { suspected: false, confirmed: vec![Level::L1], ..suspected.clone() };
    check(
        CHINA,
        "cn-2022/dx-fracture",
        [
            ("hip", woman(66.0).everywhere(0.0).broke(Hip), Fired),
            ("vertebra", woman(66.0).everywhere(0.0).broke(Vertebra), Fired),
            ("wrist", woman(66.0).everywhere(0.0).broke(DistalForearm), NotFired),
            ("hip in a car crash", woman(66.0).fractured(high_trauma), NotFired),
            ("hip, how is not known", woman(66.0).fractured(fracture(Hip)), Unknown),
            ("told, not documented", woman(66.0).fractured(told), Unknown),
            ("suspected in the image", suspected.clone(), Unknown),
            ("confirmed by a reader", confirmed.clone(), Fired),
            ("confirmed, nothing else known", Person { context: Context::default(), ..confirmed }, Fired),
            ("suspected, but the hip is broken anyway", suspected.broke(Hip), Fired),
            ("nothing known", woman(66.0), Unknown),
            ("none", no_fractures(woman(66.0)), NotFired),
        ],
    );
    check(
        CHINA,
        "cn-2022/dx-bmd",
        [
            ("−2.5 at one site", woman(66.0).t("total_hip", -2.5), Fired),
            ("−2.4 everywhere", woman(66.0).everywhere(-2.4), NotFired),
            ("−2.4 at the spine alone", woman(66.0).t("L1-L4", -2.4), Unknown),
            ("33 % radius beside spine and hip", woman(66.0).everywhere(-1.0).t("radius_33", -2.5), Fired),
            ("ultradistal radius", woman(66.0).everywhere(-1.0).t("radius_ud", -2.9), NotFired),
            ("radius in place of the hip", woman(66.0).t("L1-L4", -1.0).t("radius_33", -1.0), NotFired),
            ("man of 49, no diagnosis from density", man(49.0).everywhere(-3.0), NotFired),
            ("nothing measured", woman(66.0), Unknown),
        ],
    );
    for site in [ProximalHumerus, Pelvis, DistalForearm] {
        check(
            CHINA,
            "cn-2022/dx-low-plus-fracture",
            [
                ("−1.1", woman(66.0).everywhere(-1.1).broke(site), Fired),
                ("−2.4", woman(66.0).everywhere(-2.4).broke(site), Fired),
                ("−1.0", woman(66.0).everywhere(-1.0).broke(site), NotFired),
                ("−2.5, another criterion", woman(66.0).everywhere(-2.5).broke(site), NotFired),
                ("spine alone, low", woman(66.0).t("L1-L4", -1.8).broke(site), Fired),
                ("spine alone, normal", woman(66.0).t("L1-L4", -0.8).broke(site), Unknown),
            ],
        );
    }
    check(
        CHINA,
        "cn-2022/dx-low-plus-fracture",
        [
            ("a rib", woman(66.0).everywhere(-1.8).broke(Other), NotFired),
            ("fractures unknown", woman(66.0).everywhere(-1.8), Unknown),
        ],
    );
}

#[test]
fn diagnosis_says_no_only_when_every_criterion_could_be_answered() {
    let diagnosis = |person: Person, profile: &str| person.assessment(profile).diagnosis;
    assert_eq!(diagnosis(woman(66.0).everywhere(-1.8), CHINA).osteoporosis, None);
    assert_eq!(diagnosis(no_fractures(woman(66.0).everywhere(-1.8)), CHINA).osteoporosis, Some(false));
    let broken = diagnosis(woman(66.0).everywhere(-2.6).broke(Hip), CHINA);
    let met: Vec<_> = broken.criteria.iter().map(|id| id.code()).collect();
    assert_eq!(
        (broken.osteoporosis, met.join(" ").as_str()),
        (Some(true), "cn-2022/dx-fracture cn-2022/dx-bmd")
    );
    // On Z there is no diagnosis from density, and no denial of one.
    assert_eq!(diagnosis(no_fractures(man(40.0).everywhere(-3.0)), CHINA).osteoporosis, None);
    // A profile that asks nothing about fractures denies nothing to somebody who had one.
    let iscd = "iscd-2023";
    assert_eq!(diagnosis(no_fractures(woman(66.0).everywhere(-1.8)), iscd).osteoporosis, Some(false));
    assert_eq!(diagnosis(woman(66.0).everywhere(-1.8).broke(Hip), iscd).osteoporosis, None);
    assert_eq!(diagnosis(woman(66.0).everywhere(-1.8), iscd).osteoporosis, None);
    assert_eq!(diagnosis(woman(66.0).everywhere(-2.5), iscd).osteoporosis, Some(true));
    // Adult rules are silent about children.
    assert_eq!(diagnosis(man(15.0).z("L1-L4", -3.0).broke(Hip), CHINA).osteoporosis, None);
}

/// Chinese guideline 2022, treatment criteria.
#[test]
fn china_2022_treatment_criteria() {
    let frax = |hip: f64, major: f64| {
        no_fractures(woman(66.0).everywhere(-1.8)).knowing(move |context| {
            context.frax.hip_percent = Some(hip);
            context.frax.major_percent = Some(major);
        })
    };
    check(
        CHINA,
        "cn-2022/treat",
        [
            ("vertebra, normal density", woman(66.0).everywhere(0.0).broke(Vertebra), Fired),
            ("−2.5", woman(66.0).everywhere(-2.5), Fired),
            ("33 % radius −2.5", woman(66.0).everywhere(-1.0).t("radius_33", -2.5), Fired),
            ("low with pelvis", woman(66.0).everywhere(-1.2).broke(Pelvis), Fired),
            ("low, hip 3 %", frax(3.0, 10.0), Fired),
            ("low, major 20 %", frax(2.9, 20.0), Fired),
            ("low, below both", frax(2.9, 19.9), NotFired),
            ("low, FRAX unknown", no_fractures(woman(66.0).everywhere(-1.8)), Unknown),
            ("normal, FRAX high", frax(5.0, 30.0).t("L1-L4", -1.8), Fired),
        ],
    );
    check(
        CHINA,
        "cn-2022/frax-threshold",
        [
            ("hip", frax(3.0, 0.0), Fired),
            ("below", frax(2.99, 19.99), NotFired),
            (
                "only the hip, low",
                woman(66.0).knowing(|context| context.frax.hip_percent = Some(1.0)),
                Unknown,
            ),
        ],
    );
}

/// A woman with osteoporosis by density and nothing that makes the risk very high.
fn osteoporotic() -> Person {
    no_fractures(woman(66.0).everywhere(-2.8)).knowing(|context| {
        context.bone_damaging_drugs = Some(false);
        context.glucocorticoid.taken = Some(GlucocorticoidUse::Never);
        context.high_fall_risk = Some(false);
        context.frax.hip_percent = Some(2.0);
        context.frax.major_percent = Some(10.0);
    })
}

/// Chinese guideline 2022, very high risk.
#[test]
fn china_2022_very_high_risk() {
    let dated = |day| Fracture { date: on(day), fragility: Some(true), ..fracture(Other) };
    let glucocorticoid = |mg: f64, months: f64, taken| {
        osteoporotic().knowing(move |context| {
            context.glucocorticoid.taken = Some(taken);
            context.glucocorticoid.mg_per_day = Some(mg);
            context.glucocorticoid.months = Some(months);
        })
    };
    let frax = |hip: f64, major: f64| {
        osteoporotic().knowing(move |context| {
            context.frax.hip_percent = Some(hip);
            context.frax.major_percent = Some(major);
        })
    };
    let treated = |on_treatment| Fracture { on_treatment, ..dated(date(2019, 1, 1)) };
    let old = || treated(Some(false));
    let year = DateRange { earliest: date(2022, 1, 1), latest: date(2022, 12, 31) };
    check(
        CHINA,
        "cn-2022/very-high-risk",
        [
            ("nothing more", osteoporotic(), NotFired),
            ("fracture 24 months ago to the day", osteoporotic().fractured(dated(date(2022, 5, 17))), Fired),
            (
                "a year in which the limit lies",
                osteoporotic().fractured(Fracture {
                    date: Some(year),
                    on_treatment: Some(false),
                    ..dated(SCAN)
                }),
                Unknown,
            ),
            (
                "fracture a day earlier, not treated",
                osteoporotic().fractured(Fracture { on_treatment: Some(false), ..dated(date(2022, 5, 16)) }),
                NotFired,
            ),
            ("old, on treatment", osteoporotic().fractured(treated(Some(true))), Fired),
            ("old, treatment unknown", osteoporotic().fractured(treated(None)), Unknown),
            ("two old ones", osteoporotic().fractured(old()).fractured(old()), Fired),
            ("glucocorticoid 7.5 mg, 4 months", glucocorticoid(7.5, 4.0, GlucocorticoidUse::Current), Fired),
            ("glucocorticoid 7.4 mg", glucocorticoid(7.4, 4.0, GlucocorticoidUse::Current), NotFired),
            ("glucocorticoid for 3 months", glucocorticoid(7.5, 3.0, GlucocorticoidUse::Current), NotFired),
            ("glucocorticoid in the past", glucocorticoid(20.0, 9.0, GlucocorticoidUse::Past), NotFired),
            ("other drugs", osteoporotic().knowing(|c| c.bone_damaging_drugs = Some(true)), Fired),
            ("−3.0", osteoporotic().t("L1-L4", -3.0), NotFired),
            ("−3.1", osteoporotic().t("L1-L4", -3.1), Fired),
            ("falls", osteoporotic().knowing(|c| c.high_fall_risk = Some(true)), Fired),
            ("falls unknown", osteoporotic().knowing(|c| c.high_fall_risk = None), Unknown),
            ("FRAX 4.5 and 30", frax(4.5, 30.0), NotFired),
            ("FRAX hip 4.6", frax(4.6, 10.0), Fired),
            ("FRAX major 30.1", frax(2.0, 30.1), Fired),
            (
                "no osteoporosis, falls",
                no_fractures(woman(66.0).everywhere(-1.0)).knowing(|c| {
                    c.high_fall_risk = Some(true);
                }),
                NotFired,
            ),
        ],
    );
}

#[test]
fn fracture_risk_strata() {
    let risk = |person: Person| person.assessment(CHINA).fracture_risk;
    assert_eq!(risk(osteoporotic().t("L1-L4", -3.1)), FractureRisk::VeryHigh);
    assert_eq!(risk(osteoporotic()), FractureRisk::High);
    assert_eq!(risk(woman(66.0).everywhere(-2.8)), FractureRisk::High);
    let normal = Person { regions: no_fractures(woman(66.0).everywhere(-0.5)).regions, ..osteoporotic() };
    assert_eq!(risk(normal.clone()), FractureRisk::NotHigh);
    let over = normal.clone().knowing(|context| context.frax.hip_percent = Some(3.0));
    assert_eq!(risk(over), FractureRisk::High);
    assert_eq!(risk(normal.knowing(|context| context.frax.hip_percent = None)), FractureRisk::Unknown);
    assert_eq!(risk(woman(66.0).everywhere(-0.5)), FractureRisk::Unknown);
    assert_eq!(osteoporotic().assessment("iscd-2023").fracture_risk, FractureRisk::Unknown);
}
