//! Command sets: the group 0000 elements in front of every data set, always Implicit VR Little Endian.

/// A command set that was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) field: u16,
    pub(crate) message: u16,
    pub(crate) has_data_set: bool,
    /// Affected or Requested SOP Class UID.
    pub(crate) class: String,
    /// Affected or Requested SOP Instance UID.
    pub(crate) instance: String,
    pub(crate) action: u16,
    /// Event type of a report.
    pub(crate) event: u16,
    pub(crate) status: Option<u16>,
}

pub(crate) const C_STORE_RQ: u16 = 0x0001;
pub(crate) const C_FIND_RQ: u16 = 0x0020;
pub(crate) const C_MOVE_RQ: u16 = 0x0021;
pub(crate) const C_ECHO_RQ: u16 = 0x0030;
pub(crate) const C_CANCEL_RQ: u16 = 0x0FFF;
pub(crate) const N_EVENT_REPORT_RQ: u16 = 0x0100;
pub(crate) const N_EVENT_REPORT_RSP: u16 = 0x8100;
pub(crate) const N_ACTION_RQ: u16 = 0x0130;

const NO_DATA_SET: u16 = 0x0101;

impl Command {
    /// Reads a command set; `None` when it is none.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut command = Self::default();
        let (mut has_field, mut has_type) = (false, false);
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at_checked(8)?;
            let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            bytes = rest;
            if short(0) != 0 {
                return None;
            }
            let number = || Some(u16::from_le_bytes(value.try_into().ok()?));
            match short(2) {
                0x0002 | 0x0003 => command.class = uid(value),
                0x0100 => (command.field, has_field) = (number()?, true),
                0x0110 | 0x0120 => command.message = number()?,
                0x0800 => (command.has_data_set, has_type) = (number()? != NO_DATA_SET, true),
                0x0900 => command.status = Some(number()?),
                0x1000 | 0x1001 => command.instance = uid(value),
                0x1002 => command.event = number()?,
                0x1008 => command.action = number()?,
                _ => {}
            }
        }
        (has_field && has_type).then_some(command)
    }

    /// The response to this command, as a whole P-DATA PDU.
    pub(crate) fn response(&self, context: u8, status: u16, comment: Option<&str>) -> Vec<u8> {
        let mut set = Set::default();
        set.text(0x0002, &self.class, 0);
        set.short(0x0100, self.field | 0x8000);
        set.short(0x0120, self.message);
        set.short(0x0800, NO_DATA_SET);
        set.short(0x0900, status);
        if let Some(comment) = comment {
            let end =
                (0..=comment.len().min(64)).rev().find(|end| comment.is_char_boundary(*end)).unwrap_or(0);
            set.text(0x0902, &comment[..end], b' ');
        }
        if !self.instance.is_empty() {
            set.text(0x1000, &self.instance, 0);
        }
        if self.field == N_EVENT_REPORT_RQ {
            set.short(0x1002, self.event);
        }
        if self.field == N_ACTION_RQ {
            set.short(0x1008, self.action);
        }
        set.pdu(context)
    }
}

/// A report of an event with a data set to follow, as a whole P-DATA PDU.
pub(crate) fn event_report(context: u8, message: u16, class: &str, instance: &str, event: u16) -> Vec<u8> {
    let mut set = Set::default();
    set.text(0x0002, class, 0);
    set.short(0x0100, N_EVENT_REPORT_RQ);
    set.short(0x0110, message);
    set.short(0x0800, 0x0001);
    set.text(0x1000, instance, 0);
    set.short(0x1002, event);
    set.pdu(context)
}

/// A request for an action with a data set to follow, as a whole P-DATA PDU.
pub(crate) fn action_request(context: u8, message: u16, class: &str, instance: &str, action: u16) -> Vec<u8> {
    let mut set = Set::default();
    set.text(0x0003, class, 0);
    set.short(0x0100, N_ACTION_RQ);
    set.short(0x0110, message);
    set.short(0x0800, 0x0001);
    set.text(0x1001, instance, 0);
    set.short(0x1008, action);
    set.pdu(context)
}

/// A C-STORE request with a data set to follow, as a whole P-DATA PDU.
pub(crate) fn store_request(context: u8, message: u16, class: &str, instance: &str) -> Vec<u8> {
    let mut set = Set::default();
    set.text(0x0002, class, 0);
    set.short(0x0100, C_STORE_RQ);
    set.short(0x0110, message);
    set.short(0x0700, 0);
    set.short(0x0800, 0x0001);
    set.text(0x1000, instance, 0);
    set.pdu(context)
}

/// A query, or a retrieval to an AE title, with a data set to follow, as a whole P-DATA PDU.
pub(crate) fn query_request(
    field: u16,
    context: u8,
    message: u16,
    class: &str,
    destination: Option<&str>,
) -> Vec<u8> {
    let mut set = Set::default();
    set.text(0x0002, class, 0);
    set.short(0x0100, field);
    set.short(0x0110, message);
    if let Some(destination) = destination {
        set.text(0x0600, destination, b' ');
    }
    set.short(0x0700, 0);
    set.short(0x0800, 0x0001);
    set.pdu(context)
}

/// A part of a data set as one P-DATA PDU.
pub(crate) fn data_piece(context: u8, bytes: &[u8], is_last: bool) -> Vec<u8> {
    pdu(context, if is_last { 0b10 } else { 0 }, bytes)
}

/// A data set as one P-DATA PDU.
pub(crate) fn data_pdu(context: u8, bytes: &[u8]) -> Vec<u8> {
    pdu(context, 0b10, bytes)
}

/// Elements of group 0000 in ascending order.
#[derive(Default)]
struct Set(Vec<u8>);

impl Set {
    fn element(&mut self, element: u16, value: &[u8]) {
        self.0.extend_from_slice(&[0, 0]);
        self.0.extend_from_slice(&element.to_le_bytes());
        self.0.extend_from_slice(&u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
        self.0.extend_from_slice(value);
    }

    fn short(&mut self, element: u16, value: u16) {
        self.element(element, &value.to_le_bytes());
    }

    fn text(&mut self, element: u16, value: &str, padding: u8) {
        let mut bytes = value.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(padding);
        }
        self.element(element, &bytes);
    }

    fn pdu(self, context: u8) -> Vec<u8> {
        let mut all = Self::default();
        all.element(0, &u32::try_from(self.0.len()).unwrap_or(0).to_le_bytes());
        all.0.extend_from_slice(&self.0);
        pdu(context, 0b11, &all.0)
    }
}

fn pdu(context: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(0);
    let mut pdu = vec![super::wire::P_DATA, 0];
    pdu.extend_from_slice(&(length + 6).to_be_bytes());
    pdu.extend_from_slice(&(length + 2).to_be_bytes());
    pdu.extend_from_slice(&[context, control]);
    pdu.extend_from_slice(bytes);
    pdu
}

fn uid(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_end_matches(['\0', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_response_is_read_as_what_it_answers() {
        let asked = Command {
            field: C_STORE_RQ,
            message: 7,
            has_data_set: true,
            class: "1.2.3".to_owned(),
            instance: "1.2.3.4".to_owned(),
            ..Command::default()
        };
        let pdu = asked.response(3, 0xA700, Some("the disk is full"));
        assert_eq!(u32::from_be_bytes(pdu[2..6].try_into().unwrap()) as usize, pdu.len() - 6);
        assert_eq!((pdu[10], pdu[11]), (3, 3));
        let read = Command::read(&pdu[12..]).unwrap();
        let expected = Command { field: 0x8001, has_data_set: false, status: Some(0xA700), ..asked };
        assert_eq!(read, expected);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_command_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Command::read(&bytes);
        }
    }
}
