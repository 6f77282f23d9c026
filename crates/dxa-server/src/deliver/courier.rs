//! Couriers: each takes what is due for its destination, tries, and writes down how it went.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ledger::{self, Claim};
use super::{Attempt, Destination, c_store, commitment, document, fhir, mllp, stow};
use crate::config::{Config, Tls};
use crate::scu::Association;
use crate::store::{Error, Store, opaque_id};
use crate::tls;

/// The couriers of this process.
pub struct Couriers {
    tasks: TaskTracker,
}

/// Pause of a courier that finds nothing to do.
const PAUSE: Duration = Duration::from_millis(250);
/// A claim holds this long; a batch of documents goes out well within it.
const LEASE: Duration = Duration::from_secs(300);

impl Couriers {
    /// Starts one courier for each destination.
    ///
    /// # Errors
    /// When the system has no random numbers to name them by.
    pub fn start(store: &Store, config: &Arc<Config>, stop: &CancellationToken) -> Result<Self, Error> {
        let tasks = TaskTracker::new();
        for destination in Destination::all(&config.deliver) {
            let web = web(destination.web_tls()).inspect_err(|error| {
                tracing::error!(destination = destination.name(), %error, "nothing can be sent over HTTP");
            });
            let courier = Courier {
                store: store.clone(),
                config: Arc::clone(config),
                destination,
                owner: opaque_id()?,
                web: web.ok(),
            };
            tasks.spawn(courier.run(stop.clone()));
        }
        tasks.close();
        Ok(Self { tasks })
    }

    /// Waits for the couriers, who stop when their token is canceled.
    pub async fn ended(self) {
        self.tasks.wait().await;
    }
}

/// What speaks HTTP; never follows a redirection, which could lead a result elsewhere. Without settings of its own it
/// trusts the authorities of the system.
///
/// # Errors
/// Files of certificates that cannot be used.
pub(crate) fn web(tls: Option<&Tls>) -> io::Result<reqwest::Client> {
    const PATIENCE: Duration = Duration::from_secs(60);
    // Another part of the program may have chosen it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let client = match tls {
        Some(tls) => client.tls_backend_preconfigured(tls::client(tls)?),
        None => client,
    };
    client.build().map_err(io::Error::other)
}

struct Courier {
    store: Store,
    config: Arc<Config>,
    destination: Destination,
    owner: String,
    web: Option<reqwest::Client>,
}

impl Courier {
    async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
            let claimed = ledger::claim(self.store.database(), &self.destination, &self.owner, lease).await;
            match claimed {
                Ok(claims) if claims.is_empty() => {
                    self.commit().await;
                    pause(&stop, PAUSE).await;
                }
                Ok(claims) => {
                    if let Err(error) = self.carry(&claims, &stop).await {
                        tracing::error!(%error, "the state of deliveries cannot be kept; they are made again");
                        pause(&stop, 4 * PAUSE).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "deliveries cannot be claimed");
                    pause(&stop, 20 * PAUSE).await;
                }
            }
        }
    }

    /// Asks for commitment to what was delivered, where the archive is to be asked.
    async fn commit(&self) {
        let Destination::Dicom(to) = &self.destination else { return };
        if !to.commitment {
            return;
        }
        if let Err(error) = commitment::collect(self.store.database(), to).await {
            tracing::error!(%error, "storage commitment cannot be asked for now");
        }
    }

    /// Makes deliveries one after the other over one connection.
    async fn carry(&self, claims: &[Claim], stop: &CancellationToken) -> Result<(), Error> {
        let mut open = Open::default();
        let begun = Instant::now();
        for claim in claims {
            if begun.elapsed() > LEASE / 2 {
                // The other side is slow; what is left is claimed anew.
                ledger::give_back(self.store.database(), claim, &self.owner).await?;
                continue;
            }
            let attempt = tokio::select! {
                attempt = self.attempt(claim, &mut open) => attempt,
                () = stop.cancelled() => {
                    ledger::give_back(self.store.database(), claim, &self.owner).await?;
                    continue;
                }
            };
            let database = self.store.database();
            ledger::settle(database, &self.config.deliver, claim, &self.owner, &attempt).await?;
        }
        if let Some(association) = open.association {
            association.release().await;
        }
        Ok(())
    }

    async fn attempt(&self, claim: &Claim, open: &mut Open) -> Attempt {
        let unread = |error: Error| Attempt::Again(format!("the document cannot be read: {error}"));
        let document = match document::of(&self.store, claim).await {
            Ok(Some(document)) => document,
            Ok(None) => return Attempt::Refused("the document is no longer there".to_owned()),
            Err(error) => return unread(error),
        };
        let earlier = if self.destination.replaces_older() {
            document::earlier(&self.store, self.destination.name(), claim).await
        } else {
            Ok(Vec::new())
        };
        let earlier = match earlier {
            Ok(earlier) => earlier,
            Err(error) => return unread(error),
        };
        match (&self.destination, &self.web) {
            (Destination::Dicom(to), _) => {
                c_store::store(to, &self.config, &document, &mut open.association).await
            }
            (Destination::Hl7(to, _), _) => mllp::send(to, &document.body, &earlier, &mut open.line).await,
            (Destination::Stow(to), Some(web)) => stow::post(web, to, &document).await,
            (Destination::Fhir(to), Some(web)) => fhir::post(web, to, &document.body, &earlier).await,
            (_, None) => Attempt::Again("no secure connection can be made on this machine".to_owned()),
        }
    }
}

/// Connections that a batch keeps open.
#[derive(Default)]
struct Open {
    association: Option<Association>,
    line: Option<mllp::Line>,
}

async fn pause(stop: &CancellationToken, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
