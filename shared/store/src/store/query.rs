//! Queries: one page of a list, or the entries of it that a caller keeps.

use aws_sdk_dynamodb::types::AttributeValue;

use super::Store;
use crate::{
    cursor_form::Position,
    error::StoreError,
    item::{Entity, Item, from_item},
    listing::{Listed, Listing, MAX_PAGE, Page, PageRequest},
};

/// How many queries one page of matching entries may take.
const MAX_MATCHING_QUERIES: u32 = 4;

/// Entries that were kept, each with its position, and where the next page starts.
type Positions<T> = (Vec<(T, Option<Position>)>, Option<Position>);

impl Store {
    pub(crate) async fn query<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        let start = self.start_key(listing, request.cursor()).await?;
        let (items, last) = self.query_items(listing, request.limit(), start).await?;
        let next = last.as_ref().and_then(|last| Position::after(listing, last));
        let next = self.cursor(listing, next).await?;
        let items = items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    pub(crate) async fn query_matching<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        let (items, next) = self.query_positions(listing, request, keep).await?;
        let next = self.cursor(listing, next).await?;
        Ok(Page { items: items.into_iter().map(|(entity, _)| entity).collect(), next })
    }

    /// The entries of a list that `keep` keeps, each with where the list goes on after it. At most
    /// [`MAX_MATCHING_QUERIES`] `Query`s, so there may be few and still more to come.
    pub(crate) async fn query_each<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Listed<T>, StoreError> {
        let (kept, next) = self.query_positions(listing, request, keep).await?;
        let mut items = Vec::with_capacity(kept.len());
        for (entity, here) in kept {
            items.push((entity, self.cursor(listing, here).await?));
        }
        Ok(Listed { items, next: self.cursor(listing, next).await? })
    }

    async fn query_positions<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Positions<T>, StoreError> {
        let wanted = usize::from(request.limit());
        let mut kept = Vec::new();
        let mut start = self.start_key(listing, request.cursor()).await?;
        // Where nearly everything is kept, one query of the page's size is enough; where little
        // is, larger ones get further.
        let mut limit = request.limit();
        for _ in 0..MAX_MATCHING_QUERIES {
            let (items, last) = self.query_items(listing, limit, start).await?;
            let mut items = items.into_iter().peekable();
            while let Some(item) = items.next() {
                let here = Position::after(listing, &item);
                let entity = from_item(item)?;
                if keep(&entity) {
                    kept.push((entity, here.clone()));
                }
                if kept.len() == wanted {
                    let more = items.peek().is_some() || last.is_some();
                    return Ok((kept, here.filter(|_| more)));
                }
            }
            start = last;
            limit = MAX_PAGE;
            if start.is_none() {
                break;
            }
        }
        let next = start.as_ref().and_then(|last| Position::after(listing, last));
        Ok((kept, next))
    }

    /// One `Query`: the items, and the key after which there may be more.
    pub(crate) async fn query_items<T>(
        &self,
        listing: &Listing<T>,
        limit: u16,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let (pk_name, sk_name) = listing.source.key_names();
        let text = |text: &String| AttributeValue::S(text.clone());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(listing.source.index_name().map(str::to_owned))
            .expression_attribute_names("#pk", pk_name)
            .expression_attribute_values(":pk", text(&listing.pk))
            .scan_index_forward(listing.forward)
            // DynamoDB cannot read a global index consistently.
            .consistent_read(listing.is_strong)
            .limit(i32::from(limit))
            .set_exclusive_start_key(start);
        let query = match &listing.range {
            // DynamoDB takes one condition on the sort key; a range lies within the prefix.
            Some((least, greatest)) => query
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :least AND :greatest")
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":least", text(least))
                .expression_attribute_values(":greatest", text(greatest)),
            None if listing.prefix.is_empty() => query.key_condition_expression("#pk = :pk"),
            None => query
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":prefix", text(&listing.prefix)),
        };
        let answer = query.send().await.map_err(StoreError::from_sdk)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}
