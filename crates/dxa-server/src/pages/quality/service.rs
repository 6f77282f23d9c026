//! Deliveries and work.

use dxa_exchange::view::number::{self, NOTHING, decimals};
use dxa_exchange::view::{Say, fill};

use crate::quality::{DestinationRow, Queue, SetAside};

/// A destination.
pub(super) struct Destination {
    pub(super) name: String,
    pub(super) note: Option<&'static str>,
    pub(super) waiting: i64,
    pub(super) sent: i64,
    pub(super) dead: i64,
    pub(super) superseded: i64,
    pub(super) oldest: String,
}

impl Destination {
    pub(super) fn of(row: &DestinationRow, say: Say) -> Self {
        Self {
            name: row.destination.clone(),
            note: (!row.configured).then_some(say.w.not_configured),
            waiting: row.waiting,
            sent: row.sent,
            dead: row.dead,
            superseded: row.superseded,
            oldest: row.oldest_waiting.as_deref().map_or_else(|| NOTHING.to_owned(), minute),
        }
    }
}

/// The work of the service.
pub(super) struct Working {
    pub(super) work: Vec<Work>,
    pub(super) times: String,
    pub(super) set_aside: Vec<Study>,
}

/// Work of one kind.
pub(super) struct Work {
    pub(super) name: String,
    pub(super) waiting: i64,
    pub(super) running: i64,
    pub(super) set_aside: i64,
}

/// A study that was set aside.
pub(super) struct Study {
    pub(super) uid: String,
    pub(super) reason: String,
    pub(super) since: String,
}

impl Working {
    pub(super) fn of(queue: &Queue, say: Say) -> Self {
        let work = queue.work.iter().map(|work| Work {
            name: if work.kind == "analyze" { say.w.work_analyze.to_owned() } else { work.kind.clone() },
            waiting: work.waiting,
            running: work.running,
            set_aside: work.set_aside,
        });
        let study = |aside: &SetAside| Study {
            uid: aside.study.clone(),
            reason: aside.reason.clone(),
            since: minute(&aside.since),
        };
        let times = [queue.median_seconds, queue.p95_seconds, queue.longest_seconds]
            .map(|seconds| decimals(seconds, 1));
        let [median, p95, longest] = &times;
        Self {
            work: work.collect(),
            times: if queue.results == 0 {
                say.w.queue_no_times.to_owned()
            } else {
                fill(say.w.queue_times, &[&queue.results.to_string(), median, p95, longest])
            },
            set_aside: queue.set_aside.iter().map(study).collect(),
        }
    }
}

/// `2024-05-17T08:00:01Z` as it is read.
fn minute(time: &str) -> String {
    let at = time.parse::<jiff::Timestamp>();
    at.map_or_else(|_| time.to_owned(), |at| number::time(at.as_millisecond()).0)
}
