//! `link`.
