//! Statistics of many results: agreement of two methods, shares, and control charts.

mod agreement;
mod control_chart;
mod share;
mod student_t;

pub use agreement::Agreement;
pub use control_chart::{Baseline, ControlChart, Judged, Rules, Signal};
pub use share::Share;
pub use student_t::two_sided_95;

/// The standard normal deviate that leaves 2.5 % above it.
pub const Z_95: f64 = 1.959_963_984_540_054;
