//! A message taken: written down, its facts given to its patient, in one transaction; then it is acknowledged.

use std::sync::Arc;

use dxa_exchange::context::{self, Facts};
use dxa_exchange::hl7::{Incoming, Person, RawMessage, incoming};
use serde_json::Value;
use sqlx::AnyConnection;

use super::acknowledgement::{Said, acknowledgement};
use super::matching::{Known, Match, find, numbers};
use super::results;
use crate::audit::{Audit, Event, Kind};
use crate::config::Hl7;
use crate::store::{self, Error, MessageState, Store, WaitingMessage};
use crate::work::queue;

/// What taking messages needs. Cheap to clone.
#[derive(Clone)]
pub(super) struct Taker {
    store: Store,
    audit: Audit,
    config: Arc<Hl7>,
}

/// Types of messages that say something of a patient or an order.
const TAKEN: [&str; 5] = ["ADT", "ORM", "OMG", "OMI", "ORU"];

const FOREIGN: &str = "messages of this type are not taken";
/// Why a message waits.
const NO_PATIENT: &str = "there is no study of this patient yet";
const NO_STUDY: &str = "the study of the measurements is not here yet";

impl Taker {
    pub(super) fn new(store: Store, audit: Audit, config: Arc<Hl7>) -> Self {
        Self { store, audit, config }
    }

    /// Takes a message and gives its acknowledgement.
    pub(super) async fn take(&self, bytes: &[u8]) -> Vec<u8> {
        let ahead = self.config.offset_minutes;
        let message = RawMessage::parse(bytes).map(|message| message.ahead_of_utc(ahead));
        let (said, sentence) = match &message {
            Err(error) => (Said::Refused, error.to_string()),
            Ok(message) => self.settle(message, bytes).await,
        };
        acknowledgement(message.as_ref().ok(), said, &sentence).unwrap_or_default()
    }

    async fn settle(&self, message: &RawMessage, bytes: &[u8]) -> (Said, String) {
        let told = incoming(message, &self.config.facts, &self.config.results);
        if told.control_id.is_empty() {
            return (Said::Refused, "MSH-10 is empty".to_owned());
        }
        match self.keep(&told, bytes).await {
            Ok(settled) => settled,
            Err(error) => {
                tracing::error!(%error, "an HL7 message cannot be kept");
                (Said::Failed, "the message cannot be kept now".to_owned())
            }
        }
    }

    async fn keep(&self, told: &Incoming, bytes: &[u8]) -> Result<(Said, String), Error> {
        // Before the transaction, because the trail writes through the same connection; what is not audited does not
        // happen.
        let event = Event::new(Kind::Change, author(&told.sender)).detail("hl7");
        if self.audit.record(event).await.is_err() {
            return Ok((Said::Failed, "the message cannot be kept now".to_owned()));
        }
        let mut transaction = self.store.database().begin().await?;
        let Some(id) = store::add_message(&mut transaction, told, bytes).await? else {
            // It came before, and its acknowledgement was lost.
            return Ok((Said::Accepted, "taken before".to_owned()));
        };
        let kind = told.kind.split('^').next().unwrap_or_default();
        let (state, mut reasons) = if TAKEN.contains(&kind) {
            let found = find(&mut transaction, &self.config, &told.person).await?;
            self.apply(&mut transaction, told, found, id).await?
        } else {
            (MessageState::Refused, vec![FOREIGN.to_owned()])
        };
        reasons.extend(told.left.iter().cloned());
        let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        store::settle_message(&mut transaction, id, state, reason.as_deref()).await?;
        transaction.commit().await?;
        self.complete(told).await?;
        Ok(if TAKEN.contains(&kind) {
            (Said::Accepted, state.code().to_owned())
        } else {
            (Said::Refused, FOREIGN.to_owned())
        })
    }

    async fn apply(
        &self,
        connection: &mut AnyConnection,
        told: &Incoming,
        found: Match,
        id: i64,
    ) -> Result<(MessageState, Vec<String>), Error> {
        let numbers = numbers(&self.config, &told.person);
        let is_refused = matches!(found, Match::Refused(_));
        for order in told.orders.iter().filter(|_| !is_refused) {
            let known = self.config.procedures.iter().find(|known| known.code == order.procedure);
            let instances = known.map(|known| known.instances);
            store::put_order(&mut *connection, &told.sender, &numbers, order, instances).await?;
        }
        match found {
            Match::Refused(why) => Ok((MessageState::Refused, vec![why.to_owned()])),
            Match::Waiting => {
                store::wait_for(&mut *connection, id, &numbers).await?;
                for result in &told.results {
                    store::add_reported(&mut *connection, id, &told.sender, None, result).await?;
                }
                Ok((MessageState::Waiting, vec![NO_PATIENT.to_owned()]))
            }
            Match::Patient(patient) => {
                let mut left = give(&mut *connection, &patient, &told.sender, &told.facts).await?;
                if !told.facts.is_empty() {
                    queue::ask_all_of(&mut *connection, &patient).await?;
                }
                let given =
                    results::give(&mut *connection, &patient, &told.sender, id, &told.results).await?;
                if given.waits {
                    let number = store::number_of(&mut *connection, &patient).await?;
                    store::wait_for(&mut *connection, id, &[number]).await?;
                    store::forget_facts(&mut *connection, id).await?;
                }
                let state = state(&given, told.facts.is_empty());
                left.extend(reasons(given));
                Ok((state, left))
            }
        }
    }

    /// Orders may say that all of a study is here that waits for more.
    async fn complete(&self, told: &Incoming) -> Result<(), Error> {
        let database = self.store.database();
        for order in &told.orders {
            for study in store::ordered_study(database, &told.sender, order).await? {
                let is_met = store::is_met(database, &study).await?;
                if is_met == Some(true) || (is_met.is_none() && order.is_canceled()) {
                    queue::complete(database, &[study], store::now()).await?;
                }
            }
        }
        Ok(())
    }
}

/// What became of a message whose patient is known; `only_results`: it told no facts.
fn state(given: &results::Given, only_results: bool) -> MessageState {
    if given.waits {
        MessageState::Waiting
    } else if only_results && !given.some && !given.left.is_empty() {
        MessageState::Refused
    } else {
        MessageState::Taken
    }
}

fn reasons(given: results::Given) -> Vec<String> {
    let waits = given.waits.then(|| NO_STUDY.to_owned());
    given.left.into_iter().chain(waits).collect()
}

/// The name under which a sender's facts are kept.
pub(crate) fn author(sender: &str) -> String {
    format!("hl7:{sender}")
}

/// Adds facts to those that the sender told before; gives the keys that could not be taken.
async fn give(
    connection: &mut AnyConnection,
    patient: &str,
    sender: &str,
    facts: &Facts,
) -> Result<Vec<String>, Error> {
    let (facts, left) = valid(facts.clone().until(store::now()));
    if facts.is_empty() {
        return Ok(left);
    }
    let author = author(sender);
    let mut known = store::newest_context(&mut *connection, patient, &author).await?;
    known.update(facts);
    let body = Value::Object(known.context()).to_string();
    store::put_context(connection, patient, &body, &known.dates(), &author).await?;
    Ok(left)
}

/// The facts that a context file may hold, each by itself, and the keys of the others.
fn valid(mut facts: Facts) -> (Facts, Vec<String>) {
    let wrong = |(key, value): (String, Value)| {
        let alone = Value::Object([(key.clone(), value)].into_iter().collect());
        context::read(alone.to_string().as_bytes()).is_err().then_some(key)
    };
    let wrong: Vec<String> = facts.context().into_iter().filter_map(wrong).collect();
    facts.retain(|key| !wrong.iter().any(|wrong| wrong == key));
    // The sentence of the reader quotes the value.
    let left = wrong.iter().map(|key| format!("{key} cannot be what it is said to be"));
    (facts, left.collect())
}

/// Gives a patient the facts that came before the first study did, and studies the measurements that came before them;
/// `study` is being analyzed.
///
/// # Errors
/// When the index does not answer.
pub(crate) async fn take_waiting(store: &Store, patient: &str, study: &str) -> Result<(), Error> {
    let waiting = store.waiting_messages(patient).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let mut transaction = store.database().begin().await?;
    for WaitingMessage { id, sender, facts, reason, birth_date, sex, known_birth_date, known_sex } in waiting
    {
        let person =
            Person { birth_date: birth_date.and_then(|date| date.parse().ok()), sex, ..Person::default() };
        let known = Known { id: patient.to_owned(), birth_date: known_birth_date, sex: known_sex };
        let (state, reason) = match known.judged(&person) {
            Match::Refused(why) => {
                store::forget_reported(&mut transaction, id).await?;
                (MessageState::Refused, Some(why.to_owned()))
            }
            Match::Patient(_) | Match::Waiting => {
                let mut left = give(&mut transaction, patient, &sender, &facts).await?;
                store::forget_facts(&mut transaction, id).await?;
                let given = results::give_waiting(&mut transaction, patient, study, id).await?;
                let state = state(&given, facts.is_empty());
                // What was left when it came is still left.
                let before = reason.as_deref().unwrap_or_default().split("; ");
                let before = before.filter(|part| !["", NO_PATIENT, NO_STUDY].contains(part));
                left.extend(before.map(str::to_owned).chain(reasons(given)));
                (state, (!left.is_empty()).then(|| left.join("; ")))
            }
        };
        store::settle_message(&mut transaction, id, state, reason.as_deref()).await?;
    }
    transaction.commit().await?;
    Ok(())
}
