//! What hip and forearm are built of: plane shapes, the density below an outline, and exact sums over both.

pub(crate) mod density;
pub(crate) mod draws;
pub(crate) mod integral;
pub(crate) mod plane;
pub(crate) mod pose;
pub(crate) mod skin;
