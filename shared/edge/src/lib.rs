//! The HTTP edge: problems, callers, context tokens, idempotency, logging.
