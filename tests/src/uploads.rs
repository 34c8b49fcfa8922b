//! Uploads of documents as a browser makes them, the bucket as a function's role sees it, and the local scanner.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::aws::{hex, mac};
use crate::cast::{Owner, list, text};
use crate::machine::Ledger;
use crate::{Kit, deployed};

/// A document that was declared, and how its file is uploaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Declared {
    /// The company.
    pub company: String,
    /// The document.
    pub document: String,
    /// The permission to upload, as the API answered it.
    pub upload: Value,
}

impl Declared {
    /// The key of the first version's object.
    #[must_use]
    pub fn key(&self) -> String {
        format!("companies/{}/{}/1", self.company, self.document)
    }
}

/// What S3 answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct S3Answer {
    /// The status.
    pub status: u16,
    /// The id of the version that was made, where one was.
    pub version: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl S3Answer {
    /// The code of an error, empty for an answer without one.
    #[must_use]
    pub fn code(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        code.map(|(code, _)| code.to_owned()).unwrap_or_default()
    }

    async fn of(answer: reqwest::Response) -> Self {
        let header = answer.headers().get("x-amz-version-id").and_then(|value| value.to_str().ok());
        let (status, version) = (answer.status().as_u16(), header.map(str::to_owned));
        Self { status, version, body: answer.bytes().await.unwrap_or_default().to_vec() }
    }
}

/// The SHA-256 of a file, as S3 writes it.
#[must_use]
pub fn sha256(file: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(file))
}

/// Declares a file of an owner's company under a name and a type.
///
/// # Panics
/// When the declaration is refused.
pub async fn declare(kit: &Kit, owner: &Owner, name: &str, file_type: &str, file: &[u8]) -> Declared {
    let body = declaration(name, file_type, file);
    let answer = kit.api.post("/v1/documents").by(&owner.person).within(&owner.here).json(body).send().await;
    assert!((200..300).contains(&answer.status), "{}: {}", answer.status, answer.text());
    declared_in(&owner.company.id, &answer.json())
}

/// Declares one file as the ledger, which uploads it with a PUT. `body` is its declaration.
///
/// # Panics
/// When the declaration is refused.
pub async fn declare_as_ledger(kit: &Kit, ledger: &Ledger, company: &str, body: Value) -> Declared {
    let path = format!("/v1/ledger/companies/{company}/documents");
    let answer = kit.api.post(&path).by(ledger).json(body).send().await;
    assert!((200..300).contains(&answer.status), "{}: {}", answer.status, answer.text());
    declared_in(company, &answer.json())
}

/// The body of a declaration of a receipt.
#[must_use]
pub fn declaration(name: &str, file_type: &str, file: &[u8]) -> Value {
    declaration_of("receipt", name, file_type, file)
}

/// The body of a declaration of a document of a kind.
#[must_use]
pub fn declaration_of(kind: &str, name: &str, file_type: &str, file: &[u8]) -> Value {
    json!({ "documents": [{
        "name": name, "size_bytes": file.len(), "file_type": file_type, "sha256": sha256(file), "kind": kind,
    }] })
}

/// What a declaration answered about its one file.
///
/// # Panics
/// When it answered nothing.
#[must_use]
pub fn declared_in(company: &str, answer: &Value) -> Declared {
    let row = &list(answer, "rows")[0];
    Declared { company: company.to_owned(), document: text(row, "/document/id"), upload: row["upload"].clone() }
}

/// Puts a file with the headers that were signed for it; `changed` are headers with another value, or headers more.
///
/// # Panics
/// When S3 does not answer.
pub async fn put(kit: &Kit, declared: &Declared, file: &[u8], changed: &[(&str, &str)]) -> S3Answer {
    let mut request = kit.http.put(text(&declared.upload, "/url")).body(file.to_vec());
    for header in list(&declared.upload, "headers") {
        let name = text(header, "/name");
        // The client counts the bytes that it sends.
        let is_changed = changed.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name));
        if !is_changed && !name.eq_ignore_ascii_case("content-length") {
            request = request.header(name, text(header, "/value"));
        }
    }
    for (name, value) in changed {
        request = request.header(*name, *value);
    }
    S3Answer::of(request.send().await.expect("S3 answers")).await
}

/// Posts a file with the form that was signed for it; `changed` are fields with another value, or fields more.
///
/// # Panics
/// When S3 does not answer.
pub async fn post(kit: &Kit, declared: &Declared, file: &[u8], changed: &[(&str, &str)]) -> S3Answer {
    post_form(kit, &declared.upload, file, changed).await
}

/// As [`post`], by the permission to upload as the API answered it.
///
/// # Panics
/// When S3 does not answer.
pub async fn post_form(kit: &Kit, upload: &Value, file: &[u8], changed: &[(&str, &str)]) -> S3Answer {
    let mut fields: Vec<(String, String)> =
        list(upload, "fields").iter().map(|field| (text(field, "/name"), text(field, "/value"))).collect();
    for (name, value) in changed {
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => (*value).clone_into(known),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let boundary = "----countersign-form";
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n");
    body.extend(head.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    let request = kit.http.post(text(upload, "/url"));
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let answer = request.header("content-type", content_type).body(body).send().await;
    S3Answer::of(answer.expect("S3 answers")).await
}

/// The same permission to upload by a form, as if it had been signed to end at another time.
///
/// # Panics
/// When the form is no signed one.
pub async fn ending_at(kit: &Kit, declared: &Declared, ends_at: jiff::Timestamp) -> Declared {
    let held = deployed::credentials(&kit.stack, &kit.http, "documents").await;
    let instant = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = instant.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/s3/aws4_request", kit.stack.region);
    let mut changed = BTreeMap::from([
        ("x-amz-credential", format!("{}/{scope}", held["AWS_ACCESS_KEY_ID"])),
        ("x-amz-date", instant.clone()),
        ("x-amz-security-token", held.get("AWS_SESSION_TOKEN").cloned().unwrap_or_default()),
    ]);
    let fields = list(&declared.upload, "fields");
    let signed = fields.iter().find(|field| text(field, "/name") == "policy").expect("a policy");
    let policy = STANDARD.decode(text(signed, "/value")).expect("the policy is base64");
    let mut policy: Value = serde_json::from_slice(&policy).expect("the policy is JSON");
    policy["expiration"] = json!(format!("{ends_at:.3}"));
    for condition in policy["conditions"].as_array_mut().expect("conditions") {
        let name = condition[1].as_str().unwrap_or_default().trim_start_matches('$').to_owned();
        if let Some(value) = changed.get(name.as_str()) {
            condition[2] = json!(value);
        }
    }
    let policy = STANDARD.encode(policy.to_string());
    let key = signing_key(&held, day, &kit.stack.region);
    changed.insert("x-amz-signature", hex(&mac(&key, policy.as_bytes())));
    changed.insert("policy", policy);
    let mut other = declared.clone();
    for field in other.upload["fields"].as_array_mut().expect("fields") {
        if let Some(value) = changed.get(text(field, "/name").as_str()) {
            field["value"] = json!(value);
        }
    }
    other
}

/// Declares and uploads a file.
///
/// # Panics
/// When one of the two is refused.
pub async fn upload(kit: &Kit, owner: &Owner, name: &str, file_type: &str, file: &[u8]) -> (Declared, String) {
    let declared = declare(kit, owner, name, file_type, file).await;
    let answer = post(kit, &declared, file, &[]).await;
    assert_eq!(answer.status, 204, "{}", answer.code());
    (declared, answer.version.expect("the bucket keeps versions"))
}

/// A document as its company sees it.
pub async fn document(kit: &Kit, owner: &Owner, declared: &Declared) -> Value {
    let path = format!("/v1/documents/{}", declared.document);
    kit.api.clone_silent().get(&path).by(&owner.person).within(&owner.here).ok(200).await["document"].clone()
}

/// Makes a call to an object of the documents' bucket with the credentials of a function's role. `query` is sorted and needs
/// no escapes.
///
/// # Panics
/// When S3 does not answer.
pub async fn as_function(
    kit: &Kit,
    function: &str,
    method: Method,
    key: &str,
    query: &[(&str, &str)],
    body: &[u8],
) -> S3Answer {
    let held = deployed::credentials(&kit.stack, &kit.http, function).await;
    let path = format!("/{}/{key}", kit.stack.outputs["DocumentsBucketName"]);
    let headers = sign(kit, &held, &method, &path, query, body);
    let mut url = format!("{}{path}", kit.stack.endpoint.trim_end_matches('/'));
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if !query.is_empty() {
        url = format!("{url}?{}", query.join("&"));
    }
    let mut request = kit.http.request(method, url).body(body.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    S3Answer::of(request.send().await.expect("S3 answers")).await
}

/// The headers of Signature Version 4.
fn sign(
    kit: &Kit,
    held: &BTreeMap<String, String>,
    method: &Method,
    path: &str,
    query: &[(&str, &str)],
    body: &[u8],
) -> Vec<(String, String)> {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = at.get(..8).unwrap_or_default();
    let host = kit.stack.endpoint.split("://").last().unwrap_or_default().trim_end_matches('/');
    let body_hash = hex(&Sha256::digest(body));
    let token = held.get("AWS_SESSION_TOKEN").cloned().unwrap_or_default();
    let signed = [
        ("host", host),
        ("x-amz-content-sha256", body_hash.as_str()),
        ("x-amz-date", at.as_str()),
        ("x-amz-security-token", token.as_str()),
    ];
    let canonical: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = signed.map(|(name, _)| name).join(";");
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = format!("{method}\n{path}\n{}\n{canonical}\n{names}\n{body_hash}", query.join("&"));
    let scope = format!("{day}/{}/s3/aws4_request", kit.stack.region);
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(request.as_bytes())));
    let signature = hex(&mac(&signing_key(held, day, &kit.stack.region), to_sign.as_bytes()));
    let credential = format!("{}/{scope}", held["AWS_ACCESS_KEY_ID"]);
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
    let mut headers: Vec<(String, String)> =
        signed.into_iter().skip(1).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    headers.push(("authorization".to_owned(), authorization));
    headers
}

/// The key of Signature Version 4 for a day.
fn signing_key(held: &BTreeMap<String, String>, day: &str, region: &str) -> Vec<u8> {
    let secret = format!("AWS4{}", held["AWS_SECRET_ACCESS_KEY"]).into_bytes();
    [day, region, "s3", "aws4_request"].iter().fold(secret, |key, part| mac(&key, part.as_bytes()))
}

/// Which events of an upload a test holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Report {
    /// S3's, of the upload.
    Upload,
    /// The scanner's: its scan, tag and result.
    Scan,
}

impl Report {
    const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Scan => "scan",
        }
    }
}

/// Holds back these events of a document until they are released.
pub async fn hold(kit: &Kit, declared: &Declared, what: Report) {
    scanner(kit, Method::POST, "hold", &[("what", what.name()), ("prefix", &declared.key())]).await;
}

/// Lets out what was held back, and waits until it is out. Answers how many.
///
/// # Panics
/// When nothing arrives that could be let out.
pub async fn release(kit: &Kit, declared: &Declared, what: Report) -> u64 {
    let query = [("what", what.name()), ("prefix", &declared.key())];
    let released = scanner(kit, Method::POST, "release", &query).await;
    released["released"].as_u64().expect("a count")
}

/// How many events of a document wait.
///
/// # Panics
/// When the control does not say.
pub async fn waiting(kit: &Kit, declared: &Declared, what: Report) -> usize {
    list(&scanner(kit, Method::GET, "waiting", &[("what", what.name()), ("prefix", &declared.key())]).await, "keys")
        .len()
}

/// Reports the result of a scan of any version of a document's object, as the scanner would: no tag is set.
pub async fn report_scan(kit: &Kit, declared: &Declared, version: &str, status: &str, result: &str) {
    let detail = scan_result(kit, declared, version, status, result).to_string();
    scanner(kit, Method::POST, "report", &[("detail", &detail)]).await;
}

/// The result of a scan in GuardDuty's shape.
#[must_use]
pub fn scan_result(kit: &Kit, declared: &Declared, version: &str, status: &str, result: &str) -> Value {
    let threats = (result == "THREATS_FOUND").then(|| json!([{ "name": "EICAR-Test-File" }]));
    json!({
        "schemaVersion": "1.0", "scanStatus": status, "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": kit.stack.outputs["DocumentsBucketName"], "objectKey": declared.key(), "eTag": "e",
            "versionId": version, "s3Throttled": false,
        },
        "scanResultDetails": { "scanResultStatus": result, "threats": threats },
    })
}

/// The event of an upload in S3's shape.
#[must_use]
pub fn upload_event(kit: &Kit, declared: &Declared, version: &str) -> Value {
    json!({
        "version": "0", "bucket": { "name": kit.stack.outputs["DocumentsBucketName"] },
        "object": { "key": declared.key(), "size": 1, "etag": "e", "version-id": version, "sequencer": "0" },
        "request-id": "r", "requester": "000000000000", "source-ip-address": "127.0.0.1", "reason": "PostObject",
    })
}

/// A message of the queue: an event as the default bus carries it.
#[must_use]
pub fn message(detail_type: &str, detail: &Value) -> String {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": detail_type, "source": "aws",
        "account": "000000000000", "time": "2026-11-21T12:26:41Z", "region": "eu-central-1", "resources": [],
        "detail": detail,
    })
    .to_string()
}

/// The message about an upload.
#[must_use]
pub fn upload_message(kit: &Kit, declared: &Declared, version: &str) -> String {
    message("Object Created", &upload_event(kit, declared, version))
}

/// What EventBridge calls the result of a scan.
pub const SCAN_RESULT: &str = "GuardDuty Malware Protection Object Scan Result";

/// The message about a scan that ran to its end.
#[must_use]
pub fn scan_message(kit: &Kit, declared: &Declared, version: &str, result: &str) -> String {
    let detail = scan_result(kit, declared, version, "COMPLETED", result);
    message(SCAN_RESULT, &detail)
}

async fn scanner(kit: &Kit, method: Method, action: &str, query: &[(&str, &str)]) -> Value {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let url = format!("{}/scanner/{action}?{query}", kit.stack.control_url);
    let answer = kit.http.request(method, url).send().await.expect("the scanner answers");
    let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
    assert!(status.is_success(), "{action}: {status} {text}");
    serde_json::from_str(&text).expect("the answer is JSON")
}
