//! The shape of the whole spine seen from the side: each body, and how neighbors lie to each other.

use super::super::error::TableProblem;
use super::super::library::SourceFile;
use super::{number, rows};

/// The bodies of the model from above, T1 to L5.
pub const ROWS: [&str; 17] =
    ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"];

/// Row of T12, the last that bears ribs.
pub const T12: usize = 11;
/// Row of L4.
pub const L4: usize = 15;

/// A mean and a standard deviation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// A body of a person of mean size, in its own frame.
///
/// Origin: the mean of the six points. First axis: from the middle of the posterior to the middle of the
/// anterior corners. Second axis: at a right angle to it, upward.
///
/// # Units
/// Millimeters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodyModel {
    /// Whether nothing was measured at this level: it continues the trend of its neighbors.
    pub extrapolated: bool,
    /// Mean of anterior and posterior height along the second axis; the deviation is of its logarithm, once
    /// the size of the person is taken out.
    pub height: Spread,
    /// Length of the first axis; the deviation is of its logarithm, once the size is taken out.
    pub depth: Spread,
    /// Mean of the six points (anterior, up) in the order of the contract.
    pub points: [[f64; 2]; 6],
    /// Covariance of the twelve coordinates (anterior and up of each point in turn), size taken out.
    pub covariance: [[f64; 12]; 12],
}

/// How a body lies to the one above it, for a person of mean size.
///
/// # Units
/// Millimeters and radians.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairModel {
    /// Whether it continues the trend of its neighbors.
    pub extrapolated: bool,
    /// From the middle of the inferior endplate of the upper body down to that of the superior endplate of
    /// the lower one, along the mean of both axes.
    pub gap: Spread,
    /// The same two middles, anterior.
    pub offset: Spread,
    /// Direction of the lower body less that of the upper one; positive where the anterior edge of the
    /// lower body turns down.
    pub turn: Spread,
}

/// The model of the whole spine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpineModel {
    /// A body a row of [`ROWS`].
    pub bodies: [BodyModel; ROWS.len()],
    /// How row n + 1 lies to row n.
    pub pairs: [PairModel; ROWS.len() - 1],
    /// Standard deviation of the logarithm of a person's size.
    pub size_sd: f64,
}

/// The header of the table.
const HEADER: [&str; 4] = ["part", "row", "term", "value"];

impl SpineModel {
    /// Reads `<id>.csv` whose checksum stands in `<id>.toml`.
    ///
    /// # Errors
    /// The problem that a table of densities with the same fault would have.
    pub fn load(id: &str, files: &[SourceFile<'_>]) -> Result<Self, TableProblem> {
        let mut model = Self::default();
        let mut values = 0;
        for record in rows(id, files, &HEADER)? {
            let place = model.place(&record[0], &record[1], &record[2]);
            let (place, value) =
                place.zip(number(&record, 3)).ok_or_else(|| TableProblem::Csv(format!("{record:?}")))?;
            *place = value;
            values += 1;
        }
        for body in &mut model.bodies {
            mirror(&mut body.covariance);
        }
        model.mark_extrapolated();
        if values == model.clone().terms().len() { Ok(model) } else { Err(TableProblem::MissingRows) }
    }

    /// The table as CSV, the bytes that [`SpineModel::load`] reads.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut model = self.clone();
        let mut text = HEADER.join(",");
        for (part, row, term) in self.terms() {
            let value = model.place(part, row, &term).map_or(0.0, |place| *place);
            text.push_str(&format!("\n{part},{row},{term},{value:.5}"));
        }
        text.push('\n');
        text.into_bytes()
    }

    /// Marks the rows beyond what was read.
    fn mark_extrapolated(&mut self) {
        let measured = 3..=L4;
        for (row, body) in self.bodies.iter_mut().enumerate() {
            body.extrapolated = !measured.contains(&row);
        }
        for (row, pair) in self.pairs.iter_mut().enumerate() {
            pair.extrapolated = !(measured.contains(&row) && measured.contains(&(row + 1)));
        }
    }

    fn terms(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut terms = vec![("person", "all", "size_sd".to_owned())];
        for row in ROWS {
            let plain = ["height", "height_sd", "depth", "depth_sd"].map(str::to_owned);
            let points = (0..12).map(|at| format!("point_{at}"));
            let covariance = (0..12).flat_map(|i| (0..=i).map(move |j| format!("cov_{i}_{j}")));
            terms.extend(plain.into_iter().chain(points).chain(covariance).map(|term| ("body", row, term)));
        }
        for row in &ROWS[..ROWS.len() - 1] {
            let plain = ["gap", "gap_sd", "offset", "offset_sd", "turn", "turn_sd"];
            terms.extend(plain.map(|term| ("pair", *row, term.to_owned())));
        }
        terms
    }

    fn place(&mut self, part: &str, row: &str, term: &str) -> Option<&mut f64> {
        let at = ROWS.iter().position(|name| *name == row);
        match part {
            "person" => (term == "size_sd").then_some(&mut self.size_sd),
            "body" => self.bodies.get_mut(at?)?.place(term),
            "pair" => self.pairs.get_mut(at?)?.place(term),
            _ => None,
        }
    }
}

impl BodyModel {
    fn place(&mut self, term: &str) -> Option<&mut f64> {
        Some(match term {
            "height" => &mut self.height.mean,
            "height_sd" => &mut self.height.sd,
            "depth" => &mut self.depth.mean,
            "depth_sd" => &mut self.depth.sd,
            _ => {
                if let Some(at) = term.strip_prefix("point_") {
                    let at: usize = at.parse().ok()?;
                    return self.points.get_mut(at / 2)?.get_mut(at % 2);
                }
                let (i, j) = term.strip_prefix("cov_")?.split_once('_')?;
                let (i, j): (usize, usize) = (i.parse().ok()?, j.parse().ok()?);
                return self.covariance.get_mut(i)?.get_mut(j);
            }
        })
    }
}

impl PairModel {
    fn place(&mut self, term: &str) -> Option<&mut f64> {
        Some(match term {
            "gap" => &mut self.gap.mean,
            "gap_sd" => &mut self.gap.sd,
            "offset" => &mut self.offset.mean,
            "offset_sd" => &mut self.offset.sd,
            "turn" => &mut self.turn.mean,
            "turn_sd" => &mut self.turn.sd,
            _ => return None,
        })
    }
}

/// The upper triangle from the lower one.
fn mirror(covariance: &mut [[f64; 12]; 12]) {
    let lower = *covariance;
    for (i, row) in covariance.iter_mut().enumerate() {
        for (j, value) in row.iter_mut().enumerate().skip(i + 1) {
            *value = lower[j][i];
        }
    }
}
