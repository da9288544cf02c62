//! Owners of a plan as numbers.
