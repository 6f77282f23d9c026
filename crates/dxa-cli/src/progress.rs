//! What is shown on a terminal when there is something to wait for.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many files; hidden when they are few.
pub(crate) fn bar(files: usize) -> ProgressBar {
    const WORTH_SHOWING: usize = 500;
    if files < WORTH_SHOWING {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {per_sec}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
