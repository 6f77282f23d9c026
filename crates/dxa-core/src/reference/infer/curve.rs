//! The curve by age behind printed Z-scores: mean and standard deviation as smooth functions of age.

use super::{FEWEST_SCANS, MAX_RESIDUAL, PrintedScore};

/// A curve in whole years of age, within the ages of the scans.
#[derive(Clone, Debug, PartialEq)]
pub struct InferredCurve {
    /// Points.
    pub points: Vec<CurvePoint>,
    /// Numbers that were fitted.
    pub parameters: usize,
    /// Largest distance between a printed score and this curve's.
    pub max_residual: f64,
    /// Scans used.
    pub scans: usize,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Age, years.
    pub age: f64,
    /// Mean, g/cm².
    pub mean: f64,
    /// Standard deviation, g/cm².
    pub sd: f64,
}

/// Why there is no curve.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CurveProblem {
    /// Fewer scans than a curve needs.
    #[error("{0} scans with age and Z are fewer than 20")]
    TooFew(usize),
    /// No curve that so many scans can tell gives all printed scores.
    #[error(
        "no smooth curve by age gives all printed Z-scores within 0.06 (best {best:.2}): mixed references, \
         ages without decimals, or scores adjusted for weight"
    )]
    NoCurve {
        /// Largest distance of the best curve tried.
        best: f64,
    },
    /// All scans are of about one age.
    #[error("the ages of the scans span less than two years")]
    OneAge,
}

/// Scans that each fitted number needs.
const SCANS_A_PARAMETER: usize = 8;

/// Functions for the mean and for the standard deviation, from simple to rich.
const SHAPES: [(Shape, Shape); 14] = [
    (Shape::Spline(2), Shape::Spline(1)),
    (Shape::Spline(2), Shape::Spline(2)),
    (Shape::Spline(4), Shape::Spline(1)),
    (Shape::Spline(4), Shape::Spline(2)),
    (Shape::Spline(5), Shape::Spline(3)),
    (Shape::Spline(6), Shape::Spline(3)),
    (Shape::Spline(8), Shape::Spline(3)),
    (Shape::Spline(8), Shape::Spline(4)),
    (Shape::Decades(0.0), Shape::Decades(0.0)),
    (Shape::Decades(5.0), Shape::Decades(5.0)),
    (Shape::Spline(10), Shape::Spline(4)),
    (Shape::Spline(12), Shape::Spline(6)),
    (Shape::Spline(14), Shape::Spline(8)),
    (Shape::Spline(20), Shape::Spline(10)),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// This many cubic B-splines over the ages; a polynomial when there are fewer than four.
    Spline(usize),
    /// Straight between points ten years apart, the first at this age or a multiple of ten above it.
    Decades(f64),
}

/// The simplest curve from which all printed scores follow by rounding; else the simplest that is accepted.
pub(super) fn curve(scans: &[&PrintedScore]) -> Result<InferredCurve, CurveProblem> {
    let rows: Vec<Row> = scans.iter().filter_map(|scan| Row::of(scan)).collect();
    if rows.len() < FEWEST_SCANS {
        return Err(CurveProblem::TooFew(rows.len()));
    }
    let ages = rows.iter().map(|row| row.age);
    let (young, old) =
        ages.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), age| (low.min(age), high.max(age)));
    if old - young < 2.0 {
        return Err(CurveProblem::OneAge);
    }
    let (mut best, mut accepted) = (f64::INFINITY, None);
    for (mean, sd) in SHAPES {
        let bases = (Basis::new(mean, young, old), Basis::new(sd, young, old));
        let parameters = bases.0.len() + bases.1.len();
        if parameters * SCANS_A_PARAMETER > rows.len() {
            continue;
        }
        let Some(fit) = fit(&rows, &bases.0, &bases.1) else { continue };
        best = best.min(fit.max_residual);
        if fit.max_residual > MAX_RESIDUAL || (accepted.is_some() && !fit.explains_rounding()) {
            continue;
        }
        let (scans, max_residual) = (rows.len(), fit.max_residual);
        accepted =
            Some(InferredCurve { points: points(&fit, &bases, young, old), parameters, max_residual, scans });
        // A curve that is merely accepted is bent as far as the tolerance goes; look on for one that is not.
        if fit.explains_rounding() {
            break;
        }
    }
    accepted.ok_or(CurveProblem::NoCurve { best })
}

struct Row {
    age: f64,
    bmd: f64,
    z: f64,
    bmd_half: f64,
    z_half: f64,
}

impl Row {
    fn of(scan: &PrintedScore) -> Option<Self> {
        let (z, age) = scan.z.zip(scan.age)?;
        let (bmd, bmd_half) = (scan.bmd.value, scan.bmd.half);
        Some(Self { age, bmd, z: z.value, bmd_half, z_half: z.half })
    }
}

struct Fit {
    coefficients: Vec<f64>,
    /// In units of the score.
    max_residual: f64,
    /// The largest error in units of what rounding allows.
    largest: f64,
}

impl Fit {
    /// Whether rounding alone can be behind every difference.
    fn explains_rounding(&self) -> bool {
        self.largest <= 1.0
    }
}

/// Rounds of reweighting.
const ROUNDS: usize = 50;
/// Least weight a scan keeps, so that none is forgotten.
const LEAST_WEIGHT: f64 = 1e-6;

/// BMD = mean(age) + sd(age) · z, so that the largest error, in units of what rounding allows, is least.
///
/// Lawson's reweighting: least squares with weights that grow where the error is large.
fn fit(rows: &[Row], mean: &Basis, sd: &Basis) -> Option<Fit> {
    let equations = Equations::new(rows, mean, sd);
    let mut weights = vec![1.0; rows.len()];
    let mut scales = vec![1.0; rows.len()];
    let mut best: Option<Fit> = None;
    for _ in 0..ROUNDS {
        let weighted: Vec<f64> = weights.iter().zip(&scales).map(|(w, s)| w / (s * s)).collect();
        let coefficients = least_squares(&equations.design, rows, &weighted)?;
        let (errors, max_residual) = equations.errors(&coefficients, mean.len(), &mut scales)?;
        let largest = errors.iter().copied().fold(0.0, f64::max);
        if best.as_ref().is_none_or(|fit| largest < fit.largest) {
            best = Some(Fit { coefficients, max_residual, largest });
        }
        let total: f64 = weights.iter().zip(&errors).map(|(w, e)| w * e).sum();
        if total <= 0.0 {
            break;
        }
        for (weight, error) in weights.iter_mut().zip(&errors) {
            *weight = (*weight * error / total * rows.len() as f64).max(LEAST_WEIGHT);
        }
    }
    best
}

/// One equation a scan.
struct Equations<'r> {
    rows: &'r [Row],
    /// The functions of the mean, then those of the standard deviation times z.
    design: Vec<Vec<f64>>,
    /// The functions of the standard deviation.
    spreads: Vec<Vec<f64>>,
}

impl<'r> Equations<'r> {
    fn new(rows: &'r [Row], mean: &Basis, sd: &Basis) -> Self {
        let spreads: Vec<Vec<f64>> = rows.iter().map(|row| sd.at(row.age)).collect();
        let cells = |(row, spread): (&Row, &Vec<f64>)| {
            mean.at(row.age).into_iter().chain(spread.iter().map(|value| value * row.z)).collect()
        };
        let design = rows.iter().zip(&spreads).map(cells).collect();
        Self { rows, design, spreads }
    }

    /// The errors in units of what rounding allows, and the largest in units of the score. The scales
    /// become what rounding allows, g/cm². `None` when a standard deviation is not above zero.
    fn errors(&self, coefficients: &[f64], of_mean: usize, scales: &mut [f64]) -> Option<(Vec<f64>, f64)> {
        let of_sd = coefficients.get(of_mean..)?;
        let mut errors = Vec::with_capacity(self.rows.len());
        let mut max_residual = 0.0f64;
        let cells = self.design.iter().zip(&self.spreads);
        for ((row, (cells, spread)), scale) in self.rows.iter().zip(cells).zip(scales) {
            let error = (row.bmd - dot(cells, coefficients)).abs();
            let sd = dot(spread, of_sd);
            if sd <= 0.0 {
                return None;
            }
            *scale = row.z_half * sd + row.bmd_half;
            errors.push(error / *scale);
            max_residual = max_residual.max(error / sd);
        }
        Some((errors, max_residual))
    }
}

fn points(fit: &Fit, (mean, sd): &(Basis, Basis), young: f64, old: f64) -> Vec<CurvePoint> {
    let (of_mean, of_sd) = fit.coefficients.split_at(mean.len().min(fit.coefficients.len()));
    let (first, last) = (young.ceil() as u32, old.floor() as u32);
    (first..=last)
        .map(|age| {
            let age = f64::from(age);
            CurvePoint { age, mean: dot(&mean.at(age), of_mean), sd: dot(&sd.at(age), of_sd) }
        })
        .collect()
}

fn dot(cells: &[f64], coefficients: &[f64]) -> f64 {
    cells.iter().zip(coefficients).map(|(cell, c)| cell * c).sum()
}

/// Weighted least squares by the normal equations and Cholesky's decomposition.
fn least_squares(design: &[Vec<f64>], rows: &[Row], weights: &[f64]) -> Option<Vec<f64>> {
    let n = design.first()?.len();
    let mut normal = vec![vec![0.0; n]; n];
    let mut right = vec![0.0; n];
    for ((cells, row), weight) in design.iter().zip(rows).zip(weights) {
        for (i, cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != 0.0) {
            right[i] += weight * cell * row.bmd;
            for (sum, other) in normal[i].iter_mut().zip(cells) {
                *sum += weight * cell * other;
            }
        }
    }
    solve(normal, right)
}

/// Share of the diagonal added to it, so that ages without scans leave the equations solvable.
const RIDGE: f64 = 1e-11;

fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    for i in 0..n {
        matrix[i][i] *= 1.0 + RIDGE;
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - sum;
            if i == j {
                if rest <= 0.0 {
                    return None;
                }
                matrix[i][i] = rest.sqrt();
            } else {
                matrix[i][j] = rest / matrix[j][j];
            }
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    Some(right)
}

/// Functions of age whose sum with coefficients is a curve: B-splines on a list of knots.
struct Basis {
    degree: usize,
    knots: Vec<f64>,
}

impl Basis {
    fn new(shape: Shape, young: f64, old: f64) -> Self {
        let (degree, inner) = match shape {
            Shape::Spline(count) => {
                let degree = count.saturating_sub(1).min(3);
                let pieces = count - degree;
                let step = (old - young) / pieces as f64;
                (degree, (1..pieces).map(|piece| young + step * piece as f64).collect())
            }
            Shape::Decades(first) => (1, decades(first, young, old)),
        };
        let ends = |age| std::iter::repeat_n(age, degree + 1);
        Self { degree, knots: ends(young).chain(inner).chain(ends(old)).collect() }
    }

    fn len(&self) -> usize {
        self.knots.len() - self.degree - 1
    }

    /// The value of every function at an age (de Boor's recurrence).
    fn at(&self, age: f64) -> Vec<f64> {
        let last = self.len();
        let inside = |i: usize| self.knots[i] <= age && age < self.knots[i + 1];
        let place = (self.degree..last).find(|i| inside(*i)).unwrap_or(last - 1);
        let mut values = vec![0.0; self.knots.len() - 1];
        values[place] = 1.0;
        for degree in 1..=self.degree {
            for i in 0..values.len() - degree {
                let rise = part(age - self.knots[i], self.knots[i + degree] - self.knots[i]);
                let fall =
                    part(self.knots[i + degree + 1] - age, self.knots[i + degree + 1] - self.knots[i + 1]);
                values[i] = rise * values[i] + fall * values[i + 1];
            }
        }
        values.truncate(last);
        values
    }
}

fn decades(first: f64, young: f64, old: f64) -> Vec<f64> {
    let steps = ((young - first) / 10.0).floor() as i32;
    (steps..)
        .map(|step| first + 10.0 * f64::from(step))
        .skip_while(|age| *age <= young)
        .take_while(|age| *age < old)
        .collect()
}

fn part(distance: f64, width: f64) -> f64 {
    if width > 0.0 { distance / width } else { 0.0 }
}
