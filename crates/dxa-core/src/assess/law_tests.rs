//! Laws that hold for every case: knowledge never overturns an answer, and no answer without its inputs.

use proptest::prelude::*;

use super::case::{Person, SCAN, fracture, man, woman};
use super::{Outcome, RuleId, ScoreBasis, rules_of};
use crate::context::{
    Context, DateRange, Fracture, FractureSite, Glucocorticoid, GlucocorticoidUse, IofItem,
};
use crate::patient::Menopause;
use crate::vertebra::Level;
use jiff::ToSpan as _;

const PROFILES: [&str; 6] = ["iscd-2023", "china-2022", "hong-kong", "japan-2012", "canada", "site-local"];

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    proptest::option::weighted(0.8, value).boxed()
}

fn some_fracture() -> impl Strategy<Value = Fracture> {
    let site = proptest::sample::select(FractureSite::ALL.to_vec());
    let date = (0i64..8000).prop_map(|days| {
        let day = SCAN.checked_sub(days.days()).unwrap();
        DateRange { earliest: day, latest: day }
    });
    let flags = (maybe(any::<bool>()), maybe(any::<bool>()), maybe(any::<bool>()));
    (site, maybe(date), flags).prop_map(|(site, date, (fragility, confirmed, on_treatment))| Fracture {
        date,
        fragility,
        confirmed,
        on_treatment,
        ..fracture(site)
    })
}

prop_compose! {
    fn some_context()(
        menopause in maybe(proptest::sample::select(Menopause::ALL.to_vec())),
        fractures in maybe(proptest::collection::vec(some_fracture(), 0..4)),
        taken in maybe(proptest::sample::select(GlucocorticoidUse::ALL.to_vec())),
        mg_per_day in maybe(prop_oneof![Just(5.0), Just(7.5), 0.0..20.0]),
        months in maybe(prop_oneof![Just(3.0), 0.0..24.0]),
        flags in proptest::array::uniform4(maybe(any::<bool>())),
        frax in (maybe(0.0..50.0), maybe(0.0..10.0)),
        heights in (maybe(150.0..170.0), maybe(150.0..175.0), maybe(0.0..4.0)),
        weight_kg in maybe(40.0..100.0),
        yes in proptest::collection::btree_map(proptest::sample::select(IofItem::ALL.to_vec()), any::<bool>(), 0..20),
        received in (maybe(20.0..180.0), maybe(1.0..1.5), maybe(-4.0..1.0)),
    ) -> Context {
        let [bone_damaging_drugs, osteoporosis_treatment, high_fall_risk, _] = flags;
        let mut context = Context {
            menopause, fractures, bone_damaging_drugs, osteoporosis_treatment, high_fall_risk, weight_kg,
            height_cm: heights.0,
            tallest_height_cm: heights.1,
            height_lost_in_a_year_cm: heights.2,
            glucocorticoid: Glucocorticoid { taken, mg_per_day, months },
            iof_one_minute: yes,
            qct_spine_mg_cm3: received.0,
            ultrasound_t: received.2,
            ..Context::default()
        };
        (context.frax.major_percent, context.frax.hip_percent) = frax;
        context.tbs.value = received.1;
        context
    }
}

prop_compose! {
    fn some_person()(
        female in any::<bool>(),
        age in prop_oneof![Just(50.0), Just(65.0), Just(70.0), Just(80.0), 15.0..95.0],
        t in proptest::collection::vec((0usize..9, -45i32..20), 0..9),
        suspected in any::<bool>(),
        confirmed in proptest::sample::subsequence(vec![Level::T12, Level::L1, Level::L2], 0..3),
        context in some_context(),
    ) -> Person {
        const SITES: [&str; 9] =
            ["L1", "L2", "L3", "L4", "L1-L4", "L1-L3", "total_hip", "femoral_neck", "radius_33"];
        let person = if female { woman(age) } else { man(age) };
        let person = t.into_iter().fold(person, |person, (site, tenths)| {
            person.t(SITES[site], f64::from(tenths) / 10.0)
        });
        Person { suspected, confirmed, context, ..person }
    }
}

/// Forgets what the bits say. Menopause stays: rule `score-basis` names what it assumes without it.
fn forget(context: &Context, bits: u32) -> Context {
    let mut less = context.clone();
    let forgets = |bit: u32| bits & (1 << bit) != 0;
    if forgets(0) {
        less.fractures = None;
    }
    for (at, fracture) in less.fractures.iter_mut().flatten().enumerate() {
        match (bits >> 16).rotate_left(u32::try_from(at).unwrap()) % 4 {
            0 => fracture.fragility = None,
            1 => fracture.date = None,
            2 => fracture.on_treatment = None,
            _ => {}
        }
    }
    let numbers = [
        &mut less.glucocorticoid.mg_per_day,
        &mut less.glucocorticoid.months,
        &mut less.frax.hip_percent,
        &mut less.frax.major_percent,
        &mut less.height_cm,
        &mut less.tallest_height_cm,
        &mut less.height_lost_in_a_year_cm,
        &mut less.weight_kg,
        &mut less.qct_spine_mg_cm3,
    ];
    for (bit, number) in (1u32..).zip(numbers) {
        if forgets(bit) {
            *number = None;
        }
    }
    if forgets(10) {
        less.glucocorticoid.taken = None;
    }
    let flags = [&mut less.bone_damaging_drugs, &mut less.osteoporosis_treatment, &mut less.high_fall_risk];
    for (bit, flag) in (11u32..).zip(flags) {
        if forgets(bit) {
            *flag = None;
        }
    }
    if forgets(14) {
        less.iof_one_minute.pop_first();
    }
    less
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// What was answered stays answered so, whatever else becomes known.
    #[test]
    fn knowledge_overturns_no_answer(person in some_person(), bits in any::<u32>()) {
        let less = Person { context: forget(&person.context, bits), ..person.clone() };
        for profile in PROFILES {
            let (before, after) = (less.assessment(profile), person.assessment(profile));
            for (before, after) in before.rules.iter().zip(&after.rules) {
                let (was, is) = (before.answer.outcome(), after.answer.outcome());
                prop_assert!(was == Outcome::CannotTell || was == is, "{profile} {:?} {was:?} {is:?}", before.id);
            }
            for (was, is) in [
                (before.diagnosis.osteoporosis, after.diagnosis.osteoporosis),
                (before.vfa_indicated, after.vfa_indicated),
            ] {
                prop_assert!(was.is_none() || was == is, "{profile} {was:?} {is:?}");
            }
        }
    }

    /// A rule that cannot tell says what is missing, and only that one does.
    #[test]
    fn what_is_missing_is_named(person in some_person()) {
        for profile in PROFILES {
            for rule in person.assessment(profile).rules {
                let unknown = rule.answer.outcome() == Outcome::CannotTell;
                prop_assert_eq!(unknown, !rule.answer.missing().is_empty(), "{:?}", rule.id);
                for input in rule.answer.missing() {
                    prop_assert!(rule.inputs.iter().all(|(known, _)| known != input)
                        || matches!(input.code(), "iof_one_minute" | "percent_of_young_mean"),
                        "{:?} both has and lacks {input:?}", rule.id);
                }
            }
        }
    }

    /// The class needs a T, and T needs its basis.
    #[test]
    fn no_class_without_a_t(person in some_person()) {
        let assessment = person.assessment("iscd-2023");
        match assessment.basis {
            Some(ScoreBasis::T) => {
                prop_assert_eq!(assessment.who.is_some(), assessment.lowest.is_some());
                prop_assert_eq!(assessment.age, None);
            }
            _ => prop_assert!(assessment.lowest.is_none()),
        }
    }

    /// Shifting every T by the same amount leaves out the same vertebrae, and at least two remain or none.
    #[test]
    fn vertebrae_leave_by_differences_only(t in proptest::array::uniform4(-40i32..20), shift in -10i32..10) {
        let spine = |shift: i32| {
            let levels = ["L1", "L2", "L3", "L4"].into_iter().zip(t);
            let person = levels.fold(woman(70.0), |person, (level, t)| person.t(level, f64::from(t + shift) / 10.0));
            person.t("L1-L4", 0.0).assessment("iscd-2023").spines.remove(0)
        };
        let (here, there) = (spine(0), spine(shift));
        prop_assert_eq!(&here.excluded, &there.excluded);
        prop_assert_eq!(here.used, there.used);
        match here.used {
            Some(used) => prop_assert_eq!(used.len() + here.excluded.len(), 4),
            None => prop_assert_eq!(here.excluded.len(), 3),
        }
    }
}

#[test]
fn every_rule_belongs_to_a_profile_and_names_its_source() {
    let person = woman(66.0);
    for id in RuleId::ALL {
        let profile = PROFILES.into_iter().find(|profile| rules_of(profile).contains(&id));
        assert!(profile.is_some(), "{} is in no profile", id.code());
        let assessment = person.assessment(profile.unwrap());
        let rule = assessment.rules.into_iter().find(|rule| rule.id == id).unwrap();
        assert!(!rule.source.is_empty(), "{}", id.code());
    }
    let mut codes: Vec<_> = RuleId::ALL.map(RuleId::code).to_vec();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RuleId::ALL.len());
}
