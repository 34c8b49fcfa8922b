//! Starts the notify function.

// The future of a delivery holds four AWS calls deep; its layout exceeds the default limit.
#![recursion_limit = "256"]

use std::time::SystemTime;

use domain::{Email, color::Color};
use lambda_runtime::{LambdaEvent, service_fn};
use links::{DocumentLinkSigner, LinkSigner, MailPreferencesSigner};
use mail::{Mailer, Sender};
use notify::{Input, Notify, Product, Signers, Urls};

/// The name that emails are sent under.
const PRODUCT: &str = "Countersign";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let sender: Email = api::env_var("SENDER_ADDRESS")?.parse()?;
    let name = std::env::var("PRODUCT_NAME").unwrap_or_else(|_| PRODUCT.to_owned());
    let color = std::env::var("BRAND_COLOR").ok().filter(|color| !color.is_empty());
    let product = Product { name, color: color.map(Color::try_from).transpose()? };
    let mailer = Mailer::new(
        &aws_sdk_sesv2::Client::new(&config),
        Sender::new(&product.name, &sender),
        api::env_var("SES_CONFIGURATION_SET")?,
    );
    let (kms, link_key) = (aws_sdk_kms::Client::new(&config), api::env_var("LINK_KEY_ID")?);
    let signers = Signers {
        invitations: LinkSigner::new(kms.clone(), link_key.clone()),
        documents: DocumentLinkSigner::new(kms.clone(), link_key.clone()),
        preferences: MailPreferencesSigner::new(kms, link_key),
    };
    let urls = Urls { public: api::env_var("PUBLIC_URL")?, portal: api::env_var("PORTAL_URL")? };
    let notify = &Notify::new(store, mailer, signers, urls, product);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let time_left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        notify.handle(event.payload, time_left, &event.context.request_id).await.map_err(api::Error::from)
    }))
    .await
}
