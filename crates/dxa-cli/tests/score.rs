//! `dxa score` from the outside: contract, vendors' printed scores, bad input, speed.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

const HEADER: &str = "id,sex,age,ethnicity,manufacturer,site,laterality,bmd,menopause";

fn dxa(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dxa"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // A command that refuses its arguments does not read.
    let _ = writer.join();
    output
}

/// The rows that come out, by column.
fn scored(arguments: &[&str], lines: &[&str]) -> Vec<Vec<String>> {
    let output = dxa(&[&["score", "-"], arguments].concat(), &lines.join("\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let expected = "id,site,laterality,t,t_exact,t_reference,z,z_exact,z_reference,category,notes";
    assert_eq!(header.join(","), expected);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

const T: usize = 3;
const T_EXACT: usize = 4;
const T_REFERENCE: usize = 5;
const Z: usize = 6;
const Z_REFERENCE: usize = 8;
const CATEGORY: usize = 9;
const NOTES: usize = 10;

/// Numbers typed from a printed report of a woman of 60.4 (GE Lunar iDXA, enCORE 17, USA v113).
#[test]
fn the_scores_printed_by_a_vendor_are_met_where_its_table_is_known() {
    let printed = [
        ("L1-L4", "", "1.285", 0.7),
        ("femoral_neck", "L", "0.980", -0.4),
        ("femoral_neck", "R", "0.999", -0.3),
        ("femoral_neck", "B", "0.989", -0.4),
        ("total_hip", "L", "0.991", -0.1),
        ("total_hip", "R", "1.007", 0.0),
        ("total_hip", "B", "0.999", -0.1),
        ("radius_33", "L", "0.861", -0.2),
    ];
    let header = format!("{HEADER},model,software");
    let mut lines = vec![header.clone()];
    for (site, side, bmd, _) in printed {
        lines.push(format!("G17,F,60.4,,GE Healthcare,{site},{side},{bmd},post,Lunar iDXA,enCORE 17 SP4"));
    }
    // Its single vertebrae have references that nobody published: no score, not a neighbor's.
    lines.push("G17,F,60.4,,GE Healthcare,L1,,1.127,post,Lunar iDXA,enCORE 17 SP4".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let rows = scored(&[], &lines);
    for (row, (site, side, _, t)) in rows.iter().zip(printed) {
        let found: f64 = row[T].parse().unwrap();
        assert!((found - t).abs() < 0.1 + 1e-9, "{site} {side}: {found}, printed {t}");
    }
    let vertebra = rows.last().unwrap();
    assert_eq!((vertebra[T].as_str(), vertebra[NOTES].contains("no_reference")), ("", true));
}

/// (0.873 − 1.0647) / 0.1066 and (0.637 − 0.942) / 0.122.
#[test]
fn the_contract_is_met_for_columns_rounding_basis_and_category() {
    let rows = scored(
        &[],
        &[
            HEADER,
            "a,F,63.28,chinese,HOLOGIC,L4-L1,,0.873,",
            "b,M,70,nhw,Hologic,total_hip,L,0.637,",
            "c,F,45,nhw,Hologic,total_hip,L,0.500,pre",
            "d,F,45,nhw,Hologic,total_hip,L,0.500,peri",
            "e,M,49.9,nhw,Hologic,total_hip,R,0.950,",
            "f,F,85,nhw,Hologic,L1-L4,,0.9,post",
            "g,F,19.99,nhw,Hologic,L1-L4,,0.9,",
        ],
    );
    let cells = |row: usize, columns: &[usize]| -> Vec<&str> {
        columns.iter().map(|column| rows[row][*column].as_str()).collect()
    };
    assert_eq!(cells(0, &[0, 1, T, T_EXACT]), ["a", "L1-L4", "-1.8", "-1.7983"]);
    assert_eq!(cells(0, &[T_REFERENCE, Z_REFERENCE]), ["nhanes-2005-2008-us-nhw", "nhanes-2005-2008-us-all"]);
    assert_eq!(cells(0, &[CATEGORY, NOTES]), ["low_bone_mass", "menopause_assumed"]);
    assert_eq!(cells(1, &[T, T_EXACT, CATEGORY]), ["-2.5", "-2.5000", "osteoporosis"]);
    assert_eq!(cells(1, &[T_REFERENCE, NOTES]), ["nhanes3-us-nhw", "t_reference_secondary"]);
    assert_eq!(cells(2, &[CATEGORY]), ["below_expected"]);
    assert_eq!(cells(3, &[CATEGORY]), ["osteoporosis"]);
    assert_eq!(cells(4, &[CATEGORY]), ["within_expected"]);
    assert_eq!(cells(5, &[Z, NOTES, CATEGORY]), ["", "out_of_reference_range", "low_bone_mass"]);
    assert_eq!(cells(6, &[T, Z, CATEGORY]), ["", "", ""]);
    assert!(rows[6][NOTES].contains("age_under_20"));
}

#[test]
fn what_spreadsheets_do_to_a_file_does_no_harm() {
    let plain = scored(&[], &[HEADER, "x,F,65,,Hologic,\"L1,L3\",,0.9,post"]);
    let file = "\u{feff}\"BMD\", Site ,comment,id,sex,age,ethnicity,manufacturer,laterality,menopause\r\n\
                0.9,\"L3,L1\",\"said \"\"fine\"\",\r\nthen left\",x,F,65,,Hologic,,post,,\r\n\r\n";
    assert_eq!(scored(&[], &[file]), plain);
    assert_eq!(plain[0][1], "L1,L3");
    assert_eq!(scored(&[], &[HEADER]), Vec::<Vec<String>>::new());
}

#[test]
fn absurd_and_missing_values_give_empty_scores_and_a_reason() {
    let rows = scored(
        &[],
        &[
            HEADER,
            "1,,,,,,,,",
            "2,F,sixty,,Hologic,L1-L4,,0.9,",
            "3,F,60,,Hologic,L1-L4,,9000,",
            "4,F,60,,Hologic,spine,,0.9,",
            "5,F,60,,Acme,L1-L4,,0.9,",
            "6",
            "7,F,60,,Hologic,L1-L4,,0,9,post,more",
            "8,F,60,,,L1-L4,,0.9,",
        ],
    );
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<String>(), "12345678");
    for row in &rows {
        assert!(row[T..NOTES].iter().all(String::is_empty) && !row[NOTES].is_empty(), "{row:?}");
    }
    assert_eq!(rows[0][NOTES], "sex_missing;age_missing;site_missing;bmd_missing");
    assert_eq!(rows[7][NOTES], "no_reference;manufacturer_missing");
}

/// 0.630: −2.6 by NHANES III, (0.630 − 0.890)/0.110 = −2.4 by Hong Kong.
#[test]
fn named_references_give_one_row_each_on_their_own_scale_only() {
    let named = ["--reference", "nhanes3-us-nhw", "--reference", "hong-kong-2005"];
    let rows = scored(
        &named,
        &[HEADER, "a,F,65,,Hologic,total_hip,L,0.630,post", "b,F,65,,Lunar,total_hip,L,0.630,post"],
    );
    let judged: Vec<_> =
        rows.iter().map(|row| [&row[0], &row[T], &row[T_REFERENCE], &row[CATEGORY]]).collect();
    assert_eq!(judged[0], ["a", "-2.6", "nhanes3-us-nhw", "osteoporosis"]);
    assert_eq!(judged[1], ["a", "-2.4", "hong-kong-2005", "low_bone_mass"]);
    assert_eq!(judged[2], ["b", "", "", ""]);
    assert_eq!(rows[3][NOTES], "no_reference;reference_of_other_device;reference=hong-kong-2005");
}

#[test]
fn national_profiles_say_that_they_have_no_table_rather_than_guess() {
    let lines = [HEADER, "a,F,65,chinese,Hologic,L1-L4,,0.873,post", "b,F,65,,Hologic,total_hip,,0.630,post"];
    // Another population's T is shown beside, and gives no category.
    let china = scored(&["--profile", "china-2022"], &lines);
    assert_eq!((china[0][T].as_str(), china[0][CATEGORY].as_str()), ("-1.8", ""));
    assert!(china[0][NOTES].contains("t_shown_only"));
    let hong_kong = scored(&["--profile", "hong-kong"], &lines);
    assert_eq!((hong_kong[0][T].as_str(), hong_kong[1][T].as_str()), ("", "-2.4"));
    let japan = scored(&["--profile", "japan-2012"], &lines);
    assert!(japan.iter().all(|row| row[T].is_empty() && row[NOTES].contains("no_reference")));
    // Canada: men by men. (0.637 − 1.04) / 0.144 = −2.8, by women −2.5.
    let canada = scored(&["--profile", "canada"], &[HEADER, "m,M,70,,Hologic,total_hip,,0.637,"]);
    assert_eq!(canada[0][T], "-2.8");
}

#[test]
fn wrong_usage_is_one_sentence_and_exit_code_two() {
    let cases: [(&[&str], &str, &str); 6] = [
        (&["score", "-"], "", "is empty"),
        (&["score", "-"], "id;sex;age\n", "separated by commas"),
        (&["score", "-"], "id,sex,age,ethnicity,manufacturer,site,bmd\n", "lacks `laterality`"),
        (&["score", "-", "--reference", "nowhere"], HEADER, "no reference table `nowhere`"),
        (&["score", "-", "--profile", "nowhere"], HEADER, "no profile `nowhere`"),
        (&["score", "/nonexistent/file.csv"], "", "cannot read"),
    ];
    for (arguments, input, sentence) in cases {
        let output = dxa(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(sentence) && said.trim_end().lines().count() == 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn fifty_thousand_rows_come_back_in_order() {
    let output = dxa(&["score", "-"], &many_rows(50_000));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let ids: Vec<u32> = reader.records().map(|row| row.unwrap()[0].parse().unwrap()).collect();
    assert_eq!(ids, (0..50_000).collect::<Vec<_>>());
}

/// Rows of every site that is scored, of both sexes, all ages and two makers.
fn many_rows(count: u32) -> String {
    let sites = ["L1-L4", "L1", "L2-L4", "\"L1,L3-L4\"", "femoral_neck", "total_hip", "trochanter", "wards"];
    let groups = ["nhw", "nhb", "mexican_american", "chinese", "", "other"];
    let row = |at: u32| {
        let (sex, maker) = (["F", "M"][at as usize % 2], ["Hologic", "Hologic", "Lunar"][at as usize % 3]);
        let (site, group) = (sites[at as usize % 8], groups[at as usize % 6]);
        format!("{at},{sex},{}.25,{group},{maker},{site},L,0.{},\n", 20 + at % 65, 400 + at % 600)
    };
    format!("{HEADER}\n{}", (0..count).map(row).collect::<String>())
}

/// (0.890 − 0.990) / 0.100; the source says "lumbar spine" and no more.
#[test]
fn a_spine_without_its_vertebrae_is_scored_by_name_and_decides_nothing() {
    let rows = scored(
        &[
            "--reference",
            "hong-kong-2005-spine",
            "--reference",
            "taiwan-taipei",
            "--reference",
            "japan-radius-2000",
        ],
        &[HEADER, "a,F,65,,Hologic,L1-L4,,0.890,post", "b,F,65,,Hologic,total_hip,L,0.7,post"],
    );
    assert_eq!((rows[0][T].as_str(), rows[0][CATEGORY].as_str()), ("-1.0", ""));
    assert_eq!(rows[0][NOTES], "no_reference;t_shown_only;site_not_stated;t_reference_secondary");
    assert_eq!((rows[1][T].as_str(), rows[1][T_REFERENCE].as_str()), ("-1.4", "taiwan-taipei"));
    for row in &rows[2..] {
        assert_eq!((row[T].as_str(), row[CATEGORY].as_str()), ("", ""));
        assert!(row[NOTES].starts_with("no_reference;reference="), "{row:?}");
    }
}

/// 0.630: (0.630 − 0.942) / 0.122 = −2.6 and (0.630 − 0.890) / 0.110 = −2.4.
#[test]
fn a_category_that_depends_on_the_table_is_noted() {
    let tables = ["--reference", "nhanes3-us-nhw", "--reference", "hong-kong-2005"];
    let lines = [HEADER, "a,F,65,,Hologic,total_hip,L,0.630,post", "b,F,65,,Hologic,total_hip,L,0.500,post"];
    let rows = scored(&tables, &lines);
    let categories: Vec<&str> = rows.iter().map(|row| row[CATEGORY].as_str()).collect();
    assert_eq!(categories, ["osteoporosis", "low_bone_mass", "osteoporosis", "osteoporosis"]);
    let noted: Vec<bool> =
        rows.iter().map(|row| row[NOTES].contains("category_depends_on_reference")).collect();
    assert_eq!(noted, [true, true, false, false]);
    assert!(!scored(&tables[..2], &lines[..2])[0][NOTES].contains("category_depends_on_reference"));
}
