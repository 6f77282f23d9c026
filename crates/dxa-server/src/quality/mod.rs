//! The quality room: what the results of many studies say of each scanner, and how the service does.

mod checks;
mod phantoms;
mod precision;
mod room;
mod service;
mod tally;

pub(crate) use room::{
    AgreementRow, CheckRow, DestinationRow, PhantomChart, PhantomPoint, PrecisionRow, Queue, Rate, Room,
    ScannerRoom, SetAside,
};
pub(crate) use tally::tally;

use dxa_core::site::Site;

/// The days that are asked for; both ends count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    /// The first day; by default a year before the newest scan.
    pub(crate) from: Option<jiff::civil::Date>,
    /// The last day; by default there is none.
    pub(crate) to: Option<jiff::civil::Date>,
}

/// A key that sorts sites, by their codes, as results list them; what is none comes last.
fn order(site: &str) -> (u8, usize, [u8; 4]) {
    site.parse::<Site>().map_or((u8::MAX, 0, [0; 4]), Site::order)
}
