//! What a page of a client list takes from a firm of fifty clients, and from one of fifty thousand.
//!
//! The clients stand on a shelf (`tests::lists`) that answers for the table, so that fifty thousand
//! need not be written anywhere; what is counted is what the function asks for, and what DynamoDB
//! would charge for the items that it gets. The page in the middle is reached page by page.

use std::{fmt::Write, sync::Arc};

use tests::{
    cast,
    chaos::Chaos,
    lists::{Page, Shelf, pages},
};

use crate::{BenchError, Options, Table, package::Package};

/// The function that pages.
pub(crate) const FUNCTION: &str = "clients";
/// How long the lists are.
const SIZES: [usize; 2] = [50, 50_000];
/// How many clients a page holds: as many as the shorter list has in each tab.
const LIMIT: usize = 12;

/// What each page took, by the length of the list.
#[derive(Debug)]
pub(crate) struct Lists(Vec<(usize, Vec<Page>)>);

impl Lists {
    /// Opens the pages of each list.
    pub(crate) async fn measure(table: &Table, options: &Options) -> Result<Self, BenchError> {
        let package = Package::find(FUNCTION, &options.folders)?;
        let mut measured = Vec::new();
        for size in SIZES {
            let admin = cast::firm_admin(&table.kit, "Lena Lists", &format!("Firm of {size}")).await;
            let shelf = Shelf::of(&table.kit.stack.endpoint, &admin.firm.id, size)?;
            let hop = Chaos::start(Arc::new(shelf), Some(&table.identity)).await?;
            let launch = table.launch(FUNCTION, &package.binary, &hop).await;
            let started = launch.start().await;
            let function = started.map_err(|source| BenchError::Start { function: FUNCTION.to_owned(), source })?;
            measured.push((size, pages(&function, &hop, &admin, size, LIMIT).await));
        }
        Ok(Self(measured))
    }

    /// Whether a page takes the same from every list.
    pub(crate) fn are_even(&self) -> bool {
        self.0.windows(2).all(|pair| match pair {
            [(_, shorter), (_, longer)] => shorter == longer,
            _ => true,
        })
    }

    /// A line for each page.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("\nclient lists: requests to the table and read units of a page of 12\n\n");
        let _ = write!(text, "{:<26}", "page");
        for (size, _) in &self.0 {
            let _ = write!(text, "{:>24}", format!("{size} clients"));
        }
        text.push('\n');
        let rows = self.0.first().map_or(0, |(_, pages)| pages.len());
        for row in 0..rows {
            let pages: Vec<&Page> = self.0.iter().filter_map(|(_, pages)| pages.get(row)).collect();
            let _ = write!(text, "{:<26}", pages.first().map_or("", |page| page.what));
            for page in pages {
                let _ = write!(text, "{:>24}", format!("{} requests, {}", page.requests, page.units));
            }
            text.push('\n');
        }
        let verdict = if self.are_even() { "the same for both" } else { "NOT the same for both" };
        let _ = write!(text, "{verdict}");
        text
    }
}
