//! Sums over a shape that is known everywhere: fine cells where the shape or a region ends, coarse ones inside.

use super::plane::Point;

/// A rectangle of the plane, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Upper left corner.
    pub(crate) from: Point,
    /// Lower right corner.
    pub(crate) to: Point,
}

impl Frame {
    /// The smallest one that holds these points.
    pub(crate) fn around(points: &[Point]) -> Self {
        let least = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        Self {
            from: Point::new(least(|point| point.x), least(|point| point.y)),
            to: Point::new(most(|point| point.x), most(|point| point.y)),
        }
    }
}

/// Sums over one region.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// Projected area, cm².
    pub(crate) area_cm2: f64,
    /// Mineral of the bone that the region is of, g.
    pub(crate) bmc_g: f64,
    /// Mineral of other bone that is projected onto it, g.
    pub(crate) overlap_g: f64,
}

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place<const N: usize> {
    /// Signed distance to the border of each region, negative inside; near a border it must be right to a
    /// tenth, elsewhere only not too small.
    pub(crate) distances: [f64; N],
    /// Areal density of the bone of these regions, g/cm², continued across its outline.
    pub(crate) bone: f64,
    /// Areal density of other bone, g/cm².
    pub(crate) other: f64,
}

/// Side of a coarse cell, at most, mm.
const CELL_MM: f64 = 0.25;

/// Sums over `N` regions; `fineness` is the number of subdivisions of a cell that a border crosses.
///
/// The cells fill the frame exactly, so that its edges need no subdivision. Inside of the borders the two-point
/// Gauss rule is used in both directions; a part on a border counts by the share that lies inside.
pub(crate) fn sums<const N: usize>(
    frame: Frame,
    fineness: u32,
    place: impl Fn(Point) -> Place<N>,
) -> [Sums; N] {
    let mut sums = [Sums::default(); N];
    let (width, height) = (frame.to.x - frame.from.x, frame.to.y - frame.from.y);
    let columns = (width / CELL_MM).ceil().max(1.0);
    let rows = (height / CELL_MM).ceil().max(1.0);
    let size = Point::new(width / columns, height / rows);
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            let x = frame.from.x + f64::from(column) * size.x;
            let y = frame.from.y + f64::from(row) * size.y;
            let cell = Frame { from: Point::new(x, y), to: Point::new(x + size.x, y + size.y) };
            add_cell(&mut sums, cell, fineness, &place);
        }
    }
    sums
}

fn add_cell<const N: usize>(
    sums: &mut [Sums; N],
    cell: Frame,
    fineness: u32,
    place: impl Fn(Point) -> Place<N>,
) {
    /// Places of the two-point Gauss rule in a cell of side one.
    const GAUSS: [f64; 2] = [0.211_324_865_405_187_13, 0.788_675_134_594_812_9];
    let size = cell.to.from(cell.from);
    let at = |x: f64, y: f64| place(Point::new(cell.from.x + x * size.x, cell.from.y + y * size.y));
    let distances = at(0.5, 0.5).distances;
    if distances.iter().any(|distance| distance.abs() < CELL_MM) {
        let share = |index: u32| (f64::from(index) + 0.5) / f64::from(fineness);
        let part = Point::new(size.x / f64::from(fineness), size.y / f64::from(fineness));
        for row in 0..fineness {
            (0..fineness).for_each(|column| add(sums, &at(share(column), share(row)), part));
        }
    } else if distances.iter().any(|&distance| distance < 0.0) {
        let quarter = Point::new(size.x / 2.0, size.y / 2.0);
        GAUSS.iter().for_each(|&y| GAUSS.iter().for_each(|&x| add(sums, &at(x, y), quarter)));
    }
}

fn add<const N: usize>(sums: &mut [Sums; N], place: &Place<N>, size: Point) {
    let area_cm2 = size.x * size.y / 100.0;
    let side = f64::midpoint(size.x, size.y);
    for (sum, distance) in sums.iter_mut().zip(place.distances) {
        let inside = (0.5 - distance / side).clamp(0.0, 1.0) * area_cm2;
        sum.area_cm2 += inside;
        sum.bmc_g += place.bone * inside;
        sum.overlap_g += place.other * inside;
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Place, sums};
    use crate::limb::plane::{Point, circle};

    #[test]
    fn half_a_disk_and_a_cone_on_it_come_out_as_on_paper() {
        let frame = Frame { from: Point::new(-12.03, -12.07), to: Point::new(12.0, 12.0) };
        let found = sums(frame, 4, |point| {
            let distance = circle(point, Point::new(0.0, 0.0), 10.0);
            Place { distances: [distance, distance.max(-point.x)], bone: (-distance).max(0.0), other: 1.0 }
        });
        let area = std::f64::consts::PI;
        assert!((found[0].area_cm2 / area - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found[1].area_cm2 / area - 0.5).abs() < 1e-4, "{found:?}");
        // A cone of height 10 over the disk: a third of area times height.
        assert!((found[0].bmc_g / (area * 10.0 / 3.0) - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found[1].overlap_g / (area / 2.0) - 1.0).abs() < 1e-4, "{found:?}");
    }
}
