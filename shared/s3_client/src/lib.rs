//! The client settings of every S3 bucket, and what a failed call means.
//!
//! It knows neither what a bucket holds nor the names of its objects.

use std::fmt::Display;

use aws_sdk_s3::{
    Client,
    config::Builder,
    error::{ProvideErrorMetadata, SdkError},
};
use store::SdkConfig;

/// The settings of a client of a bucket, on top of those of every client.
#[must_use]
pub fn config(config: &SdkConfig) -> Builder {
    Builder::from(config).force_path_style(store::is_endpoint_set())
}

/// A call to a bucket failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// S3 was not reached, was too slow, throttled or failed; worth another try later.
    #[error("the bucket does not answer now ({0})")]
    Unavailable(String),
    /// The bucket is missing, or this function may not use it; trying again changes nothing.
    #[error("the bucket cannot be used ({0})")]
    Misconfigured(String),
}

impl BucketError {
    /// Sorts a failed call: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
    #[must_use]
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        match error {
            SdkError::ServiceError(answer) => {
                let (code, status) = (answer.err().code().unwrap_or("UnknownError"), answer.raw().status());
                let passes = matches!(code, "SlowDown" | "RequestTimeout" | "OperationAborted");
                // A success is here when it could not be read.
                if status.is_server_error() || status.is_success() || passes {
                    Self::Unavailable(code.to_owned())
                } else {
                    Self::Misconfigured(code.to_owned())
                }
            }
            SdkError::TimeoutError(_) => Self::Unavailable("TimeoutError".to_owned()),
            SdkError::DispatchFailure(_) => Self::Unavailable("DispatchFailure".to_owned()),
            SdkError::ResponseError(_) => Self::Unavailable("ResponseError".to_owned()),
            _ => Self::Misconfigured("ConstructionFailure".to_owned()),
        }
    }
}

/// What a bucket gives for one version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// The whole object.
    Bytes(Vec<u8>),
    /// There is no such version.
    Gone,
    /// The bucket does not give it out. Without the right to list the bucket, S3 answers this also for what is not there.
    Denied,
}

/// Reads one version of an object whole, of a known size in bytes. One call.
///
/// # Errors
/// [`BucketError`], also where the object has another size or breaks off.
pub async fn read(
    s3: &Client,
    bucket: &str,
    key: &(impl Display + Sync),
    version: &str,
    size: u64,
) -> Result<Given, BucketError> {
    let broken = || BucketError::Unavailable("BodyBroken".to_owned());
    let found = match s3.get_object().bucket(bucket).key(key.to_string()).version_id(version).send().await {
        Ok(found) => found,
        Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("NoSuchKey" | "NoSuchVersion" | "MethodNotAllowed") => return Ok(Given::Gone),
            Some("AccessDenied") => return Ok(Given::Denied),
            _ => return Err(BucketError::of(&error)),
        },
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let (mut body, mut bytes) = (found.body, Vec::with_capacity(size));
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| broken())?);
        if bytes.len() > size {
            return Err(broken());
        }
    }
    if bytes.len() == size { Ok(Given::Bytes(bytes)) } else { Err(broken()) }
}

/// Hides an object of a bucket that keeps versions: they stay until the lifecycle of the bucket removes them. One call.
///
/// # Errors
/// [`BucketError`].
pub async fn hide(s3: &Client, bucket: &str, key: &(impl Display + Sync)) -> Result<(), BucketError> {
    let hidden = s3.delete_object().bucket(bucket).key(key.to_string()).send().await;
    hidden.map(|_| ()).map_err(|error| BucketError::of(&error))
}

/// Removes one version of an object for good. One that is gone is fine. One call.
///
/// # Errors
/// [`BucketError`].
pub async fn remove_version(
    s3: &Client,
    bucket: &str,
    key: &(impl Display + Sync),
    version: &str,
) -> Result<(), BucketError> {
    let removed = s3.delete_object().bucket(bucket).key(key.to_string()).version_id(version).send().await;
    removed.map(|_| ()).map_err(|error| BucketError::of(&error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::{config::http::HttpResponse, error::ErrorMetadata};

    use super::*;

    #[test]
    fn failures_are_sorted_into_passing_and_lasting() {
        for (status, code, passing) in [
            (503, "SlowDown", true),
            (400, "RequestTimeout", true),
            (500, "InternalError", true),
            (200, "NotWhatWasExpected", true),
            (403, "AccessDenied", false),
            (404, "NoSuchBucket", false),
        ] {
            let answer = HttpResponse::new(status.try_into().unwrap(), String::new().into());
            let metadata = ErrorMetadata::builder().code(code).build();
            let expected = match passing {
                true => BucketError::Unavailable(code.to_owned()),
                false => BucketError::Misconfigured(code.to_owned()),
            };
            assert_eq!(BucketError::of(&SdkError::service_error(metadata, answer)), expected);
        }
        let silent: SdkError<ErrorMetadata> = SdkError::timeout_error("too slow");
        assert!(matches!(BucketError::of(&silent), BucketError::Unavailable(_)));
    }
}
