//! `dxa grade` from the outside.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

const COLUMNS: &str = "subject,level,ps_x,ps_y,ms_x,ms_y,as_x,as_y,ai_x,ai_y,mi_x,mi_y,pi_x,pi_y";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A file with this content, and what the command says about it.
fn grade(name: &str, text: &str) -> (Option<i32>, String, String) {
    std::fs::write(path(name), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dxa")).arg("grade").arg(path(name)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Rows by column name.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

/// A body with these heights, 30 deep, its superior endplate level at y.
fn body(subject: &str, level: &str, y: f64, [anterior, middle, posterior]: [f64; 3]) -> String {
    let (a, m, p) = (y + anterior, y + middle, y + posterior);
    format!("{subject},{level},0,{y},15,{y},30,{y},30,{a},15,{m},0,{p}")
}

#[test]
fn heights_losses_and_grades_are_those_of_the_rule() {
    let text = [
        COLUMNS.to_owned(),
        body("1", "T12", 0.0, [20.0, 22.0, 25.0]),
        body("1", "L1", 40.0, [25.0, 15.0, 25.0]),
        body("2", "L5", 0.0, [18.0, 18.0, 24.0]),
    ];
    let (code, out, err) = grade("rule.csv", &text.join("\r\n"));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(
        out.lines().next(),
        Some(
            "subject,level,evaluable,height_anterior,height_middle,height_posterior,loss_anterior,loss_middle,\
             loss_posterior,loss_max,shape,grade,p0,p1,p2,p3,flags"
        )
    );
    let expected = [
        "1,T12,true,20,22,25,0.2,0.12,,0.2,wedge,1,",
        "1,L1,true,25,15,25,0,0.4,,0.4,biconcave,2,",
        "2,L5,true,18,18,24,0.25,0.25,,0.25,wedge,2,",
    ];
    for (line, expected) in out.lines().skip(1).zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    for row in rows(&out) {
        let sum: f64 = ["p0", "p1", "p2", "p3"].map(|p| row[p].parse::<f64>().unwrap()).iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert!(row["flags"].split(';').any(|flag| flag == "no_expected_height"));
    }
}

#[test]
fn what_cannot_be_evaluated_says_why_and_takes_nothing_else_down() {
    let good = body("1", "L2", 0.0, [25.0, 24.0, 25.0]);
    let cases = [
        (body("1", "L3", 0.0, [24.0, 24.0, 25.0]), "duplicate_level"),
        (body("1", " l3", 90.0, [10.0, 24.0, 25.0]), "duplicate_level"),
        (body("1", "T3", 0.0, [24.0, 24.0, 25.0]), "level_unknown"),
        (body("1", "", 0.0, [24.0, 24.0, 25.0]), "level_missing"),
        (body("", "T9", 0.0, [24.0, 24.0, 25.0]), "subject_missing"),
        ("1,T10,,,,,,,,,,,,".to_owned(), "points_missing"),
        ("1,T11,0,0,15,0,30,0,30,24,15,24,0".to_owned(), "points_missing"),
        (body("1", "T8", 0.0, [24.0, f64::NAN, 25.0]), "coordinate_impossible"),
        (body("1", "T7", 0.0, [24.0, 24.0, f64::INFINITY]), "coordinate_impossible"),
        ("1,T6,0,0,15,0,30,0,30,24,15,24,0,25mm".to_owned(), "coordinate_not_a_number"),
        (body("1", "T5", 0.0, [24.0, 24.0, 0.0]), "height_zero"),
        (body("1", "T4", 0.0, [-24.0, 24.0, 25.0]), "points_crossed"),
        (body("1", "L4", 0.0, [24.0, 24.0, 25.0]) + ",,,1", "row_too_long"),
    ];
    let lines: Vec<&str> = cases.iter().map(|(line, _)| line.as_str()).collect();
    let (code, out, _) = grade("bad.csv", &format!("{COLUMNS}\n{good}\n{}\n", lines.join("\n")));
    assert_eq!(code, Some(0));
    let rows = rows(&out);
    assert_eq!(rows.len(), cases.len() + 1);
    assert_eq!(rows[0]["evaluable"], "true");
    for (row, (line, flag)) in rows[1..].iter().zip(&cases) {
        assert_eq!(row["evaluable"], "false", "{line}");
        assert!(row["flags"].split(';').any(|given| given == *flag), "{line}: {}", row["flags"]);
        for column in ["height_anterior", "loss_max", "shape", "grade", "p0", "p3"] {
            assert_eq!(row[column], "", "{line}");
        }
    }
}

/// Rows in another order, or with other subjects between them, give the same rows in that order.
#[test]
fn the_order_of_rows_decides_nothing_but_their_order() {
    let levels = ["T9", "T10", "T11", "T12", "L1", "L2"];
    let row = |subject: &str, index: usize| {
        let posterior = 22.0 + index as f64;
        body(
            subject,
            levels[index],
            40.0 * index as f64,
            [posterior * 0.9 - 4.0 * (index == 3) as u8 as f64, posterior * 0.9, posterior],
        )
    };
    let one: Vec<String> = (0..6).map(|index| row("a", index)).collect();
    let mixed: Vec<String> = (0..6).rev().flat_map(|index| [row("b", index), row("a", index)]).collect();
    let (_, straight, _) = grade("straight.csv", &format!("{COLUMNS}\n{}\n", one.join("\n")));
    let (_, shuffled, _) = grade("shuffled.csv", &format!("{COLUMNS}\n{}\n", mixed.join("\n")));
    let mut from_shuffled: Vec<&str> = shuffled.lines().filter(|line| line.starts_with("a,")).collect();
    from_shuffled.reverse();
    assert_eq!(straight.lines().skip(1).collect::<Vec<_>>(), from_shuffled);
    assert!(straight.lines().nth(4).unwrap().contains(",wedge,"));
}

#[test]
fn doubtful_facts_of_a_person_are_flagged_and_not_used() {
    let row = |level: &str, facts: &str| format!("{},{facts}", body("1", level, 0.0, [21.0, 22.0, 25.0]));
    let of = |name: &str, lines: &[String]| {
        let (_, out, _) = grade(name, &format!("{COLUMNS},sex,age\n{}\n", lines.join("\n")));
        rows(&out)
    };
    let plain = of("plain.csv", &[row("T8", ","), row("T9", ",")]);
    let doubtful = of("doubt.csv", &[row("T8", "F,61"), row("T9", "M,82")]);
    let absurd = of("absurd.csv", &[row("T8", "X,061Y"), row("T9", ",-3")]);
    let known = of("known.csv", &[row("T8", "F,82"), row("T9", "F,82")]);
    assert!(doubtful[0]["flags"].contains("sex_conflict;age_conflict"), "{}", doubtful[0]["flags"]);
    assert!(absurd[0]["flags"].contains("sex_unknown;age_not_a_number"), "{}", absurd[0]["flags"]);
    assert!(absurd[1]["flags"].contains("age_implausible"));
    assert_eq!((&plain[0]["p0"], &plain[0]["p0"]), (&doubtful[0]["p0"], &absurd[0]["p0"]));
    assert_ne!(plain[0]["p0"], known[0]["p0"]);
}

#[test]
fn an_explanation_names_measures_normals_and_shares() {
    std::fs::write(
        path("explain-in.csv"),
        format!("{COLUMNS}\n{}\n", body("1", "T8", 0.0, [20.0, 22.0, 25.0])),
    )
    .unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_dxa"))
        .args(["grade", path("explain-in.csv").to_str().unwrap(), "--out"])
        .args([path("explain-graded.csv"), PathBuf::from("--explain"), path("explain.csv")])
        .status()
        .unwrap();
    assert!(status.success());
    let graded = rows(&std::fs::read_to_string(path("explain-graded.csv")).unwrap());
    let terms = rows(&std::fs::read_to_string(path("explain.csv")).unwrap());
    let wedge = terms.iter().find(|row| row["term"] == "wedge").unwrap();
    assert_eq!(wedge["measured"], "0.8");
    let log_odds: f64 = terms.iter().map(|row| row["log_odds"].parse::<f64>().unwrap()).sum();
    let fracture = 1.0 - graded[0]["p0"].parse::<f64>().unwrap();
    assert!((1.0 / (1.0 + (-log_odds).exp()) - fracture).abs() < 1e-7);
}

#[test]
fn wrong_usage_is_one_sentence() {
    let (code, out, err) = grade("header.csv", "subject,level,ps_x\n1,L1,0\n");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("lacks `ps_y`"), "{err}");
    let (code, _, err) = grade("empty.csv", "");
    assert_eq!(code, Some(2));
    assert!(err.contains("it is empty"), "{err}");
    let (code, out, _) = grade("header-only.csv", &format!("{COLUMNS}\n"));
    assert_eq!((code, out.lines().count()), (Some(0), 1));
}
