//! Processes: interrupt, programs, privileges, hand-over.
