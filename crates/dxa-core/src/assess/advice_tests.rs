//! Worked cases of screening tools, received values, imaging of the spine, and plausibility.

use super::Outcome::{CannotTell as Unknown, Fired, NotFired};
use super::case::{CHINA, Person, check, fracture, man, no_fractures, on, woman};
use crate::context::FractureSite::{Other, Vertebra};
use crate::context::{Fracture, GlucocorticoidUse, IofItem};
use crate::patient::Menopause;
use jiff::civil::date;

/// OSTA = (kg − age) × 0.2, truncated: > −1 low, −1 to −4 medium, < −4 high.
#[test]
fn osta_and_ost() {
    let result = |profile: &str, id: &str, age: f64, kg: f64| {
        let person = woman(age).knowing(move |context| context.weight_kg = Some(kg));
        let assessment = person.assessment(profile);
        let rule = assessment.rules.into_iter().find(|rule| rule.id.code() == id).unwrap();
        format!("{:?} {:?}", rule.answer.outcome(), rule.result)
    };
    let osta = |age, kg| result(CHINA, "risk/osta", age, kg);
    let said = |outcome: &str, index: &str, stratum: &str| {
        format!("{outcome} [(\"index\", Number({index})), (\"stratum\", Text(\"{stratum}\"))]")
    };
    assert_eq!(osta(60.0, 55.1), said("NotFired", "0.0", "low"));
    assert_eq!(osta(60.0, 55.0), said("Fired", "-1.0", "medium"));
    assert_eq!(osta(74.9, 50.0), said("Fired", "-4.0", "medium"));
    assert_eq!(osta(75.0, 50.0), said("Fired", "-5.0", "high"));
    let ost = |age, kg| result("iscd-2023", "risk/ost", age, kg);
    assert_eq!(ost(50.0, 55.5), said("NotFired", "1.1", "low"));
    assert_eq!(ost(50.0, 55.0), said("Fired", "1.0", "moderate"));
    assert_eq!(ost(70.0, 55.0), said("Fired", "-3.0", "moderate"));
    assert_eq!(ost(70.0, 54.0), said("Fired", "-3.2", "high"));
    assert_eq!(woman(60.0).rule(CHINA, "risk/osta"), (Unknown, vec!["weight_kg"]));
}

/// IOF one-minute test: 19 questions, any yes is positive; women and men are asked their own.
#[test]
fn iof_one_minute() {
    let all_no = |skip: Option<IofItem>| {
        move |context: &mut crate::context::Context| {
            let asked = IofItem::ALL.into_iter().filter(|item| Some(*item) != skip);
            context.iof_one_minute = asked.map(|item| (item, false)).collect();
        }
    };
    check(
        CHINA,
        "risk/iof-one-minute",
        [
            ("one yes", woman(66.0).knowing(|c| _ = c.iof_one_minute.insert(IofItem::Smoking, true)), Fired),
            (
                "one no",
                woman(66.0).knowing(|c| _ = c.iof_one_minute.insert(IofItem::Smoking, false)),
                Unknown,
            ),
            ("all no", woman(66.0).knowing(all_no(None)), NotFired),
            (
                "a woman is not asked about androgens",
                woman(66.0).knowing(all_no(Some(IofItem::LowAndrogen))),
                NotFired,
            ),
            ("a man is", man(66.0).knowing(all_no(Some(IofItem::LowAndrogen))), Unknown),
            ("not asked at all", man(66.0), Unknown),
        ],
    );
}

/// Values received: QCT < 80 osteoporosis, 80–120 low, > 120 normal; TBS passed on; ultrasound refused.
#[test]
fn received_values() {
    let category = |mg: f64| {
        let person = woman(66.0).knowing(move |context| context.qct_spine_mg_cm3 = Some(mg));
        let assessment = person.assessment(CHINA);
        let rule = assessment.rules.into_iter().find(|rule| rule.id.code() == "received/qct").unwrap();
        (rule.answer.outcome(), format!("{:?}", rule.result[0].1))
    };
    assert_eq!(category(79.9), (Fired, "Text(\"osteoporosis\")".to_owned()));
    assert_eq!(category(80.0), (NotFired, "Text(\"low_bone_mass\")".to_owned()));
    assert_eq!(category(120.0), (NotFired, "Text(\"low_bone_mass\")".to_owned()));
    assert_eq!(category(120.1), (NotFired, "Text(\"normal\")".to_owned()));
    check(CHINA, "received/tbs", [("1.2", woman(66.0).knowing(|c| c.tbs.value = Some(1.2)), Fired)]);
    check(
        CHINA,
        "received/qus",
        [("−3", woman(66.0).knowing(|c| c.ultrasound_t = Some(-3.0)), Fired), ("none", woman(66.0), Unknown)],
    );
    // None of them is a criterion of osteoporosis.
    let person = woman(66.0).everywhere(-1.0).knowing(|context| {
        context.qct_spine_mg_cm3 = Some(40.0);
        context.ultrasound_t = Some(-4.0);
    });
    assert_eq!(person.assessment(CHINA).diagnosis.osteoporosis, None);
}

/// Chinese guideline 2022: whose spine to image by age and T.
#[test]
fn vertebral_imaging_by_age() {
    check(
        CHINA,
        "cn-2022/vfa-70",
        [
            ("woman of 70, −1.0", woman(70.0).everywhere(-1.0), Fired),
            ("woman of 70, −0.9", woman(70.0).everywhere(-0.9), NotFired),
            ("woman of 69.99, −1.0", woman(69.99).everywhere(-1.0), NotFired),
            ("man of 80, −1.0", man(80.0).everywhere(-1.0), Fired),
            ("man of 79.99, −1.0", man(79.99).everywhere(-1.0), NotFired),
            ("woman of 70, no T", woman(70.0), Unknown),
            ("woman of 60, no T", woman(60.0), NotFired),
        ],
    );
    check(
        CHINA,
        "cn-2022/vfa-65",
        [
            ("woman of 65, −1.5", woman(65.0).everywhere(-1.5), Fired),
            ("woman of 64.99, −1.5", woman(64.99).everywhere(-1.5), NotFired),
            ("woman of 69.99, −1.5", woman(69.99).everywhere(-1.5), Fired),
            ("woman of 70, −1.5", woman(70.0).everywhere(-1.5), NotFired),
            ("woman of 65, −1.4", woman(65.0).everywhere(-1.4), NotFired),
            ("man of 70, −1.5", man(70.0).everywhere(-1.5), Fired),
            ("man of 80, −1.5", man(80.0).everywhere(-1.5), NotFired),
            ("woman of 63.28, −1.6", woman(63.28).t("L1-L4", -1.6), NotFired),
        ],
    );
}

/// Chinese guideline 2022: whose spine to image by history.
#[test]
fn vertebral_imaging_by_history() {
    let heights = |now: f64, tallest: f64| {
        man(66.0).knowing(move |context| {
            context.height_cm = Some(now);
            context.tallest_height_cm = Some(tallest);
        })
    };
    let broken = |day| Fracture { date: on(day), fragility: Some(true), ..fracture(Other) };
    let steroid = |months: f64, taken| {
        man(66.0).knowing(move |context| {
            context.glucocorticoid.taken = Some(taken);
            context.glucocorticoid.months = Some(months);
        })
    };
    let nothing = |person: Person| {
        no_fractures(person).knowing(|context| {
            context.height_cm = Some(170.0);
            context.tallest_height_cm = Some(171.0);
            context.height_lost_in_a_year_cm = Some(0.0);
            context.glucocorticoid.taken = Some(GlucocorticoidUse::Never);
        })
    };
    check(
        CHINA,
        "cn-2022/vfa-risk",
        [
            ("4 cm shorter", heights(169.7, 173.7), Fired),
            ("3.9 cm shorter, no more known", heights(169.7, 173.6), Unknown),
            ("2 cm in a year", man(66.0).knowing(|c| c.height_lost_in_a_year_cm = Some(2.0)), Fired),
            ("broke a bone at 50", man(66.0).fractured(broken(date(2009, 5, 17))), Fired),
            ("at 49 and nothing else", nothing(man(66.0)).fractured(broken(date(2007, 5, 16))), NotFired),
            ("steroid for 4 months, recently", steroid(4.0, GlucocorticoidUse::Recent), Fired),
            ("steroid for 3 months", steroid(3.0, GlucocorticoidUse::Current), Unknown),
            ("long ago", steroid(9.0, GlucocorticoidUse::Past), Unknown),
            ("nothing", nothing(man(66.0)), NotFired),
            ("man of 49.99 who shrank", heights(165.0, 172.0).aged(49.99), NotFired),
            (
                "woman in the transition who shrank",
                woman(51.0).knowing(|c| {
                    c.menopause = Some(Menopause::Peri);
                    c.height_lost_in_a_year_cm = Some(3.0);
                }),
                NotFired,
            ),
        ],
    );
}

/// ISCD 2019 vertebral fracture assessment.
#[test]
fn vertebral_imaging_iscd() {
    let told = Fracture { confirmed: Some(false), ..fracture(Vertebra) };
    let steroid = |mg: f64, months: f64| {
        woman(60.0).everywhere(-1.1).knowing(move |context| {
            context.glucocorticoid.taken = Some(GlucocorticoidUse::Current);
            context.glucocorticoid.mg_per_day = Some(mg);
            context.glucocorticoid.months = Some(months);
        })
    };
    check(
        "iscd-2023",
        "iscd-2019/vfa",
        [
            ("woman of 70, −1.1", woman(70.0).everywhere(-1.1), Fired),
            ("woman of 70, −1.0", woman(70.0).everywhere(-1.0), NotFired),
            ("man of 80, −1.1", man(80.0).everywhere(-1.1), Fired),
            ("man of 79, −1.1", man(79.0).everywhere(-1.1), Unknown),
            ("told of a vertebra", woman(60.0).everywhere(-1.1).fractured(told), Fired),
            ("5 mg for 3 months", steroid(5.0, 3.0), Fired),
            ("4.9 mg for 3 months", steroid(4.9, 3.0), Unknown),
            (
                "4 cm shorter",
                no_fractures(steroid(0.0, 0.0)).knowing(|c| {
                    c.height_cm = Some(160.1);
                    c.tallest_height_cm = Some(164.1);
                }),
                NotFired,
            ),
            (
                "4.1 cm shorter",
                woman(60.0).everywhere(-1.1).knowing(|c| {
                    c.height_cm = Some(160.0);
                    c.tallest_height_cm = Some(164.1);
                }),
                Fired,
            ),
        ],
    );
    assert_eq!(woman(70.0).everywhere(-1.1).assessment("iscd-2023").vfa_indicated, Some(true));
    assert_eq!(woman(60.0).everywhere(-1.1).assessment("iscd-2023").vfa_indicated, None);
    assert_eq!(woman(60.0).everywhere(0.0).assessment("iscd-2023").vfa_indicated, Some(false));
    assert_eq!(woman(60.0).everywhere(0.0).assessment("japan-2012").vfa_indicated, None);
}

#[test]
fn follow_up_is_a_reminder_under_treatment() {
    let treated = |yes| woman(66.0).knowing(move |context| context.osteoporosis_treatment = Some(yes));
    check(
        CHINA,
        "interval",
        [
            ("treated", treated(true), Fired),
            ("not treated", treated(false), NotFired),
            ("unknown", woman(66.0), Unknown),
        ],
    );
}

impl Person {
    fn aged(mut self, years: f64) -> Self {
        self.patient.age =
            crate::units::Years::new(years).map(|age| (age, crate::patient::AgeSource::BirthDate));
        self
    }
}

/// Numbers as a device prints them: 55.77 cm², 48.69 g, 0.873 g/cm² agree; 0.873 and 0.880 do not.
#[test]
fn implausible_numbers_are_said() {
    let codes = |edit: &dyn Fn(&mut crate::measurement::Measurement)| {
        let mut person = woman(66.0).t("L1-L4", -1.0);
        let region = &mut person.regions[0].0;
        (region.area_cm2, region.bmc_g, region.bmd_g_cm2) = (Some(55.77), Some(48.69), Some(0.873));
        edit(region);
        let outcome = person.rule(CHINA, "plausibility").0;
        let findings = person.knowing(|c| c.menopause = Some(Menopause::Post)).judged(CHINA).1;
        (outcome, findings.iter().map(|finding| finding.code).collect::<Vec<_>>())
    };
    assert_eq!(codes(&|_| ()), (NotFired, vec![]));
    assert_eq!(codes(&|region| region.bmd_g_cm2 = Some(0.880)), (Fired, vec!["density_inconsistent"]));
    assert_eq!(codes(&|region| region.area_cm2 = Some(0.0)), (Fired, vec!["density_inconsistent"]));
    let far = codes(&|region| (region.area_cm2, region.bmd_g_cm2) = (None, Some(2.51)));
    assert_eq!(far, (Fired, vec!["density_implausible"]));
    assert_eq!(codes(&|region| region.bmd_g_cm2 = None).0, Unknown);
}

#[test]
fn impossible_people_are_said() {
    let said = |age: f64, height: f64, weight: f64| {
        let person = man(age).knowing(move |context| {
            context.height_cm = Some(height);
            context.weight_kg = Some(weight);
        });
        person.judged(CHINA).1.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(said(66.0, 170.0, 70.0), Vec::<String>::new());
    assert_eq!(said(121.0, 17.0, 700.0), ["The person's age and height and weight cannot be right."]);
}

#[test]
fn vertebrae_that_do_not_grow_are_said() {
    let areas = |areas: [f64; 4]| {
        let mut person = woman(66.0).knowing(|c| c.menopause = Some(Menopause::Post));
        for (level, area) in ["L1", "L2", "L3", "L4"].into_iter().zip(areas) {
            person = person.t(level, -1.0);
            person.regions.last_mut().unwrap().0.area_cm2 = Some(area);
        }
        person.judged(CHINA).1.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(areas([11.0, 12.0, 13.0, 14.0]), Vec::<&str>::new());
    assert_eq!(areas([11.0, 12.0, 14.0, 13.0]), ["vertebrae_not_growing"]);
}
