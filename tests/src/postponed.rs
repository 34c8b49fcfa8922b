//! Mail that waits, and its clock: a test or the demo need not wait for seven in the morning.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tokio::sync::Mutex;

use crate::Kit;
use crate::people::Person;
use crate::table::Item;

/// Held while the schedule runs and what it did is looked at: a run does what is due for everybody.
pub static RUNNING: Mutex<()> = Mutex::const_new(());

/// What mail waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// The end of quiet hours.
    Held,
    /// A digest.
    InDigest,
}

impl Waits {
    /// The attribute that says until when.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Held => "held_until",
            Self::InDigest => "digest_at",
        }
    }
}

fn place(company: &str, person: &Person) -> (String, String) {
    (format!("COMPANY#{company}"), format!("POSTPONED#{}", person.user))
}

/// What waits for somebody from a company.
///
/// # Panics
/// When nothing ever did.
pub async fn waiting(kit: &Kit, company: &str, person: &Person) -> Item {
    let (pk, sk) = place(company, person);
    kit.table.item(&pk, &sk).await.expect("something waits, or did")
}

/// Makes time pass, until what waits is due.
pub async fn pass(kit: &Kit, company: &str, person: &Person, waits: Waits) {
    pass_for(kit, company, person, (waits.attribute(), AttributeValue::S(ago(60)))).await;
}

/// Makes time pass, until what waits has been due for hours.
pub async fn pass_hours(kit: &Kit, company: &str, person: &Person, waits: Waits, hours: i64) {
    pass_for(kit, company, person, (waits.attribute(), AttributeValue::S(ago(hours * 3_600)))).await;
}

/// Makes time pass, until a digest that somebody took and did not finish is free again.
///
/// # Panics
/// When none is taken.
pub async fn pass_taken(kit: &Kit, company: &str, person: &Person) {
    let item = waiting(kit, company, person).await;
    let taken = item.get("taken").and_then(|taken| taken.as_m().ok());
    let mut taken = taken.expect("a digest is taken").clone();
    taken.insert("until".to_owned(), AttributeValue::S(ago(60)));
    pass_for(kit, company, person, ("taken", AttributeValue::M(taken))).await;
}

fn ago(seconds: i64) -> String {
    format!("{:.3}", jiff::Timestamp::now() - jiff::SignedDuration::from_secs(seconds))
}

async fn pass_for(kit: &Kit, company: &str, person: &Person, (attribute, value): (&str, AttributeValue)) {
    let (pk, sk) = place(company, person);
    kit.table.set(&pk, &sk, attribute, value).await;
    kit.table.set(&pk, &sk, "gsi2sk", AttributeValue::S(ago(60))).await;
}

/// Runs the schedule that sends what is due.
pub async fn send_what_is_due(kit: &Kit) {
    kit.invoke("notify", &json!({ "schedule": "postponed_mail" })).await.ok();
}

/// Quiet hours that the present hour and the next lie in, by this clock.
///
/// # Panics
/// When there is no such zone.
#[must_use]
pub fn quiet_now(zone: &str) -> serde_json::Value {
    let zone = jiff::tz::db().get(zone).expect("a zone");
    let hour = jiff::Timestamp::now().to_zoned(zone).hour();
    json!({ "from_hour": hour, "until_hour": (hour + 2) % 24 })
}
