//! `findings`: one row a doubt.

use crate::record::Finding;

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "findings",
    about: "One row a doubt that a reader should know of.",
    keys: 7,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.findings, fill),
};

fn fill(row: &mut Row, studied: &Studied, finding: &Finding) {
    of_study(row, studied);
    of_scan(row, studied, finding.scan);
    row.code("code", "What is doubtful; docs/findings.md has every code.", Some(&finding.code));
    row.code("site", "Site it is about.", finding.site.as_deref());
    row.code("laterality", "Side of the site.", finding.laterality.as_deref());
    row.code("severity", "note, review or withhold.", Some(&finding.severity));
    row.text("message", "One sentence.", Some(&finding.message));
}
