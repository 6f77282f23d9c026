//! How areal density falls towards the edge of a projected bone.

use crate::SimError;
use crate::settings::Settings;

/// A family of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// As of a round wall seen from the front: 40 % of the plateau at the edge, all of it 4 mm further in.
    Curved,
    /// None: the plateau up to the edge, as of a phantom.
    Slab,
    /// A straight slope from 40 % over 5 mm.
    Linear,
    /// A dense rim: a quarter more at the edge, none 1.5 mm further in.
    Shell,
    /// A long slope from 15 % over 6 mm.
    Soft,
}

impl Edge {
    /// Reads `edge`.
    ///
    /// # Errors
    /// Another name.
    pub(crate) fn of(settings: &Settings) -> Result<Self, SimError> {
        let names = [
            ("curved", Self::Curved),
            ("slab", Self::Slab),
            ("linear", Self::Linear),
            ("shell", Self::Shell),
            ("soft", Self::Soft),
        ];
        let found = settings.choice("edge", &names, "curved, slab, linear, shell or soft")?;
        Ok(found.unwrap_or(Self::Curved))
    }

    /// Share of the plateau at a depth inside the outline.
    ///
    /// # Units
    /// Millimeters to 1.
    pub(crate) fn share(self, depth_mm: f64) -> f64 {
        let part = |width: f64| (depth_mm / width).clamp(0.0, 1.0);
        let round = |t: f64| t * (2.0 - t);
        match self {
            Self::Curved => 0.4 + 0.6 * round(part(4.0)).sqrt(),
            Self::Slab => 1.0,
            Self::Linear => 0.4 + 0.6 * part(5.0),
            Self::Shell => 1.25 - 0.25 * part(1.5),
            Self::Soft => 0.15 + 0.85 * round(part(6.0)),
        }
    }
}

/// Depth inside an ellipse around the origin, mm; negative outside.
///
/// To first order: (1 − ρ)/|∇ρ| with ρ² = (x/a)² + (y/b)², exact on the outline.
pub(crate) fn ellipse_depth(x: f64, y: f64, [a, b]: [f64; 2]) -> f64 {
    let (u, v) = (x / a, y / b);
    let radius = (u * u + v * v).sqrt();
    if radius < 0.05 {
        return a.min(b);
    }
    let (gx, gy) = (u / a / radius, v / b / radius);
    (1.0 - radius) / (gx * gx + gy * gy).sqrt()
}

/// Depth inside a bar that tapers from one end to the other, mm; negative outside.
pub(crate) fn bar_depth([x, y]: [f64; 2], from: [f64; 2], to: [f64; 2], radii: [f64; 2]) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let along = (((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let (ex, ey) = (x - from[0] - along * dx, y - from[1] - along * dy);
    radii[0] + along * (radii[1] - radii[0]) - (ex * ex + ey * ey).sqrt()
}
