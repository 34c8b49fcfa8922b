//! The bodies that set thresholds: the company's of a bank account, and those that people set for themselves, of a bank
//! account or of the cashflow forecast.

use api::Problem;
use domain::{
    Currency,
    money::Balance,
    threshold::{OwnThreshold, OwnThresholdsError, ThresholdRule},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A body with the fields of a rule, and its own before them.
macro_rules! with_rule {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$meta])* $field: $type,)*
            /// The amount has recovered when it is at least this. At least the threshold, which is the default.
            #[serde(default)]
            recovers_at_minor: Option<Balance>,
            /// For how many hours after a letter no other one tells of a fall: at most 720, 24 by default.
            #[serde(default)]
            pause_hours: Option<u16>,
            /// Whether a letter also tells that the amount has recovered.
            #[serde(default)]
            tells_recovery: bool,
        }

        impl $name {
            /// The rule; `place` is where it stands in the request.
            fn rule_at(&self, threshold_minor: Balance, place: &str) -> Result<ThresholdRule, Problem> {
                let usual = ThresholdRule::at(threshold_minor);
                let rule = ThresholdRule {
                    recovers_at_minor: self.recovers_at_minor.unwrap_or(usual.recovers_at_minor),
                    pause_hours: self.pause_hours.unwrap_or(usual.pause_hours),
                    tells_recovery: self.tells_recovery,
                    ..usual
                };
                rule.check().map_err(|error| Problem::field(&format!("{place}{}", error.field()), error))
            }
        }
    };
}

with_rule! {
    /// The company's threshold of a bank account.
    PutThreshold {
        /// In minor units of the account's currency; `null` removes the threshold.
        // Read by a function of its own: a derived one would take a missing field for `null`.
        #[serde(deserialize_with = "Option::deserialize")]
        #[schema(required = true)]
        threshold_minor: Option<Balance>,
        /// The currency of the amounts, which is the account's.
        #[serde(default)]
        currency: Option<Currency>,
    }
}

with_rule! {
    /// A threshold of a person's own.
    NewThreshold {
        /// In minor units of the currency of the account or forecast.
        threshold_minor: Balance,
    }
}

/// All thresholds of the caller's own, at most three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutOwnThresholds {
    /// None removes them.
    #[schema(max_items = 3)]
    thresholds: Vec<NewThreshold>,
    /// The currency of the amounts, which is that of the account or forecast.
    #[serde(default)]
    currency: Option<Currency>,
}

impl PutThreshold {
    /// The rule; `None` removes the threshold.
    ///
    /// # Errors
    /// A [`Problem`] that names the field.
    pub fn rule(&self) -> Result<Option<ThresholdRule>, Problem> {
        self.threshold_minor.map(|minor| self.rule_at(minor, "")).transpose()
    }

    /// Refuses amounts in another currency than the account's.
    ///
    /// # Errors
    /// A [`Problem`] that names the field.
    pub fn check_currency(&self, kept_in: Currency) -> Result<(), Problem> {
        check_currency(self.currency, kept_in)
    }
}

impl PutOwnThresholds {
    /// The rules.
    ///
    /// # Errors
    /// A [`Problem`] that names the field.
    pub fn rules(&self) -> Result<Vec<ThresholdRule>, Problem> {
        if self.thresholds.len() > OwnThreshold::MAX_EACH {
            return Err(Problem::field("thresholds", OwnThresholdsError::TooMany));
        }
        let placed = self.thresholds.iter().enumerate();
        placed.map(|(place, new)| new.rule_at(new.threshold_minor, &format!("thresholds[{place}]."))).collect()
    }

    /// Refuses amounts in another currency than that of the account or forecast.
    ///
    /// # Errors
    /// A [`Problem`] that names the field.
    pub fn check_currency(&self, kept_in: Currency) -> Result<(), Problem> {
        check_currency(self.currency, kept_in)
    }
}

fn check_currency(currency: Option<Currency>, kept_in: Currency) -> Result<(), Problem> {
    match currency {
        Some(currency) if currency != kept_in => Err(Problem::field("currency", format!("must be {kept_in}"))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use api::input::from_json;

    use super::*;

    #[test]
    fn a_threshold_is_given_or_taken_away_never_left_out() {
        let read = |json: &str| from_json::<PutThreshold>(json.as_bytes()).map(|body| body.threshold_minor);
        assert_eq!(read(r#"{"threshold_minor":50000}"#), Ok(Some(50_000.try_into().unwrap())));
        assert_eq!(read(r#"{"threshold_minor":null}"#), Ok(None));
        for json in ["{}", r#"{"threshold_minor":0.5}"#, r#"{"threshold_minor":"1"}"#] {
            assert_eq!(read(json).unwrap_err().errors()[0].field, "threshold_minor", "{json}");
        }
    }
}
