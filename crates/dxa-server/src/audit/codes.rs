//! The codes of PS3.16 (scheme DCM) that an audit message speaks in.

use super::event::Kind;

/// Code and meaning.
pub(super) type Code = (&'static str, &'static str);

pub(super) const APPLICATION: Code = ("110150", "Application");
pub(super) const SOURCE: Code = ("110153", "Source Role ID");
pub(super) const DESTINATION: Code = ("110152", "Destination Role ID");
pub(super) const STUDY: Code = ("110180", "Study Instance UID");

/// Event, its type where there is one, and the action: create, read, update, execute.
pub(super) fn of(kind: Kind) -> (Code, Option<Code>, char) {
    const ACTIVITY: Code = ("110100", "Application Activity");
    const AUTHENTICATION: Code = ("110114", "User Authentication");
    const ALERT: Code = ("110113", "Security Alert");
    const TRANSFERRED: Code = ("110104", "DICOM Instances Transferred");
    const ACCESSED: Code = ("110103", "DICOM Instances Accessed");
    match kind {
        Kind::Start => (ACTIVITY, Some(("110120", "Application Start")), 'E'),
        Kind::Stop => (ACTIVITY, Some(("110121", "Application Stop")), 'E'),
        Kind::Login => (AUTHENTICATION, Some(("110122", "Login")), 'E'),
        Kind::Logout => (AUTHENTICATION, Some(("110123", "Logout")), 'E'),
        Kind::Query => (("110112", "Query"), None, 'E'),
        Kind::Access => (ACCESSED, None, 'R'),
        Kind::Export => (("110106", "Export"), None, 'R'),
        Kind::Receive => (TRANSFERRED, None, 'C'),
        Kind::Send => (TRANSFERRED, None, 'R'),
        Kind::Change | Kind::Sign => (ACCESSED, None, 'U'),
        Kind::SecurityChange => (ALERT, Some(("110137", "User Security Attributes Changed")), 'E'),
        Kind::SecurityAlert => (ALERT, Some(("110132", "Use of Restricted Function")), 'E'),
    }
}
