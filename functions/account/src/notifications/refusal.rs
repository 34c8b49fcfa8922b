//! A choice that is refused, as the problem that names its field.

use api::Problem;
use domain::notification::{ChoiceError, RefusedChoice};

/// Names the choice in a list of the request, and the field of it that says what is chosen.
pub(crate) fn refusal(list: &str, field: &str) -> impl Fn(RefusedChoice) -> Problem {
    move |RefusedChoice { at, error }| match error {
        ChoiceError::Required | ChoiceError::Twice | ChoiceError::Elsewhere => {
            Problem::field(&format!("{list}[{at}].{field}"), error)
        }
        ChoiceError::TooMany => Problem::field(list, error),
    }
}
