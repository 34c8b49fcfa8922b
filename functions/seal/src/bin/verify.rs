//! Verifies the audit log of one company or firm, with the operator's credentials.
//!
//! `verify <org> [<number>:<hash>]`: the second argument is a seal from an earlier run, for those who do not want to rely on
//! the head that the stack keeps. Reads the table from `TABLE_NAME`, the key from `SEAL_KEY_ID` and the bucket of heads from
//! `SEAL_HEAD_BUCKET`, and needs `dynamodb:Query`, `kms:GetPublicKey`, `s3:GetObject` and `s3:ListBucket` on them. Prints one
//! JSON object for each part of the chain. Ends with 0 when the audit log is intact, with 1 when it is not, and with 2
//! when the check failed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints for its user")]

use std::process::ExitCode;

use audit_chain::{Heads, SealKey, VerificationStatus, Verifier};
use domain::{Org, seal::KnownHead};
use store::{Authority, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(VerificationStatus::Intact) => ExitCode::SUCCESS,
        Ok(VerificationStatus::Broken) => ExitCode::from(1),
        Err(error) => {
            eprintln!("verify: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<VerificationStatus, api::Error> {
    let mut arguments = std::env::args().skip(1);
    let org: Org = arguments.next().ok_or("name a company (co_…) or a firm (fm_…)")?.parse()?;
    let noted: Option<KnownHead> = arguments.next().map(KnownHead::try_from).transpose()?;
    let config = store::sdk_config();
    let store = Store::from_config(&config, api::env_var("TABLE_NAME")?);
    let key = SealKey::new(aws_sdk_kms::Client::new(&config), api::env_var("SEAL_KEY_ID")?);
    let heads = Heads::new(&config, api::env_var("SEAL_HEAD_BUCKET")?);
    let verifier = Verifier { key, heads };
    let authority = Authority::System(org);
    let (mut from, mut noted, mut status) = (Some(1), noted, VerificationStatus::Intact);
    while let Some(number) = from {
        let verification = verifier.verify(&store, &authority, api::clock::now(), number, noted.take()).await?;
        println!("{}", serde_json::to_string(&verification)?);
        if verification.status == VerificationStatus::Broken {
            status = VerificationStatus::Broken;
        }
        from = verification.next;
    }
    Ok(status)
}
