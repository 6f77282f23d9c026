//! `dxa precision` from the outside.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::PathBuf;
use std::process::Command;

/// A file with this content, and what the command says about it.
fn precision(name: &str, text: &str) -> (Option<i32>, String, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dxa")).arg("precision").arg(&path).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// By numpy and scipy.stats.chi2.ppf(0.05, 4) for the spine; by hand for the hip: √(0.02²/2).
#[test]
fn sites_and_sides_are_pooled_apart_and_bad_rows_are_named() {
    let (code, out, err) = precision(
        "repeat.csv",
        "laterality,subject,site,bmd\r\n\
         ,1,L1-L4,0.950\n,1,L1-L4,0.962\n,1,L1-L4,0.941\n,2,L1-L4,1.101\n,2,L1-L4,1.087\n\
         R,1,total_hip,0.90\nR,1,total_hip,0.92\nL,1,total_hip,0.8\n,3,L4-L1,.72\n,3,L1-L4,.731\n\
         ,4,L1-L4,x\n,,L1-L4,1\n,5,hip,1\n,6,L1-L4,20\n",
    );
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(code, Some(0));
    assert_eq!(
        lines[0],
        "site,laterality,n_subjects,n_scans,df,rms_sd,rms_cv_percent,lsc,lsc_percent,df_sufficient,rms_sd_upper95"
    );
    assert_eq!(lines[1], "L1-L4,,3,7,4,0.009753,1.0515,0.027016,2.9128,false,0.023138");
    assert_eq!(lines[2], "total_hip,L,0,0,0,,,,,false,");
    assert!(lines[3].starts_with("total_hip,R,1,2,1,0.014142,1.5541,0.039174,"), "{}", lines[3]);
    for line in ["line 12 ", "line 13 ", "line 14 ", "line 15 "] {
        assert!(err.contains(line), "{line} in {err}");
    }
}

#[test]
fn thirty_pairs_suffice_and_twenty_six_do_not() {
    for (subjects, sufficient) in [(26, "false"), (27, "true"), (30, "true")] {
        let rows: String =
            (0..subjects).map(|s| format!("{s},L1-L4,1.00\n{s},L1-L4,1.0{}\n", s % 3)).collect();
        let (_, out, _) = precision(&format!("pairs{subjects}.csv"), &format!("subject,site,bmd\n{rows}"));
        assert_eq!(out.lines().nth(1).unwrap().split(',').nth(9), Some(sufficient));
    }
}

#[test]
fn a_wrong_header_is_wrong_usage() {
    let (code, out, err) = precision("wrong.csv", "subject,bmd\n1,1\n");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("lacks `site`"), "{err}");
}
