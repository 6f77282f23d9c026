//! Points and shapes of an image: pixels, image points and millimeters are three types.

use crate::study::PixelSpacing;

/// A pixel of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PixelIndex {
    /// Row, from above.
    pub row: usize,
    /// Column, from the left.
    pub column: usize,
}

/// Covariance of a point's coordinates, square millimeters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Covariance {
    /// Variance along x.
    pub xx: f64,
    /// Covariance.
    pub xy: f64,
    /// Variance along y.
    pub yy: f64,
}

impl Covariance {
    /// The same standard deviation in every direction.
    #[must_use]
    pub fn isotropic(sd: f64) -> Self {
        Self { xx: sd * sd, xy: 0.0, yy: sd * sd }
    }

    /// Variance along a direction of unit length.
    #[must_use]
    pub fn along(&self, (x, y): (f64, f64)) -> f64 {
        self.xx * x * x + 2.0 * self.xy * x * y + self.yy * y * y
    }
}

/// A point of an image in pixels: `x` along the columns, `y` down the rows.
///
/// (0, 0) is the outer corner of the top-left pixel, whose middle therefore is (0.5, 0.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImagePoint {
    /// Pixels to the right.
    pub x: f64,
    /// Pixels down.
    pub y: f64,
}

/// A point of the detector plane in millimeters, from the same corner and in the same directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectorPoint {
    /// Millimeters to the right.
    pub x_mm: f64,
    /// Millimeters down.
    pub y_mm: f64,
}

impl PixelIndex {
    /// The middle of the pixel.
    #[must_use]
    pub fn middle(self) -> ImagePoint {
        ImagePoint { x: self.column as f64 + 0.5, y: self.row as f64 + 0.5 }
    }
}

impl ImagePoint {
    /// The same point in millimeters.
    #[must_use]
    pub fn to_detector(self, spacing: PixelSpacing) -> DetectorPoint {
        DetectorPoint { x_mm: self.x * spacing.column_mm, y_mm: self.y * spacing.row_mm }
    }

    /// The point as results print it: to a thousandth of a pixel.
    #[must_use]
    pub fn printed(self) -> Self {
        let round = |value| crate::units::round_half_away(value, 3);
        Self { x: round(self.x), y: round(self.y) }
    }
}

impl DetectorPoint {
    /// The same point in pixels.
    #[must_use]
    pub fn to_image(self, spacing: PixelSpacing) -> ImagePoint {
        ImagePoint { x: self.x_mm / spacing.column_mm, y: self.y_mm / spacing.row_mm }
    }

    /// Straight distance.
    ///
    /// # Units
    /// Millimeters.
    #[must_use]
    pub fn distance_mm(self, other: Self) -> f64 {
        let (x, y) = (self.x_mm - other.x_mm, self.y_mm - other.y_mm);
        // Millimeters of a person neither overflow nor vanish when squared.
        (x * x + y * y).sqrt()
    }
}

/// A straight line between two points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// One end.
    pub from: DetectorPoint,
    /// The other end.
    pub to: DetectorPoint,
}

/// A simple closed shape; the last corner is joined to the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygon {
    /// Its corners in order.
    pub corners: Vec<DetectorPoint>,
}

impl Polygon {
    /// Enclosed area, whichever way the corners run.
    ///
    /// # Units
    /// Square millimeters.
    ///
    /// ```
    /// use dxa_core::geometry::{DetectorPoint, Polygon};
    /// let corner = |x_mm, y_mm| DetectorPoint { x_mm, y_mm };
    /// let square = Polygon { corners: vec![corner(1.0, 1.0), corner(3.0, 1.0), corner(3.0, 4.0), corner(1.0, 4.0)] };
    /// assert_eq!(square.area_mm2(), 6.0);
    /// ```
    #[must_use]
    pub fn area_mm2(&self) -> f64 {
        self.signed_area_mm2().abs()
    }

    /// The same, below zero where the corners run counterclockwise as the image is seen.
    pub(crate) fn signed_area_mm2(&self) -> f64 {
        let next = self.corners.iter().cycle().skip(1);
        let doubled: f64 =
            self.corners.iter().zip(next).map(|(a, b)| a.x_mm * b.y_mm - b.x_mm * a.y_mm).sum();
        doubled / 2.0
    }

    /// Whether a point lies inside, by the even-odd rule.
    #[must_use]
    pub fn contains(&self, point: DetectorPoint) -> bool {
        let crossings = self.crossings(point.y_mm).filter(|crossing| point.x_mm < *crossing);
        crossings.count() % 2 == 1
    }

    /// What of a line across the image lies inside: many points of one height are asked faster there.
    #[must_use]
    pub fn across(&self, y_mm: f64) -> AcrossPolygon {
        AcrossPolygon { crossings: self.crossings(y_mm).collect() }
    }

    /// Where a line across the image meets the border.
    fn crossings(&self, y_mm: f64) -> impl Iterator<Item = f64> + '_ {
        let next = self.corners.iter().cycle().skip(1);
        let sides = self.corners.iter().zip(next);
        let met = sides.filter(move |(a, b)| (a.y_mm > y_mm) != (b.y_mm > y_mm));
        met.map(move |(a, b)| a.x_mm + (y_mm - a.y_mm) / (b.y_mm - a.y_mm) * (b.x_mm - a.x_mm))
    }
}

/// A line across the image through a polygon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcrossPolygon {
    crossings: Vec<f64>,
}

impl AcrossPolygon {
    /// Whether a place of the line lies inside, as [`Polygon::contains`] says it.
    #[must_use]
    pub fn contains(&self, x_mm: f64) -> bool {
        self.crossings.iter().filter(|crossing| x_mm < **crossing).count() % 2 == 1
    }
}
