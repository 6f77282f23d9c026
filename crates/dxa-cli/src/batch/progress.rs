//! How far a batch is: a bar on a terminal, a line now and then in a log.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use dxa_batch::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// What is shown at the moment.
pub(super) struct Shown {
    bar: ProgressBar,
    terminal: bool,
    log: Mutex<Log>,
}

struct Log {
    said: Instant,
    /// When the first study was finished, and how many were then: resumed ones cost no time.
    began: Option<(Instant, u64)>,
}

/// Between two lines of a log.
const BETWEEN_LINES: Duration = Duration::from_secs(30);

impl Default for Shown {
    fn default() -> Self {
        let log = Mutex::new(Log { said: Instant::now(), began: None });
        Self { bar: ProgressBar::no_length(), terminal: std::io::stderr().is_terminal(), log }
    }
}

impl Shown {
    /// Shows a step.
    pub(super) fn step(&self, step: Progress) {
        match step {
            Progress::Headers(files) => self.headers(files),
            Progress::Studies(done, total) => self.studies(done, total),
            Progress::Tables => self.bar.finish_and_clear(),
        }
    }

    /// Leaves the line to whatever comes next.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn headers(&self, files: u64) {
        if self.terminal {
            self.style("{spinner} {pos} headers, {per_sec}");
            self.bar.set_position(files);
        } else {
            self.line(0, |_| format!("{files} headers"));
        }
    }

    fn studies(&self, done: u64, total: u64) {
        if self.terminal {
            if self.bar.length() != Some(total) {
                self.bar.set_length(total);
                self.bar.reset_elapsed();
                self.style("{bar:40} {pos}/{len} studies, {per_sec}, {eta} left");
            }
            self.bar.set_position(done);
        } else {
            self.line(done, |rate| {
                let left = (total.saturating_sub(done) as f64 / rate.max(1e-3)).round();
                format!("{done} of {total} studies, {rate:.1}/s, {left} s left")
            });
        }
        if let Ok(mut log) = self.log.lock() {
            log.began.get_or_insert((Instant::now(), done));
        }
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    fn line(&self, done: u64, text: impl FnOnce(f64) -> String) {
        let Ok(mut log) = self.log.lock() else { return };
        if log.said.elapsed() < BETWEEN_LINES {
            return;
        }
        log.said = Instant::now();
        let rate = log.began.map_or(0.0, |(since, before)| {
            done.saturating_sub(before) as f64 / since.elapsed().as_secs_f64().max(1e-3)
        });
        let _ = writeln!(std::io::stderr(), "dxa: {}", text(rate));
    }
}
