//! The heads of the chains, kept outside the table: one object per tenant in a bucket with Object Lock. An object is only
//! replaced by the next head, on condition that it is the one that was read; S3 keeps each version until its
//! retention ends.

use aws_sdk_s3::{Client, error::ProvideErrorMetadata, primitives::ByteStream};
use domain::{Org, seal::KnownHead};
use s3_client::BucketError;
use store::SdkConfig;

/// The kept heads of all tenants.
#[derive(Debug, Clone)]
pub struct Heads {
    s3: Client,
    bucket: String,
}

/// A head as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    /// The seal's number and hash.
    pub head: KnownHead,
    /// The object that holds it; `None` where no head is kept yet.
    tag: Option<String>,
}

impl KeptHead {
    /// Before the first seal of a tenant.
    const NONE: Self = Self { head: KnownHead::NONE, tag: None };
}

impl Heads {
    /// The heads in the bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        Self { s3: Client::from_conf(s3_client::config(config).build()), bucket: bucket.into() }
    }

    /// Reads a tenant's head: one `s3:GetObject`. Where there is none, S3 says so only to a caller who may
    /// `s3:ListBucket`; others are refused.
    ///
    /// # Errors
    /// [`BucketError`]; an object that is no head is one too.
    pub async fn read(&self, org: &Org) -> Result<KeptHead, BucketError> {
        let answer = match self.s3.get_object().bucket(&self.bucket).key(object_key(org)).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
                return Ok(KeptHead::NONE);
            }
            Err(error) => return Err(BucketError::of(&error)),
        };
        let tag = answer.e_tag;
        let body = answer.body.collect().await.map_err(|_| BucketError::Unavailable("ResponseError".to_owned()))?;
        let text = String::from_utf8(body.to_vec()).ok();
        let head = text.and_then(|text| KnownHead::try_from(text).ok());
        let head = head.ok_or_else(|| BucketError::Misconfigured("NotAHead".to_owned()))?;
        Ok(KeptHead { head, tag })
    }

    /// Replaces a head by the next: one conditional `s3:PutObject`. `None` where another run was first.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn advance(&self, org: &Org, from: &KeptHead, to: KnownHead) -> Result<Option<KeptHead>, BucketError> {
        let put = self.s3.put_object().bucket(&self.bucket).key(object_key(org)).content_type("text/plain");
        let put = match &from.tag {
            Some(tag) => put.if_match(tag),
            None => put.if_none_match("*"),
        };
        match put.body(ByteStream::from(String::from(to).into_bytes())).send().await {
            Ok(answer) => Ok(Some(KeptHead { head: to, tag: answer.e_tag })),
            Err(error) => match error.code() {
                // The second comes when two puts of one object meet.
                Some("PreconditionFailed" | "ConditionalRequestConflict") => Ok(None),
                Some(_) | None => Err(BucketError::of(&error)),
            },
        }
    }
}

/// The object that holds a tenant's head.
fn object_key(org: &Org) -> String {
    format!("heads/{org}")
}
