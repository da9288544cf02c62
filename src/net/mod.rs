//! Probes, HTTP, backoff. The only room, beside the SQL one, with an asynchronous runtime.
