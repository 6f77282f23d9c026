//! Every way in which a table or a profile is refused, and that none of them is a panic.

use proptest::prelude::*;

use super::*;
use crate::patient::Sex;
use crate::site::Site;
use crate::units::Years;

const HEADER: &str = "kind,sex,site,age_min,age_max,n,mean,sd,l,m,s";

/// A sidecar that is right for these rows, with one line replaced or added.
fn sidecar(csv: &str, change: (&str, &str)) -> String {
    let sha256 = format!("{:?}", sha256_hex(csv.as_bytes()));
    let mut lines = vec![
        ("id", "\"t\""),
        ("version", "\"1\""),
        ("status", "\"secondary\""),
        ("population", "\"Martian\""),
        ("manufacturer", "\"Hologic\""),
        ("quantity", "\"bmd\""),
        ("unit", "\"g/cm2\""),
        ("citation", "\"none\""),
        ("where_read", "\"nowhere\""),
        ("licence", "\"CC0\""),
        ("sha256", &sha256),
    ];
    lines.retain(|(field, _)| *field != change.0);
    if !change.1.is_empty() {
        lines.push(change);
    }
    lines.iter().map(|(field, value)| format!("{field} = {value}\n")).collect()
}

fn load(rows: &[&str], change: (&str, &str)) -> Result<ReferenceTable, TableProblem> {
    let csv = format!("{HEADER}\n{}\n", rows.join("\n"));
    load_files(&csv, &sidecar(&csv, change))
}

fn load_files(csv: &str, toml: &str) -> Result<ReferenceTable, TableProblem> {
    let files = [
        SourceFile { name: "t.csv", bytes: csv.as_bytes() },
        SourceFile { name: "t.toml", bytes: toml.as_bytes() },
    ];
    let (library, mut refused) = Library::load(&files);
    match refused.pop() {
        Some(error) => {
            assert_eq!((error.table.as_str(), library.iter().count()), ("t", 0));
            Err(error.problem)
        }
        None => Ok(library.get("t").unwrap().clone()),
    }
}

const SAME: (&str, &str) = ("notes", "\"\"");
const YOUNG: &str = "young,F,total_hip,20,29,409,0.942,0.122,,,";

#[test]
fn a_good_table_holds_its_rows() {
    let table = load(&[YOUNG, "knot,M,\"L1,L3\",20,20,,1.0,0.1,,,"], SAME).unwrap();
    let young = table.young(Sex::Female, Site::TotalHip).unwrap();
    assert_eq!((young.mean, young.sd, young.n, young.ages), (0.942, 0.122, Some(409), Some((20.0, 29.0))));
    assert_eq!(table.sites()[1].site.to_string(), "L1,L3");
}

#[test]
fn a_missing_row_is_an_error_that_names_table_site_and_sex() {
    let table = load(&[YOUNG], SAME).unwrap();
    for (sex, site) in [(Sex::Male, Site::TotalHip), (Sex::Female, Site::FemoralNeck)] {
        let error = table.young(sex, site).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("`t`") && text.contains(&site.to_string()) && text.ends_with(sex.code()),
            "{text}"
        );
    }
    let age = Years::new(25.0).unwrap();
    assert!(matches!(
        table.at_age(Sex::Female, Site::TotalHip, age),
        Err(LookupError::NotCovered { what: "age", .. })
    ));
}

#[test]
fn the_ages_of_use_narrow_the_curve() {
    let rows = ["knot,F,total_hip,20,20,,1.0,0.1,,,", "knot,F,total_hip,85,85,,0.7,0.1,,,"];
    let table = load(&rows, ("z_age_max", "80")).unwrap();
    let at = |age| table.at_age(Sex::Female, Site::TotalHip, Years::new(age).unwrap());
    assert!(at(79.99).is_ok());
    for age in [80.0, 19.99] {
        assert!(matches!(at(age), Err(LookupError::OutOfRange { .. })), "{age}");
    }
}

#[test]
fn half_a_table_is_refused_by_name() {
    let csv = SourceFile { name: "a.csv", bytes: b"" };
    let toml = SourceFile { name: "b.toml", bytes: b"" };
    let other = SourceFile { name: "README.md", bytes: b"" };
    let (library, refused) = Library::load(&[csv, toml, other]);
    assert_eq!(library.iter().count(), 0);
    let problems: Vec<_> = refused.iter().map(|error| (error.table.as_str(), &error.problem)).collect();
    assert_eq!(problems, [("a", &TableProblem::MissingSidecar), ("b", &TableProblem::MissingRows)]);
}

#[test]
fn a_bundled_table_cannot_be_replaced() {
    let mut library = Library::bundled().clone();
    let files = [
        SourceFile { name: "nhanes3-us-nhw.csv", bytes: b"" },
        SourceFile { name: "nhanes3-us-nhw.toml", bytes: b"" },
    ];
    assert_eq!(library.add(&files)[0].problem, TableProblem::DuplicateId);
    assert_eq!(&library, Library::bundled());
}

#[test]
fn sidecars_are_refused_for_what_is_missing_unknown_or_false() {
    let csv = format!("{HEADER}\n{YOUNG}\n");
    let wrong = [
        ("citation", ""),
        ("sha256", ""),
        ("citation", "\" \""),
        ("status", "\"guessed\""),
        ("manufacturer", "\"Osteosys\""),
        ("ethnicity", "\"martian\""),
        ("quantity", "\"bmc\""),
        ("unit", "\"mg/cm2\""),
        ("band_mode", "\"cubic\""),
        ("colour", "\"blue\""),
        ("z_age_min", "\"twenty\""),
        ("z_age_min", "130.0"),
        ("z_age_max", "131.0"),
        ("z_age_max", "-1.0"),
        ("z_age_max", "nan"),
        ("site_as_stated", "\" \""),
        ("not_scored", "[{ sex = \"F\", site = \"femur\", mean = 0.9, sd = 0.1 }]"),
        ("not_scored", "[{ sex = \"X\", site = \"femur\", mean = 0.9, sd = 0.1, why = \"\" }]"),
    ];
    for change in wrong {
        let found = load_files(&csv, &sidecar(&csv, change));
        assert!(matches!(found, Err(TableProblem::Sidecar(_))), "{change:?} gives {found:?}");
    }
    assert!(matches!(load_files(&csv, "["), Err(TableProblem::Sidecar(_))));
    assert_eq!(
        load_files(&csv, &sidecar(&csv, ("id", "\"other\""))),
        Err(TableProblem::IdDiffers("other".to_owned()))
    );
}

#[test]
fn a_changed_digit_breaks_the_checksum() {
    let csv = format!("{HEADER}\n{YOUNG}\n");
    let toml = sidecar(&csv, SAME);
    assert!(load_files(&csv, &toml).is_ok());
    assert!(matches!(load_files(&csv.replace("0.942", "0.943"), &toml), Err(TableProblem::Checksum { .. })));
}

#[test]
fn files_that_are_not_the_schema_are_refused() {
    let refused = |csv: &str| load_files(csv, &sidecar(csv, SAME)).unwrap_err();
    assert!(matches!(refused("site,mean,sd\n"), TableProblem::Header { .. }));
    assert!(matches!(refused(""), TableProblem::Header { .. }));
    assert_eq!(refused(&format!("{HEADER}\n")), TableProblem::Empty);
    assert!(matches!(refused(&format!("{HEADER}\nyoung,F\n")), TableProblem::Csv(_)));
}

#[test]
fn rows_are_refused_with_their_line() {
    use RowProblem::{
        Ages, BandTooWide, Duplicate, MeanOutOfRange, Missing, MixedCurves, NotANumber, Overlap,
        PowerOutOfRange, SdOutOfRange, TooFewPeople, Unexpected, UnknownKind, UnknownSex, UnknownSite,
        Unsorted,
    };
    let band = "band,F,total_hip,20,29,,0.9,0.1,,,";
    let knot = "knot,F,total_hip,20,20,,0.9,0.1,,,";
    let cases: [(&[&str], RowProblem); 29] = [
        (&["old,F,total_hip,,,,0.9,0.1,,,"], UnknownKind("old".to_owned())),
        (&["young,X,total_hip,,,,0.9,0.1,,,"], UnknownSex("X".to_owned())),
        (&["young,F,femur_unspecified,,,,0.9,0.1,,,"], UnknownSite("femur_unspecified".to_owned())),
        (&["young,F,total_hip,,,,,0.1,,,"], Missing("mean")),
        (&["young,F,total_hip,,,,0.9,,,,"], Missing("sd")),
        (&["young,F,total_hip,20,,,0.9,0.1,,,"], Missing("age_max")),
        (&["young,F,total_hip,,29,,0.9,0.1,,,"], Missing("age_min")),
        (&["young,F,total_hip,29,20,,0.9,0.1,,,"], Ages { from: 29.0, to: 20.0 }),
        (&["young,F,total_hip,,,,0.9,0.1,1,,"], Unexpected("l")),
        (&["young,F,total_hip,,,,0.9,0,,,"], SdOutOfRange(0.0)),
        (&["young,F,total_hip,,,,0.9,0.31,,,"], SdOutOfRange(0.31)),
        (&["young,F,total_hip,,,,9.42,0.1,,,"], MeanOutOfRange(9.42)),
        (&["young,F,total_hip,,,,0.29,0.1,,,"], MeanOutOfRange(0.29)),
        (&["young,F,total_hip,,,,NaN,0.1,,,"], NotANumber { field: "mean", value: "NaN".to_owned() }),
        (&["young,F,total_hip,,,many,0.9,0.1,,,"], NotANumber { field: "n", value: "many".to_owned() }),
        (&["young,F,total_hip,,,19,0.9,0.1,,,"], TooFewPeople(19)),
        (&["band,F,total_hip,20,29,19,0.9,0.1,,,"], TooFewPeople(19)),
        (&["band,F,total_hip,20,35,,0.9,0.1,,,"], BandTooWide(16.0)),
        (&["band,F,total_hip,20.5,29,,0.9,0.1,,,"], Ages { from: 20.5, to: 29.0 }),
        (&["band,F,total_hip,60,,,0.9,0.1,,,"], Missing("age_max")),
        (&["knot,F,total_hip,20,21,,0.9,0.1,,,"], Ages { from: 20.0, to: 21.0 }),
        (&["lms,F,total_hip,20,20,,0.9,,1,0.9,0.1"], Unexpected("mean")),
        (&["lms,F,total_hip,20,20,,,,99,0.9,0.1"], PowerOutOfRange(99.0)),
        (&["lms,F,total_hip,20,20,,,,1,1.0,0.4"], SdOutOfRange(0.4)),
        (&[YOUNG, YOUNG], Duplicate),
        (&[band, "band,F,total_hip,29,38,,0.9,0.1,,,"], Overlap),
        (&[band, "band,F,total_hip,10,19,,0.9,0.1,,,"], Unsorted),
        (&[knot, "knot,F,total_hip,19,19,,0.9,0.1,,,"], Unsorted),
        (&[knot, band], MixedCurves),
    ];
    for (rows, problem) in cases {
        let line = rows.len() as u64 + 1;
        assert_eq!(load(rows, SAME), Err(TableProblem::Row { line, problem }), "{rows:?}");
    }
    assert_eq!(load(&[knot, knot], SAME), Err(TableProblem::Row { line: 3, problem: RowProblem::Duplicate }));
}

#[test]
fn profiles_are_refused_for_what_they_name() {
    let load = |candidate: &str, score: &str, makers: &str| {
        let text = format!(
            "id = \"p\"\nversion = \"1\"\ntitle = \"t\"\nsource = \"s\"\n[[rules]]\nscore = \"{score}\"\n\
             makers = {makers}\nsites = [\"hip\", \"L1-L4\"]\ncandidates = [{candidate}]\n"
        );
        Profile::load("p.toml", text.as_bytes(), Library::bundled()).map_err(|error| error.problem)
    };
    let hologic = "[\"Hologic\"]";
    assert!(load("{ table = \"nhanes3-us-nhw\", row = \"F\" }", "T", hologic).is_ok());
    assert!(load("{ table = \"absent\", optional = true }", "T", hologic).is_ok());
    assert!(load("{ inferred = true }, { device = true }", "T", "[]").is_ok());
    assert_eq!(
        load("{ table = \"absent\" }", "T", hologic),
        Err(ProfileProblem::MissingTable("absent".to_owned()))
    );
    assert_eq!(load("{ device = true }", "Z", hologic), Err(ProfileProblem::DeviceInZ));
    let shown = "{ table = \"nhanes3-us-nhw\", decides = false }";
    assert!(load(shown, "T", hologic).is_ok_and(|profile| !profile.rules[0].candidates[0].decides()));
    assert_eq!(load(shown, "Z", hologic), Err(ProfileProblem::ShownOnlyInZ));
    for (table, makers) in [
        ("nhanes3-us-nhw", "[\"Lunar\"]"),
        ("nhanes3-us-nhw", "[\"Hologic\", \"Lunar\"]"),
        ("nhanes3-us-nhw", "[]"),
        ("china-women-2007", hologic),
    ] {
        let found = load(&format!("{{ table = \"{table}\" }}"), "T", makers);
        assert!(matches!(found, Err(ProfileProblem::WrongMaker { .. })), "{table} {makers}: {found:?}");
    }
    for (candidate, score, makers) in [
        ("{ }", "T", hologic),
        ("{ device = true, inferred = true }", "T", hologic),
        ("{ table = \"nhanes3-us-nhw\", row = \"X\" }", "T", hologic),
        ("{ device = true }", "Q", hologic),
        ("{ device = true }", "T", "[\"Acme\"]"),
        ("{ device = true, colour = 1 }", "T", hologic),
        ("{ device = true, decides = false }", "T", hologic),
        ("{ inferred = true, decides = true }", "T", hologic),
    ] {
        let found = load(candidate, score, makers);
        assert!(matches!(found, Err(ProfileProblem::File(_))), "{candidate} {score} {makers}: {found:?}");
    }
    let renamed = Profile::load(
        "q.toml",
        b"id = \"p\"\nversion = \"1\"\ntitle = \"t\"\nsource = \"s\"\nrules = []",
        Library::bundled(),
    );
    assert_eq!(renamed.unwrap_err().problem, ProfileProblem::IdDiffers("p".to_owned()));
}

/// A table whose scanner is not known is for use by name; no profile may lead to it.
#[test]
fn no_bundled_profile_leads_to_a_table_of_an_unknown_maker() {
    let mut named = 0;
    for profile in Profile::bundled_ids().filter_map(Profile::bundled) {
        for candidate in profile.rules.iter().flat_map(|rule| &rule.candidates) {
            let Candidate::Table { id, .. } = candidate else { continue };
            let maker = Library::bundled().get(id).unwrap().sidecar.manufacturer;
            assert!(matches!(maker, TableMaker::Of(_)), "{profile} leads to {id}");
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

/// Text that looks enough like a table to get past the first checks.
fn rows_like() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        Just(String::new()),
        "[0-9]{1,3}(\\.[0-9]{1,3})?",
        Just("-0".to_owned()),
        Just("1e308".to_owned()),
        "\\PC{0,4}",
    ];
    let kind = prop_oneof![Just("young"), Just("band"), Just("knot"), Just("lms"), Just("x")];
    let site = prop_oneof![Just("L1-L4"), Just("total_hip"), Just("\"L1,L3\""), Just("?")];
    let row = (kind, prop_oneof![Just("F"), Just("M"), Just("")], site, prop::collection::vec(cell, 8))
        .prop_map(|(kind, sex, site, cells)| format!("{kind},{sex},{site},{}", cells.join(",")));
    prop::collection::vec(row, 0..6).prop_map(|rows| format!("{HEADER}\n{}\n", rows.join("\n")))
}

proptest! {
    #[test]
    fn no_bytes_make_the_loader_panic(csv: Vec<u8>, toml: Vec<u8>, profile: Vec<u8>) {
        let files = [SourceFile { name: "t.csv", bytes: &csv }, SourceFile { name: "t.toml", bytes: &toml }];
        prop_assert_eq!(Library::load(&files).1.len(), 1);
        prop_assert!(Profile::load("p.toml", &profile, Library::bundled()).is_err());
        prop_assert!(Conversion::load("t", &files).is_err());
    }

    #[test]
    fn no_rows_make_the_loader_or_a_look_up_panic(csv in rows_like(), age in 0.0..130.0f64) {
        let Ok(table) = load_files(&csv, &sidecar(&csv, ("band_mode", "\"interpolate\""))) else {
            return Ok(());
        };
        for rows in table.sites() {
            if let Ok(found) = table.at_age(rows.sex, rows.site, Years::new(age).unwrap()) {
                let (center, spread) = match found {
                    Distribution::Normal { mean, sd } => (mean, sd),
                    Distribution::Lms { m, s, .. } => (m, s),
                };
                prop_assert!((0.3..=1.6).contains(&center) && spread > 0.0);
            }
        }
    }
}

const SHOWN_ONLY: (&str, &str) = (
    "not_scored",
    "[{ sex = \"F\", site = \"femur\", ages = [17, 29], mean = 0.873, sd = 0.101, why = \"no region\" }]",
);

#[test]
fn a_table_of_numbers_that_are_only_shown_needs_no_rows() {
    let csv = format!("{HEADER}\n");
    let table = load_files(&csv, &sidecar(&csv, SHOWN_ONLY)).unwrap();
    assert!(table.sites().is_empty());
    assert_eq!(table.sidecar.not_scored[0].ages, Some([17, 29]));
    assert!(table.young(Sex::Female, Site::TotalHip).is_err());
}

#[test]
fn no_profile_may_name_a_table_that_does_not_name_its_site() {
    let profile = "id = \"p\"\nversion = \"1\"\ntitle = \"t\"\nsource = \"s\"\n[[rules]]\nscore = \"T\"\n\
                   makers = [\"Hologic\"]\nsites = [\"spine\"]\ncandidates = [{ table = \"hong-kong-2005-spine\" }]\n";
    let error = Profile::load("p", profile.as_bytes(), Library::bundled()).unwrap_err();
    assert_eq!(error.problem, ProfileProblem::SiteNotNamed("hong-kong-2005-spine".to_owned()));
    // It would fit the device if it named its site.
    let device = Device::from_texts(Some("Hologic"), None, None);
    let fits = |id: &str| Library::bundled().get(id).unwrap().sidecar.fits(&device);
    assert!(fits("hong-kong-2005") && !fits("hong-kong-2005-spine"));
}
