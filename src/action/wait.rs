//! `wait`.
