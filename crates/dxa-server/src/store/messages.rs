//! Messages of record systems: what became of each, and the orders they hold.

use dxa_exchange::context::Facts;
use dxa_exchange::hl7::{Incoming, Order};
use dxa_exchange::issue::{OrderNumber, OrderNumbers};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _};

use super::conditions::Conditions;
use super::context::{dates, dates_text};
use super::{Error, Matches, Store, hexadecimal, now};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// Its facts are those of a patient.
    Taken,
    /// There is no study of its patient yet, or not the one that it is of.
    Waiting,
    /// It is not used.
    Refused,
}

impl MessageState {
    /// As in the database and in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }
}

/// A message as the ledger shows it; nothing in it names a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Number in the ledger.
    pub id: i64,
    /// MSH-3 and MSH-4.
    pub sender: String,
    /// MSH-10.
    pub control_id: String,
    /// MSH-9.
    pub kind: String,
    /// See [`MessageState`].
    pub state: String,
    /// Why, and what of it was left.
    pub reason: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

/// A message that came before the first study of its patient.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingMessage {
    /// Number in the ledger.
    pub id: i64,
    /// Who sent it.
    pub sender: String,
    /// Keys and values of a context file, each with its time.
    pub facts: Facts,
    /// Why it waits, and what of it was left.
    pub reason: Option<String>,
    /// What it says of the patient: `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// `F` or `M`.
    pub sex: Option<String>,
    /// What the objects say of the patient: YYYYMMDD.
    pub known_birth_date: Option<String>,
    /// As DICOM has it.
    pub known_sex: Option<String>,
}

/// Writes a message down and gives its number; nothing when it is there already.
///
/// # Errors
/// When the index does not answer.
pub async fn add_message(
    connection: &mut AnyConnection,
    told: &Incoming,
    bytes: &[u8],
) -> Result<Option<i64>, Error> {
    let row = sqlx::query(
        "INSERT INTO messages (sender, control_id, type, digest, state, birth_date, sex, facts, dates, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, 'taken', $5, $6, $7, $8, $9, $9) ON CONFLICT (sender, control_id, digest) DO NOTHING \
         RETURNING id",
    )
    .bind(&told.sender)
    .bind(&told.control_id)
    .bind(&told.kind)
    .bind(hexadecimal(&Sha256::digest(bytes)))
    .bind(told.person.birth_date.map(|date| date.to_string()))
    .bind(&told.person.sex)
    .bind(Value::Object(told.facts.context()).to_string())
    .bind(dates_text(&told.facts.dates()))
    .bind(now())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// Writes down what became of a message. What it told of the patient is kept only as long as it waits.
///
/// # Errors
/// When the index does not answer.
pub async fn settle_message(
    connection: &mut AnyConnection,
    id: i64,
    state: MessageState,
    reason: Option<&str>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE messages SET state = $2, reason = $3, updated_at = $4, \
         facts = CASE WHEN $2 = 'waiting' THEN facts ELSE '{}' END, \
         dates = CASE WHEN $2 = 'waiting' THEN dates ELSE NULL END WHERE id = $1",
    )
    .bind(id)
    .bind(state.code())
    .bind(reason)
    .bind(now())
    .execute(&mut *connection)
    .await?;
    if state != MessageState::Waiting {
        sqlx::query("DELETE FROM message_numbers WHERE message = $1").bind(id).execute(connection).await?;
    }
    Ok(())
}

/// Forgets what a message told of its patient, who has it now.
///
/// # Errors
/// When the index does not answer.
pub async fn forget_facts(connection: &mut AnyConnection, id: i64) -> Result<(), Error> {
    sqlx::query("UPDATE messages SET facts = '{}', dates = NULL WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes the numbers, each with who gave it, of the patient whose study a message waits for.
///
/// # Errors
/// When the index does not answer.
pub async fn wait_for(
    connection: &mut AnyConnection,
    id: i64,
    numbers: &[(String, String)],
) -> Result<(), Error> {
    for (number, authority) in numbers {
        sqlx::query(
            "INSERT INTO message_numbers (message, patient_id, issuer) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(number)
        .bind(authority)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Notes an order with the numbers of its patient, and how many objects a study has of what is ordered, where the site
/// says so; the latest word counts.
///
/// An order that is changed or taken back is often named by its placer's number alone, and may get its accession number
/// only later: both are the same order.
///
/// # Errors
/// When the index does not answer.
pub async fn put_order(
    connection: &mut AnyConnection,
    sender: &str,
    numbers: &[(String, String)],
    order: &Order,
    instances: Option<i64>,
) -> Result<(), Error> {
    if change_orders(&mut *connection, sender, order, instances).await? {
        return Ok(());
    }
    // What only the placer's number named has its accession number now.
    for accession in ["", &order.accession] {
        forget_order(&mut *connection, sender, &order.placer.value, accession).await?;
    }
    sqlx::query(
        "INSERT INTO orders (study, accession_number, placer, state, procedure, scheduled, sender, updated_at, \
         instances, placer_authority, filler, filler_authority) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&order.study)
    .bind(&order.accession)
    .bind(&order.placer.value)
    .bind(state_of(order))
    .bind(&order.procedure)
    .bind(&order.scheduled)
    .bind(sender)
    .bind(now())
    .bind(instances)
    .bind(&order.placer.authority)
    .bind(&order.filler.value)
    .bind(&order.filler.authority)
    .execute(&mut *connection)
    .await?;
    for (number, _) in numbers {
        sqlx::query(
            "INSERT INTO order_numbers (sender, placer, accession_number, patient_id) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(sender)
        .bind(&order.placer.value)
        .bind(&order.accession)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Changes the orders that are known and that a message names by a part of their numbers; says whether there was one.
/// What the message does not say of them stays.
async fn change_orders(
    connection: &mut AnyConnection,
    sender: &str,
    order: &Order,
    instances: Option<i64>,
) -> Result<bool, Error> {
    if !order.is_canceled() && !order.accession.is_empty() {
        return Ok(false);
    }
    let changed = sqlx::query(
        "UPDATE orders SET state = $4, updated_at = $5, study = CASE WHEN $6 = '' THEN study ELSE $6 END, \
         procedure = CASE WHEN $7 = '' THEN procedure ELSE $7 END, \
         scheduled = CASE WHEN $8 = '' THEN scheduled ELSE $8 END, \
         instances = CASE WHEN $7 = '' THEN instances ELSE $9 END \
         WHERE sender = $1 AND ($2 = '' OR placer = $2) \
         AND ($3 = '' OR accession_number = $3 OR ($2 <> '' AND accession_number = ''))",
    )
    .bind(sender)
    .bind(&order.placer.value)
    .bind(&order.accession)
    .bind(state_of(order))
    .bind(now())
    .bind(&order.study)
    .bind(&order.procedure)
    .bind(&order.scheduled)
    .bind(instances)
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

async fn forget_order(
    connection: &mut AnyConnection,
    sender: &str,
    placer: &str,
    accession: &str,
) -> Result<(), Error> {
    for statement in [
        "DELETE FROM orders WHERE sender = $1 AND placer = $2 AND accession_number = $3",
        "DELETE FROM order_numbers WHERE sender = $1 AND placer = $2 AND accession_number = $3",
    ] {
        sqlx::query(statement).bind(sender).bind(placer).bind(accession).execute(&mut *connection).await?;
    }
    Ok(())
}

/// An order that was taken back is so for one reason or another.
fn state_of(order: &Order) -> &str {
    if order.is_canceled() { "CA" } else { &order.control }
}

impl Store {
    /// Messages, newest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn messages(
        &self,
        state: Option<&String>,
        limit: i64,
        offset: i64,
    ) -> Result<Matches<MessageRow>, Error> {
        let mut conditions = Conditions::default();
        conditions.text_is("state", state);
        let text = format!(
            "SELECT * FROM messages {} ORDER BY id DESC LIMIT {} OFFSET {}",
            conditions.text(),
            limit + 1,
            offset.max(0)
        );
        Ok(Matches::page(&conditions.rows(self.database(), text).await?, limit, message)?)
    }

    /// Messages that wait for a patient who is here now.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn waiting_messages(&self, patient: &str) -> Result<Vec<WaitingMessage>, Error> {
        let rows = sqlx::query(
            "SELECT messages.id AS id, messages.sender AS sender, messages.facts AS facts, messages.dates AS dates, \
             messages.created_at AS created_at, messages.reason AS reason, \
             messages.birth_date AS birth_date, messages.sex AS sex, patients.birth_date AS known_birth_date, \
             patients.sex AS known_sex FROM patients JOIN messages ON messages.id IN (SELECT told.message \
             FROM message_numbers AS told WHERE told.patient_id = patients.patient_id AND (told.issuer = '' \
             OR patients.issuer IS NULL OR patients.issuer = '' OR patients.issuer = told.issuer)) \
             WHERE patients.id = $1 AND messages.state = 'waiting' ORDER BY messages.id",
        )
        .bind(patient)
        .fetch_all(self.database().read())
        .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let facts: String = row.try_get("facts")?;
            let facts =
                serde_json::from_str::<Value>(&facts).ok().and_then(|facts| facts.as_object().cloned());
            // What waits was told when it came.
            let facts = Facts::of(&facts.unwrap_or_default(), &dates(row)?, Some(row.try_get("created_at")?));
            Ok(WaitingMessage {
                id: row.try_get("id")?,
                sender: row.try_get("sender")?,
                facts,
                reason: row.try_get("reason")?,
                birth_date: row.try_get("birth_date")?,
                sex: row.try_get("sex")?,
                known_birth_date: row.try_get("known_birth_date")?,
                known_sex: row.try_get("known_sex")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// The numbers of the orders that a study of their patient was made for.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn orders_of(&self, study: &str) -> Result<Vec<OrderNumbers>, Error> {
        let rows = sqlx::query(
            "SELECT DISTINCT orders.placer AS placer, orders.placer_authority AS placer_authority, \
             orders.filler AS filler, orders.filler_authority AS filler_authority \
             FROM studies JOIN patients ON patients.id = studies.patient \
             JOIN orders ON orders.study = studies.uid OR (orders.study = '' AND orders.accession_number <> '' \
                 AND orders.accession_number = studies.accession_number) \
             JOIN order_numbers AS told ON told.sender = orders.sender AND told.placer = orders.placer \
                 AND told.accession_number = orders.accession_number AND told.patient_id = patients.patient_id \
             WHERE studies.uid = $1 AND orders.state <> 'CA' ORDER BY 1, 2, 3, 4",
        )
        .bind(study)
        .fetch_all(self.database().read())
        .await?;
        let number = |row: &sqlx::any::AnyRow, name: &str| {
            let authority = format!("{name}_authority");
            let value = row.try_get(name)?;
            Ok::<_, sqlx::Error>(OrderNumber { value, authority: row.try_get(authority.as_str())? })
        };
        let order = |row| Ok(OrderNumbers { placer: number(row, "placer")?, filler: number(row, "filler")? });
        Ok(rows.iter().map(order).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Whether the order with an accession number is of another patient number than the study.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn contradicts_order(&self, study: &str) -> Result<bool, Error> {
        let found = sqlx::query(
            "SELECT 1 AS found FROM studies JOIN patients ON patients.id = studies.patient \
             JOIN orders ON orders.accession_number = studies.accession_number \
             JOIN order_numbers AS told ON told.sender = orders.sender AND told.placer = orders.placer \
             AND told.accession_number = orders.accession_number \
             WHERE studies.uid = $1 AND orders.accession_number <> '' AND orders.state <> 'CA' \
             AND patients.patient_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM order_numbers AS own \
             WHERE own.sender = orders.sender AND own.placer = orders.placer \
             AND own.accession_number = orders.accession_number AND own.patient_id = patients.patient_id)",
        )
        .bind(study)
        .fetch_optional(self.database().read())
        .await?;
        Ok(found.is_some())
    }
}

fn message(row: &sqlx::any::AnyRow) -> Result<MessageRow, sqlx::Error> {
    Ok(MessageRow {
        id: row.try_get("id")?,
        sender: row.try_get("sender")?,
        control_id: row.try_get("control_id")?,
        kind: row.try_get("type")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
