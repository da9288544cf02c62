//! `migrate`.
