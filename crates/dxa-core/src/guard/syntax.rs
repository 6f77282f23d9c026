//! What a transfer syntax says about the encoding of a data set.

use dicom_dictionary_std::uids;

/// A transfer syntax: its UID and the three facts that reading depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferSyntax {
    /// UID as written, or as inferred when the file names none.
    pub uid: String,
    /// Value representations are written out.
    pub explicit: bool,
    /// Numbers are big-endian.
    pub big_endian: bool,
    /// The data set is deflated.
    pub deflated: bool,
    /// Pixel data come in fragments.
    pub encapsulated: bool,
}

impl TransferSyntax {
    /// Reads the facts off the UID; an unknown UID is what the standard asks of every later one:
    /// Explicit VR Little Endian with encapsulated pixels.
    #[must_use]
    pub fn of(uid: &str) -> Self {
        let native = matches!(
            uid,
            uids::IMPLICIT_VR_LITTLE_ENDIAN
                | uids::EXPLICIT_VR_LITTLE_ENDIAN
                | EXPLICIT_VR_BIG_ENDIAN
                | uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        );
        Self {
            uid: uid.to_owned(),
            explicit: uid != uids::IMPLICIT_VR_LITTLE_ENDIAN,
            big_endian: uid == EXPLICIT_VR_BIG_ENDIAN,
            deflated: uid == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            encapsulated: !native,
        }
    }

    /// Whether the pixels can be decoded here, by a lossless or baseline codec.
    #[must_use]
    pub fn is_decodable(&self) -> bool {
        !self.encapsulated
            || matches!(
                self.uid.as_str(),
                uids::RLE_LOSSLESS
                    | uids::JPEG_BASELINE8_BIT
                    | uids::JPEG_LOSSLESS
                    | uids::JPEG_LOSSLESS_SV1
                    | uids::JPEG2000_LOSSLESS
                    | uids::JPEG2000
            )
    }
}

/// Explicit VR Big Endian, retired in 2006 and still in archives.
pub(super) const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
