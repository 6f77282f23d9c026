//! One vertebra as it projects from the front: body, pedicles, articular, spinous and transverse processes.

use crate::scene::edge::{Edge, bar_depth, ellipse_depth};

/// Areal density of each part over that of the vertebra as a whole.
const BODY: f64 = 0.89;
const PEDICLE: f64 = 0.37;
const SPINOUS: f64 = 0.51;
const ARTICULAR: f64 = 0.55;
const TRANSVERSE: f64 = 0.36;
const OSTEOPHYTE: f64 = 0.62;
/// How deep the sides of a body are drawn in at half height, share of half its width.
const WAIST: f64 = 0.08;
/// Distance from the axis around which a vertebra turns to its pedicles and to its spinous process, mm.
const PEDICLE_LEVER: f64 = 18.0;
const SPINOUS_LEVER: f64 = 40.0;

/// A vertebra in the plane of the bone; its own axes are `u` to the right and `v` down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vertebra {
    /// `T12`, `L1`, …
    pub(crate) level: String,
    /// Middle of the body, mm.
    pub(crate) middle: [f64; 2],
    /// Cosine and sine of the angle from `v` to the vertical.
    pub(crate) turn: [f64; 2],
    /// Half the width and half the height of the body, mm.
    pub(crate) half: [f64; 2],
    /// Areal density of the vertebra as a whole, about, g/cm².
    pub(crate) density: f64,
    /// Sine of the rotation around the long axis.
    pub(crate) rotation: f64,
    /// Length and radius of the transverse processes, mm.
    pub(crate) transverse: [f64; 2],
    /// An osteophyte: side (−1 or 1) and size, mm.
    pub(crate) osteophyte: Option<[f64; 2]>,
    /// How its density falls at edges.
    pub(crate) edge: Edge,
}

/// Areal density at one point, g/cm².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Density {
    /// Of the parts that are measured; above zero anywhere inside their outline.
    pub(crate) measured: f64,
    /// Of the transverse processes and everything else that is left out.
    pub(crate) other: f64,
}

impl Vertebra {
    /// A point in the axes of the vertebra.
    pub(crate) fn local(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ([dx, dy], [cos, sin]) = ([x - self.middle[0], y - self.middle[1]], self.turn);
        [cos * dx - sin * dy, sin * dx + cos * dy]
    }

    /// A point of the axes of the vertebra in the plane.
    pub(crate) fn global(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let [cos, sin] = self.turn;
        [self.middle[0] + cos * u + sin * v, self.middle[1] - sin * u + cos * v]
    }

    /// What it adds at a point.
    pub(crate) fn at(&self, point: [f64; 2]) -> Density {
        let [u, v] = self.local(point);
        let [width, height] = self.half;
        if v.abs() > height + 14.0 || u.abs() > width + self.transverse[0] + 12.0 {
            return Density::default();
        }
        let share = |depth: f64, part: f64| if depth > 0.0 { part * self.edge.share(depth) } else { 0.0 };
        let measured = share(self.body(u, v), BODY)
            + self.arch(u, v, &share)
            + self.osteophyte.map_or(0.0, |spur| share(self.spur(spur, u, v), OSTEOPHYTE));
        let other = share(self.transverse_depth(u, v), TRANSVERSE);
        Density { measured: measured * self.density, other: other * self.density }
    }

    /// Depth inside the body: a superellipse of power six whose sides are drawn in.
    fn body(&self, u: f64, v: f64) -> f64 {
        let [width, height] = self.half;
        let v = v / height;
        let width = width * (1.0 - WAIST * (1.0 - v * v).max(0.0));
        let u = u / width;
        if u.abs() >= 1.0 || v.abs() >= 1.0 {
            return -1.0;
        }
        let (u2, v2) = (u * u, v * v);
        let radius = libm::cbrt((u2 * u2 * u2 + v2 * v2 * v2).sqrt());
        if radius < 0.3 {
            return height;
        }
        let gradient = |part: f64, half: f64| {
            let part = part / radius;
            part * part * part * part * part / half
        };
        let (gu, gv) = (gradient(u, width), gradient(v, height));
        (1.0 - radius) / (gu * gu + gv * gv).sqrt()
    }

    /// Pedicles, articular processes and the spinous process.
    fn arch(&self, u: f64, v: f64, share: &dyn Fn(f64, f64) -> f64) -> f64 {
        let [width, height] = self.half;
        let (near, far) = (PEDICLE_LEVER * self.rotation, SPINOUS_LEVER * self.rotation);
        let spinous = share(ellipse_depth(u - far, v - 0.52 * height, [5.0, 0.92 * height]), SPINOUS);
        let pair: f64 = [-1.0, 1.0]
            .into_iter()
            .map(|side| {
                let u = (u - near) * side;
                share(ellipse_depth(u - 0.62 * width, v + 0.30 * height, [4.8, 0.48 * height]), PEDICLE)
                    + share(ellipse_depth(u - 0.60 * width, v + 0.96 * height, [4.8, 6.5]), ARTICULAR)
                    + share(ellipse_depth(u - 0.38 * width, v - height, [4.6, 7.0]), ARTICULAR)
            })
            .sum();
        spinous + pair
    }

    fn transverse_depth(&self, u: f64, v: f64) -> f64 {
        let [width, height] = self.half;
        let [length, radius] = self.transverse;
        let (from, to) = ([width - 3.0, -0.25 * height], [width - 3.0 + length, -0.45 * height]);
        bar_depth([u.abs(), v], from, to, [radius, 0.65 * radius])
    }

    fn spur(&self, [side, size]: [f64; 2], u: f64, v: f64) -> f64 {
        let [width, height] = self.half;
        ellipse_depth(u * side - width - 0.35 * size, v + 0.85 * height, [size, 0.6 * size + 1.5])
    }
}
