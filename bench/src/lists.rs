//! What a page of a list takes from one of fifty entries, and from one of fifty thousand.
//!
//! The entries stand on a shelf (`tests::lists`) that answers for the table, so that fifty thousand
//! need not be written anywhere; what is counted is what the function asks for, and what DynamoDB
//! would charge for the items that it gets. The page in the middle is reached page by page.

use std::{fmt::Write, sync::Arc};

use serde_json::Value;
use tests::{
    cast,
    chaos::Chaos,
    lists::{self, Page, Shelf, papers},
    runtime_api::Function,
};

use crate::{BenchError, Options, Table, package::Package};

/// How long the lists are.
const SIZES: [usize; 2] = [50, 50_000];
/// How many entries a page holds: as many as the shorter client list has in each tab.
const LIMIT: usize = 12;

/// A list that is paged through.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List {
    /// A firm's clients.
    Clients,
    /// A company's documents.
    Documents,
    /// What a firm's clients owe it.
    Missing,
    /// What waits in a firm's clients.
    Overview,
    /// A company's customers.
    Customers,
    /// A customer's invoices, as its contact lists them.
    Invoices,
}

impl List {
    pub(crate) const ALL: [Self; 6] =
        [Self::Clients, Self::Documents, Self::Missing, Self::Overview, Self::Customers, Self::Invoices];

    /// The function that pages.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Clients | Self::Overview => "clients",
            Self::Documents => "documents",
            Self::Missing => "document-requests",
            Self::Customers => "customers",
            Self::Invoices => "customer-portal",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Clients => "client lists",
            Self::Documents => "lists of documents",
            Self::Missing => "lists of missing documents",
            Self::Overview => "overviews of clients",
            Self::Customers => "lists of customers",
            Self::Invoices => "a contact's lists of invoices",
        }
    }

    const fn entries(self) -> &'static str {
        match self {
            Self::Clients | Self::Missing | Self::Overview => "clients",
            Self::Documents => "documents",
            Self::Customers => "customers",
            Self::Invoices => "invoices",
        }
    }

    /// The pages of a list of this size.
    async fn pages(self, table: &Table, package: &Package, size: usize) -> Result<Vec<Page>, BenchError> {
        let kit = &table.kit;
        Ok(match self {
            Self::Clients => {
                let admin = cast::firm_admin(kit, "Lena Lists", &format!("Firm of {size}")).await;
                let items = lists::clients(&admin.firm.id, size);
                let (function, hop) = self.start(table, package, items).await?;
                lists::pages(&function, &hop, &admin, size, LIMIT).await
            }
            Self::Documents => {
                let owner = cast::owner(kit, "Lena Lists", &format!("Company of {size}")).await;
                let items = papers::documents(kit, &owner, size).await;
                let (function, hop) = self.start(table, package, items).await?;
                papers::document_pages(&function, &hop, &owner, size, LIMIT).await
            }
            Self::Missing => {
                let admin = cast::firm_admin(kit, "Lena Lists", &format!("Firm of {size}")).await;
                let items = papers::missing(kit, &admin, size).await;
                let (function, hop) = self.start(table, package, items).await?;
                papers::missing_pages(&function, &hop, &admin, size, LIMIT).await
            }
            Self::Overview => {
                let admin = cast::firm_admin(kit, "Lena Lists", &format!("Firm of {size}")).await;
                let items = papers::overview(kit, &admin, size).await;
                let (function, hop) = self.start(table, package, items).await?;
                papers::overview_pages(&function, &hop, &admin, size, LIMIT).await
            }
            Self::Customers => {
                let owner = cast::owner(kit, "Lena Lists", &format!("Company of {size}")).await;
                let items = papers::customers(kit, &owner, size).await;
                let (function, hop) = self.start(table, package, items).await?;
                papers::customer_pages(&function, &hop, &owner, size, LIMIT).await
            }
            Self::Invoices => {
                let owner = cast::owner(kit, "Lena Lists", &format!("Company of {size}")).await;
                let (contact, items) = papers::invoices_of_customer(kit, &owner, size).await;
                let (function, hop) = self.start(table, package, items).await?;
                papers::invoice_pages(&function, &hop, &contact, size, LIMIT).await
            }
        })
    }

    /// The function, with a shelf of these items before its table.
    async fn start(self, table: &Table, package: &Package, items: Vec<Value>) -> Result<(Function, Chaos), BenchError> {
        let shelf = Shelf::holding(&table.kit.stack.endpoint, items)?;
        let hop = Chaos::start(Arc::new(shelf), Some(&table.identity)).await?;
        let launch = table.launch(self.function(), &package.binary, &hop).await;
        let started = launch.start().await;
        let function = started.map_err(|source| BenchError::Start { function: self.function().to_owned(), source })?;
        Ok((function, hop))
    }
}

/// What each page of a list took, by the length of the list.
#[derive(Debug)]
pub(crate) struct Lists {
    list: List,
    measured: Vec<(usize, Vec<Page>)>,
}

impl Lists {
    /// Opens the pages of each length of a list.
    pub(crate) async fn measure(list: List, table: &Table, options: &Options) -> Result<Self, BenchError> {
        let package = Package::find(list.function(), &options.folders)?;
        let mut measured = Vec::new();
        for size in SIZES {
            measured.push((size, list.pages(table, &package, size).await?));
        }
        Ok(Self { list, measured })
    }

    /// Whether a page takes the same from every length.
    pub(crate) fn are_even(&self) -> bool {
        self.measured.windows(2).all(|pair| match pair {
            [(_, shorter), (_, longer)] => shorter == longer,
            _ => true,
        })
    }

    /// A line for each page.
    pub(crate) fn text(&self) -> String {
        let (title, entries) = (self.list.title(), self.list.entries());
        let mut text = format!("\n{title}: requests to the table and read units of a page of {LIMIT}\n\n");
        let _ = write!(text, "{:<26}", "page");
        for (size, _) in &self.measured {
            let _ = write!(text, "{:>24}", format!("{size} {entries}"));
        }
        text.push('\n');
        let rows = self.measured.first().map_or(0, |(_, pages)| pages.len());
        for row in 0..rows {
            let pages: Vec<&Page> = self.measured.iter().filter_map(|(_, pages)| pages.get(row)).collect();
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
