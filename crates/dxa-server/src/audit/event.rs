//! What is written down: a kind, an outcome, who, from where, and about what. Never a patient's data.

use serde::{Deserialize, Serialize};

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What was done.
    pub kind: Kind,
    /// Whether it was.
    pub outcome: Outcome,
    /// Account, AE title or destination.
    pub actor: String,
    /// Address it came from or goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Studies, patients (by our own id) and accounts that it was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// A word of ours on the circumstances: `report.pdf`, `uid_conflict`; never what a client wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Event {
    /// An event that went well, about nothing yet.
    #[must_use]
    pub fn new(kind: Kind, actor: impl Into<String>) -> Self {
        Self {
            kind,
            outcome: Outcome::Success,
            actor: actor.into(),
            address: None,
            subjects: Vec::new(),
            detail: None,
        }
    }

    /// The same from an address.
    #[must_use]
    pub fn from(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The same about a study.
    #[must_use]
    pub fn study(mut self, uid: impl Into<String>) -> Self {
        self.subjects.push(Subject::Study(uid.into()));
        self
    }

    /// The same about a patient, by our own id.
    #[must_use]
    pub fn patient(mut self, id: impl Into<String>) -> Self {
        self.subjects.push(Subject::Patient(id.into()));
        self
    }

    /// The same about an account.
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.subjects.push(Subject::Account(name.into()));
        self
    }

    /// The same with a word on the circumstances.
    #[must_use]
    pub fn detail(mut self, word: impl Into<String>) -> Self {
        self.detail = Some(word.into());
        self
    }

    /// The same, but it was refused or failed.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.outcome = Outcome::Failure;
        self
    }
}

/// Kinds of events; PS3.15 A.5.3 says what each message must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The service started.
    Start,
    /// The service stopped.
    Stop,
    /// Somebody logged in, or tried to.
    Login,
    /// Somebody logged out.
    Logout,
    /// A list was searched.
    Query,
    /// Images or results were read.
    Access,
    /// A result left as a document or an object.
    Export,
    /// Objects came.
    Receive,
    /// Objects were sent to another system.
    Send,
    /// A result was corrected, given context, or asked for anew.
    Change,
    /// A report was signed or amended.
    Sign,
    /// An account, token or role was changed.
    SecurityChange,
    /// Somebody was turned away, or an object contradicts one that was there.
    SecurityAlert,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Start,
        Self::Stop,
        Self::Login,
        Self::Logout,
        Self::Query,
        Self::Access,
        Self::Export,
        Self::Receive,
        Self::Send,
        Self::Change,
        Self::Sign,
        Self::SecurityChange,
        Self::SecurityAlert,
    ];

    /// Whether nothing may happen before the event is durable. Reads are written down together, a moment later.
    #[must_use]
    pub fn waits(self) -> bool {
        match self {
            Self::Query | Self::Access | Self::Receive | Self::Send => false,
            Self::Start
            | Self::Stop
            | Self::Login
            | Self::Logout
            | Self::Export
            | Self::Change
            | Self::Sign
            | Self::SecurityChange
            | Self::SecurityAlert => true,
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Success,
    /// Refused or failed.
    Failure,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Study Instance UID.
    Study(String),
    /// Our own id of a patient.
    Patient(String),
    /// Name of an account.
    Account(String),
}
