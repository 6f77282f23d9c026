//! Shapes of the plane as signed distances, negative inside, and ways to join them.

/// A point or a vector, mm; `y` runs down as in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// To the right.
    pub(crate) x: f64,
    /// Down.
    pub(crate) y: f64,
}

impl Point {
    /// A point.
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The vector from another point to this one.
    pub(crate) fn from(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    /// This point moved along a direction.
    pub(crate) fn along(self, direction: Self, length: f64) -> Self {
        Self::new(self.x + direction.x * length, self.y + direction.y * length)
    }

    /// Scalar product.
    pub(crate) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Length of the vector.
    pub(crate) fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The same direction with length one.
    pub(crate) fn unit(self) -> Self {
        let length = self.length();
        Self::new(self.x / length, self.y / length)
    }

    /// Turned by a quarter, from `x` toward `y`.
    pub(crate) fn quarter_turn(self) -> Self {
        Self::new(-self.y, self.x)
    }

    /// As `[x, y]` of a truth document, rounded to a ten-thousandth of a millimeter.
    pub(crate) fn to_json(self) -> serde_json::Value {
        serde_json::json!([rounded(self.x), rounded(self.y)])
    }
}

/// A number of a truth document: four decimals say more than any image can.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4 + 0.0
}

/// Distance from a circle.
pub(crate) fn circle(point: Point, middle: Point, radius: f64) -> f64 {
    point.from(middle).length() - radius
}

/// A bar with round ends whose width runs linearly from one end to the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar {
    /// Middle of one end.
    pub(crate) from: Point,
    /// Its radius.
    pub(crate) from_radius: f64,
    /// Middle of the other end.
    pub(crate) to: Point,
    /// Its radius.
    pub(crate) to_radius: f64,
}

impl Bar {
    /// Signed distance, taken across the axis: exact where the two radii are equal.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        let (axis, offset) = (self.to.from(self.from), point.from(self.from));
        let share = (offset.dot(axis) / axis.dot(axis)).clamp(0.0, 1.0);
        let nearest = self.from.along(axis, share);
        point.from(nearest).length() - (self.from_radius + (self.to_radius - self.from_radius) * share)
    }
}

/// Union whose inner corners are rounded over about `reach`; the two shapes are left alone wherever their
/// distances differ by more than that.
///
/// # References
/// The quadratic polynomial smooth minimum.
pub(crate) fn joined(first: f64, second: f64, reach: f64) -> f64 {
    let overlap = (reach - (first - second).abs()).max(0.0);
    first.min(second) - overlap * overlap / (4.0 * reach)
}

/// The place between `low` and `high` where `distance` changes its sign, `low` and `high` being on
/// different sides of it.
pub(crate) fn crossing(low: f64, high: f64, distance: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let low_is_inside = distance(low) < 0.0;
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if (distance(middle) < 0.0) == low_is_inside {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The first place from `from` toward `to` that lies inside.
pub(crate) fn entry(from: f64, to: f64, distance: impl Fn(f64) -> f64) -> Option<f64> {
    const STEP_MM: f64 = 0.1;
    let direction = if to < from { -STEP_MM } else { STEP_MM };
    let steps = ((to - from).abs() / STEP_MM) as usize;
    let place = |step: usize| from + step as f64 * direction;
    let first = (0..=steps).find(|&step| distance(place(step)) < 0.0)?;
    Some(if first == 0 { from } else { crossing(place(first - 1), place(first), distance) })
}

#[cfg(test)]
mod tests {
    use super::{Bar, Point, circle, crossing, entry, joined};

    #[test]
    fn a_bar_is_as_wide_as_its_radii_say() {
        let bar =
            Bar { from: Point::new(0.0, 0.0), from_radius: 3.0, to: Point::new(0.0, 10.0), to_radius: 5.0 };
        assert!(bar.distance(Point::new(4.0, 5.0)).abs() < 1e-12);
        assert!(bar.distance(Point::new(0.0, 15.0)).abs() < 1e-12);
    }

    #[test]
    fn joining_leaves_far_shapes_alone_and_only_adds() {
        assert!((joined(1.0, 9.0, 5.0) - 1.0).abs() < 1e-12);
        assert!(joined(0.5, 0.5, 5.0) < 0.0);
    }

    #[test]
    fn an_entry_is_on_the_outline() {
        let disk = |x: f64| circle(Point::new(x, 0.0), Point::new(10.0, 0.0), 2.5);
        assert!((entry(0.0, 20.0, disk).unwrap() - 7.5).abs() < 1e-9);
        assert!((entry(20.0, 0.0, disk).unwrap() - 12.5).abs() < 1e-9);
        assert!((crossing(10.0, 20.0, disk) - 12.5).abs() < 1e-9);
        assert_eq!(entry(20.0, 30.0, disk), None);
    }
}
