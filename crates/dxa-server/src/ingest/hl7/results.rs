//! Measurements of a scanner given to the study that they are of; what comes before its study waits for it.

use dxa_exchange::hl7::OrderResult;
use sqlx::AnyConnection;

use crate::store::{self, Error, NamedStudy};
use crate::work::queue;

/// What became of the measurements of a message.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Some were given to their study.
    pub(super) some: bool,
    /// Some wait for their study.
    pub(super) waits: bool,
    /// Why others are not used.
    pub(super) left: Vec<String>,
}

/// Keeps the measurements of a message, each with the study of the patient that it names, and asks for the analysis.
pub(super) async fn give(
    connection: &mut AnyConnection,
    patient: &str,
    sender: &str,
    message: i64,
    results: &[OrderResult],
) -> Result<Given, Error> {
    let mut given = Given::default();
    for result in results {
        match store::named_study(&mut *connection, patient, result).await? {
            NamedStudy::Study(study) => {
                store::add_reported(&mut *connection, message, sender, Some(&study), result).await?;
                queue::ask_anew(&mut *connection, &study).await?;
                given.some = true;
            }
            NamedStudy::NotHere => {
                store::add_reported(&mut *connection, message, sender, None, result).await?;
                given.waits = true;
            }
            NamedStudy::Refused(why) => given.left.push(why.to_owned()),
        }
    }
    Ok(given)
}

/// Gives what waited to the studies that are here now; `study` is being analyzed and needs not be asked for.
pub(super) async fn give_waiting(
    connection: &mut AnyConnection,
    patient: &str,
    study: &str,
    message: i64,
) -> Result<Given, Error> {
    let mut given = Given::default();
    for (id, result) in store::waiting_reported(&mut *connection, message).await? {
        match store::named_study(&mut *connection, patient, &result).await? {
            NamedStudy::Study(named) => {
                store::give_reported(&mut *connection, id, Some(&named)).await?;
                if named != study {
                    queue::ask_anew(&mut *connection, &named).await?;
                }
                given.some = true;
            }
            NamedStudy::NotHere => given.waits = true,
            NamedStudy::Refused(why) => {
                store::give_reported(&mut *connection, id, None).await?;
                given.left.push(why.to_owned());
            }
        }
    }
    Ok(given)
}
