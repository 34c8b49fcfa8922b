//! Lists that one page may not hold.

use std::future::Future;

use store::{Entity, Listing, Page, PageRequest, Queries, StoreError, Tenant};

/// How many pages are read at most.
const MAX_PAGES: u8 = 4;

/// Reads a list until it ends, or what was read is enough: the first page as it is requested, and at most three more of 100
/// entries, one after the other.
pub(crate) async fn read_until<T: Entity>(
    queries: &Queries<'_>,
    listing: impl Fn(&Tenant) -> Listing<T>,
    first: PageRequest,
    is_enough: impl Fn(&[T]) -> bool,
) -> Result<Page<T>, StoreError> {
    let listing = &listing;
    pages_until(|request| async move { queries.page(listing, &request).await }, first, is_enough).await
}

async fn pages_until<T, F>(
    read: impl Fn(PageRequest) -> F,
    first: PageRequest,
    is_enough: impl Fn(&[T]) -> bool,
) -> Result<Page<T>, StoreError>
where
    F: Future<Output = Result<Page<T>, StoreError>>,
{
    let mut all = read(first).await?;
    for _ in 1..MAX_PAGES {
        if is_enough(&all.items) {
            break;
        }
        let Some(cursor) = all.next.take() else { break };
        let page = read(PageRequest::largest().starting_at(cursor)).await?;
        all.items.extend(page.items);
        all.next = page.next;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use store::Cursor;

    use super::*;

    /// Of a list of so many pages, each with its number: the pages that are read, and whether there are more.
    async fn read(pages: u8, is_enough: impl Fn(&[u8]) -> bool) -> (Vec<u8>, bool) {
        let count = Cell::new(0);
        let page = |_: PageRequest| {
            count.set(count.get() + 1);
            let next = (count.get() < pages).then(|| Cursor::new("there is more".to_owned()));
            std::future::ready(Ok(Page { items: vec![count.get()], next }))
        };
        let read = pages_until(page, PageRequest::first(8), is_enough).await.unwrap();
        (read.items, read.next.is_some())
    }

    /// Proves: DB1
    #[tokio::test]
    async fn a_list_is_read_on_until_it_is_enough_or_ends_and_for_four_pages_at_most() {
        assert_eq!(read(1, |_| false).await, (vec![1], false));
        assert_eq!(read(3, |_| false).await, (vec![1, 2, 3], false), "it ends");
        assert_eq!(read(3, |items| items.contains(&2)).await, (vec![1, 2], true), "enough");
        assert_eq!(read(9, |_| false).await, (vec![1, 2, 3, 4], true));
    }
}
