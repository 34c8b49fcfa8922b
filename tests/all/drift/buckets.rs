//! What the template says of the buckets. The emulator keeps no file from a browser of another origin and forgets none.

use yaml_rust2::Yaml;

use super::{resources, strings, template};

fn bucket<'t>(template: &'t Yaml, name: &str) -> &'t Yaml {
    resources(template, "AWS::S3::Bucket").find(|(id, _)| *id == name).expect("the bucket is there").1
}

fn rules(bucket: &Yaml) -> Vec<&Yaml> {
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_vec().expect("rules");
    assert!(rules.iter().all(|rule| rule["Status"].as_str() == Some("Enabled")), "a rule that does nothing");
    rules.iter().collect()
}

/// Proves: 17, 20
#[test]
fn every_bucket_is_encrypted_private_and_reached_by_tls_alone() {
    let template = template();
    let mut buckets = 0;
    for (name, bucket) in resources(&template, "AWS::S3::Bucket") {
        buckets += 1;
        let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
        let algorithm = encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"].as_str();
        assert!(matches!(algorithm, Some("AES256" | "aws:kms")), "{name} is not encrypted");
        assert_eq!(
            strings(&bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"]),
            ["BucketOwnerEnforced"],
            "{name}"
        );
        for closed in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            assert_eq!(bucket["PublicAccessBlockConfiguration"][closed].as_bool(), Some(true), "{name} {closed}");
        }
        let mut policies = resources(&template, "AWS::S3::BucketPolicy");
        let (_, policy) =
            policies.find(|(_, policy)| policy["Bucket"].as_str() == Some(name)).expect("it has a policy");
        let statements = policy["PolicyDocument"]["Statement"].as_vec().expect("statements");
        let tls = statements.iter().find(|statement| statement["Sid"].as_str() == Some("TlsOnly")).expect("TLS alone");
        assert_eq!((tls["Effect"].as_str(), tls["Action"].as_str()), (Some("Deny"), Some("s3:*")), "{name}");
        assert_eq!(tls["Condition"]["Bool"]["aws:SecureTransport"].as_str(), Some("false"), "{name}");
        assert_eq!(strings(&tls["Resource"]), [format!("{name}.Arn"), format!("${{{name}.Arn}}/*")], "{name}");
    }
    assert!(buckets >= 3);
}

/// Proves: 17, 20
#[test]
fn only_the_portal_uploads_from_a_browser_and_no_script_reads() {
    let template = template();
    let documents = bucket(&template, "DocumentsBucket");
    let cors = documents["CorsConfiguration"]["CorsRules"].as_vec().expect("rules");
    let [cors] = cors.as_slice() else { panic!("one rule") };
    assert_eq!(
        (strings(&cors["AllowedOrigins"]), strings(&cors["AllowedMethods"])),
        (vec!["PortalUrl".to_owned()], vec!["POST".to_owned(), "PUT".to_owned()])
    );
    let headers = strings(&cors["AllowedHeaders"]);
    assert!(headers.iter().any(|header| header == "x-amz-checksum-sha256"), "{headers:?}");
    assert!(headers.iter().all(|header| !header.contains('*') && !header.contains("tagging")), "{headers:?}");
    for other in ["ExportBucket", "SealHeadBucket"] {
        assert!(bucket(&template, other)["CorsConfiguration"].is_badvalue(), "{other} is called by no script");
    }
}

/// What lies there and can be used is never removed by a clock of the bucket's.
/// Proves: 17, F18
#[test]
fn uploads_are_versioned_and_only_what_nobody_can_use_goes_by_itself() {
    let template = template();
    let documents = bucket(&template, "DocumentsBucket");
    assert_eq!(documents["VersioningConfiguration"]["Status"].as_str(), Some("Enabled"));
    let events = &documents["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"];
    assert_eq!(events.as_bool(), Some(true), "without its events nothing is inspected");
    let days = vec!["UnusableFileDays".to_owned()];
    for rule in rules(documents) {
        if rule["ExpirationInDays"].is_badvalue() {
            continue;
        }
        let tag = &rule["TagFilters"][0];
        let of_tag = (tag["Key"].as_str(), tag["Value"].as_str());
        assert_eq!(of_tag, (Some("GuardDutyMalwareScanStatus"), Some("THREATS_FOUND")), "a clean file would go");
        assert_eq!(strings(&rule["ExpirationInDays"]), days);
    }
    let hidden = rules(documents).into_iter().find(|rule| !rule["NoncurrentVersionExpiration"].is_badvalue());
    let hidden = &hidden.expect("hidden files go")["NoncurrentVersionExpiration"];
    assert_eq!(strings(&hidden["NoncurrentDays"]), days);
    let parts = |rule: &&Yaml| !rule["AbortIncompleteMultipartUpload"].is_badvalue();
    for name in ["DocumentsBucket", "ExportBucket"] {
        assert!(rules(bucket(&template, name)).iter().any(parts), "{name} keeps parts for ever");
    }
}

/// Proves: D3
#[test]
fn archives_and_exports_go_after_a_week_and_the_indexes_of_archives_stay() {
    let template = template();
    let mut gone = Vec::new();
    for rule in rules(bucket(&template, "ExportBucket")) {
        if let Some(days) = rule["ExpirationInDays"].as_i64() {
            assert_eq!(days, domain::export::KEPT_FOR_DAYS);
            gone.extend(strings(&rule["Prefix"]));
        }
    }
    assert_eq!(gone, ["exports/", "document-exports/"]);
    assert!(gone.iter().all(|prefix| !"document-export-indexes/".starts_with(prefix.as_str())));
}

/// A person waits for their file: a report that could not be taken in must not come again minutes later.
/// Proves: F18, M18
#[test]
fn an_uploads_report_comes_again_soon_and_often_enough() {
    let template = template();
    let found = |kind, name| resources(&template, kind).find(|(id, _)| *id == name).expect("it is there").1;
    let queue = found("AWS::SQS::Queue", "InspectQueue");
    let timeout_s = found("AWS::Serverless::Function", "InspectFunction")["Timeout"].as_i64().expect("a timeout");
    let visibility_s = queue["VisibilityTimeout"].as_i64().expect("a visibility timeout");
    assert!(timeout_s < visibility_s && visibility_s <= 30, "{visibility_s} s");
    let receives = queue["RedrivePolicy"]["maxReceiveCount"].as_i64().expect("a number of receives");
    assert!(receives * visibility_s >= 600, "ten minutes without an answer of the table cost no report");
}
