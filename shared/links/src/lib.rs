//! Signed links: invitation tokens derived under a KMS HMAC key.
