//! Every mail that SES accepted, and waiting for one that is on its way.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a mail may take from the change that caused it: stream, bus, queue, function, SES.
const MAIL_DEADLINE: Duration = Duration::from_secs(60);

/// One mail as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// SES's own id of it.
    pub id: String,
    /// The `From` address.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// Where an answer to it goes.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The header fields beside those that SES writes, as they were given to it.
    pub headers: Vec<(String, String)>,
}

impl Message {
    /// The value of a header field that was given to SES.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The first link on a line of its own whose path holds `path`, such as `/i/`. What people wrote is
    /// quoted, so no link of theirs is taken for ours.
    ///
    /// # Panics
    /// When the mail has no such link.
    #[must_use]
    #[track_caller]
    pub fn link(&self, path: &str) -> String {
        self.text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("http") && line.contains(path) && !line.contains(' '))
            .unwrap_or_else(|| panic!("no link with {path} in the mail: {self}"))
            .to_owned()
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}: {}\n{}", self.to.join(", "), self.subject, self.text)
    }
}

/// The mailbox of the local stack: everyone's mail.
#[derive(Debug, Clone)]
pub struct Mailbox {
    client: reqwest::Client,
    url: String,
}

impl Mailbox {
    /// A reader of the emulator's sent mail.
    #[must_use]
    pub fn new(client: reqwest::Client, url: &str) -> Self {
        Self { client, url: url.to_owned() }
    }

    /// What was sent to an address so far, oldest first.
    ///
    /// # Panics
    /// When the emulator does not answer.
    pub async fn inbox(&self, recipient: &str) -> Vec<Message> {
        self.look(&format!("to={recipient}")).await
    }

    async fn look(&self, query: &str) -> Vec<Message> {
        let answer = self.client.get(format!("{}?{query}", self.url)).send().await;
        let all: Value = answer.expect("the mailbox answers").json().await.expect("the mailbox answers JSON");
        all.get("messages").and_then(Value::as_array).into_iter().flatten().map(message).collect()
    }

    /// Waits for a mail to `recipient` that `wanted` accepts.
    ///
    /// # Panics
    /// When none came in time; the message lists what did come.
    pub async fn wait_for(&self, recipient: &str, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        let until = Instant::now() + MAIL_DEADLINE;
        let mut inbox = self.inbox(recipient).await;
        loop {
            if let Some(mail) = inbox.iter().find(|mail| wanted(mail)) {
                return mail.clone();
            }
            assert!(
                Instant::now() < until,
                "no {what} reached {recipient} within {} s; it got {:?}",
                MAIL_DEADLINE.as_secs(),
                inbox.iter().map(|mail| &mail.subject).collect::<Vec<_>>()
            );
            // Answered with the next mail, or after some seconds without one.
            inbox = self.look(&format!("to={recipient}&seen={}", inbox.len())).await;
        }
    }
}

fn headers(mail: &Value) -> impl Iterator<Item = (String, String)> {
    let fields = mail.get("Headers").and_then(Value::as_array).into_iter().flatten();
    fields.filter_map(|field| Some((field.get("Name")?.as_str()?.to_owned(), field.get("Value")?.as_str()?.to_owned())))
}

fn message(mail: &Value) -> Message {
    let text = |key: &str| mail.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |key: &str| {
        let items = mail.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Message {
        id: text("MessageId"),
        from: text("Source"),
        to: list("To"),
        reply_to: list("ReplyTo"),
        subject: text("Subject"),
        text: text("BodyText"),
        html: text("BodyHtml"),
        headers: headers(mail).collect(),
    }
}
