//! Simple pictures with the look of a densitometer's display image; nothing here is physical.

use crate::device_numbers::Side;
use crate::random::Random;

/// An image under construction. Shapes are placed in fractions of its width and height, so that one
/// drawing serves every matrix size; only additions, products and comparisons are used, which give the
/// same pixels on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    /// Columns.
    pub(crate) columns: u16,
    /// Rows.
    pub(crate) rows: u16,
    values: Vec<f64>,
}

/// Highest grey value of a GE display image; all of them are even.
const BRIGHTEST: f64 = 252.0;

impl Canvas {
    /// An image of one value.
    pub(crate) fn new(columns: u16, rows: u16, value: f64) -> Self {
        Self { columns, rows, values: vec![value; usize::from(columns) * usize::from(rows)] }
    }

    /// Rows and columns.
    pub(crate) fn size(&self) -> [u16; 2] {
        [self.rows, self.columns]
    }

    /// Calls `change` with the value of every pixel and its position in fractions.
    fn each(&mut self, mut change: impl FnMut(&mut f64, f64, f64)) {
        let (columns, rows) = (f64::from(self.columns), f64::from(self.rows));
        for (row, line) in self.values.chunks_mut(usize::from(self.columns)).enumerate() {
            for (column, value) in line.iter_mut().enumerate() {
                change(value, (column as f64 + 0.5) / columns, (row as f64 + 0.5) / rows);
            }
        }
    }

    /// Adds to everything inside an ellipse.
    pub(crate) fn ellipse(&mut self, x: f64, y: f64, half_width: f64, half_height: f64, add: f64) {
        self.within(x, y, half_width, half_height, |dx, dy| if dx * dx + dy * dy <= 1.0 { add } else { 0.0 });
    }

    /// Adds to everything inside a rectangle with rounded corners.
    pub(crate) fn block(&mut self, x: f64, y: f64, half_width: f64, half_height: f64, add: f64) {
        let inside = |dx: f64, dy: f64| dx * dx * dx * dx * dx * dx + dy * dy * dy * dy * dy * dy <= 1.0;
        self.within(x, y, half_width, half_height, |dx, dy| if inside(dx, dy) { add } else { 0.0 });
    }

    fn within(&mut self, x: f64, y: f64, half_width: f64, half_height: f64, add: impl Fn(f64, f64) -> f64) {
        let columns = span(x, half_width, self.columns);
        for row in span(y, half_height, self.rows) {
            for column in columns.clone() {
                let dx = ((column as f64 + 0.5) / f64::from(self.columns) - x) / half_width;
                let dy = ((row as f64 + 0.5) / f64::from(self.rows) - y) / half_height;
                if let Some(value) = self.values.get_mut(row * usize::from(self.columns) + column) {
                    *value += add(dx, dy);
                }
            }
        }
    }

    /// Adds to everything within `half_width` of the line from `from` to `to`.
    pub(crate) fn bar(&mut self, from: (f64, f64), to: (f64, f64), half_width: f64, add: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length2 = dx * dx + dy * dy;
        self.each(|value, x, y| {
            let along = (((x - from.0) * dx + (y - from.1) * dy) / length2).clamp(0.0, 1.0);
            let (ex, ey) = (x - from.0 - along * dx, y - from.1 - along * dy);
            if ex * ex + ey * ey <= half_width * half_width {
                *value += add;
            }
        });
    }

    /// The white wedges that GE pads the left and right edge with.
    fn wedges(&mut self) {
        self.each(|value, x, y| {
            if x < 0.05 * (1.0 - y) || 1.0 - x < 0.05 * y {
                *value = BRIGHTEST;
            }
        });
    }

    /// Even grey values 0..252 with a little grain, as GE exports them.
    pub(crate) fn to_even_grey(&self, random: &mut Random) -> Vec<u8> {
        let mut grain = || f64::from(random.between(0, 4)) - 2.0;
        self.values.iter().map(|value| ((value + grain()).clamp(0.0, BRIGHTEST) as u8) & !1).collect()
    }

    /// 16-bit values with grain of this many steps.
    pub(crate) fn to_words(&self, grain: u32, random: &mut Random) -> Vec<u16> {
        let mut noise = || f64::from(random.between(0, 2 * grain)) - f64::from(grain);
        self.values.iter().map(|value| (value + noise()).clamp(0.0, 65_535.0) as u16).collect()
    }

    /// 16-bit values exactly as drawn.
    pub(crate) fn to_exact_words(&self) -> Vec<u16> {
        self.values.iter().map(|value| (value + 0.5).clamp(0.0, 65_535.0) as u16).collect()
    }
}

/// Indices that a span around a centre can reach.
fn span(center: f64, half: f64, size: u16) -> std::ops::Range<usize> {
    let size = f64::from(size);
    let first = ((center - half) * size - 1.0).clamp(0.0, size);
    let last = ((center + half) * size + 1.0).clamp(0.0, size);
    first as usize..last as usize
}

/// Soft tissue that is thickest in the middle.
fn soft_tissue(columns: u16, rows: u16) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 60.0);
    canvas.each(|value, x, y| *value += 50.0 * (1.0 - 4.0 * (x - 0.5) * (x - 0.5)) + 10.0 * y);
    canvas
}

/// AP lumbar spine: T12 to L5 with transverse processes, ribs above, iliac crests below.
pub(crate) fn ap_spine(columns: u16, rows: u16) -> Canvas {
    let mut canvas = soft_tissue(columns, rows);
    for index in 0u8..6 {
        let level = f64::from(index);
        let y = 0.04 + 0.165 * level;
        let half_width = 0.088 + 0.006 * level;
        canvas.block(0.5, y, half_width, 0.07, 80.0);
        canvas.ellipse(0.5 - half_width, y - 0.01, 0.06, 0.014, 28.0);
        canvas.ellipse(0.5 + half_width, y - 0.01, 0.06, 0.014, 28.0);
        canvas.ellipse(0.5, y + 0.02, 0.02, 0.045, 25.0);
    }
    for side in [-1.0, 1.0] {
        canvas.bar((0.5 + side * 0.1, 0.02), (0.5 + side * 0.36, 0.14), 0.012, 25.0);
        canvas.ellipse(0.5 + side * 0.4, 1.0, 0.24, 0.13, 60.0);
    }
    canvas.wedges();
    canvas
}

/// One hip as the export shows it: head, neck, trochanters, shaft, and a piece of pelvis.
pub(crate) fn hip(columns: u16, rows: u16, side: Side) -> Canvas {
    let mut canvas = soft_tissue(columns, rows);
    // Standing before the patient, the left hip has its head to the left of the picture.
    let x = |fraction: f64| side.pick(fraction, 1.0 - fraction);
    canvas.ellipse(x(0.28), 0.24, 0.11, 0.12, 75.0);
    canvas.bar((x(0.3), 0.28), (x(0.56), 0.48), 0.065, 60.0);
    canvas.ellipse(x(0.62), 0.42, 0.09, 0.12, 50.0);
    canvas.ellipse(x(0.49), 0.6, 0.05, 0.06, 40.0);
    canvas.bar((x(0.58), 0.5), (x(0.6), 1.0), 0.075, 80.0);
    canvas.bar((x(0.02), 0.1), (x(0.2), 0.2), 0.1, 50.0);
    canvas.bar((x(0.04), 0.5), (x(0.16), 0.8), 0.06, 45.0);
    canvas
}

/// Lateral spine from the upper chest to the pelvis, posterior left: fourteen bodies on a double curve.
pub(crate) fn lateral_spine(columns: u16, rows: u16) -> Canvas {
    let mut canvas = soft_tissue(columns, rows);
    canvas.ellipse(0.75, 0.25, 0.3, 0.22, -35.0);
    for index in 0u8..14 {
        let level = f64::from(index);
        let y = 0.06 + level * (0.053 + 0.0009 * level);
        // Kyphosis above, lordosis below: a cubic through the thoracolumbar junction.
        let bow = y - 0.55;
        let x = 0.42 + 0.9 * bow * bow * bow - 0.25 * bow;
        canvas.block(x, y, 0.055 + 0.003 * level, 0.021 + 0.0008 * level, 65.0);
        canvas.ellipse(x - 0.16, y + 0.012, 0.06, 0.009, 20.0);
    }
    canvas.ellipse(0.55, 1.0, 0.4, 0.08, 90.0);
    canvas
}

/// A whole body; `bone` draws the skeleton bright and the soft tissue dark, else the reverse.
pub(crate) fn whole_body(columns: u16, rows: u16, bone: bool) -> Canvas {
    let (soft, hard) = if bone { (14.0, 120.0) } else { (110.0, 30.0) };
    let mut canvas = Canvas::new(columns, rows, 0.0);
    canvas.ellipse(0.5, 0.08, 0.12, 0.06, soft);
    canvas.ellipse(0.5, 0.075, 0.1, 0.05, hard);
    canvas.block(0.5, 0.32, 0.24, 0.19, soft);
    canvas.bar((0.5, 0.13), (0.5, 0.48), 0.018, hard);
    canvas.ellipse(0.5, 0.47, 0.18, 0.035, hard);
    for side in [-1.0, 1.0] {
        canvas.bar((0.5 + side * 0.25, 0.17), (0.5 + side * 0.38, 0.52), 0.03, soft);
        canvas.bar((0.5 + side * 0.25, 0.17), (0.5 + side * 0.38, 0.52), 0.012, hard);
        canvas.bar((0.5 + side * 0.11, 0.5), (0.5 + side * 0.1, 0.96), 0.06, soft);
        canvas.bar((0.5 + side * 0.12, 0.48), (0.5 + side * 0.1, 0.96), 0.02, hard);
    }
    canvas
}

/// A forearm: two shafts side by side and the carpus below.
pub(crate) fn forearm(columns: u16, rows: u16) -> Canvas {
    let mut canvas = soft_tissue(columns, rows);
    canvas.bar((0.42, 0.0), (0.36, 0.8), 0.05, 75.0);
    canvas.bar((0.62, 0.0), (0.64, 0.78), 0.04, 70.0);
    canvas.ellipse(0.37, 0.8, 0.1, 0.06, 40.0);
    canvas.ellipse(0.48, 0.92, 0.18, 0.08, 50.0);
    canvas
}
