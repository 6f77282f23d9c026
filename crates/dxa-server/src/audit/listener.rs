//! What happens at the DICOM listener, as events of the audit trail.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::event::{Event, Kind};
use super::recorder::Audit;
use crate::ingest::{self, Observer};

/// Events that wait; a listener that is flooded with refused connections does not fill the memory.
const QUEUE: usize = 10_000;

/// An observer that writes down what the listener tells it.
#[must_use]
pub fn observer(audit: Audit) -> Observer {
    let (sender, mut told) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        while let Some(event) = told.recv().await {
            // The recorder logs why it could not; the listener has gone on already.
            let _ = audit.record(of(event)).await;
        }
    });
    Arc::new(move |event| {
        if sender.try_send(event).is_err() {
            metrics::counter!("dxa_audit_lost_total").increment(1);
            tracing::error!("an event of the DICOM listener could not be written down");
        }
    })
}

fn of(event: ingest::Event) -> Event {
    match event {
        ingest::Event::Rejected { from, ae_title, reason } => {
            let who = if ae_title.is_empty() { "unknown".to_owned() } else { ae_title };
            Event::new(Kind::SecurityAlert, who).from(from.to_string()).detail(reason).failed()
        }
        ingest::Event::Received { from, ae_title, study, instances } => {
            metrics::counter!("dxa_objects_received_total", "way" => "dimse").increment(instances as u64);
            Event::new(Kind::Receive, ae_title).from(from.to_string()).study(study)
        }
        ingest::Event::Quarantined { ae_title, study } => {
            Event::new(Kind::SecurityAlert, ae_title).study(study).detail("uid_conflict").failed()
        }
    }
}
