//! Reads the body of a POST: a form, as a browser or a mail program sends it.

use api::{Problem, ProblemType, input};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of a form. RFC 8058 lets mail programs send `multipart/form-data` too.
///
/// # Errors
/// The problem of the field that is wrong; `400` for a body that is no form.
pub(crate) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let max = input::MAX_BODY_BYTES;
    let too_large = |_| Problem::new(ProblemType::TooLarge).detail(format!("at most {max} bytes"));
    fields(headers, &to_bytes(body, max).await.map_err(too_large)?)
}

fn fields<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = media.split_once(';').unwrap_or((media, ""));
    let given = match essence.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => form_urlencoded::parse(body).into_owned().collect(),
        "multipart/form-data" => parts(parameters, body),
        _ => return Err(Problem::new(ProblemType::MalformedRequest).detail("the body is no form")),
    };
    let mut fields = Map::new();
    for (name, value) in given {
        if fields.insert(name.clone(), Value::from(value)).is_some() {
            return Err(Problem::field(&name, "is given twice"));
        }
    }
    input::from_json(&serde_json::to_vec(&fields).map_err(Problem::internal)?)
}

/// The fields of a `multipart/form-data` body (RFC 7578), by its boundary. A part without a name is left out.
fn parts(parameters: &str, body: &[u8]) -> Vec<(String, String)> {
    let Some(boundary) = parameter(parameters, "boundary") else { return Vec::new() };
    let body = String::from_utf8_lossy(body);
    let delimiter = format!("--{boundary}");
    // What stands before the first delimiter is no part, and `--` after the last ends the body.
    let parts = body.split(delimiter.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        })?;
        let name = parameter(disposition.split_once(';')?.1, "name")?;
        let value = value.strip_suffix('\n').unwrap_or(value);
        Some((name.to_owned(), value.strip_suffix('\r').unwrap_or(value).to_owned()))
    };
    parts.filter_map(field).collect()
}

/// A parameter of a header field, with or without quotation marks.
fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::stop::OneClick;

    fn one_click(media: &'static str, body: &str) -> Result<OneClick, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        fields(&headers, body.as_bytes())
    }

    /// A mail program's button would otherwise do nothing, and the reader would mark the letters as spam.
    /// Proves: NT8
    #[test]
    fn one_click_is_read_in_both_forms_of_the_standard() {
        let part = "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n";
        for (media, body) in [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click".to_owned()),
            ("Application/X-WWW-Form-URLEncoded; charset=utf-8", "List-Unsubscribe=One-Click".to_owned()),
            ("multipart/form-data; boundary=xyz", format!("--xyz\r\n{part}--xyz--\r\n")),
            ("multipart/form-data; charset=utf-8; boundary=\"a b\"", format!("prose\r\n--a b\r\n{part}--a b--")),
            ("multipart/form-data; boundary=xyz", format!("--xyz\r\n{part}--xyz--\r\n").replace("\r\n", "\n")),
        ] {
            assert!(one_click(media, &body).is_ok(), "{media}: {body}");
        }
    }

    #[test]
    fn what_is_no_click_is_refused_by_its_field() {
        let form = "application/x-www-form-urlencoded";
        for (media, body, status, field) in [
            (form, "", 422, Some("List-Unsubscribe")),
            (form, "List-Unsubscribe=Two-Clicks", 422, Some("List-Unsubscribe")),
            (form, "List-Unsubscribe=One-Click&user=1", 422, Some("user")),
            (form, "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click", 422, Some("List-Unsubscribe")),
            ("multipart/form-data", "List-Unsubscribe=One-Click", 422, Some("List-Unsubscribe")),
            ("multipart/form-data; boundary=", "--\r\n\r\n", 422, Some("List-Unsubscribe")),
            ("multipart/form-data; boundary=x", "--x--x\r\nno head", 422, Some("List-Unsubscribe")),
            ("application/json", "{\"List-Unsubscribe\":\"One-Click\"}", 400, None),
        ] {
            let problem = one_click(media, body).unwrap_err();
            assert_eq!(problem.status().as_u16(), status, "{media}: {body}");
            assert_eq!(problem.errors().first().map(|error| error.field.as_str()), field, "{media}: {body}");
        }
    }
}
