//! `dxa reference` from the outside: provenance, checks of a clinic's folder, inference and its use.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn dxa(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dxa")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn tables_are_listed_and_shown_with_their_provenance() {
    let (code, out, _) = dxa(&["reference", "list"]);
    let line = out.lines().find(|line| line.starts_with("hong-kong-2005 ")).unwrap();
    assert_eq!(code, Some(0));
    assert!(line.contains("secondary") && line.contains("Hologic") && line.contains("Hong Kong Chinese"));
    let (code, out, _) = dxa(&["reference", "show", "nhanes3-us-nhw"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("doi: 10.1007/s001980050093"));
    assert!(out.lines().any(|line| line == "young,F,total_hip,20,29,409,0.942,0.122,,,"));
    let (code, _, err) = dxa(&["reference", "show", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no reference table `nowhere`"));
    assert_eq!(dxa(&["reference", "check"]).0, Some(0));
}

/// A device's archive by a generator of its own: densities by a fixed irrational step, so no seed is needed.
fn archive(count: u32, mean: f64, sd: f64, from_day: u32) -> String {
    (0..count)
        .map(|at| {
            let bmd = 0.5 + 0.7 * (f64::from(at + 1) * 0.618_033_988_749_895).fract();
            let day = from_day + at;
            let date = format!("20{:02}-{:02}-{:02}", 10 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
            format!("A1,HOLOGIC,Discovery W,13.3,F,total_hip,{date},{bmd:.3},{:.1}\n", (bmd - mean) / sd)
        })
        .collect()
}

const COLUMNS: &str = "device,manufacturer,model,software,sex,site,date,bmd,t\n";

#[test]
fn an_inferred_table_is_written_checked_and_scored_against() {
    let folder = folder("inferred");
    let csv = folder.join("archive.csv");
    let tables = folder.join("own");
    std::fs::write(
        &csv,
        format!("{COLUMNS}{}{}", archive(200, 0.942, 0.122, 0), archive(200, 0.971, 0.114, 200)),
    )
    .unwrap();
    let (code, out, err) = dxa(&["reference", "infer", path(&csv), "--out", path(&tables)]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let periods: Vec<Vec<&str>> = out.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(periods.len(), 2, "{out}");
    for (period, (mean, sd)) in periods.iter().zip([(0.942, 0.122), (0.971, 0.114)]) {
        let number = |column: usize| period[column].parse::<f64>().unwrap();
        assert!((number(9) - mean).abs() <= 0.001 && (number(10) - sd).abs() <= 0.0005, "{period:?}");
    }
    // Day 200 of years of 336 days.
    assert!(periods[0][7] <= "2010-08-05" && periods[1][6] >= "2010-08-05", "{out}");
    assert_eq!(dxa(&["reference", "check", path(&tables)]).0, Some(0));
    let rows = folder.join("rows.csv");
    let header = "id,sex,age,ethnicity,manufacturer,site,laterality,bmd,menopause,model,software\n";
    let people = "1,F,65,,HOLOGIC,total_hip,L,0.686,post,Discovery W,13.3\n\
                  2,F,65,,HOLOGIC,total_hip,L,0.686,post,Discovery W,13.4\n";
    std::fs::write(&rows, format!("{header}{people}")).unwrap();
    let (_, out, _) = dxa(&["score", path(&rows), "--profile", "site-local", "--tables", path(&tables)]);
    let scored: Vec<&str> = out.lines().collect();
    // (0.686 − 0.971) / 0.114 = −2.5; another software may have another reference.
    assert!(scored[1].starts_with("1,total_hip,L,-2.5,-2."), "{out}");
    assert!(scored[1].contains("site-a1-13-3") && scored[1].contains("osteoporosis"), "{out}");
    assert!(scored[2].starts_with("2,total_hip,L,,,") && scored[2].contains("no_reference"), "{out}");
}

#[test]
fn an_archive_of_two_references_without_dates_is_told_as_mixed() {
    let folder = folder("mixed");
    let csv = folder.join("archive.csv");
    let dated = format!("{COLUMNS}{}{}", archive(100, 0.942, 0.122, 0), archive(100, 0.971, 0.114, 0));
    let undated: String = dated
        .lines()
        .map(|line| {
            let cells: Vec<&str> =
                line.split(',').enumerate().filter(|(at, _)| *at != 6).map(|(_, c)| c).collect();
            cells.join(",") + "\n"
        })
        .collect();
    std::fs::write(&csv, undated).unwrap();
    let (code, out, _) = dxa(&["reference", "infer", path(&csv), "--out", path(&folder.join("own"))]);
    assert_eq!(code, Some(1));
    assert!(out.contains("mixed references"), "{out}");
    assert!(!folder.join("own").exists());
}

#[test]
fn every_fault_of_a_folder_is_one_sentence_and_exit_code_one() {
    let folder = folder("faults");
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-data/tables");
    let read = |name: &str| std::fs::read_to_string(bundled.join(name)).unwrap();
    let (csv, toml) = (read("hong-kong-2005.csv"), read("hong-kong-2005.toml"));
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    put("no-sidecar.csv", &csv);
    put("changed.csv", &csv.replace("0.89", "0.98"));
    put("changed.toml", &toml.replace("\"hong-kong-2005\"", "\"changed\""));
    put("maker.csv", &csv);
    put("maker.toml", &toml.replace("\"hong-kong-2005\"", "\"maker\"").replace("\"Hologic\"", "\"Hologix\""));
    put("ages.csv", &csv);
    put("ages.toml", &toml.replace("\"hong-kong-2005\"\n", "\"ages\"\nz_age_min = 80\nz_age_max = 20\n"));
    let (code, out, err) = dxa(&["reference", "check", path(&folder)]);
    assert_eq!(code, Some(1), "{out}{err}");
    for (table, reason) in [
        ("no-sidecar", "sidecar (the .toml file of the same name) is missing"),
        ("changed", "the checksum of its rows is"),
        ("maker", "`Hologix` is no manufacturer"),
        ("ages", "80 to 20"),
    ] {
        let line = err.lines().find(|line| line.contains(&format!("`{table}`"))).unwrap();
        assert!(line.contains(reason), "{line}");
    }
    assert_eq!(err.lines().count(), 4, "{err}");
    let rows = folder.join("rows.txt");
    std::fs::write(&rows, "id,sex,age,ethnicity,manufacturer,site,laterality,bmd\n").unwrap();
    assert_eq!(dxa(&["score", path(&rows), "--tables", path(&folder)]).0, Some(2));
    assert_eq!(dxa(&["reference", "check", "/nonexistent"]).0, Some(2));
}
