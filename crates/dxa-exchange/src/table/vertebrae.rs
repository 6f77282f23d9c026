//! Vertebrae in the readable table: heights, losses, grades, and what changed since the study before.

use dxa_core::grade::Change;
use dxa_core::report::{Analysis, History, LateralSpine, ReadVertebra};
use dxa_core::vertebra::Level;

use super::{Page, line, number, signed};
use crate::text::{Label, labels};

impl Page<'_> {
    /// The vertebrae of every lateral scan, and what they add up to.
    pub(super) fn vertebrae(&self, out: &mut String, analysis: &Analysis) {
        for spine in &analysis.laterals {
            let has_size = analysis.scans.get(spine.scan).is_some_and(|scan| scan.spacing.is_some());
            // Without a pixel size a height has no unit, only a ratio to the posterior one.
            let (anterior, middle) = if has_size {
                (Label::AnteriorHeight, Label::MiddleHeight)
            } else {
                (Label::AnteriorRatio, Label::MiddleRatio)
            };
            let headings = [
                Label::Scan,
                Label::Vertebra,
                anterior,
                middle,
                Label::PosteriorHeight,
                Label::HeightLoss,
                Label::Grade,
                Label::GradeProbability,
            ];
            let mut table = self.table(&headings);
            for (level, one) in &spine.vertebrae {
                table.add_row(self.vertebra(spine, *level, one, has_size));
            }
            line(out, &table.to_string());
            self.spine(out, spine);
        }
    }

    fn vertebra(
        &self,
        spine: &LateralSpine,
        level: Level,
        one: &ReadVertebra,
        has_size: bool,
    ) -> [String; 8] {
        let Some(graded) = &one.graded else {
            let mut row: [String; 8] = Default::default();
            row[0] = spine.scan.to_string();
            row[1] = level.to_string();
            row[6] = labels::not_evaluable(one.not_evaluable.unwrap_or_default(), self.language).to_owned();
            return row;
        };
        let heights = graded.heights;
        let (unit, decimals) = if has_size { (1.0, 1) } else { (heights.posterior, 2) };
        let height = |height: f64| number(Some(height / unit), decimals);
        let posterior = if has_size { height(heights.posterior) } else { String::new() };
        let shape = labels::shape(graded.shape, self.language);
        let grade = if graded.grade > 0 { format!("{} {shape}", graded.grade) } else { "0".to_owned() };
        let fractured = one.certainty.map(|certainty| 1.0 - certainty.probabilities[0]);
        [
            spine.scan.to_string(),
            level.to_string(),
            height(heights.anterior),
            height(heights.middle),
            posterior,
            number(Some(graded.losses.largest() * 100.0), 0),
            grade,
            number(fractured, 2),
        ]
    }

    fn spine(&self, out: &mut String, spine: &LateralSpine) {
        let summary = &spine.summary;
        let mut parts = Vec::new();
        if let Some(index) = summary.deformity_index {
            parts.push(format!("{} {index}", self.label(Label::DeformityIndex)));
        }
        if let Some(angle) = summary.kyphosis {
            let degrees = number(Some(angle.degrees), 1);
            parts.push(format!("{} {}-{} {degrees}°", self.label(Label::Kyphosis), angle.upper, angle.lower));
        }
        if !parts.is_empty() {
            line(out, &parts.join("; "));
        }
    }

    /// Levels whose grade is another than in the study before.
    pub(super) fn spine_changes(&self, out: &mut String, analysis: &Analysis, history: &History<'_>) {
        let Some(compared) = history.compared_spine(analysis) else { return };
        let date = compared.prior.date.map(|date| date.to_string()).unwrap_or_default();
        for (level, change) in &compared.levels {
            if matches!(change.change, Change::NewFracture | Change::Worse) {
                let word = labels::level_change(change.change, self.language);
                let gained = signed(change.loss_gained.map(|gained| gained * 100.0), 1);
                line(out, &format!("{level}: {word} ({} {date}, {gained} %)", self.label(Label::Since)));
            }
        }
    }
}
