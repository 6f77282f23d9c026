//! `dxa batch diff`: what changed for whom, and why.

use std::path::Path;

use crate::{batch, dxa, source, text};

/// A clinic's own table of young women on a Hologic.
fn own_table(folder: &Path, version: &str, mean: &str) {
    use std::fmt::Write as _;
    std::fs::create_dir_all(folder).unwrap();
    let rows =
        format!("kind,sex,site,age_min,age_max,n,mean,sd,l,m,s\nyoung,F,L1-L4,20,29,50,{mean},0.1000,,,\n");
    std::fs::write(folder.join("ours.csv"), &rows).unwrap();
    let mut sidecar = format!(
        "id = \"ours\"\nversion = \"{version}\"\nstatus = \"site-inferred\"\npopulation = \"Ours\"\n\
         manufacturer = \"Hologic\"\nunit = \"g/cm2\"\ncitation = \"own\"\nwhere_read = \"own\"\nlicence = \"own\"\n"
    );
    let digest = std::process::Command::new("sha256sum").arg(folder.join("ours.csv")).output().unwrap();
    let digest = text(&digest.stdout);
    let _ = writeln!(sidecar, "sha256 = \"{}\"", digest.split(' ').next().unwrap());
    std::fs::write(folder.join("ours.toml"), sidecar).unwrap();
}

#[test]
fn a_new_version_of_a_table_is_named_with_every_score_it_moves() {
    let source = source("differences");
    let at = |name: &str| source.with_file_name(name);
    for (run, version, mean) in [("one", "1", "1.0300"), ("two", "2", "1.0500")] {
        let tables = at(&format!("tables-{run}"));
        own_table(&tables, version, mean);
        batch(&source, &at(run), &["--profile", "site-local", "--tables", tables.to_str().unwrap()]);
    }
    let diff =
        |one: &str, two: &str| dxa(&["batch", "diff", at(one).to_str().unwrap(), at(two).to_str().unwrap()]);
    let same = diff("one", "one");
    assert_eq!((same.status.code(), text(&same.stdout).lines().count()), (Some(0), 1));
    let output = diff("one", "two");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    // (0.930 − 1.030) / 0.100 = −1.0 and (0.930 − 1.050) / 0.100 = −1.2.
    let moved = told.lines().filter(|line| line.contains(",scores,") && line.contains(",exact,-1,-1.2,"));
    assert_eq!(moved.count(), 1, "{told}");
    assert!(told.lines().skip(1).all(|line| line.ends_with("reference table ours changed")), "{told}");
    assert!(text(&output.stderr).contains("2 changed, 0 added, 0 removed"), "{}", text(&output.stderr));
}
