//! Workers: each claims one piece of work at a time and does it, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use dxa_exchange::view::Summary;
use serde::Deserialize as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::analysis::{self, Outcome};
use super::child::{Analyst, Broken};
use super::queue::{self, Claim};
use super::{earlier, gather};
use crate::config::Config;
use crate::deliver;
use crate::ingest;
use crate::priors;
use crate::store::{self, Error, NewResult, ResultState, Store, now, opaque_id};

/// What work needs.
#[derive(Clone)]
pub struct Workshop {
    /// The store.
    pub store: Store,
    /// The configuration.
    pub config: Arc<Config>,
    /// Who analyzes.
    pub analyst: Analyst,
    /// Called inside the transaction of every new result: puts deliveries into the outbox.
    pub outbox: Outbox,
}

/// Called with the connection of the result's transaction, the study and the version.
pub type Outbox = Arc<
    dyn for<'c> Fn(
            &'c mut sqlx::AnyConnection,
            String,
            i64,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'c>>
        + Send
        + Sync,
>;

/// The workers of this process.
pub struct Runner {
    tasks: TaskTracker,
}

/// Pause of a worker that finds nothing to do.
const PAUSE: Duration = Duration::from_millis(200);

impl Runner {
    /// Starts the workers.
    ///
    /// # Errors
    /// When the system has no random numbers to name them by.
    pub fn start(workshop: &Workshop, stop: &CancellationToken) -> Result<Self, Error> {
        let tasks = TaskTracker::new();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = match workshop.config.work.workers {
            0 => cores,
            workers => workers,
        };
        let asker = workshop.clone();
        let (counter, stopped, until) = (workshop.store.clone(), stop.clone(), stop.clone());
        tasks.spawn(async move {
            asker.outdated().await;
            asker.kept_before(&until).await;
        });
        tasks.spawn(async move {
            if let Err(error) = counter.count_results(&stopped).await {
                tracing::error!(%error, "older results are not counted for the quality room");
            }
        });
        for _ in 0..workers {
            let worker = Worker { workshop: workshop.clone(), owner: opaque_id()? };
            tasks.spawn(worker.run(stop.clone()));
        }
        tasks.close();
        Ok(Self { tasks })
    }

    /// Waits for the workers, who stop when their token is canceled.
    pub async fn ended(self) {
        self.tasks.wait().await;
    }
}

impl Workshop {
    /// A new version of tables or algorithms analyzes again what the one before did.
    async fn outdated(&self) {
        let Ok(protocol) = analysis::protocol_sha256(&self.config.study.profile) else { return };
        match queue::outdated(self.store.database(), &protocol).await {
            Ok(0) => {}
            Ok(studies) => {
                tracing::info!(studies, "studies are analyzed again by the protocol of this version")
            }
            Err(error) => tracing::error!(%error, "studies of another protocol cannot be looked for"),
        }
    }

    /// Results that were kept before FHIR read resources one by one are given to it, a few at a time.
    async fn kept_before(&self, stop: &CancellationToken) {
        const AT_ONCE: i64 = 16;
        let mut after = String::new();
        while !stop.is_cancelled() {
            match self.store.take_resources(&after, AT_ONCE).await {
                Ok(Some(last)) => after = last,
                Ok(None) => return,
                Err(error) => {
                    return tracing::error!(%error, "older results are not searched by FHIR before the next start");
                }
            }
            pause(stop, PAUSE / 4).await;
        }
    }
}

struct Worker {
    workshop: Workshop,
    owner: String,
}

impl Worker {
    async fn run(self, stop: CancellationToken) {
        let database = self.workshop.store.database().clone();
        while !stop.is_cancelled() {
            let claimed = queue::claim(&database, &self.owner, self.lease()).await;
            match claimed {
                Ok(Some(claim)) => self.work(&claim, &stop).await,
                Ok(None) => pause(&stop, PAUSE).await,
                Err(error) => {
                    tracing::error!(%error, "work cannot be claimed");
                    pause(&stop, 10 * PAUSE).await;
                }
            }
        }
    }

    fn lease(&self) -> i64 {
        i64::try_from(self.workshop.config.work.lease_seconds * 1000).unwrap_or(i64::MAX / 2)
    }

    /// Does one piece of work, holding on to the claim meanwhile.
    async fn work(&self, claim: &Claim, stop: &CancellationToken) {
        let database = self.workshop.store.database();
        let holding = async {
            loop {
                tokio::time::sleep(Duration::from_millis(u64::try_from(self.lease() / 3).unwrap_or(1000)))
                    .await;
                if let Ok(false) = queue::renew(database, claim, &self.owner, self.lease()).await {
                    return;
                }
            }
        };
        let outcome = tokio::select! {
            outcome = self.once(claim) => outcome,
            () = holding => return,
            () = stop.cancelled() => return self.give_back(claim).await,
        };
        let settled = match outcome {
            Ok(()) => self.done(claim).await,
            Err(failure) => self.failed(claim, &failure).await,
        };
        if let Err(error) = settled {
            tracing::error!(%error, "the state of work cannot be kept; it is done again");
        }
    }

    async fn once(&self, claim: &Claim) -> Result<(), Broken> {
        match claim.kind.as_str() {
            queue::ANALYZE => self.analyze(claim).await,
            ingest::COMMIT => {
                let workshop = &self.workshop;
                let reported =
                    ingest::report_commitment(&workshop.store, &workshop.config, &claim.subject).await;
                reported.map_err(Broken::Study)
            }
            deliver::ASK => {
                let workshop = &self.workshop;
                let asked = deliver::ask_commitment(&workshop.store, &workshop.config, &claim.subject).await;
                asked.map_err(Broken::Study)
            }
            priors::FETCH => {
                let workshop = &self.workshop;
                let fetched = priors::fetch(&workshop.store, &workshop.config, &claim.subject).await;
                fetched.map_err(Broken::Study)
            }
            // Left by a newer version of the program.
            _ => Ok(()),
        }
    }

    async fn analyze(&self, claim: &Claim) -> Result<(), Broken> {
        let Workshop { store, config, analyst, .. } = &self.workshop;
        let broken = |error: Error| {
            tracing::error!(%error, study = %claim.subject, "a study cannot be read");
            Broken::Study("the store could not give the objects of this study".to_owned())
        };
        if claim.attempts > i64::from(config.work.attempts) {
            // The process that held the claim ended each time: the study may be why.
            return Err(Broken::Ended);
        }
        if self.waits(&claim.subject).await.map_err(broken)? {
            return Ok(());
        }
        let gathered = gather::gather(store, config, &claim.subject).await.map_err(broken)?;
        let protocol = analysis::protocol_sha256(&config.study.profile)
            .map_err(|failure| Broken::Study(failure.to_string()))?;
        if gathered.patient_mismatch {
            return Err(Broken::Study(analysis::Unanalyzed::PatientMismatch.to_string()));
        }
        let same_protocol = gathered.protocol_sha256.as_ref() == Some(&protocol);
        if gathered.same_inputs && same_protocol {
            return store.set_state(&claim.subject, "analyzed", None).await.map_err(broken);
        }
        let cause = gathered.cause;
        // With the same inputs only the protocol can have changed.
        let reason = if gathered.same_inputs { "protocol" } else { cause.reason };
        store.set_state(&claim.subject, "analyzing", None).await.map_err(broken)?;
        let deadline = Duration::from_secs(config.work.deadline_seconds);
        let outcome = analyst.analyze(gathered.task, gathered.objects, deadline).await?;
        let new = NewResult {
            study: claim.subject.clone(),
            state: ResultState::Preliminary,
            json: outcome.study.clone(),
            inputs_sha256: gathered.inputs_sha256,
            protocol_sha256: protocol,
            author: cause.author,
            reason: reason.to_owned(),
            summary: summary_of(&outcome.study),
            created_at: now(),
            after: gathered.newest,
        };
        self.keep(new, outcome).await.map_err(broken)
    }

    /// Whether objects of a study without a result are still expected; it is looked at again when the last of them
    /// is late.
    async fn waits(&self, study: &str) -> Result<bool, Error> {
        let Workshop { store, config, .. } = &self.workshop;
        if store::is_met(store.database(), study).await? != Some(false) {
            return Ok(false);
        }
        let row = store.study(study).await?;
        let until = row.arrived_at + (config.study.expected_seconds * 1000.0) as i64;
        if row.version > 0 || now() >= until {
            return Ok(false);
        }
        let mut transaction = store.database().begin().await?;
        queue::ask(&mut transaction, queue::ANALYZE, study, until).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Result, documents and deliveries in one transaction.
    async fn keep(&self, new: NewResult, outcome: Outcome) -> Result<(), Error> {
        let outbox = Arc::clone(&self.workshop.outbox);
        let config = Arc::clone(&self.workshop.config);
        let study = new.study.clone();
        let is_first = new.after == 0;
        let added = self.workshop.store.add_result(new, async move |connection, version| {
            for encoded in outcome.documents {
                let document = encoded.of_result(&study, version);
                Store::put_document(&mut *connection, &document).await?;
            }
            if is_first {
                priors::ask(&mut *connection, &config, &study).await?;
                earlier::compare_later(&mut *connection, &study).await?;
            }
            outbox(connection, study, version).await
        });
        match added.await {
            Ok(_) => Ok(()),
            // Another process was faster; its result stands.
            Err(Error::Stale { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn done(&self, claim: &Claim) -> Result<(), Error> {
        let mut connection = self.workshop.store.database().write().acquire().await?;
        queue::done(&mut connection, claim, &self.owner).await
    }

    /// Again at once, or set aside with the reason that everybody sees.
    async fn failed(&self, claim: &Claim, failure: &Broken) -> Result<(), Error> {
        let Workshop { store, config, .. } = &self.workshop;
        tracing::warn!(kind = %claim.kind, subject = %claim.subject, attempt = claim.attempts, %failure, "work failed");
        let allowed = match claim.kind.as_str() {
            queue::ANALYZE => i64::from(config.work.attempts),
            // About a day: an archive may be down for long.
            deliver::ASK => 180,
            _ => 10,
        };
        let again = claim.attempts < allowed;
        if claim.kind == queue::ANALYZE && !again {
            store.set_state(&claim.subject, "failed", Some(&failure.to_string())).await?;
        }
        let pause = 500 << claim.attempts.clamp(0, 10);
        let next = again.then(|| now() + pause);
        let mut connection = store.database().write().acquire().await?;
        queue::failed(&mut connection, claim, &self.owner, &failure.to_string(), next).await
    }

    /// Stopping is no failed attempt.
    async fn give_back(&self, claim: &Claim) {
        let given = sqlx::query(
            "UPDATE jobs SET state = 'queued', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL \
             WHERE kind = $1 AND subject = $2 AND lease_owner = $3",
        )
        .bind(&claim.kind)
        .bind(&claim.subject)
        .bind(&self.owner)
        .execute(self.workshop.store.database().write())
        .await;
        if let Err(error) = given {
            tracing::warn!(%error, "work is given back when its lease ends");
        }
    }
}

/// What the list of studies shows of a result.
fn summary_of(study: &serde_json::Value) -> Option<String> {
    let study = dxa_exchange::record::Study::deserialize(study).ok()?;
    serde_json::to_string(&Summary::of(&study)).ok()
}

async fn pause(stop: &CancellationToken, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
