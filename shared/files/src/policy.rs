//! The policy of a form that uploads one file.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    UtcTime,
    document::{DocumentVersion, ObjectKey},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::signature::{ALGORITHM, SigningTime, scope, signature};

/// A field of a form, or a header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A form that uploads one file: `multipart/form-data`, these fields first, then the file as the field `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadForm {
    /// Where to post the form.
    pub url: String,
    /// Its fields, to be sent as they are and in this order.
    pub fields: Vec<FormField>,
    /// When the permission ends.
    pub expires_at: UtcTime,
}

/// A PUT that uploads one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadPut {
    /// Where to put the file.
    pub url: String,
    /// The headers of the request, to be sent as they are.
    pub headers: Vec<FormField>,
    /// When the permission ends.
    pub expires_at: UtcTime,
}

/// The credentials that sign, as plain text.
pub(crate) struct Signer<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) secret_access_key: &'a str,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) region: &'a str,
}

/// The fields of a form that uploads exactly the declared file of a version to its key.
pub(crate) fn fields(
    signer: &Signer<'_>,
    bucket: &str,
    key: &ObjectKey,
    version: &DocumentVersion,
    now: UtcTime,
) -> Vec<FormField> {
    let time = SigningTime::of(now);
    let credential = format!("{}/{}", signer.access_key_id, scope(&time, signer.region));
    let exact = [
        ("key", Some(key.to_string())),
        ("Content-Type", Some(version.file_type.media_type().to_owned())),
        ("x-amz-checksum-algorithm", Some("SHA256".to_owned())),
        ("x-amz-checksum-sha256", Some(version.sha256.to_string())),
        ("x-amz-algorithm", Some(ALGORITHM.to_owned())),
        ("x-amz-credential", Some(credential)),
        ("x-amz-date", Some(time.instant.clone())),
        ("x-amz-security-token", signer.session_token.map(str::to_owned)),
    ];
    let field = |(name, value): (&str, Option<String>)| value.map(|value| FormField { name: name.to_owned(), value });
    let mut fields: Vec<FormField> = exact.into_iter().filter_map(field).collect();
    let policy = STANDARD.encode(policy(bucket, &fields, version).to_string());
    let signed = signature(signer.secret_access_key, &time, signer.region, &policy);
    fields.push(FormField { name: "policy".to_owned(), value: policy });
    fields.push(FormField { name: "x-amz-signature".to_owned(), value: signed });
    fields
}

/// The policy: each field with exactly its value, and exactly the declared size.
fn policy(bucket: &str, fields: &[FormField], version: &DocumentVersion) -> Value {
    let size = version.size.bytes();
    let exact = fields.iter().map(|field| json!(["eq", format!("${}", field.name), field.value]));
    let conditions: Vec<Value> = std::iter::once(json!(["eq", "$bucket", bucket]))
        .chain(exact)
        .chain(std::iter::once(json!(["content-length-range", size, size])))
        .collect();
    json!({ "expiration": version.expires_at, "conditions": conditions })
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::document::{Checksum, DocumentKind, FileDeclaration, FileType, Uploader, VersionNumber, declare};

    use super::*;

    pub(crate) fn version() -> (ObjectKey, DocumentVersion) {
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let now: UtcTime = "2026-11-29T08:07:06.123Z".parse().unwrap();
        let file = FileDeclaration {
            name: "Receipt 17.pdf".parse().unwrap(),
            size: 1_000.try_into().unwrap(),
            file_type: FileType::Pdf,
            sha256: Checksum::of([7; 32]),
            uploaded_by: Uploader::machine("ledger"),
            expires_at: now.plus_s(crate::UPLOAD_S),
        };
        let id = "doc_00000000000000000000000000000002".parse().unwrap();
        let document = declare(id, &company, None, file, DocumentKind::Receipt, None, now).unwrap().document;
        (domain::document::object_key(&company, &document.id, VersionNumber::FIRST), document.newest)
    }

    fn signed(session_token: Option<&str>) -> Vec<FormField> {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            session_token,
            region: "eu-west-1",
        };
        let (key, version) = version();
        fields(&signer, "documents", &key, &version, "2026-11-29T08:07:06.123Z".parse().unwrap())
    }

    fn value<'a>(fields: &'a [FormField], name: &str) -> &'a str {
        &fields.iter().find(|field| field.name == name).unwrap().value
    }

    /// The signature is that of this Python program, with the secret above and the field `policy` as `policy`:
    ///
    /// ```text
    /// import hmac, hashlib
    /// key = ("AWS4" + secret).encode()
    /// for part in ("20261129", "eu-west-1", "s3", "aws4_request", policy):
    ///     key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    /// print(key.hex())
    /// ```
    #[test]
    fn the_policy_is_signed_as_aws_prescribes() {
        let fields = signed(None);
        assert_eq!(value(&fields, "x-amz-credential"), "AKIDEXAMPLE/20261129/eu-west-1/s3/aws4_request");
        assert_eq!(value(&fields, "x-amz-date"), "20261129T080706Z");
        assert_eq!(value(&fields, "policy"), GOLDEN_POLICY);
        assert_eq!(value(&fields, "x-amz-signature"), GOLDEN_SIGNATURE);
    }

    #[test]
    fn every_field_is_a_condition_and_the_size_is_exact() {
        let fields = signed(Some("session"));
        assert_eq!(value(&fields, "x-amz-security-token"), "session");
        let policy = STANDARD.decode(value(&fields, "policy")).unwrap();
        let policy: Value = serde_json::from_slice(&policy).unwrap();
        assert_eq!(policy["expiration"], "2026-11-29T08:12:06.123Z");
        let conditions = policy["conditions"].as_array().unwrap();
        let signed = fields.iter().filter(|field| !matches!(field.name.as_str(), "policy" | "x-amz-signature"));
        for field in signed {
            assert!(conditions.contains(&json!(["eq", format!("${}", field.name), field.value])), "{field:?}");
        }
        assert!(conditions.contains(&json!(["eq", "$bucket", "documents"])));
        assert!(conditions.contains(&json!(["content-length-range", 1_000, 1_000])));
    }

    const GOLDEN_POLICY: &str = "eyJjb25kaXRpb25zIjpbWyJlcSIsIiRidWNrZXQiLCJkb2N1bWVudHMiXSxbImVxIiwiJGtleSIsImNvbXBhbmllcy9jb18wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMS9kb2NfMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDIvMSJdLFsiZXEiLCIkQ29udGVudC1UeXBlIiwiYXBwbGljYXRpb24vcGRmIl0sWyJlcSIsIiR4LWFtei1jaGVja3N1bS1hbGdvcml0aG0iLCJTSEEyNTYiXSxbImVxIiwiJHgtYW16LWNoZWNrc3VtLXNoYTI1NiIsIkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2M9Il0sWyJlcSIsIiR4LWFtei1hbGdvcml0aG0iLCJBV1M0LUhNQUMtU0hBMjU2Il0sWyJlcSIsIiR4LWFtei1jcmVkZW50aWFsIiwiQUtJREVYQU1QTEUvMjAyNjExMjkvZXUtd2VzdC0xL3MzL2F3czRfcmVxdWVzdCJdLFsiZXEiLCIkeC1hbXotZGF0ZSIsIjIwMjYxMTI5VDA4MDcwNloiXSxbImNvbnRlbnQtbGVuZ3RoLXJhbmdlIiwxMDAwLDEwMDBdXSwiZXhwaXJhdGlvbiI6IjIwMjYtMTEtMjlUMDg6MTI6MDYuMTIzWiJ9";
    const GOLDEN_SIGNATURE: &str = "40c64dd19f978f10524a952f5ebde3a573985c51ed6ce4c89274eb9931c74b41";
}
