//! Databases: migration files, history, lock.
