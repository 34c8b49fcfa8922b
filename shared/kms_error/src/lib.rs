//! Sorts KMS failures into temporary ones and ones that an operator must repair.
//!
//! The caller knows what a key signs and what a refused signature means. This crate only knows what a failed KMS
//! call means.

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};

/// A KMS call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    /// KMS was not reached, was too slow, throttled or failed; worth another try later.
    #[error("the {key} key is not available now ({code})")]
    Unavailable {
        /// The key's purpose.
        key: &'static str,
        /// KMS's error code, or the network failure. For the log.
        code: String,
    },
    /// The key is missing, disabled, of another kind, or this function may not use it; trying
    /// again changes nothing.
    #[error("the {key} key cannot be used ({code})")]
    Misconfigured {
        /// The key's purpose.
        key: &'static str,
        /// KMS's error code, or what is wrong. For the log.
        code: String,
    },
}

impl KmsError {
    /// Sorts a failed call: <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>.
    /// `key` is the key's purpose.
    #[must_use]
    pub fn of<E: ProvideErrorMetadata>(key: &'static str, error: &SdkError<E>) -> Self {
        let (code, passing) = match error {
            SdkError::ServiceError(answer) => {
                let (code, status) = (answer.err().code().unwrap_or("UnknownError"), answer.raw().status());
                // A successful response that could not be read is here too.
                (code, status.is_server_error() || status.is_success() || passes(code))
            }
            SdkError::TimeoutError(_) => ("TimeoutError", true),
            SdkError::DispatchFailure(_) => ("DispatchFailure", true),
            SdkError::ResponseError(_) => ("ResponseError", true),
            _ => ("ConstructionFailure", false),
        };
        let code = code.to_owned();
        if passing { Self::Unavailable { key, code } } else { Self::Misconfigured { key, code } }
    }
}

/// Whether KMS reports a temporary failure, whatever the HTTP status.
fn passes(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException" | "KeyUnavailableException" | "KMSInternalException" | "DependencyTimeoutException"
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::{config::http::HttpResponse, error::ErrorMetadata};

    use super::*;

    fn answered(status: u16, code: &str) -> KmsError {
        let answer = HttpResponse::new(status.try_into().unwrap(), String::new().into());
        KmsError::of("test", &SdkError::service_error(ErrorMetadata::builder().code(code).build(), answer))
    }

    #[test]
    fn failures_are_sorted_into_passing_and_lasting() {
        for (status, code, passing) in [
            (400, "ThrottlingException", true),
            (500, "KMSInternalException", true),
            (500, "KeyUnavailableException", true),
            (503, "DependencyTimeoutException", true),
            (503, "ServiceUnavailable", true),
            (200, "NotWhatWasExpected", true),
            (400, "AccessDeniedException", false),
            (400, "NotFoundException", false),
            (400, "DisabledException", false),
            (400, "InvalidKeyUsageException", false),
            (400, "KMSInvalidStateException", false),
        ] {
            let (key, said) = ("test", code.to_owned());
            let expected = match passing {
                true => KmsError::Unavailable { key, code: said },
                false => KmsError::Misconfigured { key, code: said },
            };
            assert_eq!(answered(status, code), expected);
        }
    }

    #[test]
    fn silence_passes_and_a_call_that_cannot_be_made_does_not() {
        let silent: SdkError<ErrorMetadata> = SdkError::timeout_error("too slow");
        assert!(matches!(KmsError::of("test", &silent), KmsError::Unavailable { .. }));
        let unmade: SdkError<ErrorMetadata> = SdkError::construction_failure("no key id");
        assert!(matches!(KmsError::of("test", &unmade), KmsError::Misconfigured { .. }));
    }

    #[test]
    fn an_error_says_which_key_and_why() {
        let throttled = answered(400, "ThrottlingException").to_string();
        assert_eq!(throttled, "the test key is not available now (ThrottlingException)");
        assert_eq!(answered(400, "DisabledException").to_string(), "the test key cannot be used (DisabledException)");
    }
}
