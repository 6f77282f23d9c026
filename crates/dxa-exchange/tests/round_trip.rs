//! Every value of an analysis comes back equal from each document that is made of it, over all test scans.

mod fixtures;

use dxa_exchange::issue::{Issue, Standing};
use dxa_exchange::sr;
use dxa_exchange::statement::{self, Group};
use dxa_exchange::text::Language;

/// Compares what a study says with what was read back, group by group.
fn same(what: &str, said: &[Group], read: &[Group]) -> usize {
    let key = |group: &Group| group.about.key();
    for group in said {
        let back = read.iter().find(|back| key(back) == key(group));
        let back = back.unwrap_or_else(|| panic!("{what}: {} is not there", key(group)));
        assert_eq!(back.statements, group.statements, "{what}: {}", key(group));
        assert_eq!(back.outline, group.outline, "{what}: {}", key(group));
    }
    assert_eq!(read.len(), said.len(), "{what}");
    said.iter().map(|group| group.statements.len()).sum()
}

#[test]
fn structured_reports_give_every_value_back() {
    let standing = Standing::default();
    let mut values = 0;
    let studies = fixtures::studies();
    for (study, sources) in &studies {
        let issue = Issue { sources, standing: &standing, language: Language::English };
        let said = statement::of(study);
        let report = sr::encode(study, &issue).expect("a study with a UID has a report");
        assert_eq!(sr::encode(study, &issue), Some(report.clone()), "a re-run gives other bytes");
        let read = sr::read(&report.bytes).unwrap();
        assert_eq!(read.sop_instance, report.sop_instance);
        values += same(study.study.instance_uid.as_deref().unwrap_or_default(), &said, &read.groups);
    }
    assert!(studies.len() > 30 && values > 3000, "{} studies, {values} values", studies.len());
}
