//! Which version of a report a caller sees.

use api::{Api, ApiError, InCompany, Problem};
use domain::{
    Permission, Reference,
    access::ActingAs,
    ledger_report::ReportVersion,
    permission::may,
    report::{Report, ReportContent, ReportHead, join_parts},
};
use store::{Attempt, Authority, BatchGet, StoreError, Tenant};

/// What a caller sees, and by what right.
pub(crate) struct Seen {
    pub(crate) authority: Authority,
    /// Whether they see versions that are not published, and what does not add up.
    pub(crate) drafts: bool,
}

impl Seen {
    /// By the token: staff of a firm, and members who may publish, see drafts. The table decides whether the right still
    /// holds.
    pub(crate) fn by(caller: &InCompany<may::ReportsView>) -> Self {
        match caller.context.acting_as() {
            ActingAs::FirmAdmin { .. } | ActingAs::Bookkeeper { .. } => {
                Self { authority: caller.authority(), drafts: true }
            }
            // No guard lets one in here.
            ActingAs::Contact { .. } => Self { authority: caller.authority(), drafts: false },
            ActingAs::Member { .. } | ActingAs::BoundedMember { .. } | ActingAs::Staff { .. } => {
                if caller.context.claims().permissions.contains(Permission::ReportsPublish) {
                    let both = [Permission::ReportsView, Permission::ReportsPublish];
                    Self { authority: caller.context.access_to_all(&both).into(), drafts: true }
                } else {
                    Self { authority: caller.authority(), drafts: false }
                }
            }
        }
    }

    /// The head that is shown of a report: the newest version, or the published one; `None` where nothing is.
    pub(crate) fn head(&self, report: Report) -> Option<ReportHead> {
        if self.drafts { Some(report.newest) } else { report.published.map(|published| published.head) }
    }
}

/// A report with its rows.
pub(crate) struct Whole {
    pub(crate) head: ReportHead,
    /// Whether that version is the published one.
    pub(crate) is_published: bool,
    pub(crate) content: ReportContent,
}

/// Reads a version of a report: the named one, or the one that the caller sees.
///
/// A version that is not the newest and is still there was published: what was not goes with its replacement. Such a
/// version has no head any more once another is published; then the content says it all, and there is no figure.
pub(crate) async fn whole(
    api: &Api,
    caller: &InCompany<may::ReportsView>,
    seen: &Seen,
    reference: &Reference,
    version: Option<ReportVersion>,
) -> Result<Whole, Attempt<ApiError>> {
    let report = load(api, caller, seen, |tenant| tenant.report(reference)).await?.ok_or_else(Problem::not_found)?;
    let published = report.published.as_ref().map(|published| published.head.report_version);
    let newest = report.newest.report_version;
    let shown = if seen.drafts { Some(newest) } else { published };
    let wanted = version.or(shown).ok_or_else(Problem::not_found)?;
    let is_draft = wanted > newest || (wanted == newest && !report.newest_is_published);
    if is_draft && !seen.drafts {
        return Err(Problem::not_found().into());
    }
    let known = report.head_of(wanted).cloned();
    let parts = known.as_ref().map(|head| head.parts);
    let parts = load(api, caller, seen, |tenant| tenant.report_parts(reference, wanted, parts)).await?;
    let first = parts.first().and_then(Option::as_ref).map(|part| (part.parts, part.recorded_at));
    let Some((content, (parts, recorded_at))) = join_parts(parts).zip(first) else {
        // A newer version replaced it between the two reads, or there never was such a version.
        return Err(if known.is_some() { StoreError::Conflict.into() } else { Problem::not_found().into() });
    };
    let head = known.unwrap_or_else(|| ReportHead::of(wanted, &content, parts, recorded_at));
    Ok(Whole { head, is_published: published == Some(wanted), content })
}

async fn load<W: BatchGet>(
    api: &Api,
    caller: &InCompany<may::ReportsView>,
    seen: &Seen,
    wanted: impl FnOnce(&Tenant) -> W,
) -> Result<W::Found, StoreError> {
    api.store.load(&seen.authority, caller.now(), wanted).await
}
