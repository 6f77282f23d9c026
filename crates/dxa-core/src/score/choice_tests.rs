//! Which reference is chosen for whom, which T decides, and why a score is missing.

use sha2::{Digest, Sha256};

use super::*;
use crate::findings::RefusalCode;
use crate::patient::Ethnicity;
use crate::reference::{Device, Library, Profile, SourceFile, Subject};

/// A made-up table: one young woman and man and a flat curve, so that its mean tells who was chosen.
fn synthetic(id: &str, maker: &str, mean: f64, extra: &str) -> Library {
    let mut csv = "kind,sex,site,age_min,age_max,n,mean,sd,l,m,s\n".to_owned();
    for (sex, shift) in [("F", 0.0), ("M", 0.1)] {
        for site in ["L1-L4", "total_hip", "trochanter"] {
            csv += &format!("young,{sex},{site},20,29,,{},0.1,,,\n", mean + shift);
            csv += &format!(
                "knot,{sex},{site},20,20,,{0},0.1,,,\nknot,{sex},{site},80,80,,{0},0.1,,,\n",
                mean + shift
            );
        }
    }
    let sha256 = format!("{:x}", Sha256::digest(csv.as_bytes()));
    let toml = format!(
        "id = \"{id}\"\nversion = \"1\"\npopulation = \"P\"\nmanufacturer = \"{maker}\"\nquantity = \"bmd\"\n\
         unit = \"g/cm2\"\ncitation = \"c\"\nwhere_read = \"w\"\nlicence = \"l\"\nsha256 = \"{sha256}\"\n{extra}\n"
    );
    let (csv_name, toml_name) = (format!("{id}.csv"), format!("{id}.toml"));
    let (library, refused) = Library::load(&[
        SourceFile { name: &csv_name, bytes: csv.as_bytes() },
        SourceFile { name: &toml_name, bytes: toml.as_bytes() },
    ]);
    assert_eq!(refused, []);
    library
}

/// The tables that a complete installation has, by maker and population.
fn complete(ids: &[&str]) -> Library {
    let mut library = Library::bundled().clone();
    for id in ids.iter().filter(|id| Library::bundled().get(id).is_none()) {
        library = library.with(synthetic(id, "Hologic", 1.0, "status = \"derived\""));
    }
    library
}

const SURVEY: [&str; 4] = [
    "nhanes-2005-2008-us-nhw",
    "nhanes-2005-2008-us-nhb",
    "nhanes-2005-2008-us-ma",
    "nhanes-2005-2008-us-all",
];

fn person(sex: Sex, age: f64, ethnicity: Option<Ethnicity>) -> Subject {
    Subject { sex: Some(sex), age: Years::new(age), ethnicity }
}

fn hologic() -> Device {
    Device::from_texts(Some("HOLOGIC"), Some("Horizon A"), Some("13.6.0.5"))
}

fn lunar(model: &str, software: &str) -> Device {
    Device::from_texts(Some("GE Healthcare"), Some(model), Some(software))
}

fn measured(site: &str, density: f64) -> Measured<'static> {
    Measured {
        site: site.parse().unwrap(),
        bmd: GramsPerCm2::new(density),
        device_t: None,
        device_reference: None,
    }
}

fn iscd() -> &'static Profile {
    Profile::bundled("iscd-2023").unwrap()
}

fn scored(who: &Subject, device: &Device, region: &Measured<'_>) -> RegionScores {
    score_region(iscd(), &complete(&SURVEY), who, device, region)
}

fn table_of(scores: &RegionScores, kind: ScoreKind) -> Option<&str> {
    scores.scores.iter().find(|score| score.kind == kind).map(|score| score.reference.id.as_str())
}

fn why(scores: &RegionScores, kind: ScoreKind) -> Option<&'static str> {
    scores.missing.iter().find(|missing| missing.kind == kind).map(|missing| missing.why.code())
}

#[test]
fn a_hologic_hip_is_scored_against_white_women_for_everybody() {
    for who in [
        person(Sex::Female, 65.0, None),
        person(Sex::Male, 65.0, None),
        person(Sex::Female, 65.0, Some(Ethnicity::Chinese)),
        person(Sex::Male, 25.0, Some(Ethnicity::NonHispanicBlack)),
    ] {
        let scores = scored(&who, &hologic(), &measured("total_hip", 0.637));
        let t = &scores.scores[0];
        assert_eq!((t.kind, t.reference.id.as_str()), (ScoreKind::T, "nhanes3-us-nhw"));
        assert_eq!(t.reference.population, "US non-Hispanic White women 20-29");
        assert_eq!(t.reference.status, Status::Secondary);
        // (0.637 − 0.942) / 0.122
        let deciding = scores.deciding.unwrap();
        assert!((deciding.value + 2.5).abs() < 1e-12);
        assert_eq!(deciding.reference, "nhanes3-us-nhw");
    }
}

#[test]
fn a_printed_spine_t_decides_and_ours_stands_beside_it() {
    let who = person(Sex::Female, 65.0, None);
    let mut region = measured("L1-L4", 0.873);
    let ours = scored(&who, &hologic(), &region).deciding.unwrap();
    assert_eq!(ours.reference, "nhanes-2005-2008-us-nhw");
    region.device_t = Some(-1.6);
    region.device_reference = Some("White Female");
    let scores = scored(&who, &hologic(), &region);
    let deciding = scores.deciding.as_ref().unwrap();
    assert_eq!((deciding.value, deciding.reference.as_str()), (-1.6, "device: White Female"));
    assert_eq!(table_of(&scores, ScoreKind::T), Some("nhanes-2005-2008-us-nhw"));
    region.device_reference = None;
    assert_eq!(scored(&who, &hologic(), &region).deciding.unwrap().reference, "device: reference not named");
    region.device_t = Some(f64::NAN);
    assert_eq!(scored(&who, &hologic(), &region).deciding.unwrap().reference, "nhanes-2005-2008-us-nhw");
}

#[test]
fn a_printed_hip_t_does_not_decide_where_the_profile_names_a_table() {
    let mut region = measured("femoral_neck", 0.558);
    region.device_t = Some(-9.0);
    let scores = scored(&person(Sex::Male, 70.0, None), &hologic(), &region);
    assert_eq!(scores.deciding.unwrap().reference, "nhanes3-us-nhw");
}

#[test]
fn z_is_of_the_persons_population_and_of_all_when_there_is_no_table_for_it() {
    let cases = [
        (Some(Ethnicity::NonHispanicWhite), "nhanes-2005-2008-us-nhw"),
        (Some(Ethnicity::NonHispanicBlack), "nhanes-2005-2008-us-nhb"),
        (Some(Ethnicity::MexicanAmerican), "nhanes-2005-2008-us-ma"),
        (Some(Ethnicity::Chinese), "nhanes-2005-2008-us-all"),
        (Some(Ethnicity::NonHispanicAsian), "nhanes-2005-2008-us-all"),
        (Some(Ethnicity::Other), "nhanes-2005-2008-us-all"),
        (None, "nhanes-2005-2008-us-all"),
    ];
    for (ethnicity, id) in cases {
        for sex in [Sex::Female, Sex::Male] {
            let scores = scored(&person(sex, 45.0, ethnicity), &hologic(), &measured("L1-L4", 0.9));
            assert_eq!(table_of(&scores, ScoreKind::Z), Some(id), "{ethnicity:?}");
        }
    }
}

#[test]
fn men_are_scored_by_their_own_rows_for_z_and_by_womens_for_t() {
    let library = synthetic("nhanes-2005-2008-us-nhw", "Hologic", 1.0, "status = \"derived\"");
    let who = person(Sex::Male, 60.0, Some(Ethnicity::NonHispanicWhite));
    let scores = score_region(iscd(), &library, &who, &hologic(), &measured("L1-L4", 1.0));
    let [t, z] = scores.scores.as_slice() else { panic!("a T and a Z: {scores:?}") };
    assert!(t.exact.abs() < 1e-9, "women's young mean is 1.0");
    assert_eq!(t.reference.population, "P women 20-29");
    assert!((z.exact + 1.0).abs() < 1e-9, "men's mean is 1.1");
    assert_eq!(z.reference.population, "P men");
}

#[test]
fn lunar_spines_depend_on_model_and_software() {
    let who = person(Sex::Female, 60.4, None);
    let region = measured("L1-L4", 1.022);
    let cases = [
        ("Lunar iDXA", "enCORE 17 SP4", Some("ge-lunar-idxa-encore17-us")),
        ("Prodigy Advance", "16.20.059", Some("ge-lunar-prodigy-encore16-us")),
        ("Lunar iDXA", "16.00.158", None),
        ("Lunar Prodigy", "17", None),
        ("Lunar DPX", "enCORE 16", None),
    ];
    for (model, software, id) in cases {
        let scores = scored(&who, &lunar(model, software), &region);
        assert_eq!(table_of(&scores, ScoreKind::T), id, "{model} {software}");
    }
    let nameless = Device::from_texts(Some("Lunar"), None, None);
    assert_eq!(why(&scored(&who, &nameless, &region), ScoreKind::T), Some("no_reference"));
    let hip = scored(&who, &nameless, &measured("total_hip", 0.9));
    assert_eq!(table_of(&hip, ScoreKind::T), Some("nhanes3-us-nhw-lunar"));
    assert_eq!(why(&hip, ScoreKind::Z), Some("no_reference"));
}

#[test]
fn an_unknown_maker_gets_nothing_even_with_a_printed_t() {
    let mut region = measured("L1-L4", 0.9);
    region.device_t = Some(-2.0);
    for maker in [None, Some("ACME")] {
        let device = Device::from_texts(maker, Some("Horizon A"), None);
        let scores = scored(&person(Sex::Female, 60.0, None), &device, &region);
        assert_eq!((scores.scores.len(), scores.deciding), (0, None));
        assert!(scores.missing.iter().all(|missing| missing.why.refusal() == Some(RefusalCode::NoReference)));
        assert_eq!(scores.missing.len(), 2);
    }
}

#[test]
fn missing_scores_say_why() {
    let hip = measured("total_hip", 0.8);
    let young = scored(&person(Sex::Female, 19.99, None), &hologic(), &hip);
    assert_eq!((why(&young, ScoreKind::T), young.deciding), (Some("age_under_20"), None));
    assert!(why(&scored(&person(Sex::Female, 20.0, None), &hologic(), &hip), ScoreKind::T).is_none());
    let unknown_sex = scored(&Subject { sex: None, ..person(Sex::Female, 60.0, None) }, &hologic(), &hip);
    assert_eq!(
        (why(&unknown_sex, ScoreKind::T), why(&unknown_sex, ScoreKind::Z)),
        (Some("sex_unknown"), Some("sex_unknown"))
    );
    let ageless = scored(&Subject { age: None, ..person(Sex::Female, 60.0, None) }, &hologic(), &hip);
    assert_eq!(why(&ageless, ScoreKind::T), Some("age_unknown"));
    let old = scored(&person(Sex::Female, 99.0, None), &hologic(), &hip);
    assert_eq!((why(&old, ScoreKind::Z), why(&old, ScoreKind::T)), (Some("out_of_reference_range"), None));
    for density in [f64::NAN, 0.0] {
        let empty = scored(&person(Sex::Female, 60.0, None), &hologic(), &measured("total_hip", density));
        assert_eq!(
            (why(&empty, ScoreKind::T), why(&empty, ScoreKind::Z)),
            (Some("no_density"), Some("no_density"))
        );
    }
}

#[test]
fn a_printed_t_decides_without_a_density() {
    let mut region = measured("radius_33", f64::NAN);
    region.device_t = Some(-2.54);
    let scores = scored(&person(Sex::Female, 70.0, None), &hologic(), &region);
    let deciding = scores.deciding.unwrap();
    assert_eq!((deciding.value, deciding.exact), (-2.5, -2.54));
}

#[test]
fn a_subset_without_its_own_row_gets_no_neighbors_score() {
    let library = synthetic("nhanes-2005-2008-us-nhw", "Hologic", 1.0, "status = \"derived\"");
    let who = person(Sex::Female, 60.0, Some(Ethnicity::NonHispanicWhite));
    let scores = score_region(iscd(), &library, &who, &hologic(), &measured("L1-L3", 1.0));
    assert_eq!((scores.scores.len(), why(&scores, ScoreKind::T)), (0, Some("no_reference")));
}

#[test]
fn named_tables_are_used_on_their_own_scale_only() {
    let who = person(Sex::Female, 60.0, None);
    let named = |id: &str, device: &Device| {
        let library = Library::bundled();
        score_by_name(library.get(id).unwrap(), &who, device, Site::TotalHip, GramsPerCm2::new(0.8))
    };
    let nobody = Device::default();
    for (id, device, allowed) in [
        ("nhanes3-us-nhw", hologic(), true),
        ("nhanes3-us-nhw", nobody.clone(), true),
        ("nhanes3-us-nhw", lunar("Prodigy", "16"), false),
        ("china-women-2007", hologic(), true),
        ("china-women-2007", nobody, true),
        ("ge-lunar-idxa-encore17-us", lunar("Lunar iDXA", "17"), true),
        ("ge-lunar-idxa-encore17-us", lunar("Prodigy", "17"), false),
        ("ge-lunar-idxa-encore17-us", Device::from_texts(Some("Lunar"), None, None), true),
    ] {
        let scores = named(id, &device);
        assert_eq!(table_of(&scores, ScoreKind::T), allowed.then_some(id), "{id} {device:?}");
        let t = scores.missing.iter().find(|missing| missing.kind == ScoreKind::T);
        assert_eq!(
            t.is_some_and(|t| matches!(t.why, NoScore::WrongDevice { .. })),
            !allowed,
            "{id} {device:?}"
        );
    }
    let other = Subject { sex: Some(Sex::Male), ..who };
    let scores = score_by_name(
        Library::bundled().get("china-women-2007").unwrap(),
        &other,
        &hologic(),
        Site::TotalHip,
        GramsPerCm2::new(0.8),
    );
    assert_eq!((scores.scores.len(), why(&scores, ScoreKind::T)), (0, Some("no_reference")));
    let sbmd = synthetic("pooled", "sBMD", 1.0, "status = \"derived\"");
    let refused =
        score_by_name(sbmd.get("pooled").unwrap(), &who, &hologic(), Site::TotalHip, GramsPerCm2::new(0.8));
    assert_eq!(refused.scores, []);
}

#[test]
fn a_sites_own_inferred_table_is_offered_to_its_own_device_only() {
    let text = b"id = \"own\"\nversion = \"1\"\ntitle = \"t\"\nsource = \"s\"\n[[rules]]\nscore = \"T\"\n\
                 sites = [\"spine\"]\ncandidates = [{ inferred = true }, { device = true }]\n";
    let library = synthetic("room-2", "Lunar", 1.1, "status = \"site-inferred\"\nmodels = [\"iDXA\"]");
    let profile = Profile::load("own.toml", text, &library).unwrap();
    let mut region = measured("L1-L4", 1.0);
    region.device_t = Some(-1.0);
    let decides = |device: &Device| {
        let who = person(Sex::Female, 60.0, None);
        score_region(&profile, &library, &who, device, &region).deciding.unwrap().reference
    };
    assert_eq!(decides(&lunar("Lunar iDXA", "18")), "room-2");
    assert_eq!(decides(&lunar("Prodigy", "18")), "device: reference not named");
    assert_eq!(decides(&hologic()), "device: reference not named");
}

/// The illustration of the contract: the printed T decides, ours by White women stands beside it.
#[test]
fn in_china_the_printed_t_decides_and_another_populations_never_does() {
    let profile = Profile::bundled("china-2022").unwrap();
    let who = person(Sex::Female, 63.28, Some(Ethnicity::Chinese));
    let mut region = measured("L1-L4", 0.873);
    region.device_t = Some(-1.6);
    region.device_reference = Some("White Female");
    let score = |region: &Measured<'_>| score_region(profile, Library::bundled(), &who, &hologic(), region);
    let both = score(&region);
    assert_eq!(both.deciding.as_ref().unwrap().reference, "device: White Female");
    let t = both.of(ScoreKind::T).unwrap();
    assert_eq!(t.reference.id, "nhanes-2005-2008-us-nhw");
    assert!((t.value + 1.8).abs() < 1e-12 && (t.exact + 1.798_311_444_652_908).abs() < 1e-9);
    region.device_t = None;
    let ours = score(&region);
    assert_eq!((ours.scores.len(), ours.deciding), (1, None));
}

#[test]
fn in_japan_the_percent_of_the_young_mean_stands_beside_an_inferred_t() {
    let library = synthetic("room-1", "Hologic", 1.0, "status = \"site-inferred\"");
    let profile = Profile::bundled("japan-2012").unwrap();
    let who = person(Sex::Female, 70.0, Some(Ethnicity::Japanese));
    let scores = score_region(profile, &library, &who, &hologic(), &measured("total_hip", 0.69));
    let t = scores.of(ScoreKind::T).unwrap();
    assert!((t.percent.unwrap() - 69.0).abs() < 1e-9, "{t:?}");
    assert_eq!(scores.deciding.unwrap().reference, "room-1");
}
