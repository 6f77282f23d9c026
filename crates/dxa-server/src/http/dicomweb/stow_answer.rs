//! The Store Instances Response (PS3.18 10.5): what became of each object.

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::DICOM_JSON;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, Kept, Refusal};

/// What became of the objects of a request.
#[derive(Debug, Default)]
pub(super) struct Answer {
    stored: Vec<Kept>,
    failed: Vec<Failed>,
}

#[derive(Debug)]
struct Failed {
    /// SOP class and instance, where the object said them.
    object: Option<(String, String)>,
    study: Option<String>,
    reason: u16,
    /// Sending it again later may help.
    passes: bool,
}

/// Failure reasons (0008,1197).
const OUT_OF_RESOURCES: u16 = 0xA700;
const NOT_WHAT_WAS_SAID: u16 = 0xA900;
const NOT_UNDERSTOOD: u16 = 0xC000;
const OTHER_CONTENT: u16 = 0xC111;

impl Answer {
    /// Adds one object.
    pub(super) fn add(&mut self, kept: Result<Kept, Error>) {
        match kept {
            Ok(Kept::Conflict(identity)) => {
                let object = Some((identity.sop_class, identity.uid));
                let study = Some(identity.study);
                self.failed.push(Failed { object, study, reason: OTHER_CONTENT, passes: false });
            }
            Ok(kept) => self.stored.push(kept),
            Err(error) => {
                let (reason, passes) = reason(&error);
                self.failed.push(Failed { object: None, study: None, reason, passes });
            }
        }
    }

    /// Studies that something was stored in.
    pub(super) fn studies(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.stored.iter().map(|kept| &kept.identity().study).collect();
        all.into_iter().cloned().collect()
    }

    /// Studies that have new objects.
    pub(super) fn new_studies(&self) -> Vec<String> {
        let is_new = |kept: &&Kept| matches!(kept, Kept::New(_));
        let all: BTreeSet<&String> =
            self.stored.iter().filter(is_new).map(|kept| &kept.identity().study).collect();
        all.into_iter().cloned().collect()
    }

    /// Studies in which an object contradicts one that was there.
    pub(super) fn conflicts(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.failed.iter().filter_map(|failed| failed.study.as_ref()).collect();
        all.into_iter().cloned().collect()
    }

    /// 200 all stored, 202 some, 409 none; 503 when none could be for now.
    ///
    /// # Errors
    /// 503, and 400 for a request without objects.
    pub(super) fn into_response(self, base: &str) -> Result<Response, Problem> {
        if self.stored.is_empty() && self.failed.is_empty() {
            return Err(Problem::new(Code::BadRequest, "the request holds no object"));
        }
        if self.stored.is_empty() && self.failed.iter().any(|failed| failed.passes) {
            return Err(Problem::new(
                Code::Unavailable,
                "nothing can be stored for now; send it again later",
            ));
        }
        let status = match (self.stored.is_empty(), self.failed.is_empty()) {
            (_, true) => StatusCode::OK,
            (false, false) => StatusCode::ACCEPTED,
            (true, false) => StatusCode::CONFLICT,
        };
        let body = self.body(base).to_string();
        Ok((status, [(header::CONTENT_TYPE, DICOM_JSON)], body).into_response())
    }

    fn body(&self, base: &str) -> Value {
        let mut body = json!({});
        if let [study] = &self.studies()[..] {
            body["00081190"] = json!({ "vr": "UR", "Value": [format!("{base}/studies/{study}")] });
        }
        if !self.failed.is_empty() {
            let items: Vec<Value> = self.failed.iter().map(Failed::item).collect();
            body["00081198"] = json!({ "vr": "SQ", "Value": items });
        }
        if !self.stored.is_empty() {
            let items: Vec<Value> = self.stored.iter().map(|kept| stored(kept, base)).collect();
            body["00081199"] = json!({ "vr": "SQ", "Value": items });
        }
        body
    }
}

impl Failed {
    fn item(&self) -> Value {
        let mut item = json!({ "00081197": { "vr": "US", "Value": [self.reason] } });
        if let Some((class, instance)) = &self.object {
            item["00081150"] = json!({ "vr": "UI", "Value": [class] });
            item["00081155"] = json!({ "vr": "UI", "Value": [instance] });
        }
        item
    }
}

fn stored(kept: &Kept, base: &str) -> Value {
    let identity = kept.identity();
    let (study, series, uid) = (&identity.study, &identity.series, &identity.uid);
    let url = format!("{base}/studies/{study}/series/{series}/instances/{uid}");
    json!({
        "00081150": { "vr": "UI", "Value": [identity.sop_class] },
        "00081155": { "vr": "UI", "Value": [uid] },
        "00081190": { "vr": "UR", "Value": [url] },
    })
}

/// The failure reason, and whether it passes.
fn reason(error: &Error) -> (u16, bool) {
    match error {
        Error::Refused(Refusal::Contradiction(_)) => (NOT_WHAT_WAS_SAID, false),
        Error::Refused(Refusal::Rejected(_) | Refusal::Identity(_)) => (NOT_UNDERSTOOD, false),
        Error::Full(_)
        | Error::Busy
        | Error::Closing
        | Error::Newer { .. }
        | Error::Database(_)
        | Error::Io(_)
        | Error::Bucket(_)
        | Error::NotFound(_)
        | Error::Stale { .. }
        | Error::Damaged => (OUT_OF_RESOURCES, true),
    }
}
