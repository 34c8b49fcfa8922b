//! Links to download the attachments of a sales document, for the holder of a hosted link to it. The route is here
//! since only this function may sign links.
//!
//! What the page behind the link shows, and how it answers a form, is in `hosted-documents`.

use api::{Answer, ApiError, ApiResult, Path, Problem, ProblemBody, Public, RequestReader};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    DocumentId,
    document::{Document, VersionNumber},
    language::Reader,
    messages,
};
use html::{Link, Page, Pages, Visitor};
use store::{Attempt, Tally, retry_on_conflict};

use crate::{
    App,
    download::{DocumentLinkResponse, Downloader, record, sign},
};

/// These pages have no form.
const PAGES: Pages = Pages::WITHOUT_FORMS;

/// Makes a link to download an attachment of the document behind a hosted link.
///
/// It is the version that is attached, and it works for one minute. Each is recorded with the contact whom the hosted
/// link is for, so it counts towards what that contact may write in a day. A page is answered with a page that leads to
/// the file; JSON with JSON.
#[utoipa::path(post, path = "/h/{token}/attachments/{document}/download",
    params(("token" = String, Path), ("document" = DocumentId, Path)),
    responses(
        (status = 201, description = "The link",
            content((DocumentLinkResponse = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link or attachment",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "The file cannot be downloaded now",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The hosted link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 429, description = "So many comments were written or files downloaded today",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn download_hosted_attachment(
    State(app): State<App>,
    caller: Public,
    Path((token, document)): Path<(String, DocumentId)>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    match (download(&app, &token, &document, &caller, &browser).await, visitor) {
        (Ok((link, reader)), Visitor::Person) => ready(&reader, &link).into_response(),
        (Ok((link, _)), Visitor::Program) => Answer::created(&link).into_response(),
        (Err(error), Visitor::Program) => error.into_response(),
        (Err(ApiError::Problem(problem)), Visitor::Person) => {
            let mut page = refused(&browser, problem.status()).into_response();
            if let Some(after) = problem.into_response().headers().get(header::RETRY_AFTER) {
                page.headers_mut().insert(header::RETRY_AFTER, after.clone());
            }
            page
        }
        (Err(ApiError::Replay(_)), Visitor::Person) => {
            refused(&browser, StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}

/// The link to the file, and who reads the page that leads to it.
async fn download(
    app: &App,
    token: &str,
    id: &DocumentId,
    caller: &Public,
    browser: &Reader,
) -> ApiResult<(DocumentLinkResponse, Reader)> {
    let (document, number, reader): (Document, VersionNumber, Reader) = retry_on_conflict(async || {
        let opened = app.hosted_links.open(token, caller.now).await.map_err(ApiError::from)?;
        let (ours, link) = (&opened.ours, &opened.ours.link);
        let authority = ours.authority();
        let attachments = &opened.document.content().attachments;
        let attachment = attachments.iter().find(|one| one.document == *id).ok_or_else(Problem::not_found)?;
        let found: Option<Document> = app.api.store.load(&authority, caller.now, |tenant| tenant.document(id)).await?;
        let document = found.ok_or_else(Problem::not_found)?;
        let number = attachment.version_of(&document).ok_or_else(Problem::not_found)?.number;
        let change_context = ours.change_context(caller.now, caller.request_id.clone());
        let mut change = app.api.store.change(&authority, change_context);
        // The link still opens the document, and that still has the file, when this is recorded.
        opened.require(&mut change);
        opened.document.unchanged(&mut change);
        // Anybody who has the link could otherwise fill the company's audit log, and push real downloads out of view.
        for tally in Tally::of_link_holder(&app.api.allowances, &opened.contact, caller.now) {
            change.count(&tally);
        }
        let downloader = Downloader { by: None, contact: Some(link.contact.clone()), name: link.contact_name.clone() };
        record(change, downloader, &document, Some(number)).await?;
        Ok::<_, Attempt<ApiError>>((document, number, opened.reader(browser)))
    })
    .await?;
    Ok((sign(app, &document, Some(number)).await?, reader))
}

/// The page that leads to the file.
///
/// A redirect would end at the bucket, and where a form leads is kept to our own origin by the policy of its page:
/// browsers refuse to follow.
fn ready(reader: &Reader, link: &DocumentLinkResponse) -> Page {
    let to_file = Link { url: &link.download_url, label: download_the_file(reader) };
    PAGES.notice(reader, StatusCode::CREATED, (file_is_ready(reader), works_for_one_minute(reader)), Some(to_file))
}

fn refused(reader: &Reader, status: StatusCode) -> Page {
    let said = match status {
        StatusCode::NOT_FOUND => (no_such_file(reader), go_back_and_open(reader)),
        StatusCode::CONFLICT => (not_now(reader), ask_the_company(reader)),
        StatusCode::TOO_MANY_REQUESTS => (too_many(reader), too_many_files(reader)),
        other => return PAGES.failed(reader, other),
    };
    PAGES.notice(reader, status, said, None)
}

messages! {
    file_is_ready {
        English: "Your file is ready",
        German: "Ihre Datei ist bereit",
        French: "Votre fichier est prêt",
        Dutch: "Uw bestand staat klaar",
        Spanish: "Su archivo está listo",
    }
    works_for_one_minute {
        English: "The link below works for one minute. Go back for another one.",
        German: "Der Link unten funktioniert eine Minute lang. Für einen weiteren gehen Sie zurück.",
        French: "Le lien ci-dessous fonctionne pendant une minute. Revenez en arrière pour en obtenir un autre.",
        Dutch: "De link hieronder werkt één minuut. Ga terug voor een nieuwe.",
        Spanish: "El enlace de abajo funciona durante un minuto. Vuelva atrás para obtener otro.",
    }
    download_the_file {
        English: "Download the file",
        German: "Datei herunterladen",
        French: "Télécharger le fichier",
        Dutch: "Bestand downloaden",
        Spanish: "Descargar el archivo",
    }
    no_such_file {
        English: "There is no such file",
        German: "Diese Datei gibt es nicht",
        French: "Ce fichier n’existe pas",
        Dutch: "Dit bestand bestaat niet",
        Spanish: "Este archivo no existe",
    }
    go_back_and_open {
        English: "Go back and open the document again.",
        German: "Gehen Sie zurück und öffnen Sie das Dokument noch einmal.",
        French: "Revenez en arrière et ouvrez de nouveau le document.",
        Dutch: "Ga terug en open het document opnieuw.",
        Spanish: "Vuelva atrás y abra de nuevo el documento.",
    }
    not_now {
        English: "This file cannot be downloaded now",
        German: "Diese Datei kann jetzt nicht heruntergeladen werden",
        French: "Ce fichier ne peut pas être téléchargé pour le moment",
        Dutch: "Dit bestand kan nu niet worden gedownload",
        Spanish: "Este archivo no se puede descargar ahora",
    }
    ask_the_company {
        English: "Please ask the company for it.",
        German: "Bitte fragen Sie das Unternehmen danach.",
        French: "Veuillez le demander à l’entreprise.",
        Dutch: "Vraag het bedrijf erom.",
        Spanish: "Pídaselo a la empresa.",
    }
    too_many {
        English: "Too many requests",
        German: "Zu viele Anfragen",
        French: "Trop de demandes",
        Dutch: "Te veel verzoeken",
        Spanish: "Demasiadas solicitudes",
    }
    too_many_files {
        English: "Too many files were downloaded or comments sent. Please try again later.",
        German: "Es wurden zu viele Dateien heruntergeladen oder Kommentare gesendet. Bitte versuchen Sie es später noch einmal.",
        French: "Trop de fichiers ont été téléchargés ou de commentaires envoyés. Veuillez réessayer plus tard.",
        Dutch: "Er zijn te veel bestanden gedownload of opmerkingen verstuurd. Probeer het later opnieuw.",
        Spanish: "Se han descargado demasiados archivos o enviado demasiados comentarios. Vuelva a intentarlo más tarde.",
    }
}

#[cfg(test)]
mod tests {
    use html::examples::{Examples, assert_in_the_readers_language};

    use super::*;

    /// A customer would otherwise leave the page in their language for one in English.
    #[test]
    fn every_page_of_a_download_is_in_the_readers_language() {
        let pages = |reader: &Reader| -> Examples {
            let link = |status| ("refused", refused(reader, status));
            let statuses = [
                StatusCode::NOT_FOUND,
                StatusCode::CONFLICT,
                StatusCode::GONE,
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            let words = (file_is_ready(reader), works_for_one_minute(reader));
            let to_file = Link { url: "https://files.example/", label: download_the_file(reader) };
            let ready = PAGES.notice(reader, StatusCode::CREATED, words, Some(to_file));
            statuses.into_iter().map(link).chain([("ready", ready)]).collect()
        };
        assert_in_the_readers_language(pages, &[]);
    }
}
