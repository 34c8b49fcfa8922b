//! The context that a person acts in.

/// A place that someone entered: the context token, and what it says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// The signed context token.
    pub token: String,
    /// The company or firm.
    pub org: String,
    /// Its name.
    pub name: String,
    /// `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    pub via: String,
    /// The session's id.
    pub session: String,
    /// What may be done here.
    pub permissions: Vec<String>,
}
