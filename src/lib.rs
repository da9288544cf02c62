//! Fitout makes ready what an application needs before it starts. The crate is a program; its library gives no promises.
#![allow(dead_code, unused_imports)]

mod document;
mod failure;
mod net;
mod process;
mod root;
mod secret;
mod spec;
mod sql;
mod template;
