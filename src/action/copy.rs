//! `copy`.
