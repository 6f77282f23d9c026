//! What an earlier message stated and the one that takes its place does not.

use std::collections::BTreeSet;

use super::mapping::TextEncoding;
use super::message;

/// Fields of an OBX that a receiver tells results apart by, from 1.
const CODE: usize = 3;
const SUB_ID: usize = 4;
/// OBX-11, and what it says of a result that is to be deleted.
const STATUS: usize = 11;
const DELETED: &str = "D";

/// A message of ours as it goes to a receiver that may have taken `earlier` ones of the same study: every result of
/// theirs that it does not have comes as one to be deleted, without a value. Also gives how many there are.
///
/// The control id stays: it is the same message.
#[must_use]
pub fn withdrawing(message: &[u8], earlier: &[Vec<u8>]) -> (Vec<u8>, usize) {
    if earlier.is_empty() {
        return (message.to_vec(), 0);
    }
    let Ok(text) = message::text(message) else { return (message.to_vec(), 0) };
    let Some(encoding) = TextEncoding::of(&text) else { return (message.to_vec(), 0) };
    let mut known: BTreeSet<Key> = results(&text).map(|fields| key(&fields)).collect();
    let mut segments: Vec<String> = text.split('\r').map(str::to_owned).collect();
    let is_result = |segment: &String| segment.starts_with("OBX|") || segment.starts_with("NTE|");
    let Some(last) = segments.iter().rposition(is_result) else { return (message.to_vec(), 0) };
    let mut number = results(&text).count();
    let mut gone = Vec::new();
    for earlier in earlier.iter().filter_map(|earlier| message::text(earlier).ok()) {
        for fields in results(&earlier) {
            if known.insert(key(&fields)) {
                number += 1;
                let field = |at: usize| fields.get(at).copied().unwrap_or_default();
                gone.push(format!(
                    "OBX|{number}|{}|{}|{}|||||||{DELETED}",
                    field(2),
                    field(CODE),
                    field(SUB_ID)
                ));
            }
        }
    }
    let count = gone.len();
    segments.splice(last + 1..last + 1, gone);
    (encoding.encode(&segments.join("\r")), count)
}

/// What of a message of ours is needed to take it back: its header, and which results it has, and nothing of what they
/// say; nothing of a message that cannot be read.
#[must_use]
pub fn stated(message: &[u8]) -> Vec<u8> {
    let Some((text, encoding)) =
        message::text(message).ok().and_then(|text| TextEncoding::of(&text).map(|encoding| (text, encoding)))
    else {
        return Vec::new();
    };
    let result = |fields: Vec<&str>| {
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        format!("OBX||{}|{}|{}", field(2), field(CODE), field(SUB_ID))
    };
    let header = text.split('\r').take(1).map(str::to_owned);
    let all: Vec<String> = header.chain(results(&text).map(result)).collect();
    encoding.encode(&all.join("\r"))
}

/// OBX-3.1, OBX-3.3 and OBX-4: texts of codes change with the language.
type Key = [String; 3];

fn key(fields: &[&str]) -> Key {
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let code: Vec<&str> = field(CODE).split('^').collect();
    let part = |at: usize| code.get(at).copied().unwrap_or_default().to_owned();
    [part(0), part(2), field(SUB_ID).to_owned()]
}

/// The fields of each result.
fn results(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let all = text.split('\r').map(|segment| segment.split('|').collect::<Vec<_>>());
    all.filter(|fields| fields.first() == Some(&"OBX") && fields.get(STATUS) != Some(&DELETED))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "MSH|^~\\&|DXA||||2024||ORU^R01|1|P|2.5.1||||||UNICODE UTF-8\rPID|1\rOBR|1";

    fn message(results: &[&str]) -> Vec<u8> {
        format!("{HEAD}\r{}\rZXX|1\r", results.join("\r")).into_bytes()
    }

    #[test]
    fn what_is_no_longer_said_is_deleted_once() {
        let bmd = "OBX|1|NM|BMD^骨密度^99DXA|L3||||||||P";
        let t = "OBX|2|NM|T-SCORE^T值^99DXA|L3|-2.1|1|||||P";
        let (first, second) = (message(&[bmd, t]), message(&[&bmd.replace("骨密度", "Density")]));
        let (sent, gone) = withdrawing(&second, &[first.clone(), first.clone()]);
        assert_eq!(gone, 1);
        let wanted = [&bmd.replace("骨密度", "Density"), "OBX|2|NM|T-SCORE^T值^99DXA|L3|||||||D"];
        assert_eq!(String::from_utf8(sent.clone()).unwrap(), String::from_utf8(message(&wanted)).unwrap());
        assert_eq!(withdrawing(&first, &[sent]), (first.clone(), 0), "what comes back is not withdrawn");
        assert_eq!(withdrawing(&second, &[]), (second.clone(), 0));
        let short = stated(&first);
        assert!(
            !String::from_utf8_lossy(&short).contains("-2.1"),
            "what is kept to take it back has no values"
        );
        assert_eq!(withdrawing(&second, &[short]), withdrawing(&second, &[first]));
    }
}
