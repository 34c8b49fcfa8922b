//! The bucket of documents.

use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::{
    Client,
    config::RequestChecksumCalculation,
    presigning::{PresignedRequest, PresigningConfig},
};
use domain::{
    UtcTime,
    document::{DocumentVersion, ObjectKey},
};
use store::SdkConfig;

use crate::{
    DOWNLOAD_S, UPLOAD_S,
    disposition::attachment,
    policy::{FormField, Signer, UploadForm, UploadPut, fields},
};

/// A permission or a link could not be signed. It quotes no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be signed: {0}")]
pub struct SignError(String);

/// The bucket of documents. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    s3: Client,
    bucket: String,
    region: String,
    credentials: Option<SharedCredentialsProvider>,
    /// Where S3 is reached, if not under its own name.
    endpoint: Option<String>,
}

impl Files {
    /// The bucket of this name, with the client settings of the configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        // Otherwise the SDK signs a checksum of its own into each PUT.
        let settings = s3_client::config(config).request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        Self {
            s3: Client::from_conf(settings.build()),
            bucket,
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            credentials: config.credentials_provider(),
            endpoint: config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
        }
    }

    /// A form that uploads exactly the declared file of a version, until [`DocumentVersion::expires_at`].
    ///
    /// # Errors
    /// [`SignError`] without credentials.
    pub async fn form(
        &self,
        key: &ObjectKey,
        version: &DocumentVersion,
        now: UtcTime,
    ) -> Result<UploadForm, SignError> {
        let provider = self.credentials.as_ref().ok_or_else(|| SignError("no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await.map_err(|_| SignError("no credentials".to_owned()))?;
        let signer = Signer {
            access_key_id: credentials.access_key_id(),
            secret_access_key: credentials.secret_access_key(),
            session_token: credentials.session_token(),
            region: &self.region,
        };
        let fields = fields(&signer, &self.bucket, key, version, now);
        Ok(UploadForm { url: self.url(), fields, expires_at: version.expires_at })
    }

    /// A PUT that uploads exactly the declared file of a version.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn put(&self, key: &ObjectKey, version: &DocumentVersion) -> Result<UploadPut, SignError> {
        let size = i64::try_from(version.size.bytes()).map_err(|_| SignError("the size".to_owned()))?;
        let signed = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_length(size)
            .content_type(version.file_type.media_type())
            .checksum_sha256(version.sha256.as_str())
            .presigned(lifetime(UPLOAD_S.unsigned_abs())?)
            .await
            .map_err(|error| SignError(error.to_string()))?;
        Ok(UploadPut { url: signed.uri().to_owned(), headers: headers(&signed), expires_at: version.expires_at })
    }

    /// A link that downloads one object of a version for a minute, as a file with the name and type that we fixed.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn link(
        &self,
        key: &ObjectKey,
        version: &DocumentVersion,
        object_version: &str,
        name: &domain::document::FileName,
    ) -> Result<String, SignError> {
        let signed = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .version_id(object_version)
            .response_content_type(version.file_type.media_type())
            .response_content_disposition(attachment(name))
            .presigned(lifetime(DOWNLOAD_S)?)
            .await
            .map_err(|error| SignError(error.to_string()))?;
        Ok(signed.uri().to_owned())
    }

    /// Where forms are posted.
    fn url(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{endpoint}/{}", self.bucket),
            None => format!("https://{}.s3.{}.amazonaws.com/", self.bucket, self.region),
        }
    }
}

fn lifetime(seconds: u64) -> Result<PresigningConfig, SignError> {
    PresigningConfig::expires_in(Duration::from_secs(seconds)).map_err(|error| SignError(error.to_string()))
}

fn headers(signed: &PresignedRequest) -> Vec<FormField> {
    let field = |(name, value): (&str, &str)| FormField { name: name.to_owned(), value: value.to_owned() };
    signed.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).map(field).collect()
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_sdk_s3::config::{BehaviorVersion, Region};

    use super::*;
    use crate::policy::tests::version;

    fn files(endpoint: Option<&str>) -> Files {
        let credentials = Credentials::builder()
            .access_key_id("AKIDEXAMPLE")
            .secret_access_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            .session_token("session")
            .provider_name("test")
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        config.set_endpoint_url(endpoint.map(str::to_owned));
        Files::new(&config.build(), "documents".to_owned())
    }

    fn query(url: &str, name: &str) -> Option<String> {
        let (_, query) = url.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v.to_owned())
    }

    #[tokio::test]
    async fn a_form_goes_to_the_bucket_wherever_it_is() {
        let (key, version) = version();
        let now = version.declared_at;
        let url = async |endpoint| files(endpoint).form(&key, &version, now).await.unwrap().url;
        assert_eq!(url(None).await, "https://documents.s3.eu-west-1.amazonaws.com/");
        assert_eq!(url(Some("http://127.0.0.1:4566/")).await, "http://127.0.0.1:4566/documents");
    }

    #[tokio::test]
    async fn a_put_is_bound_to_size_type_and_checksum() {
        let (key, version) = version();
        let put = files(None).put(&key, &version).await.unwrap();
        let signed = query(&put.url, "X-Amz-SignedHeaders").unwrap().replace("%3B", ";");
        for name in ["content-length", "content-type", "x-amz-checksum-sha256"] {
            assert!(signed.split(';').any(|header| header == name), "{name} in {signed}");
        }
        let value = |name: &str| put.headers.iter().find(|header| header.name == name).map(|h| h.value.clone());
        assert_eq!(value("content-length").as_deref(), Some("1000"));
        assert_eq!(value("content-type").as_deref(), Some("application/pdf"));
        assert_eq!(query(&put.url, "X-Amz-Expires").as_deref(), Some("300"));
    }

    #[tokio::test]
    async fn a_link_is_to_one_object_for_one_minute_as_an_attachment_of_our_type() {
        let (key, version) = version();
        let url = files(None).link(&key, &version, "v-1", &version.name).await.unwrap();
        assert_eq!(query(&url, "versionId").as_deref(), Some("v-1"));
        assert_eq!(query(&url, "X-Amz-Expires").as_deref(), Some("60"));
        assert_eq!(query(&url, "response-content-type").as_deref(), Some("application%2Fpdf"));
        assert!(query(&url, "response-content-disposition").unwrap().starts_with("attachment%3B%20filename"));
    }
}
