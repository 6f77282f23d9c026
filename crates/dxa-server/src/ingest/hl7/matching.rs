//! Whose message it is: by the hospital's number, held against birth date and sex; never by name.

use dxa_exchange::hl7::Person;
use sqlx::{AnyConnection, Row as _};

use crate::config::Hl7;
use crate::store::Error;

/// Who a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// One patient: our own id.
    Patient(String),
    /// Nobody of whom there is a study yet.
    Waiting,
    /// It cannot be said; the sentence names nobody.
    Refused(&'static str),
}

/// The numbers of a person that may be those of the scanners, each with who gave it; empty where that is not said.
pub(super) fn numbers(config: &Hl7, person: &Person) -> Vec<(String, String)> {
    let ours = |authority: &str| {
        config.authority.as_ref().is_none_or(|own| authority.is_empty() || own == authority)
    };
    person.numbers.iter().filter(|(_, by)| ours(by)).cloned().collect()
}

/// Finds the patient.
pub(super) async fn find(
    connection: &mut AnyConnection,
    config: &Hl7,
    person: &Person,
) -> Result<Match, Error> {
    let numbers = numbers(config, person);
    if numbers.is_empty() {
        return Ok(Match::Refused("PID-3 holds no patient number of this site"));
    }
    let mut found: Vec<Known> = Vec::new();
    for (number, authority) in &numbers {
        for known in known(&mut *connection, number, authority).await? {
            if !found.iter().any(|other| other.id == known.id) {
                found.push(known);
            }
        }
    }
    Ok(match found.as_slice() {
        [] => Match::Waiting,
        [one] => one.judged(person),
        _ => Match::Refused("several patients have this number"),
    })
}

/// A patient with the number of the message.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) birth_date: Option<String>,
    pub(super) sex: Option<String>,
}

impl Known {
    /// A number with another birth date or sex is somebody else, or a mistake; nobody can say which.
    pub(super) fn judged(&self, person: &Person) -> Match {
        let born = person.birth_date.map(|date| date.strftime("%Y%m%d").to_string());
        let differs = |ours: &Option<String>, theirs: &Option<String>| {
            ours.as_ref().zip(theirs.as_ref()).is_some_and(|(ours, theirs)| ours.trim() != theirs)
        };
        if differs(&self.birth_date, &born) {
            return Match::Refused("the birth date is not that of the patient with this number");
        }
        let known_sex = self.sex.clone().filter(|sex| matches!(sex.as_str(), "F" | "M"));
        if differs(&known_sex, &person.sex) {
            return Match::Refused("the sex is not that of the patient with this number");
        }
        Match::Patient(self.id.clone())
    }
}

async fn known(connection: &mut AnyConnection, number: &str, authority: &str) -> Result<Vec<Known>, Error> {
    let rows = sqlx::query(
        "SELECT id, birth_date, sex FROM patients WHERE patient_id = $1 \
         AND (issuer IS NULL OR issuer = '' OR $2 = '' OR issuer = $2)",
    )
    .bind(number)
    .bind(authority)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Known { id: row.try_get("id")?, birth_date: row.try_get("birth_date")?, sex: row.try_get("sex")? })
    };
    Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}
