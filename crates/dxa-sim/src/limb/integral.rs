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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// Signed distance to the nearest border of bone or region, either sign; it need not be exact, but
    /// must not be more than twice the true distance.
    pub(crate) border_mm: f64,
    /// Which regions it belongs to, by bit.
    pub(crate) regions: u32,
    /// Areal density of the bone of these regions, g/cm².
    pub(crate) bone: f64,
    /// Areal density of other bone, g/cm².
    pub(crate) other: f64,
}

/// Side of a coarse cell.
const CELL_MM: f64 = 0.25;

/// Sums over `count` regions; `fineness` is the number of subdivisions of a cell that a border crosses.
pub(crate) fn sums(frame: Frame, count: usize, fineness: u32, place: impl Fn(Point) -> Place) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); count];
    let columns = ((frame.to.x - frame.from.x) / CELL_MM).ceil() as usize;
    let rows = ((frame.to.y - frame.from.y) / CELL_MM).ceil() as usize;
    for row in 0..rows {
        for column in 0..columns {
            let corner = Point::new(
                frame.from.x + column as f64 * CELL_MM,
                frame.from.y + row as f64 * CELL_MM,
            );
            add_cell(&mut sums, corner, fineness, &place);
        }
    }
    sums
}

fn add_cell(sums: &mut [Sums], corner: Point, fineness: u32, place: impl Fn(Point) -> Place) {
    let middle = place(Point::new(corner.x + CELL_MM / 2.0, corner.y + CELL_MM / 2.0));
    if middle.border_mm.abs() > 2.0 * CELL_MM {
        add(sums, middle, CELL_MM * CELL_MM);
        return;
    }
    let side = CELL_MM / f64::from(fineness);
    for row in 0..fineness {
        for column in 0..fineness {
            let x = corner.x + (f64::from(column) + 0.5) * side;
            let y = corner.y + (f64::from(row) + 0.5) * side;
            add(sums, place(Point::new(x, y)), side * side);
        }
    }
}

fn add(sums: &mut [Sums], place: Place, area_mm2: f64) {
    if place.regions == 0 {
        return;
    }
    let area_cm2 = area_mm2 / 100.0;
    for (region, sum) in sums.iter_mut().enumerate() {
        if place.regions & (1 << region) != 0 {
            sum.area_cm2 += area_cm2;
            sum.bmc_g += place.bone * area_cm2;
            sum.overlap_g += place.other * area_cm2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Place, sums};
    use crate::limb::plane::{Point, circle};

    #[test]
    fn half_a_disk_and_a_cone_on_it_come_out_as_on_paper() {
        let frame = Frame { from: Point::new(-12.03, -12.07), to: Point::new(12.0, 12.0) };
        let found = sums(frame, 2, 8, |point| {
            let distance = circle(point, Point::new(0.0, 0.0), 10.0);
            let inside = u32::from(distance < 0.0);
            Place {
                border_mm: if distance.abs() < point.x.abs() { distance } else { point.x },
                regions: inside | (inside * u32::from(point.x > 0.0)) << 1,
                bone: (-distance).max(0.0),
                other: 1.0,
            }
        });
        let area = std::f64::consts::PI;
        assert!((found[0].area_cm2 / area - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found[1].area_cm2 / area - 0.5).abs() < 1e-4, "{found:?}");
        // A cone of height 10 over the disk: a third of area times height.
        assert!((found[0].bmc_g / (area * 10.0 / 3.0) - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found[1].overlap_g / (area / 2.0) - 1.0).abs() < 1e-4, "{found:?}");
    }
}
