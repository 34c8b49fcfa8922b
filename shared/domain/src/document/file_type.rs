//! The types of files that are taken.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text that names no type that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not a type that is taken; taken are PDF, JPEG, PNG, HEIC, AVIF, TIFF, DOCX, XLSX, CSV, plain text, XML and EML, \
     each by its media type such as application/pdf"
)]
pub struct FileTypeError;

macro_rules! file_types {
    ($($variant:ident = $media_type:literal: $doc:literal,)*) => {
        /// A type of file that is taken, written as its media type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum FileType {
            $(#[doc = $doc] #[serde(rename = $media_type)] #[schema(rename = $media_type)] $variant,)*
        }

        impl FileType {
            /// Every type that is taken.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its media type: what it is uploaded and downloaded as.
            #[must_use]
            pub const fn media_type(self) -> &'static str {
                match self { $(Self::$variant => $media_type,)* }
            }
        }

        impl FromStr for FileType {
            type Err = FileTypeError;

            fn from_str(text: &str) -> Result<Self, FileTypeError> {
                match text { $($media_type => Ok(Self::$variant),)* _ => Err(FileTypeError) }
            }
        }
    };
}

file_types! {
    Pdf = "application/pdf": "PDF.",
    Jpeg = "image/jpeg": "JPEG.",
    Png = "image/png": "PNG.",
    Heic = "image/heic": "HEIC, as iPhones take pictures. Browsers other than Safari cannot show it.",
    Avif = "image/avif": "AVIF.",
    Tiff = "image/tiff": "TIFF.",
    Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "A Word document without macros.",
    Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "An Excel workbook without macros.",
    Csv = "text/csv": "Comma-separated values.",
    Txt = "text/plain": "Plain text.",
    Xml = "application/xml": "XML, such as an electronic invoice.",
    Eml = "message/rfc822": "An email message.",
}

impl FileType {
    /// How the names of its files end, the usual ending first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Heic => &["heic", "heif"],
            Self::Avif => &["avif"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Csv => &["csv"],
            Self::Txt => &["txt"],
            Self::Xml => &["xml"],
            Self::Eml => &["eml"],
        }
    }

    /// Whether bytes that were found to be of the type `found` may have been declared as this type. Text without a
    /// structure of its own is CSV or plain text by what its owner says; everything else is known by its bytes.
    #[must_use]
    pub const fn covers(self, found: Self) -> bool {
        match self {
            Self::Txt => matches!(found, Self::Txt | Self::Csv | Self::Eml),
            Self::Csv => matches!(found, Self::Csv | Self::Txt),
            Self::Pdf => matches!(found, Self::Pdf),
            Self::Jpeg => matches!(found, Self::Jpeg),
            Self::Png => matches!(found, Self::Png),
            Self::Heic => matches!(found, Self::Heic),
            Self::Avif => matches!(found, Self::Avif),
            Self::Tiff => matches!(found, Self::Tiff),
            Self::Docx => matches!(found, Self::Docx),
            Self::Xlsx => matches!(found, Self::Xlsx),
            Self::Xml => matches!(found, Self::Xml),
            Self::Eml => matches!(found, Self::Eml),
        }
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.media_type())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_as_it_is_written_and_covers_itself() {
        for file_type in FileType::ALL {
            assert_eq!(file_type.media_type().parse(), Ok(*file_type));
            assert_eq!(serde_json::to_value(file_type).unwrap(), file_type.media_type());
            assert!(file_type.covers(*file_type));
        }
        for text in ["text/html", "image/svg+xml", "application/octet-stream", "application/zip", "PDF", ""] {
            assert_eq!(text.parse::<FileType>(), Err(FileTypeError), "{text}");
        }
    }

    #[test]
    fn only_text_without_a_structure_may_be_called_otherwise() {
        assert!(FileType::Csv.covers(FileType::Txt) && FileType::Txt.covers(FileType::Eml));
        for found in [FileType::Pdf, FileType::Xml, FileType::Docx, FileType::Jpeg] {
            assert!(!FileType::Txt.covers(found) && !FileType::Csv.covers(found), "{found}");
        }
        assert!(!FileType::Eml.covers(FileType::Txt));
    }
}
