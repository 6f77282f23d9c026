//! Treatments that were told of: a list, and marks on whatever is drawn over time.

use dxa_core::context::{DateRange, Treatment, TreatmentKind};
use jiff::civil::Date;

use super::Say;
use super::plot::{Axes, Mark};
use super::trend::year;

/// Every treatment as a line, in the order of their numbers.
#[must_use]
pub fn lines(treatments: &[Treatment], say: Say) -> Vec<String> {
    treatments.iter().map(|treatment| line(treatment, say)).collect()
}

/// The marks of treatments that fall into a plot.
pub(super) fn marks(treatments: &[Treatment], axes: &Axes, say: Say) -> Vec<Mark> {
    let mark = |(at, treatment): (usize, &Treatment)| {
        let from = at_year(treatment.start.earliest)?;
        let to = match (&treatment.kind, treatment.end) {
            (_, Some(end)) => at_year(end.latest)?,
            (TreatmentKind::Augmentation(_), None) => from,
            (TreatmentKind::Drug(_), None) => f64::INFINITY,
        };
        axes.mark(at + 1, (from, to), line(treatment, say))
    };
    treatments.iter().enumerate().filter_map(mark).collect()
}

fn at_year(day: Date) -> Option<f64> {
    year(&day.to_string())
}

fn line(treatment: &Treatment, say: Say) -> String {
    let joint = say.language.of(": ", "：");
    let what = match &treatment.kind {
        TreatmentKind::Drug(name) => format!("{}{joint}{name}", say.w.treatment_drug),
        TreatmentKind::Augmentation(level) => format!("{}{joint}{level}", say.w.treatment_augmentation),
    };
    let start = when(treatment.start);
    let time = match (&treatment.kind, treatment.end) {
        (_, Some(end)) => format!("{start} – {}", when(end)),
        (TreatmentKind::Augmentation(_), None) => start,
        (TreatmentKind::Drug(_), None) => format!("{start} – {}", say.w.treatment_goes_on),
    };
    format!("{what}, {time}")
}

/// A day, a month or a year, as exactly as it is known.
#[must_use]
pub fn when(range: DateRange) -> String {
    let DateRange { earliest, latest } = range;
    if earliest == latest {
        earliest.to_string()
    } else if earliest.month() == latest.month() {
        earliest.strftime("%Y-%m").to_string()
    } else {
        earliest.strftime("%Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn treatments_are_listed_and_marked_where_they_fall() {
        let told = br#"{"treatments": [
            {"kind": "drug", "name": "from 2021", "start": "2021-05", "end": "2023"},
            {"kind": "augmentation", "level": "L1", "start": "2022-07-02"},
            {"kind": "drug", "name": "before", "start": "2010", "end": "2012"},
            {"kind": "drug", "name": "now", "start": "2023-01-15"}]}"#;
        let treatments = crate::context::read(told).unwrap().treatments;
        let say = Say::of(Language::English);
        assert_eq!(
            lines(&treatments, say),
            [
                "drug: from 2021, 2021-05 – 2023",
                "augmentation: L1, 2022-07-02",
                "drug: before, 2010 – 2012",
                "drug: now, 2023-01-15 – goes on"
            ]
        );
        let axes = Axes::over((2020.0, 2025.0), [0.8, 0.9].into_iter()).unwrap();
        let numbers: Vec<String> =
            marks(&treatments, &axes, say).into_iter().map(|mark| mark.number).collect();
        assert_eq!(numbers, ["1", "2", "4"], "what ended before is not drawn");
        for wrong in [
            r#"{"kind": "drug", "start": "2021"}"#,
            r#"{"kind": "augmentation", "level": "L9", "start": "2021"}"#,
            r#"{"kind": "drug", "name": "x", "start": "2021", "end": "2020"}"#,
            r#"{"kind": "drug", "name": "x", "start": "soon"}"#,
            r#"{"kind": "rest", "start": "2021"}"#,
        ] {
            assert!(
                crate::context::read(format!("{{\"treatments\": [{wrong}]}}").as_bytes()).is_err(),
                "{wrong}"
            );
        }
    }
}
