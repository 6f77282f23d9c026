//! Every finding code of docs/findings.md can be said in Chinese.

use dxa_core::findings::{Finding, Severity};
use dxa_exchange::text::{self, Language};

/// The codes of the table in docs/findings.md, whose completeness `cargo xtask tidy` checks.
fn codes() -> Vec<&'static str> {
    let table = include_str!("../../../docs/findings.md");
    let row = |line: &'static str| line.strip_prefix("| `")?.split('`').next();
    table.lines().filter_map(row).collect()
}

#[test]
fn every_finding_has_a_chinese_sentence() {
    let codes = codes();
    assert!(codes.len() > 10, "the table of docs/findings.md was not read");
    for code in codes {
        let finding = Finding::new(code, Severity::Note, "in English".to_owned());
        let sentence = text::finding(&finding, Language::Chinese);
        assert!(sentence.ends_with('。'), "{code} has no Chinese sentence");
    }
}
