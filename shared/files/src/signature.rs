//! Signature Version 4, for what the SDK cannot sign: the policy of a form.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>

use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign};
use domain::UtcTime;

/// The name of the algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A moment as signatures write it.
pub(crate) struct SigningTime {
    /// `YYYYMMDD`.
    pub(crate) day: String,
    /// `YYYYMMDDTHHMMSSZ`.
    pub(crate) instant: String,
}

impl SigningTime {
    pub(crate) fn of(at: UtcTime) -> Self {
        let digits: String = at.to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
        let (date, time) = digits.split_once('T').unwrap_or((digits.as_str(), ""));
        let time = time.get(..6).unwrap_or(time);
        Self { day: date.to_owned(), instant: format!("{date}T{time}Z") }
    }
}

/// What a signature is valid for: a day, a region, the service S3.
pub(crate) fn scope(time: &SigningTime, region: &str) -> String {
    format!("{}/{region}/s3/aws4_request", time.day)
}

/// Signs a text, in lower-case hexadecimal digits.
pub(crate) fn signature(secret: &str, time: &SigningTime, region: &str, text: &str) -> String {
    let hmac = |key: &[u8], text: &str| -> Tag { sign(&Key::new(HMAC_SHA256, key), text.as_bytes()) };
    let day = hmac(format!("AWS4{secret}").as_bytes(), &time.day);
    let region = hmac(day.as_ref(), region);
    let service = hmac(region.as_ref(), "s3");
    let key = hmac(service.as_ref(), "aws4_request");
    hmac(key.as_ref(), text).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_without_separators_and_milliseconds() {
        let time = SigningTime::of("2026-11-29T08:07:06.123Z".parse().unwrap());
        assert_eq!((time.day.as_str(), time.instant.as_str()), ("20261129", "20261129T080706Z"));
    }
}
