//! The payment provider port and its Stripe adapter.
