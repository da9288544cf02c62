//! Tests of the program as it ships: each starts the real binary in a directory of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make and read files directly")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "tests may allocate")]

mod authority;
mod harness;
mod server;

mod account;
mod apply;
mod architecture;
mod arguments;
mod check;
mod clients;
mod command_line;
mod confine;
mod connect;
mod containers;
mod crashes;
mod crowd;
mod durability;
mod editing;
mod envsubst;
mod escape;
mod examples;
mod exec;
mod faults;
mod fetch;
mod files;
mod generate;
mod hand_over;
mod in_place;
mod inputs;
mod install;
mod interrupts;
mod mariadb;
mod messages;
mod modes;
mod namesakes;
mod numbers;
mod once;
mod output;
mod pages;
mod peers;
mod postgres;
mod probe;
mod progress;
mod races;
mod render;
mod run;
mod sed;
mod seeding;
mod serving;
mod shell;
mod show;
mod statements;
mod steps;
mod stops;
mod supervise;
mod trees;
mod trust;
mod unpack;
mod validation;
mod waiting;
