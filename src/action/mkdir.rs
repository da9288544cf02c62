//! `mkdir`.
