//! Sends messages through SES: one message, one try.

use std::{error::Error, io, time::Duration};

use aws_sdk_sesv2::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, MessageHeader, MessageTag},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Email;

use crate::{inert::Line, message::Message};

/// For a TLS connection to SES.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// From request to answer.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest display name, in characters.
const MAX_DISPLAY_NAME_CHARS: usize = 64;

/// Who the mail is from: the product, at an address of the vendor's. Never the inviter's name or
/// address, which would be spoofing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    from: String,
}

impl Sender {
    /// The product's name and the vendor's verified address.
    #[must_use]
    pub fn new(product: &str, address: &Email) -> Self {
        Self { from: format!("{} <{address}>", display_name(product)) }
    }

    /// The `From` header's value.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }
}

/// SES's id of an accepted message; delivery reports name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// The id as SES wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a message is not known to be accepted. No variant quotes an address or content.
///
/// A bounce or a suppressed address is not among them: SES accepts those messages and reports
/// afterwards, as an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// SES did not accept it, for a temporary reason (throttled, quota, paused, failing, not reached). Sending it
    /// again later sends it once.
    #[error("SES is unavailable ({code})")]
    Unavailable {
        /// SES's error code, or what went wrong on the way there. For the log.
        code: String,
    },
    /// The request was sent and no answer came: SES may have accepted it. Sending it again may send it twice; the
    /// caller's policy for the kind decides.
    #[error("SES may have accepted the message ({code})")]
    OutcomeUnknown {
        /// What went wrong. For the log.
        code: String,
    },
    /// SES will never accept this message, as when its address is malformed. Final.
    #[error("SES rejected the message ({code})")]
    Rejected {
        /// SES's error code. For the log.
        code: String,
    },
    /// SES will accept no message of ours until an operator acts: the sender is not verified, the configuration set
    /// is missing, the account is suspended or a permission is missing. Final for this try; a queue that keeps the
    /// message for a redrive loses nothing.
    #[error("SES takes no mail from us ({code})")]
    Misconfigured {
        /// SES's error code. For the log.
        code: String,
    },
}

impl SendError {
    /// Whether the same message may be accepted later without anybody repairing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::OutcomeUnknown { .. } => true,
            Self::Rejected { .. } | Self::Misconfigured { .. } => false,
        }
    }
}

/// Sends messages through SES v2.
#[derive(Debug, Clone)]
pub struct Mailer {
    ses: Client,
    sender: Sender,
    configuration_set: String,
}

impl Mailer {
    /// A mailer over `ses`, whose connections and credentials it shares.
    ///
    /// The client's retries are turned off and its time is bounded: the SDK repeats a request whose answer was
    /// lost, and the recipient would have the message twice. The caller repeats what SES did not accept, and its
    /// queue tries again later.
    #[must_use]
    pub fn new(ses: &Client, sender: Sender, configuration_set: impl Into<String>) -> Self {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(SEND_TIMEOUT).build();
        let config = ses.config().to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        Self { ses: Client::from_conf(config), sender, configuration_set: configuration_set.into() }
    }

    /// Sends one message through SES: one request, one try, at most 10 s. Needs `ses:SendEmail` on the sender's
    /// identity and the configuration set.
    ///
    /// # Errors
    /// [`SendError`], sorted by what the caller can do about it.
    pub async fn send(&self, message: &Message) -> Result<MessageId, SendError> {
        let (content, tags) =
            parts(message).map_err(|_| SendError::Rejected { code: "IncompleteMessage".to_owned() })?;
        let answer = self
            .ses
            .send_email()
            .from_email_address(self.sender.from())
            .destination(Destination::builder().to_addresses(message.to().as_str()).build())
            .set_reply_to_addresses(message.reply_to().map(|email| vec![email.to_string()]))
            .content(EmailContent::builder().simple(content).build())
            .set_email_tags(Some(tags))
            .configuration_set_name(&self.configuration_set)
            .send()
            .await
            .map_err(|error| sorted(&error))?;
        // Without an id SES has accepted it all the same; only reports will not be matched by id.
        Ok(MessageId(answer.message_id.unwrap_or_default()))
    }
}

type Parts = (aws_sdk_sesv2::types::Message, Vec<MessageTag>);

fn parts(message: &Message) -> Result<Parts, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let mut content = aws_sdk_sesv2::types::Message::builder()
        .subject(utf8(message.subject())?)
        .body(Body::builder().text(utf8(message.text())?).html(utf8(message.html())?).build());
    for (name, value) in message.headers() {
        content = content.headers(MessageHeader::builder().name(name).value(value).build()?);
    }
    let tags = message
        .tags()
        .into_iter()
        .map(|(name, value)| MessageTag::builder().name(name).value(value).build())
        .collect::<Result<_, _>>()?;
    Ok((content.build(), tags))
}

/// Sources: <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>,
/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html>.
fn sorted(error: &SdkError<SendEmailError>) -> SendError {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status();
            let code = answer.err().code().unwrap_or("UnknownError").to_owned();
            match answer.err() {
                // A success that could not be read.
                _ if status.is_success() => SendError::OutcomeUnknown { code },
                SendEmailError::TooManyRequestsException(_)
                | SendEmailError::LimitExceededException(_)
                | SendEmailError::SendingPausedException(_) => SendError::Unavailable { code },
                SendEmailError::MessageRejected(rejected) => {
                    // One error code for two troubles; the text is all that tells them apart.
                    let ours = rejected.message().is_some_and(|text| text.contains("not verified"));
                    if ours { SendError::Misconfigured { code } } else { SendError::Rejected { code } }
                }
                SendEmailError::BadRequestException(_) => SendError::Rejected { code },
                SendEmailError::AccountSuspendedException(_)
                | SendEmailError::MailFromDomainNotVerifiedException(_)
                | SendEmailError::NotFoundException(_) => SendError::Misconfigured { code },
                _ if status.is_server_error() || status.as_u16() == 429 || code.starts_with("Throttling") => {
                    SendError::Unavailable { code }
                }
                _ => SendError::Misconfigured { code },
            }
        }
        SdkError::TimeoutError(_) => SendError::OutcomeUnknown { code: "TimeoutError".to_owned() },
        SdkError::ResponseError(_) => SendError::OutcomeUnknown { code: "ResponseError".to_owned() },
        SdkError::DispatchFailure(_) if never_connected(error) => {
            SendError::Unavailable { code: "ConnectionRefused".to_owned() }
        }
        SdkError::DispatchFailure(_) => SendError::OutcomeUnknown { code: "DispatchFailure".to_owned() },
        _ => SendError::Misconfigured { code: "ConstructionFailure".to_owned() },
    }
}

/// Whether the operating system says that there never was a connection. Anything less certain
/// counts as an unknown outcome.
fn never_connected(error: &SdkError<SendEmailError>) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let refused = cause.downcast_ref::<io::Error>().is_some_and(|cause| {
            matches!(
                cause.kind(),
                io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
            )
        });
        if refused {
            return true;
        }
        source = cause.source();
    }
    false
}

/// A display name as RFC 5322 has it: a quoted string, or RFC 2047 encoded words where it is not
/// ASCII (SES takes the header as we write it).
fn display_name(name: &str) -> String {
    let name: String = Line::new(name).as_str().chars().take(MAX_DISPLAY_NAME_CHARS).collect();
    if name.is_ascii() {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("\"{escaped}\"");
    }
    // An encoded word has at most 75 characters, 12 of them frame: 45 bytes become 60.
    let mut words = vec![String::new()];
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= 45 => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let encoded: Vec<String> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    encoded.join(" ")
}

#[cfg(test)]
mod tests {
    use std::{
        fmt,
        sync::{Arc, Mutex},
    };

    use aws_sdk_sesv2::config::{
        BehaviorVersion, Credentials, Region,
        http::{HttpRequest, HttpResponse},
    };
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        result::ConnectorError,
    };
    use domain::{
        event::Subject,
        mail_log::{MailName, SubjectKey},
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::{Brand, Envelope, HttpUrl, letters::payment_received::PaymentReceived, write};

    type Answer = Result<(u16, Value), fn() -> ConnectorError>;

    /// SES with one answer, and what it was asked.
    #[derive(Clone)]
    struct Ses {
        answer: Answer,
        requests: Arc<Mutex<Vec<(String, Value)>>>,
    }

    impl fmt::Debug for Ses {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Ses")
        }
    }

    impl HttpConnector for Ses {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            self.requests.lock().unwrap().push((request.uri().to_owned(), body));
            HttpConnectorFuture::ready(match &self.answer {
                Ok((status, body)) => Ok(HttpResponse::new((*status).try_into().unwrap(), body.to_string().into())),
                Err(error) => Err(error()),
            })
        }
    }

    impl Ses {
        fn answering(answer: Answer) -> Self {
            Self { answer, requests: Arc::default() }
        }

        fn mailer(&self) -> Mailer {
            let connector = SharedHttpConnector::new(self.clone());
            let client = Client::from_conf(
                aws_sdk_sesv2::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new("eu-central-1"))
                    .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                    .http_client(http_client_fn(move |_, _| connector.clone()))
                    .build(),
            );
            let sender = Sender::new("Countersign", &"mail@vendor.example".parse().unwrap());
            Mailer::new(&client, sender, "notices")
        }
    }

    fn message(reply_to: Option<&Email>) -> Message {
        let what = PaymentReceived {
            company: "Acme".into(),
            invoice_number: "17 – für „Ümläut“".into(),
            customer: None,
            amount: domain::Money { minor: 100, currency: "EUR".parse().unwrap() },
            paid_by: None,
            link: HttpUrl::parse("https://portal.example/").unwrap(),
        };
        let envelope = Envelope {
            event: &"ev_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
            to: &"owner@acme.example".parse().unwrap(),
            reader: &domain::language::Reader::default(),
            reply_to,
        };
        write(&what, &Brand { product: "Countersign", color: None }, &envelope).unwrap()
    }

    /// Proves: ML1
    #[test]
    fn a_message_carries_its_name_in_the_mail_log() {
        let name = MailName {
            org: "co_00000000000000000000000000000001".parse().unwrap(),
            subject: SubjectKey::of(&Subject { kind: "payment".to_owned(), id: "17 #1".to_owned() }),
            event: "ev_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
            recipient: "0190-a".to_owned(),
        };
        let tags = message(None).logged_as(name.clone()).tags();
        let tag = |wanted: &str| tags.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| value.as_str());
        assert_eq!(MailName::from_tags(tag), Some(name));
    }

    #[tokio::test]
    async fn a_message_reaches_ses_whole() {
        let ses = Ses::answering(Ok((200, json!({"MessageId": "0100-1"}))));
        let reply_to = "books@acme.example".parse().unwrap();
        let unsubscribe = HttpUrl::parse("https://c.example/u/1").unwrap();
        let message = message(Some(&reply_to)).stopped_at(unsubscribe).unwrap();
        let id = ses.mailer().send(&message).await.unwrap();
        assert_eq!(id.as_str(), "0100-1");
        let (uri, body) = ses.requests.lock().unwrap().remove(0);
        assert!(uri.ends_with("/v2/email/outbound-emails"), "{uri}");
        assert_eq!(
            body,
            json!({
                "FromEmailAddress": "\"Countersign\" <mail@vendor.example>",
                "Destination": {"ToAddresses": ["owner@acme.example"]},
                "ReplyToAddresses": ["books@acme.example"],
                "ConfigurationSetName": "notices",
                "EmailTags": [
                    {"Name": "kind", "Value": "payment-received"},
                    {"Name": "event", "Value": "ev_0192f5c4a7b87c3d9e0f112233445566"},
                ],
                "Content": {"Simple": {
                    "Subject": {"Data": message.subject(), "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": message.text(), "Charset": "UTF-8"},
                        "Html": {"Data": message.html(), "Charset": "UTF-8"},
                    },
                    "Headers": [
                        {"Name": "Auto-Submitted", "Value": "auto-generated"},
                        {"Name": "List-Unsubscribe", "Value": "<https://c.example/u/1>"},
                        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    ],
                }},
            })
        );
    }

    #[tokio::test]
    async fn what_is_not_given_is_not_sent() {
        let ses = Ses::answering(Ok((200, json!({"MessageId": "0100-1"}))));
        ses.mailer().send(&message(None)).await.unwrap();
        let (_, body) = ses.requests.lock().unwrap().remove(0);
        assert!(body.get("ReplyToAddresses").is_none());
        let headers = &body["Content"]["Simple"]["Headers"];
        assert_eq!(headers.as_array().unwrap().len(), 1);
    }

    /// Proves: F9
    #[tokio::test]
    async fn failures_are_sorted_by_what_can_be_done() {
        let unavailable = |code: &str| SendError::Unavailable { code: code.to_owned() };
        let rejected = |code: &str| SendError::Rejected { code: code.to_owned() };
        let misconfigured = |code: &str| SendError::Misconfigured { code: code.to_owned() };
        for (status, code, text, expected) in [
            (429, "TooManyRequestsException", "", unavailable("TooManyRequestsException")),
            (400, "LimitExceededException", "", unavailable("LimitExceededException")),
            (400, "SendingPausedException", "", unavailable("SendingPausedException")),
            (400, "ThrottlingException", "", unavailable("ThrottlingException")),
            (500, "InternalFailure", "", unavailable("InternalFailure")),
            (503, "ServiceUnavailable", "", unavailable("ServiceUnavailable")),
            (400, "BadRequestException", "Illegal address", rejected("BadRequestException")),
            (400, "MessageRejected", "Virus", rejected("MessageRejected")),
            (400, "MessageRejected", "Email address is not verified.", misconfigured("MessageRejected")),
            (400, "MailFromDomainNotVerifiedException", "", misconfigured("MailFromDomainNotVerifiedException")),
            (400, "AccountSuspendedException", "", misconfigured("AccountSuspendedException")),
            (404, "NotFoundException", "", misconfigured("NotFoundException")),
            (403, "AccessDeniedException", "", misconfigured("AccessDeniedException")),
        ] {
            let ses = Ses::answering(Ok((status, json!({"__type": code, "message": text}))));
            let error = ses.mailer().send(&message(None)).await.unwrap_err();
            assert_eq!(error, expected);
            assert_eq!(error.is_retryable(), matches!(error, SendError::Unavailable { .. }));
            // The caller tries again; the SDK does not.
            assert_eq!(ses.requests.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_told_from_a_connection_that_never_was() {
        let reset = || ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into());
        let timeout = || ConnectorError::timeout(io::Error::from(io::ErrorKind::TimedOut).into());
        let refused = || ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionRefused).into());
        for (failure, unknown) in [(reset as fn() -> ConnectorError, true), (timeout, true), (refused, false)] {
            let ses = Ses::answering(Err(failure));
            let error = ses.mailer().send(&message(None)).await.unwrap_err();
            assert_eq!(matches!(error, SendError::OutcomeUnknown { .. }), unknown, "{error:?}");
            assert!(error.is_retryable());
            assert_eq!(ses.requests.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_read_leaves_the_outcome_open() {
        let ses = Ses::answering(Ok((200, json!("not an object"))));
        let error = ses.mailer().send(&message(None)).await.unwrap_err();
        assert!(matches!(error, SendError::OutcomeUnknown { .. }), "{error:?}");
    }

    #[test]
    fn the_sender_is_the_product_whatever_its_name() {
        let address: Email = "mail@vendor.example".parse().unwrap();
        for (name, expected) in [
            ("Countersign", "\"Countersign\" <mail@vendor.example>"),
            ("A \"B\" \\ C, D", "\"A \\\"B\\\" \\\\ C, D\" <mail@vendor.example>"),
            ("X\r\nBcc: a@b.c", "\"X Bcc: a@b.c\" <mail@vendor.example>"),
            ("Gegengezeichnet für", "=?UTF-8?B?R2VnZW5nZXplaWNobmV0IGbDvHI=?= <mail@vendor.example>"),
        ] {
            assert_eq!(Sender::new(name, &address).from(), expected);
        }
        let long = Sender::new(&"漢".repeat(100), &address);
        for word in long.from().split(' ').filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75, "{word}");
        }
        assert_eq!(long.from().matches("=?UTF-8?B?").count(), 5);
    }
}
