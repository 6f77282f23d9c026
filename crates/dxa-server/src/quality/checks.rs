//! How often each check of acquisition failed, by month.

use std::collections::BTreeMap;

use super::room::{CheckRow, Month, Rate};
use crate::store::ScanFacts;

/// Answers of every check by month: failed, passed, not evaluable.
#[derive(Debug, Default)]
pub(super) struct Checks(BTreeMap<String, BTreeMap<String, [usize; 3]>>);

impl Checks {
    /// Takes the answers of a scan.
    pub(super) fn take(&mut self, day: &str, facts: &ScanFacts) {
        let month = day.get(..7).unwrap_or_default();
        for (status, checks) in &facts.checks {
            let place = match status.as_str() {
                "fail" => 0,
                "pass" => 1,
                _ => 2,
            };
            for check in checks {
                let months = self.0.entry(check.clone()).or_default();
                months.entry(month.to_owned()).or_default()[place] += 1;
            }
        }
    }

    /// The rates, the highest first.
    pub(super) fn rows(self) -> Vec<CheckRow> {
        let row = |(check, months): (String, BTreeMap<String, [usize; 3]>)| {
            let sum = months.values().fold([0; 3], |sum, one| std::array::from_fn(|at| sum[at] + one[at]));
            let month = |(month, [failed, passed, unknown]): (String, [usize; 3])| Month {
                month,
                rate: Rate::of(failed, passed, unknown),
            };
            let whole = Rate::of(sum[0], sum[1], sum[2]);
            CheckRow { check, whole, months: months.into_iter().map(month).collect() }
        };
        let mut rows: Vec<CheckRow> = self.0.into_iter().map(row).collect();
        let share = |row: &CheckRow| row.whole.share.unwrap_or(-1.0);
        rows.sort_by(|one, other| share(other).total_cmp(&share(one)));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_checked_is_no_scan_of_the_share() {
        let facts = |status: &str| ScanFacts {
            checks: BTreeMap::from([(status.to_owned(), vec!["tilt".to_owned()])]),
            ..ScanFacts::default()
        };
        let mut checks = Checks::default();
        for (day, status) in [("2024-05-01", "fail"), ("2024-05-02", "pass"), ("2024-06-01", "not_evaluable")]
        {
            checks.take(day, &facts(status));
        }
        checks.take(
            "2024-06-02",
            &ScanFacts {
                checks: BTreeMap::from([("fail".to_owned(), vec!["worse".to_owned()])]),
                ..ScanFacts::default()
            },
        );
        let rows = checks.rows();
        assert_eq!(rows.iter().map(|row| row.check.as_str()).collect::<Vec<_>>(), ["worse", "tilt"]);
        let tilt = &rows[1];
        assert_eq!((tilt.whole.failed, tilt.whole.n, tilt.whole.not_evaluable), (1, 2, 1));
        assert_eq!((tilt.months[1].rate.n, tilt.months[1].rate.share), (0, None));
    }
}
