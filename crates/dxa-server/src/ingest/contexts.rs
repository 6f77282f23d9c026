//! Which presentation contexts are accepted, and in which transfer syntax.

use dicom_dictionary_std::uids;
use dicom_ul::pdu::{
    PresentationContextProposed, PresentationContextResult, PresentationContextResultReason,
};

/// An accepted context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) id: u8,
    pub(super) class: String,
    pub(super) syntax: String,
}

pub(crate) const STORAGE_COMMITMENT: &str = "1.2.840.10008.1.20.1";

/// Judges each proposed context.
pub(super) fn judge(
    proposed: &[PresentationContextProposed],
) -> (Vec<PresentationContextResult>, Vec<Accepted>) {
    let mut results = Vec::with_capacity(proposed.len());
    let mut accepted = Vec::new();
    for context in proposed {
        let class = context.abstract_syntax.trim_end_matches('\0');
        let (reason, syntax) = match (is_storage(class), is_service(class)) {
            (false, false) => (PresentationContextResultReason::AbstractSyntaxNotSupported, None),
            (is_storage, _) => match choose(&context.transfer_syntaxes, is_storage) {
                Some(syntax) => (PresentationContextResultReason::Acceptance, Some(syntax)),
                None => (PresentationContextResultReason::TransferSyntaxesNotSupported, None),
            },
        };
        results.push(PresentationContextResult {
            id: context.id,
            reason,
            transfer_syntax: syntax.unwrap_or(uids::IMPLICIT_VR_LITTLE_ENDIAN).to_owned(),
        });
        if let Some(syntax) = syntax {
            accepted.push(Accepted { id: context.id, class: class.to_owned(), syntax: syntax.to_owned() });
        }
    }
    (results, accepted)
}

/// Transfer syntaxes in the order in which we would have them. Deflated ones are not taken: a few kilobytes of them
/// can hold gigabytes; nor is JPEG Extended, which nothing here decodes.
const SYNTAXES: [&str; 11] = [
    uids::EXPLICIT_VR_LITTLE_ENDIAN,
    uids::IMPLICIT_VR_LITTLE_ENDIAN,
    "1.2.840.10008.1.2.2",
    uids::RLE_LOSSLESS,
    uids::JPEG_LOSSLESS_SV1,
    uids::JPEG_LOSSLESS,
    uids::JPEGLS_LOSSLESS,
    uids::JPEG2000_LOSSLESS,
    uids::JPEG_BASELINE8_BIT,
    uids::JPEGLS_NEAR_LOSSLESS,
    uids::JPEG2000,
];

/// Syntaxes without compression.
const PLAIN: usize = 3;

fn choose(proposed: &[String], is_storage: bool) -> Option<&'static str> {
    let taken = if is_storage { &SYNTAXES[..] } else { &SYNTAXES[..PLAIN] };
    let is_proposed =
        |syntax: &&&str| proposed.iter().any(|proposed| proposed.trim_end_matches('\0') == **syntax);
    taken.iter().find(is_proposed).copied()
}

/// Storage SOP classes all lie below one root; whatever comes is kept, also what is not analyzed.
fn is_storage(class: &str) -> bool {
    class.starts_with("1.2.840.10008.5.1.4.1.1.")
}

fn is_service(class: &str) -> bool {
    class == uids::VERIFICATION || class == STORAGE_COMMITMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_taken_and_deflated_is_not() {
        let propose = |id, class: &str, syntaxes: &[&str]| PresentationContextProposed {
            id,
            abstract_syntax: class.to_owned(),
            transfer_syntaxes: syntaxes.iter().map(|syntax| (*syntax).to_owned()).collect(),
        };
        let deflated = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN;
        let (results, accepted) = judge(&[
            propose(1, uids::VERIFICATION, &[uids::IMPLICIT_VR_LITTLE_ENDIAN]),
            propose(
                3,
                uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
                &[uids::JPEG2000, uids::EXPLICIT_VR_LITTLE_ENDIAN],
            ),
            propose(5, uids::SECONDARY_CAPTURE_IMAGE_STORAGE, &[deflated]),
            propose(7, "1.2.840.10008.5.1.4.1.2.2.1", &[uids::IMPLICIT_VR_LITTLE_ENDIAN]),
            propose(9, uids::COMPREHENSIVE_SR_STORAGE, &[uids::JPEG2000]),
        ]);
        let reasons: Vec<_> = results.iter().map(|result| result.reason.clone() as u8).collect();
        assert_eq!(reasons, [0, 0, 4, 3, 0]);
        assert_eq!(accepted[1].syntax, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    }
}
